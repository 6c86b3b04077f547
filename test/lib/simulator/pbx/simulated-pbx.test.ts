import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { SimulatedPbx } from '../../../../lib/simulator/pbx/simulated-pbx';
import { manyPeople } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import { AppClient } from './app-client';
import { anna, app, Fixture } from './fixture';

const credentials = { app: app.name, password: app.password };
const subscribeAnna = { api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' };

describe('simulated PBX', () => {
    let fixture: Fixture;
    afterEach(() => fixture.stop());

    describe('APIs of the App object', () => {
        it('are silent when they are not ticked, and the connection stays', async () => {
            fixture = await Fixture.start({ app: { ...app, apis: ['PbxTableUsers'] } });
            const client = await fixture.login();
            client.send(subscribeAnna);
            await client.nothing();
        });

        it('answer with an error when they are not ticked, if so configured', async () => {
            fixture = await Fixture.start({ app: { ...app, apis: [] }, behaviour: { untickedApi: 'error' } });
            const result = await (await fixture.login()).request(subscribeAnna);
            assert.deepEqual([result.api, result.mt, result.src], ['PbxApi', 'SubscribePresenceResult', 's']);
            assert.equal(typeof result.error, 'number');
        });

        it('are silent when no PBX has them', async () => {
            fixture = await Fixture.start({ app: { ...app, apis: ['Coffee'] } });
            const client = await fixture.login();
            client.send({ api: 'Coffee', mt: 'MakeCoffee' });
            await client.nothing();
        });

        for (const [api, mt] of [
            ['Services', 'SubscribeServices'],
            ['PbxApi', 'GetNodeInfo'],
            ['PbxApi', 'SubscribeProfile'],
            ['PbxAdminApi', 'UpdateObject'],
            ['PbxAdminApi', 'GetNodes'],
            ['PbxAdminApi', 'GetStun'],
            ['RCC', 'UserCall'],
            ['RCC', 'UserClear'],
            ['RCC', 'Devices'],
            ['RCC', 'UserPickup'],
        ] as const)
            it(`name what is not simulated: ${mt} [D6]`, async () => {
                fixture = await Fixture.start({ app: { ...app, apis: [api] } });
                const { src, errorText } = await (await fixture.login()).request({ api, mt, src: 's' });
                assert.deepEqual([src, errorText], ['s', `${mt} of ${api} is not simulated`]);
            });

        it('need a name: an empty one is none [D2]', async () => {
            fixture = await Fixture.start();
            const client = await fixture.connect();
            assert.equal((await client.request({ api: '', mt: 'AppChallenge' })).mt, 'AppChallengeResult');
        });
    });

    describe('over TLS', () => {
        it("serves wss with the authority's certificate", async () => {
            const authority = await CertificateAuthority.create();
            fixture = await Fixture.start({ authority });
            assert.match(fixture.pbx.url, /^wss:\/\/127\.0\.0\.1:\d+\/PBX0\/APPS\/websocket$/);
            const trust = { ca: authority.certificate };
            const client = await AppClient.loggedIn(fixture.pbx.url, credentials, trust);
            await client.request(subscribeAnna);
            await client.next();
            assert.equal((await client.next()).mt, 'PresenceUpdate');
            await fixture.pbx.stop();
            await client.closed();
            await fixture.pbx.start();
            (await AppClient.loggedIn(fixture.pbx.url, credentials, trust)).end();
        });

        it('is not trusted without the authority', async () => {
            fixture = await Fixture.start({ authority: await CertificateAuthority.create() });
            await assert.rejects(AppClient.open(fixture.pbx.url), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
        });

        it('stops although a client has not finished the handshake', async () => {
            fixture = await Fixture.start({ authority: await CertificateAuthority.create() });
            const socket = connect(fixture.pbx.port, '127.0.0.1').on('error', () => {});
            await once(socket, 'connect');
            const closed = once(socket, 'close');
            await fixture.pbx.stop();
            await closed;
        });
    });

    describe('stop and start', () => {
        it('keep port and presence, and forget connections and subscriptions', async () => {
            fixture = await Fixture.start();
            const { pbx } = fixture;
            const { port } = pbx;
            const client = await fixture.login();
            await client.request(subscribeAnna);
            pbx.setPresence(anna.guid, { activity: 'dnd' });
            pbx.startCall(anna.guid);
            await pbx.stop();
            await assert.rejects(AppClient.open(pbx.url), { code: 'ECONNREFUSED' });
            pbx.endCall(anna.guid);
            await pbx.start();
            assert.equal(pbx.port, port);
            const again = await fixture.login();
            assert.equal(pbx.presenceOf(anna.guid).activity, 'dnd');
            pbx.setPresence(anna.guid, { activity: 'away' });
            await again.nothing();
        });

        it('may be called twice and while the other is under way', async () => {
            fixture = await Fixture.start();
            const { pbx } = fixture;
            await Promise.all([pbx.start(), pbx.stop(), pbx.stop(), pbx.start(), pbx.start()]);
            (await fixture.login()).end();
        });

        it('tell when the port is in use, and can be tried again', async () => {
            fixture = await Fixture.start();
            const other = new SimulatedPbx({ people: [], app, port: fixture.pbx.port });
            await assert.rejects(other.start(), { code: 'EADDRINUSE' });
            await fixture.pbx.stop();
            await other.start();
            await other.stop();
        });
    });

    it('drops connections and takes new ones at once', async () => {
        fixture = await Fixture.start();
        const client = await fixture.login();
        const closed = client.closed();
        fixture.pbx.dropConnections();
        assert.equal(await closed, 1006);
        await (await fixture.login()).nothing();
    });

    it('executes and answers nothing while it is deaf, not even pings', async () => {
        fixture = await Fixture.start();
        const client = await fixture.login();
        await client.request(subscribeAnna);
        await client.next();
        await client.next();
        fixture.pbx.deaf = true;
        const { messages } = fixture.pbx.counters;
        let pongs = 0;
        client.socket.on('pong', () => pongs++);
        client.socket.ping();
        client.send({ api: 'PbxApi', mt: 'SetPresence', guid: anna.guid, activity: 'dnd' });
        fixture.pbx.setPresence(anna.guid, { activity: 'busy' });
        while (fixture.pbx.counters.messages === messages) await new Promise(setImmediate);
        fixture.pbx.deaf = false;
        await client.nothing();
        assert.equal(pongs, 0);
        assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'busy');
    });

    it('counts messages in both directions and writes', async () => {
        fixture = await Fixture.start();
        const client = await fixture.login();
        assert.deepEqual(fixture.pbx.counters, { messages: 4, writes: 0 });
        await client.request({ api: 'PbxApi', mt: 'SetPresence', guid: anna.guid, activity: 'dnd' });
        assert.deepEqual(fixture.pbx.counters, { messages: 6, writes: 1 });
    });

    it('holds messages back for the latency and keeps their order', async () => {
        const clock = new FakeClock();
        fixture = await Fixture.start({ clock });
        const client = await fixture.login();
        fixture.pbx.behaviour.latency = 100;
        client.send(subscribeAnna);
        while (fixture.pbx.traffic.received.of('SubscribePresence') < 1) await new Promise(setImmediate);
        assert.equal(clock.waiting, 1);
        fixture.pbx.behaviour.latency = 0;
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await clock.advance(100);
        const received = [await client.next(), await client.next(), await client.next(), await client.next()];
        const mts = ['SubscribePresenceResult', 'PresenceState', 'PresenceUpdate', 'PresenceUpdate'];
        assert.deepEqual(
            received.map(({ mt }) => mt),
            mts,
        );
        assert.deepEqual(received[2]?.presence, []);
    });

    it('holds the end of a refused connection back behind the answer', async () => {
        const clock = new FakeClock();
        fixture = await Fixture.start({ clock, behaviour: { latency: 100 } });
        const client = await fixture.connect();
        client.send({ mt: 'AppLogin', app: 'nobody' });
        while (clock.waiting < 1) await new Promise(setImmediate);
        await clock.advance(100);
        assert.equal((await client.next()).mt, 'AppLoginResult');
        await client.closed();
    });

    it('serves 10,000 users on one connection', async () => {
        const people = manyPeople(10_000);
        fixture = await Fixture.start({ people });
        const client = await fixture.login();
        for (const { mail, guid } of people) {
            client.send({ api: 'PbxApi', mt: 'SubscribePresence', sip: mail.split('@')[0], src: guid });
        }
        for (let count = 0; count < 3 * people.length; count++) await client.next();
        for (const { guid } of people) client.send({ api: 'PbxApi', mt: 'SetPresence', guid, activity: 'busy' });
        const users = new Set<unknown>();
        for (let count = 0; count < 2 * people.length; count++) users.add((await client.next()).src);
        assert.equal(users.size, people.length + 1);
        await client.nothing();
        assert.equal(fixture.pbx.counters.writes, people.length);
    });
});
