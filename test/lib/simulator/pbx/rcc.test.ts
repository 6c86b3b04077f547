import assert from 'node:assert/strict';
import { manyPeople } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import type { AppClient, Message } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

const api = 'RCC';
const rccApp = { ...app, apis: ['RCC'], groups: ['sales'] };
const initialize = { api, mt: 'Initialize', calls: true, src: 'r' };

describe('call monitoring in the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: rccApp });
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('tells the users, then the result, then changes', async () => {
        fixture.pbx.updatePerson(juergen.guid, { rcc: false });
        const { mt, src, guid, cn, dn, h323, e164, node, pbx, update } = await client.request(initialize);
        assert.deepEqual(
            [mt, src, guid, cn, dn, h323],
            [...['UserInfo', 'r', anna.guid, anna.name, anna.name, 'anna.brandt']],
        );
        assert.deepEqual([e164, node, pbx, update], ['11', 'root', 'pbx-main', undefined]);
        assert.deepEqual(await client.next(), { api, mt: 'InitializeResult', src: 'r' });
        fixture.pbx.updatePerson(anna.guid, { number: '99' });
        assert.deepEqual(told(await client.next()), ['UserInfo', 'update', 'anna.brandt']);
        fixture.pbx.updatePerson(juergen.guid, { rcc: true });
        assert.deepEqual(told(await client.next()), ['UserInfo', 'update', 'juergen.vogel']);
        fixture.pbx.updatePerson(juergen.guid, { rcc: false });
        assert.deepEqual(told(await client.next()), ['UserInfo', 'del', 'juergen.vogel']);
        fixture.pbx.removePerson(anna.guid);
        assert.deepEqual(told(await client.next()), ['UserInfo', 'del', 'anna.brandt']);
        fixture.pbx.addPerson(anna);
        assert.deepEqual(told(await client.next()), ['UserInfo', 'add', 'anna.brandt']);
    });

    it("tells the members of the App's groups only, if so asked", async () => {
        fixture.pbx.setGroups(juergen.guid, ['sales', 'others']);
        fixture.pbx.setGroups(anna.guid, ['others']);
        assert.equal((await client.request({ ...initialize, grp: true })).h323, 'juergen.vogel');
        assert.equal((await client.next()).mt, 'InitializeResult');
    });

    it('tells 50 users per tick of 20 ms, or fewer if so asked', async () => {
        await fixture.stop();
        const clock = new FakeClock();
        fixture = await Fixture.start({ app: rccApp, people: manyPeople(70), clock });
        for (const [limit, first] of [
            [undefined, 50],
            [500, 50],
            [60.5, 50],
            [40, 40],
        ] as const) {
            client = await fixture.login();
            client.send({ ...initialize, limit });
            for (let count = 0; count < first; count++) assert.equal((await client.next()).mt, 'UserInfo');
            await client.nothing();
            await clock.advance(20);
            for (let count = first; count < 70; count++) assert.equal((await client.next()).mt, 'UserInfo');
            assert.equal((await client.next()).mt, 'InitializeResult');
        }
        await fixture.stop();
        assert.equal(clock.waiting, 0);
    });

    it('tells each call of each user from its beginning to its end', async () => {
        await initialized();
        const call = fixture.pbx.startCall(anna.guid, { state: 'ringing', peer: { e164: '0815' } });
        const added = await client.next();
        const ids = [added['conf-id'], added['call-id']].map(id => /^[0-9a-f]{32}$/.test(String(id)));
        assert.deepEqual(ids, [true, true]);
        const { guid, name: cn } = anna;
        const fields = { 'conf-id': added['conf-id'], 'call-id': added['call-id'] };
        assert.deepEqual(added, { api, mt: 'CallAdd', src: 'r', call, guid, cn, state: 132, ...fields });
        fixture.pbx.changeCall(call, { state: 'connected' });
        const local = { h323: 'anna.brandt', e164: '11' };
        const remote = { e164: '0815' };
        const update = { api, mt: 'CallUpdate', src: 'r', call, msg: 'x-conn', local, remote };
        assert.deepEqual(await client.next(), update);
        fixture.pbx.endCall(anna.guid, call);
        assert.deepEqual(await client.next(), { ...update, msg: 'x-rel' });
        assert.deepEqual(await client.next(), { api, mt: 'CallDel', src: 'r', call });
    });

    it('tells the state of an update, if so configured', async () => {
        fixture.pbx.behaviour.rccUpdateState = true;
        await initialized();
        const call = fixture.pbx.startCall(anna.guid, { direction: 'from-phone' });
        assert.equal((await client.next()).state, 5);
        fixture.pbx.changeCall(call, { hold: true });
        const { msg, state } = await client.next();
        assert.deepEqual([msg, state], ['update', 261]);
        fixture.pbx.changeCall(call, { hold: false, held: true });
        assert.equal((await client.next()).state, 517);
        fixture.pbx.changeCall(call, { held: false, state: 'parked' });
        assert.equal((await client.next()).state, 8);
    });

    it('tells calls that exist already, or only how many there are', async () => {
        fixture.pbx.startCall(anna.guid);
        fixture.pbx.startCall(anna.guid, { state: 'ringing' });
        const first = await client.request(initialize);
        assert.deepEqual([first.channel, first.alert], [2, 1]);
        const mts = [await client.next(), await client.next(), await client.next(), await client.next()];
        assert.deepEqual(
            mts.map(({ mt }) => mt),
            ['UserInfo', 'InitializeResult', 'CallAdd', 'CallAdd'],
        );
        fixture.pbx.behaviour.rccExistingCalls = false;
        client = await fixture.login();
        await initialized();
        await client.nothing();
    });

    for (const callEnd of ['CallUpdate', 'CallDelete'] as const) {
        it(`may tell the end of a call by ${callEnd} alone`, async () => {
            fixture.pbx.behaviour.callEnd = callEnd;
            await initialized();
            const call = fixture.pbx.startCall(anna.guid);
            await client.next();
            fixture.pbx.endCall(anna.guid);
            const update = await client.next();
            assert.deepEqual([update.mt, update.msg], ['CallUpdate', 'x-rel']);
            const end =
                callEnd === 'CallUpdate' ? { ...update, msg: 'del' } : { api, mt: 'CallDelete', src: 'r', call };
            assert.deepEqual(await client.next(), end);
            await client.nothing();
        });
    }

    it('may tell no numbers of calls, or every change of them', async () => {
        fixture.pbx.behaviour.rccCounts = 'absent';
        fixture.pbx.startCall(anna.guid);
        const { channel, alert } = await client.request({ ...initialize, calls: false });
        assert.deepEqual([channel, alert], [undefined, undefined]);
        await client.next();
        await client.next();
        fixture.pbx.behaviour.rccCounts = 'with-calls';
        const counts = async () => {
            const { mt, update, h323, channel, alert } = await client.next();
            assert.deepEqual([mt, update, h323], ['UserInfo', 'update', 'anna.brandt']);
            return [channel, alert];
        };
        const call = fixture.pbx.startCall(anna.guid, { state: 'ringing' });
        assert.deepEqual(await counts(), [2, 1]);
        fixture.pbx.changeCall(call, { state: 'connected' });
        assert.deepEqual(await counts(), [2, 0]);
        fixture.pbx.endCall(anna.guid, call);
        assert.deepEqual(await counts(), [1, 0]);
        await client.nothing();
    });

    it('tells no calls without the flag, and none of users who are homed elsewhere', async () => {
        await initialized({ calls: undefined });
        fixture.pbx.startCall(anna.guid);
        await client.nothing();
        await initialized();
        await client.next();
        fixture.pbx.endCall(anna.guid);
        await client.next();
        await client.next();
        fixture.pbx.updatePerson(anna.guid, { loc: 'branch' });
        await client.next();
        fixture.pbx.startCall(anna.guid);
        await client.nothing();
    });

    describe('of one user', () => {
        const begin = { api, mt: 'UserInitialize', cn: anna.name, src: 'u' };

        it('tells states with their flags until it ends [D7]', async () => {
            const held = fixture.pbx.startCall(anna.guid, { held: true });
            const { user, mt, src } = await client.request(begin);
            assert.deepEqual([mt, src, typeof user], ['UserInitializeResult', 'u', 'number']);
            const call = async () => {
                const info = await client.next();
                assert.deepEqual([info.mt, info.src, info.user], ['CallInfo', 'u', user]);
                return [info.call, info.state, info.msg];
            };
            assert.deepEqual(await call(), [held, 645, 'update']);
            const second = fixture.pbx.startCall(anna.guid, { state: 'setup', direction: 'from-phone' });
            assert.deepEqual(await call(), [second, 1, 'x-setup']);
            fixture.pbx.changeCall(second, { state: 'ringing' });
            assert.deepEqual(await call(), [second, 4, 'r-alert']);
            fixture.pbx.changeCall(second, { state: 'connected' });
            assert.deepEqual(await call(), [second, 5, 'r-conn']);
            fixture.pbx.startCall(juergen.guid);
            fixture.pbx.endCall(anna.guid, held);
            assert.deepEqual(await call(), [held, 645, 'x-rel']);
            assert.deepEqual(await call(), [held, 645, 'del']);
            assert.equal((await client.request({ api, mt: 'UserEnd', user })).error, undefined);
            fixture.pbx.endCall(anna.guid);
            await client.nothing();
            assert.ok((await client.request({ api, mt: 'UserEnd', user })).error);
        });

        it('is refused where the user is unknown or out of reach', async () => {
            fixture.pbx.updatePerson(anna.guid, { rcc: false });
            assert.ok((await client.request(begin)).error);
            assert.ok((await client.request({ ...begin, cn: 'Nobody' })).error);
            fixture.pbx.setGroups(anna.guid, ['sales']);
            assert.equal((await client.request(begin)).error, undefined);
        });
    });

    it('is told nothing after the connection has ended', async () => {
        await initialized();
        fixture.pbx.dropConnections();
        await client.closed();
        assert.equal(fixture.pbx.installation.calls.observers.size, 0);
        assert.equal(fixture.pbx.installation.users.observers.size, 0);
    });

    async function initialized(fields: object = {}): Promise<void> {
        client.send({ ...initialize, ...fields });
        while ((await client.next()).mt !== 'InitializeResult');
    }
});

function told({ mt, update, h323 }: Message): unknown[] {
    return [mt, update, h323];
}
