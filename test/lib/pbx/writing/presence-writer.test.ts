import assert from 'node:assert/strict';
import type { SyncError } from '../../../../lib/errors/errors';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'In a meeting' };
const already = { written: false, reason: 'Already shown in the PBX' };
const nothingHeld = { written: false, reason: 'Nothing to take back' };

describe('The presence writer of the PBX', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const set = (person: Person, presence: { activity: string; note: string }) =>
        bench.system.people.set(user(person), presence);
    const clear = (person: Person) => bench.system.people.clear(user(person));
    const shown = (person: Person) => {
        const { activity, note, entries } = bench.pbx.presenceOf(person.guid);
        return { activity, note, contacts: entries.map(({ contact }) => contact) };
    };

    /** Lets the system work at its rate. */
    async function forSeconds(seconds: number): Promise<void> {
        for (let tenth = 0; tenth < 10 * seconds; tenth++) {
            await bench.clock.advance(100);
            await bench.quiet();
        }
    }

    it('shows a presence beside the own setting and takes it back', async () => {
        bench = await PbxBench.online();
        bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
        assert.deepEqual(await set(anna, busy), { written: true, reason: 'Shown in the PBX as busy' });
        assert.deepEqual(shown(anna), { ...busy, contacts: ['teams:', 'tel:'] });
        assert.deepEqual(await clear(anna), { written: true, reason: 'Taken back in the PBX' });
        assert.deepEqual(shown(anna), { activity: 'away', note: 'Lunch', contacts: ['tel:'] });
    });

    it('never tells its own entry as a change', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        await set(anna, { activity: 'dnd', note: '' });
        await clear(anna);
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await until(() => bench.changes.length === 9);
    });

    it('sends nothing that is already there', async () => {
        bench = await PbxBench.online();
        assert.deepEqual(await clear(anna), nothingHeld);
        assert.deepEqual(await set(anna, { activity: '', note: '' }), nothingHeld);
        await set(anna, busy);
        assert.deepEqual(await set(anna, busy), already);
        await bench.quiet();
        assert.deepEqual(await set(anna, busy), already);
        await clear(anna);
        assert.deepEqual(await clear(anna), nothingHeld);
        await bench.quiet();
        assert.deepEqual(await clear(anna), nothingHeld);
        assert.equal(bench.pbx.counters.writes, 2);
    });

    it('takes an empty entry of ours for none', async () => {
        bench = await PbxBench.online({ behaviour: { emptyEntry: 'kept' } });
        await set(anna, busy);
        await clear(anna);
        await bench.quiet();
        assert.deepEqual(shown(anna).contacts, ['teams:']);
        assert.deepEqual(await clear(anna), nothingHeld);
        assert.equal(bench.changes.length, 8);
        assert.equal((await set(anna, busy)).written, true);
    });

    it('shows busy for a call, with a note', async () => {
        bench = await PbxBench.online();
        await set(anna, { activity: 'on-the-phone', note: '' });
        assert.deepEqual(shown(anna), { activity: 'busy', note: 'On a Teams call', contacts: ['teams:'] });
        await set(anna, { activity: 'on-the-phone', note: 'With Berlin' });
        assert.equal(shown(anna).note, 'With Berlin');
    });

    it('shows what suppresses second calls for a call, if that is wanted', async () => {
        bench = await PbxBench.online();
        const writer = bench.system;
        await writer.people.set(
            user(anna),
            { activity: 'on-the-phone', note: '' },
            { call: 'dnd', callNote: 'In Teams' },
        );
        assert.deepEqual(shown(anna), { activity: 'dnd', note: 'In Teams', contacts: ['teams:'] });
    });

    it('fills the template of the note', async () => {
        bench = await PbxBench.online();
        const note = '{name} is in a Teams meeting until {until}';
        const until = new Date(2026, 0, 5, 14, 30).toISOString();
        await bench.system.people.set(user(anna), { activity: 'meeting', note: '', until }, { note });
        assert.match(shown(anna).note, /^Anna Brandt is in a Teams meeting until (2026-01-05 )?14:30$/);
        await bench.system.people.set(user(anna), { activity: 'meeting', note: '' }, { note });
        assert.equal(shown(anna).note, 'Anna Brandt is in a Teams meeting');
    });

    it('takes back what was written for one owner alone', async () => {
        bench = await PbxBench.online();
        const writer = bench.system;
        await writer.people.set(user(anna), busy, { node: 'one' });
        await writer.people.set(user(juergen), busy, { node: 'two' });
        await writer.people.clearAll('one');
        assert.deepEqual(shown(anna).contacts, []);
        assert.deepEqual(shown(juergen).contacts, ['teams:']);
        await writer.people.set(user(juergen), { activity: 'dnd', note: '' }, { node: 'three' });
        await writer.people.clearAll('two');
        assert.equal(shown(juergen).activity, 'dnd');
    });

    it('leaves alone what another owner is to show instead', async () => {
        bench = await PbxBench.online();
        const writer = bench.system;
        await writer.people.set(user(anna), busy, { node: 'one' });
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        const newer = writer.people.set(user(anna), { activity: 'dnd', note: '' }, { node: 'two' });
        await writer.people.clearAll('one');
        await bench.pbx.start();
        await bench.clock.advance(1_000);
        assert.equal((await newer).written, true);
        assert.equal(shown(anna).activity, 'dnd');
    });

    it('stands in for an activity that the PBX does not take, which is said once', async () => {
        bench = await PbxBench.online({ behaviour: { activities: 'typical' } });
        const codes = () => bench.system.people.notes.map(({ code }) => code);
        assert.equal((await set(anna, { activity: 'meeting', note: '' })).reason, 'Shown in the PBX as busy');
        assert.deepEqual(shown(anna), { activity: 'busy', note: 'meeting', contacts: ['teams:'] });
        await bench.quiet();
        const asked = bench.pbx.traffic.received.of('SetPresence');
        await set(juergen, { activity: 'meeting', note: 'Audit' });
        assert.deepEqual(shown(juergen), { activity: 'busy', note: 'Audit', contacts: ['teams:'] });
        assert.deepEqual(await set(juergen, { activity: 'meeting', note: 'Audit' }), already);
        assert.equal(bench.pbx.traffic.received.of('SetPresence'), asked + 1);
        assert.deepEqual(codes(), ['PBX_ACTIVITY_UNTAKEN']);
        assert.equal((await clear(anna)).written, true);
    });

    it('asks again after five minutes for an activity that was refused once, and the note goes', async () => {
        bench = await PbxBench.online();
        const codes = () => bench.system.people.notes.map(({ code }) => code);
        await set(juergen, busy);
        await bench.quiet();
        bench.pbx.faults.failNext('SetPresence');
        await set(anna, { activity: 'meeting', note: '' });
        assert.equal(shown(anna).activity, 'busy');
        assert.deepEqual(codes(), ['PBX_ACTIVITY_UNTAKEN']);
        await bench.clock.advance(4 * 60_000);
        await set(juergen, { activity: 'meeting', note: '' });
        assert.equal(shown(juergen).activity, 'busy');
        await bench.clock.advance(60_000);
        await clear(juergen);
        await set(juergen, { activity: 'meeting', note: '' });
        assert.equal(shown(juergen).activity, 'meeting');
        assert.deepEqual(codes(), []);
    });

    it('keeps to the lowest of several rates, which is said once', async () => {
        bench = await PbxBench.online();
        const writer = bench.system;
        writer.people.configure({ rate: 100 }, 'one');
        writer.people.configure({ rate: 10 }, 'two');
        writer.people.configure({ rate: 100 }, 'one');
        assert.equal(bench.log.filter(line => line.includes('disagree')).length, 1);
        const written = Promise.all(defaultPeople().map(person => set(person, busy)));
        await bench.quiet();
        assert.equal(bench.pbx.counters.writes, 1);
        writer.people.configure({}, 'two');
        await forSeconds(1);
        await written;
    });

    it('does not exceed the rate when that changes while writes wait', async () => {
        bench = await PbxBench.online();
        const writer = bench.system;
        writer.people.configure({ rate: 10 });
        const written = defaultPeople().map(person => set(person, busy));
        await bench.quiet();
        writer.people.configure({ rate: 9 });
        await forSeconds(0.5);
        assert.ok(bench.pbx.counters.writes <= 6, `${bench.pbx.counters.writes}`);
        await forSeconds(1);
        await Promise.all(written);
    });

    it('takes everything back at once, what waits for its turn included', async () => {
        bench = await PbxBench.online();
        bench.system.people.configure({ rate: 1 });
        for (const person of defaultPeople()) void set(person, busy);
        await bench.quiet();
        await bench.system.people.clearAll();
        assert.ok(defaultPeople().every(person => shown(person).contacts.length === 0));
    });

    it('takes back after an outage what was to be taken back during it', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        await bench.reconnect(() => void bench.system.people.clearAll());
        await bench.quiet();
        assert.deepEqual(shown(anna).contacts, []);
    });

    it('takes back what an earlier run has left, and holds what it finds', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        await set(juergen, busy);
        const { url } = bench.pbx;
        const second = await PbxBench.online({}, { addresses: [url] });
        const writer = second.system;
        assert.deepEqual(await writer.people.set(user(juergen), busy), already);
        assert.equal((await writer.people.clear(user(anna))).written, true);
        assert.equal((await writer.people.clear(user(juergen))).written, true);
        assert.deepEqual(shown(anna).contacts, []);
        assert.deepEqual(shown(juergen).contacts, []);
        await second.stop();
    });

    it('says who and why when the PBX refuses', async () => {
        bench = await PbxBench.online();
        await set(juergen, busy);
        bench.pbx.behaviour.customContact = 'refused';
        const user = bench.system.directory.find(anna.guid)!;
        await assert.rejects(bench.system.people.set(user, busy), (error: SyncError) => {
            assert.equal(error.code, 'PBX_REQUEST_REFUSED');
            assert.match(error.message, /^The PBX refused to set the presence of Anna Brandt: .*refused$/);
            return true;
        });
        bench.pbx.behaviour.customContact = 'accepted';
        assert.equal((await set(anna, busy)).written, true);
    });

    it('writes a note in one line, cut and escaped, and knows it again', async () => {
        bench = await PbxBench.online();
        await set(anna, { activity: 'busy', note: 'Room\n#5' });
        await bench.quiet();
        assert.equal(shown(anna).note, 'Room ##5');
        assert.deepEqual(await set(anna, { activity: 'busy', note: 'Room #5' }), already);
        await set(anna, { activity: 'busy', note: 'x'.repeat(66_000) });
        assert.equal(shown(anna).note, `${'x'.repeat(199)}…`);
        assert.equal(bench.changes.length, 8);
    });

    it('does not know everybody', async () => {
        bench = await PbxBench.online();
        const stranger = { addresses: ['x@other.example'], displayName: 'X' };
        await assert.rejects(bench.system.people.set(stranger, busy), {
            message: 'No PBX user with the address x@other.example takes part',
        });
    });

    it('writes only the newest of many wishes', async () => {
        bench = await PbxBench.online();
        const outcomes = await Promise.all(
            Array.from({ length: 2000 }, (_, index) => set(anna, { activity: 'busy', note: `Call ${index}` })),
        );
        assert.equal(bench.pbx.counters.writes, 1);
        assert.equal(shown(anna).note, 'Call 1999');
        assert.equal(outcomes.filter(({ written }) => written).length, 1);
        assert.deepEqual(outcomes[1000], { written: false, reason: 'Replaced by a newer change' });
    });

    it('writes for 2,000 users at the rate that is set, none left out', async () => {
        const people = manyPeople(2000);
        bench = await PbxBench.online({ people });
        bench.system.people.configure({ rate: 400 });
        const outcomes = Promise.all(people.map(person => set(person, busy)));
        await bench.quiet();
        await forSeconds(2);
        // What goes at once comes on top of what the time allows.
        assert.ok(bench.pbx.counters.writes >= 800 && bench.pbx.counters.writes <= 840, `${bench.pbx.counters.writes}`);
        await forSeconds(3);
        assert.ok((await outcomes).every(({ written }) => written));
        assert.equal(bench.pbx.counters.writes, 2000);
        await bench.system.people.clearAll();
        assert.equal(bench.pbx.counters.writes, 4000);
        assert.ok(people.every(person => shown(person).activity === ''));
    });

    it('loses none of 2,000 wishes over a connection that breaks in the middle, and the newest win', async () => {
        const people = manyPeople(2000);
        bench = await PbxBench.online({ people });
        bench.system.people.configure({ rate: 1_000 });
        const first = people.map(person => set(person, busy));
        await forSeconds(1);
        assert.ok(bench.pbx.counters.writes > 900 && bench.pbx.counters.writes < 1_200);
        const newest = people.slice(0, 100).map(person => set(person, { activity: 'dnd', note: '' }));
        bench.pbx.dropConnections();
        await until(() => bench.phase === 'retrying');
        await bench.clock.advance(1_000);
        await until(() => bench.phase === 'online');
        await forSeconds(2);
        assert.ok((await Promise.all(newest)).every(({ written }) => written));
        await Promise.all(first);
        const wrong = people.filter((person, index) => shown(person).activity !== (index < 100 ? 'dnd' : 'busy'));
        assert.deepEqual(wrong, []);
        assert.ok(bench.pbx.counters.writes <= 2000 + 100 + 32, `${bench.pbx.counters.writes}`);
    });

    it('waits for the connection, from before the user table is known', async () => {
        bench = await PbxBench.create();
        const first = set(anna, { activity: 'away', note: '' });
        const newest = set(anna, busy);
        const stranger = assert.rejects(set({ ...anna, mail: 'x@other.example' }, busy), { code: 'PBX_USER_UNKNOWN' });
        assert.equal((await first).written, false);
        bench.system.start();
        assert.equal((await newest).written, true);
        await stranger;
        assert.equal(shown(anna).activity, 'busy');
    });

    it('writes the newest wish from before the user table is known, whatever the user is called', async () => {
        bench = await PbxBench.create();
        const pbx = { guid: anna.guid, name: '', longName: '', displayName: anna.name, number: '', node: '' };
        const called = { addresses: [], displayName: anna.name, pbx };
        const first = set(anna, { activity: 'dnd', note: '' });
        const second = bench.system.people.set(called, { activity: 'away', note: '' });
        const third = set(anna, { activity: 'dnd', note: '' });
        const newest = bench.system.people.set(called, busy);
        bench.system.start();
        assert.equal((await newest).written, true);
        for (const older of [first, second, third]) assert.equal((await older).written, false);
        assert.equal(shown(anna).activity, 'busy');
    });

    it('writes the newest wish of an outage when it is over', async () => {
        bench = await PbxBench.online();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        const first = set(anna, busy);
        const second = set(anna, { activity: 'dnd', note: '' });
        assert.equal((await first).reason, 'Replaced by a newer change');
        await bench.pbx.start();
        await bench.clock.advance(1_000);
        assert.equal((await second).written, true);
        assert.equal(shown(anna).activity, 'dnd');
    });

    it('repeats a write that was on its way when the connection broke', async () => {
        bench = await PbxBench.online();
        bench.pbx.deaf = true;
        const written = set(anna, busy);
        await bench.quiet();
        bench.pbx.dropConnections();
        await until(() => bench.phase === 'retrying');
        bench.pbx.deaf = false;
        await bench.clock.advance(1_000);
        assert.equal((await written).written, true);
        assert.equal(shown(anna).activity, 'busy');
    });

    it('makes again what the PBX has lost, and only that', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        await set(juergen, busy);
        await bench.quiet();
        const writes = bench.pbx.counters.writes;
        await bench.reconnect(() => {
            bench.pbx.removePerson(anna.guid);
            bench.pbx.addPerson(anna);
        });
        await bench.quiet();
        assert.equal(shown(anna).activity, 'busy');
        assert.equal(bench.pbx.counters.writes, writes + 1);
        assert.equal((await clear(anna)).written, true);
        await bench.reconnect();
        await bench.quiet();
        assert.deepEqual(shown(anna).contacts, []);
    });

    it('forgets a user who is gone', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        bench.pbx.removePerson(anna.guid);
        await until(() => !bench.system.directory.find(anna.guid));
        bench.pbx.addPerson(anna);
        await until(() => bench.changes.length === 9);
        assert.deepEqual(await clear(anna), nothingHeld);
    });

    it('lets go of what waits when it is stopped', async () => {
        bench = await PbxBench.online();
        bench.pbx.deaf = true;
        const [first, second, early] = [set(anna, busy), set(anna, { activity: 'dnd', note: '' }), set(juergen, busy)];
        await bench.quiet();
        const stopped = bench.system.stop();
        await bench.clock.advance(1_000);
        await stopped;
        for (const outcome of await Promise.all([first, second, early])) assert.equal(outcome.written, false);
        assert.equal((await set(anna, busy)).written, false);
        bench.pbx.deaf = false;
    });

    it('has nothing to take back without a connection', async () => {
        bench = await PbxBench.online();
        await set(anna, busy);
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        await bench.system.people.clearAll();
    });
});
