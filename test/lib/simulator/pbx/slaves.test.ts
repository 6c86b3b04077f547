import assert from 'node:assert/strict';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import type { SimulatedPbx, SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { AppClient, type Message } from './app-client';
import { AppService } from './app-service';
import { anna, app, Fixture, juergen } from './fixture';

const apis = ['PbxApi', 'PbxTableUsers', 'PbxImpersonation', 'PbxAdminApi'];
const credentials = { app: app.name, password: app.password };

/** Anna is homed at the master, Jürgen at the slave. */
describe('master and slave of a simulated system', () => {
    let fixture: Fixture;
    let slave: SimulatedPbx;
    let client: AppClient;

    afterEach(async () => {
        client?.end();
        await slave.stop();
        await fixture.stop();
    });

    async function start(options: Partial<SimulatedPbxOptions> = {}): Promise<AppClient> {
        const userOptions = ({ guid }: { guid: string }) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        fixture = await Fixture.start({ app: { ...app, apis }, userOptions, ...options });
        slave = fixture.pbx.addSlave({ name: 'pbx-south' });
        await slave.start();
        client = await AppClient.loggedIn(slave.url, credentials);
        return fixture.login();
    }

    /** What the connection sees of the user after the subscription. */
    async function subscribed(connection: AppClient, sip: string): Promise<unknown> {
        await connection.request({ api: 'PbxApi', mt: 'SubscribePresence', sip, src: sip });
        await connection.next();
        return (await connection.next()).presence;
    }

    it('have ports of their own and the same users', async () => {
        const main = await start();
        assert.notEqual(slave.port, fixture.pbx.port);
        assert.deepEqual(fixture.pbx.slaves, [slave]);
        for (const connection of [main, client]) {
            const columns = { h323: {}, loc: {} };
            await connection.request({ api: 'PbxTableUsers', mt: 'ReplicateStart', columns, src: 'r' });
            const next = () => connection.request({ api: 'PbxTableUsers', mt: 'ReplicateNext', src: 'r' });
            const rows = [(await next()).columns, (await next()).columns, (await next()).columns];
            assert.deepEqual(rows, [
                { h323: 'anna.brandt', loc: 'pbx-main' },
                { h323: 'juergen.vogel', loc: 'pbx-south' },
                undefined,
            ]);
        }
    });

    it('show the same presence', async () => {
        const main = await start();
        await subscribed(main, 'anna.brandt');
        await subscribed(client, 'anna.brandt');
        slave.setPresence(anna.guid, { activity: 'dnd' });
        const dnd = [{ contact: 'tel:', status: 'open', activity: 'dnd' }];
        assert.deepEqual([(await main.next()).presence, (await client.next()).presence], [dnd, dnd]);
        assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'dnd');
    });

    it('show the line state at the home of the user only', async () => {
        const main = await start();
        fixture.pbx.startCall(anna.guid);
        slave.startCall(juergen.guid);
        const onThePhone = [{ contact: 'tel:', status: 'open', activity: 'on-the-phone' }];
        assert.deepEqual(await subscribed(main, 'anna.brandt'), onThePhone);
        assert.deepEqual(await subscribed(main, 'juergen.vogel'), []);
        assert.deepEqual(await subscribed(client, 'anna.brandt'), []);
        assert.deepEqual(await subscribed(client, 'juergen.vogel'), onThePhone);
    });

    it('show the line state everywhere, if so configured', async () => {
        const main = await start({ behaviour: { remoteLineState: true } });
        slave.startCall(juergen.guid);
        const onThePhone = [{ contact: 'tel:', status: 'open', activity: 'on-the-phone' }];
        assert.deepEqual(await subscribed(main, 'juergen.vogel'), onThePhone);
    });

    for (const remoteWrites of ['accepted', 'refused'] as const) {
        it(`have writes for users of the other ${remoteWrites}, if so configured`, async () => {
            const main = await start({ behaviour: { remoteWrites } });
            const isRefused = ({ error }: Message) => error !== undefined;
            const set = { api: 'PbxApi', mt: 'SetPresence', sip: 'juergen.vogel', activity: 'dnd' };
            const act = { api: 'PbxImpersonation', mt: 'CreateApi', sip: 'juergen.vogel', target: 'PbxApi' };
            assert.equal(isRefused(await main.request(set)), remoteWrites === 'refused');
            assert.equal(isRefused(await main.request(act)), remoteWrites === 'refused');
            assert.equal(fixture.pbx.presenceOf(juergen.guid).activity, remoteWrites === 'refused' ? '' : 'dnd');
            assert.equal(isRefused(await client.request(set)), false);
            assert.equal(isRefused(await client.request(act)), false);
        });
    }

    it('fail, forget and count each for itself', async () => {
        const main = await start();
        await subscribed(main, 'anna.brandt');
        await subscribed(client, 'anna.brandt');
        const closed = client.closed();
        await slave.stop();
        await closed;
        assert.deepEqual([fixture.pbx.subscriptions, slave.subscriptions], [1, 0]);
        assert.deepEqual([fixture.pbx.connections, slave.connections], [1, 0]);
        fixture.pbx.deaf = true;
        await slave.start();
        const again = await AppClient.loggedIn(slave.url, credentials);
        await again.nothing();
        again.end();
        assert.deepEqual([fixture.pbx.traffic.logins, slave.traffic.logins], [1, 2]);
    });

    it('tell the subscriptions that lack a right each for itself', async () => {
        const main = await start();
        fixture.pbx.visibility(anna.guid, { presence: false });
        const monitor = { api: 'PbxAdminApi', mt: 'MonitorUnallowed', src: 'm' };
        await main.request(monitor);
        await client.request(monitor);
        await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        const { mt, user } = await client.next();
        assert.deepEqual([mt, user], ['MonitorUnallowedAdd', 'anna.brandt']);
        await main.nothing();
        await main.request(monitor);
        await main.nothing();
        await main.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        assert.equal((await main.next()).mt, 'MonitorUnallowedAdd');
        await client.nothing();
    });

    it('know where each other are', async () => {
        const main = await start();
        const ask = (loc: string) => ({ api: 'PbxAdminApi', mt: 'GetLocation', loc });
        assert.match(JSON.stringify(await main.request(ask('pbx-south'))), new RegExp(`\\b${slave.port}\\b`));
        assert.match(JSON.stringify(await client.request(ask('pbx-main'))), new RegExp(`\\b${fixture.pbx.port}\\b`));
        assert.equal((await main.request(ask('pbx-north'))).addr, undefined);
    });

    it('call the App URL each for itself', async () => {
        await start();
        const service = await AppService.start();
        try {
            fixture.pbx.dialOut(service.url);
            const first = await service.welcome(app.password);
            slave.dialOut(service.url);
            const second = await service.welcome(app.password);
            assert.deepEqual([(await first.next()).pbx, (await second.next()).pbx], ['pbx-main', 'pbx-south']);
        } finally {
            await service.stop();
        }
    });

    it('have certificates of one authority', async () => {
        const authority = await CertificateAuthority.create();
        fixture = new Fixture({ authority });
        slave = fixture.pbx.addSlave({ name: 'pbx-south', module: 'PBX1' });
        await Promise.all([fixture.pbx.start(), slave.start()]);
        assert.notEqual(fixture.pbx.fingerprint, slave.fingerprint);
        assert.match(slave.url, /^wss:.*\/PBX1\/APPS\/websocket$/);
        client = await AppClient.loggedIn(slave.url, credentials, { ca: authority.certificate });
    });
});
