import assert from 'node:assert/strict';
import type { PbxSettings } from '../../../../lib/pbx/pbx-system';
import type { Behaviour } from '../../../../lib/simulator/pbx/behaviour';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { app, ownPresence, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const call = { activity: 'on-the-phone', note: '' };
const withCalls = [...app.apis, 'PbxImpersonation'];
const standIn = { activity: 'busy', note: 'On a Teams call', onThePhone: false, calls: 0 };
const nothing = { activity: '', note: '', onThePhone: false, calls: 0 };
const inCall = { ...nothing, onThePhone: true, calls: 1 };

for (const role of ['client', 'server'] as const) describe(`A call in Teams (${role} role)`, () => suite(role));

function suite(role: PbxSettings['role']): void {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const online = async (behaviour: Partial<Behaviour> = {}, apis = withCalls) => {
        bench = await PbxBench.online({ app: { ...app, apis: [...apis] }, behaviour, role });
    };
    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const set = (person: Person, presence: { activity: string; note: string } = call) =>
        bench.system.people.set(user(person), presence, { call: 'alien' });
    const clear = (person: Person) => bench.system.people.clear(user(person));
    const shown = (person: Person) => {
        const { activity, note, onThePhone } = bench.pbx.presenceOf(person.guid);
        return { activity, note, onThePhone, calls: bench.pbx.alienCalls(person.guid).length };
    };
    const noteCodes = () => bench.system.people.notes.map(({ code }) => code);
    const received = (mt: string) => bench.pbx.traffic.received.of(mt);

    it('shows as on-the-phone while it lasts, and is no line state of the user', async () => {
        await online();
        assert.deepEqual(await set(anna), { written: true, reason: 'Shown in the PBX as on-the-phone' });
        assert.deepEqual(shown(anna), inCall);
        await bench.quiet();
        assert.deepEqual(await set(anna), { written: false, reason: 'Already shown in the PBX' });
        assert.deepEqual(await clear(anna), { written: true, reason: 'Taken back in the PBX' });
        assert.deepEqual(shown(anna), nothing);
        await bench.quiet();
        await bench.clock.advance(5_000);
        assert.equal(bench.changes.length, 8);
        assert.equal(ownPresence(bench.system.people, anna.guid)?.onThePhone, false);
        assert.deepEqual([received('AddAlienCall'), received('DelAlienCall'), received('CreateApi')], [1, 1, 1]);
        assert.equal((await clear(anna)).written, false);
    });

    it('has its note beneath it', async () => {
        await online();
        await set(anna, { ...call, note: 'With Berlin' });
        assert.deepEqual(shown(anna), { activity: 'busy', note: 'With Berlin', onThePhone: true, calls: 1 });
        await set(anna);
        assert.deepEqual(shown(anna), inCall);
    });

    it('takes turns with other states, and leaves nothing behind', async () => {
        await online();
        await set(anna, { activity: 'meeting', note: '' });
        await set(anna);
        assert.deepEqual(shown(anna), inCall);
        await set(anna, { activity: 'dnd', note: '' });
        assert.deepEqual(shown(anna), { ...nothing, activity: 'dnd' });
        await clear(anna);
        assert.deepEqual(shown(anna), nothing);
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
    });

    it('does not hide a call of the user that goes on after it', async () => {
        await online();
        await set(anna);
        bench.pbx.startCall(anna.guid);
        await bench.quiet();
        await clear(anna);
        await bench.quiet();
        await bench.clock.advance(2_100);
        assert.equal(bench.changes.length, 9);
        assert.equal(bench.changes.at(-1)!.presence.onThePhone, true);
        bench.pbx.endCall(anna.guid);
        await until(() => bench.changes.length === 10);
    });

    it('does not end a call of the user that began before it', async () => {
        await online();
        bench.pbx.startCall(anna.guid);
        await until(() => bench.changes.length === 9);
        await set(anna);
        await clear(anna);
        await bench.quiet();
        await bench.clock.advance(5_000);
        assert.equal(bench.changes.length, 9);
        bench.pbx.endCall(anna.guid);
        await until(() => bench.changes.length === 10);
    });

    for (const untickedApi of ['silent', 'error'] as const) {
        it(`is busy where impersonation is not ticked, which is said once (${untickedApi})`, async () => {
            await online({ untickedApi }, app.apis);
            const both = Promise.all([set(anna), set(juergen)]);
            await bench.quiet();
            await bench.clock.advance(500);
            assert.ok((await both).every(({ written }) => written));
            assert.deepEqual(shown(anna), standIn);
            await bench.clock.advance(10_000);
            await bench.quiet();
            assert.equal(noteCodes().length, 1);
            assert.equal(bench.log.filter(line => line.includes('show as busy')).length, 1);
            await clear(anna);
            assert.deepEqual(shown(anna), nothing);
        });
    }

    it('becomes on-the-phone as soon as impersonation is ticked', async () => {
        await online({}, app.apis);
        const written = set(anna);
        await bench.quiet();
        await bench.clock.advance(10_500);
        await written;
        assert.deepEqual(noteCodes(), ['PBX_CALLS_NOT_ALLOWED']);
        await bench.reconnect(() => bench.pbx.app.apis.push('PbxImpersonation'));
        await bench.quiet();
        assert.deepEqual(shown(anna), inCall);
        assert.deepEqual(noteCodes(), []);
    });

    for (const mt of ['CreateApi', 'AddAlienCall']) {
        it(`is busy where the PBX refuses ${mt}, and others are not concerned`, async () => {
            await online();
            bench.pbx.faults.failNext(mt);
            assert.equal((await set(anna)).reason, 'Shown in the PBX as busy');
            assert.deepEqual(shown(anna), standIn);
            assert.deepEqual(noteCodes(), ['PBX_CALL_NOT_SHOWN']);
            await set(juergen);
            assert.deepEqual(shown(juergen), inCall);
            await set(anna);
            assert.deepEqual(shown(anna), inCall);
            assert.equal(received('CreateApi'), 3);
        });
    }

    for (const alienCalls of ['with-api', 'with-connection', 'kept'] as const) {
        it(`is made again after a reconnect, once (${alienCalls})`, async () => {
            await online({ alienCalls });
            await set(anna);
            await set(juergen);
            await bench.reconnect();
            await bench.quiet();
            assert.deepEqual([shown(anna), shown(juergen)], [inCall, inCall]);
            assert.equal(bench.changes.length, 8);
            await clear(anna);
            assert.deepEqual(shown(anna), nothing);
            await bench.quiet();
            await bench.clock.advance(5_000);
            assert.equal(bench.changes.length, 8);
        });

        it(`that has ended during an outage ends (${alienCalls})`, async () => {
            await online({ alienCalls });
            await set(anna);
            let cleared: Promise<unknown> | undefined;
            await bench.reconnect(() => {
                cleared = clear(anna);
            });
            await cleared;
            await bench.quiet();
            assert.deepEqual(shown(anna), nothing);
            assert.equal(bench.changes.length, 8);
        });
    }

    it('ends with all others', async () => {
        await online();
        await Promise.all([set(anna), set(juergen)]);
        await bench.system.people.clearAll();
        assert.deepEqual([shown(anna), shown(juergen)], [nothing, nothing]);
    });

    it('is forgotten with the user', async () => {
        await online();
        await set(anna);
        bench.pbx.removePerson(anna.guid);
        await until(() => !bench.system.directory.find(anna.guid));
        bench.pbx.addPerson(anna);
        await bench.quiet();
        assert.deepEqual(shown(anna), nothing);
        await bench.reconnect();
        await bench.quiet();
        assert.deepEqual(shown(anna), nothing);
    });

    it('is asked for again where the PBX does not answer, and leaves nothing behind', async () => {
        await online();
        await set(juergen);
        bench.pbx.faults.ignoreNext('AddAlienCall');
        const written = set(anna);
        await bench.quiet();
        await bench.clock.advance(10_000);
        await bench.quiet();
        await bench.clock.advance(1_000);
        assert.equal((await written).reason, 'Shown in the PBX as on-the-phone');
        assert.deepEqual(shown(anna), inCall);
        await clear(anna);
        await clear(juergen);
        await bench.quiet();
        // A client finds out by one more whether it may.
        assert.equal(received('DeleteApi') - received('CreateApi'), role === 'client' ? 1 : 0);
    });

    for (const alienCalls of ['with-api', 'kept'] as const) {
        it(`that the PBX makes too late is ended, and not told (${alienCalls})`, async () => {
            await online({ alienCalls });
            await set(juergen);
            await bench.quiet();
            bench.pbx.behaviour.latency = 100;
            const written = set(anna);
            await until(() => received('AddAlienCall') === 2);
            await bench.clock.advance(10_000);
            bench.pbx.behaviour.latency = 0;
            await until(() => bench.pbx.traffic.sent.of('AddAlienCallResult') === 2);
            await bench.quiet();
            await bench.clock.advance(5_000);
            await written;
            await bench.quiet();
            assert.deepEqual(shown(anna), inCall);
            await clear(anna);
            await bench.quiet();
            await bench.clock.advance(5_000);
            assert.deepEqual(shown(anna), nothing);
            assert.equal(bench.changes.length, 8);
        });

        it(`that the PBX refuses to end is not told, and ended in the end (${alienCalls})`, async () => {
            await online({ alienCalls });
            await set(anna);
            await bench.quiet();
            bench.pbx.faults.failNext('DelAlienCall', 2);
            await assert.rejects(clear(anna), {
                code: 'PBX_REQUEST_REFUSED',
                message: 'The PBX refused to end the call of Anna Brandt: Ordered by the test',
            });
            assert.deepEqual(shown(anna), inCall);
            await bench.quiet();
            for (let second = 0; second < 10; second++) {
                await bench.clock.advance(1_000);
                await bench.quiet();
            }
            assert.deepEqual(shown(anna), nothing);
            assert.equal(bench.changes.length, 8);
        });
    }

    it('of an earlier connection is ended although the PBX does not let us at first', async () => {
        await online({ alienCalls: 'kept' });
        await set(anna);
        let cleared: Promise<unknown> | undefined;
        await bench.reconnect(() => {
            cleared = assert.rejects(clear(anna), { code: 'PBX_REQUEST_REFUSED' });
            bench.pbx.faults.failNext('CreateApi');
        });
        await cleared;
        await bench.clock.advance(1_000);
        await bench.quiet();
        assert.deepEqual(shown(anna), nothing);
    });

    it('that was lost with its number is named in the log', async () => {
        await online({ alienCalls: 'kept' });
        await set(juergen);
        await bench.quiet();
        bench.pbx.behaviour.latency = 100;
        const written = set(anna);
        await until(() => received('AddAlienCall') === 2);
        bench.pbx.behaviour.latency = 0;
        await bench.reconnect();
        await written;
        assert.equal(bench.log.filter(line => line.startsWith('warn Anna Brandt shows as on-the-phone')).length, 1);
    });

    it('is told in the log of each user for whom it is refused, and no longer noted when it succeeds', async () => {
        await online();
        bench.pbx.faults.failNext('CreateApi', 2);
        await set(anna);
        await set(juergen);
        for (const { name } of [anna, juergen]) assert.equal(bench.log.filter(line => line.includes(name)).length, 1);
        await set(anna);
        assert.deepEqual(noteCodes(), ['PBX_CALL_NOT_SHOWN']);
        await set(juergen);
        assert.deepEqual(noteCodes(), []);
    });

    it('is seen by RCC as ours, and not told', async () => {
        await online({ alienCallsInRcc: true }, [...withCalls, 'RCC']);
        await set(anna);
        await bench.quiet();
        await clear(anna);
        await bench.quiet();
        await bench.clock.advance(5_000);
        assert.equal(bench.changes.length, 8);
    });
}
