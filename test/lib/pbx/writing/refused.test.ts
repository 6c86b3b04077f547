import assert from 'node:assert/strict';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench } from '../pbx-bench';
import { Shelf } from './shelf';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: '' };
const away = { activity: 'away', note: '' };
const call = { activity: 'on-the-phone', note: '' };
const userOf = ({ mail, name }: Person) => ({ addresses: [mail], displayName: name });

describeInBothRoles('What the PBX refuses', () => {
    let bench: PbxBench;

    beforeEach(async () => {
        bench = await PbxBench.online({ app: { ...app, apis: [...allApis] } });
        await bench.system.people.set(userOf(juergen), busy);
        await bench.quiet();
    });
    afterEach(() => bench.stop());

    const set = (presence: { activity: string; note: string }) =>
        bench.system.people.set(userOf(anna), presence, { call: 'alien' });
    const activity = () => bench.pbx.presenceOf(anna.guid).activity;
    const calls = () => bench.pbx.alienCalls(anna.guid).length;
    const refusals = () => {
        const records = [...bench.system.people.reconciler.records.values()];
        return records.filter(({ parts }) => parts.entry?.trouble).map(({ person }) => person.displayName);
    };

    async function passes(seconds: number): Promise<void> {
        for (let second = 0; second < seconds; second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
    }

    async function refuse(times: number): Promise<void> {
        bench.pbx.faults.failNext('SetPresence', times);
        await assert.rejects(set(busy), { code: 'PBX_REQUEST_REFUSED' });
        assert.deepEqual(refusals(), [anna.name]);
    }

    it('is tried again until it is taken, ever more seldom, and listed meanwhile (O7)', async () => {
        await refuse(7);
        const asked = bench.pbx.traffic.received.of('SetPresence');
        await passes(60);
        assert.equal(bench.pbx.traffic.received.of('SetPresence'), asked + 5);
        assert.equal(activity(), '');
        await passes(80);
        assert.equal(activity(), 'busy');
        assert.deepEqual(refusals(), []);
    });

    it('is tried again after no more than a quarter of an hour, however long it lasts (O7)', async () => {
        await refuse(1_000);
        for (let minute = 0; minute < 120; minute++) await bench.clock.advance(60_000);
        await bench.quiet();
        bench.pbx.faults.clear();
        await bench.clock.advance(15 * 60_000);
        await bench.quiet();
        assert.equal(activity(), 'busy');
    });

    it('gives way at once to something else, and is tried at once over a new connection (O7)', async () => {
        await refuse(3);
        await passes(4);
        assert.equal((await set(away)).written, true);
        await refuse(5);
        await passes(20);
        assert.equal(activity(), 'away');
        await bench.reconnect();
        await bench.quiet();
        assert.equal(activity(), 'busy');
    });

    it('holds up no call, neither its beginning nor its end, where it is the note', async () => {
        bench.pbx.faults.failNext('SetPresence', 1_000);
        await assert.rejects(set({ ...call, note: 'With Berlin' }), { code: 'PBX_REQUEST_REFUSED' });
        assert.equal(calls(), 1);
        await passes(3);
        await bench.system.people.clear(userOf(anna));
        assert.equal(calls(), 0);
        const written = set({ ...call, note: 'With Rome' });
        await assert.rejects(written, { code: 'PBX_REQUEST_REFUSED' });
        assert.equal(calls(), 1);
    });

    it('is made as soon as that is possible where it is a call, and shows as busy until then', async () => {
        bench.pbx.faults.failNext('AddAlienCall', 2);
        assert.equal((await set(call)).reason, 'Shown in the PBX as busy');
        await passes(4);
        assert.deepEqual([calls(), activity()], [1, '']);
    });
});

describeInBothRoles('An entry in the place of the own setting', () => {
    let bench: PbxBench;

    beforeEach(async () => {
        bench = await PbxBench.online();
    });
    afterEach(() => bench.stop());

    const tel = (presence: typeof busy) => bench.system.people.set(userOf(anna), presence, { contact: 'tel' });
    const activity = () => bench.pbx.presenceOf(anna.guid).activity;

    it('explains no longer that the user sets the same by hand, once it is taken back (O6)', async () => {
        await tel(away);
        await bench.quiet();
        await bench.system.people.clear(userOf(anna));
        await bench.quiet();
        bench.changes.length = 0;
        bench.pbx.setPresence(anna.guid, away);
        await bench.quiet();
        assert.deepEqual(
            bench.changes.map(({ presence }) => presence.activity),
            ['away'],
        );
    });

    it('gives way to what the user chooses, until something else is wanted', async () => {
        await tel(busy);
        await bench.quiet();
        bench.pbx.setPresence(anna.guid, away);
        await bench.quiet();
        const reason = 'Left as it is in the PBX: chosen in the PBX';
        assert.deepEqual(await tel(busy), { written: false, reason });
        await bench.reconnect();
        await bench.quiet();
        assert.equal(activity(), 'away');
        assert.equal((await tel({ activity: 'dnd', note: '' })).written, true);
    });
});

describe('A start that knows nothing of our calls (O8)', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function start(lineState: 'presence' | 'automatic', isOwn: boolean): Promise<boolean[]> {
        bench = await PbxBench.create(
            { app: { ...app, apis: [...allApis] }, behaviour: { alienCalls: 'kept' }, book: new Shelf().book },
            {},
            { lineState },
        );
        if (isOwn) bench.pbx.startCall(anna.guid);
        await bench.system.people.restore();
        bench.system.people.configure({ rate: 100, makesCalls: true });
        bench.system.start();
        for (let turn = 0; bench.phase !== 'online' && turn < 100; turn++) await bench.quiet();
        await bench.quiet();
        return told();
    }

    const told = () =>
        [...bench.follower.snapshot()]
            .filter(({ user }) => user.pbx?.guid === anna.guid)
            .map(({ presence }) => presence.onThePhone);

    it('tells nothing of a user on the phone for 5 s, and then a call of the user', async () => {
        assert.deepEqual(await start('presence', true), []);
        await bench.clock.advance(5_100);
        await bench.quiet();
        assert.deepEqual(told(), [true]);
    });

    it('tells at once what RCC tells', async () => {
        assert.deepEqual(await start('automatic', true), [true]);
    });

    it('tells at once that a user is on no phone', async () => {
        assert.deepEqual(await start('presence', false), [false]);
    });
});
