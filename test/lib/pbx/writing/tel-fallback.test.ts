import assert from 'node:assert/strict';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { describeInBothRoles, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'In a meeting' };

for (const customContact of ['refused', 'tel', 'ignored'] as const) {
    describeInBothRoles(`A PBX without a place for our presence (${customContact})`, () => {
        let bench: PbxBench;

        beforeEach(async () => {
            bench = await PbxBench.online({ behaviour: { customContact } });
        });
        afterEach(() => bench.stop());

        const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
        const set = async (person: Person, presence = busy) => {
            const outcome = await bench.system.people.set(user(person), presence);
            await bench.quiet();
            return outcome;
        };
        const clear = async (person: Person) => {
            const outcome = await bench.system.people.clear(user(person));
            await bench.quiet();
            return outcome;
        };
        const shown = (person: Person) => {
            const { activity, note } = bench.pbx.presenceOf(person.guid);
            return { activity, note };
        };

        it("gets it in the place of the user's own, which is said once, and is no change", async () => {
            assert.equal((await set(anna)).written, true);
            assert.equal((await set(juergen)).written, true);
            assert.deepEqual(shown(anna), busy);
            assert.deepEqual(
                bench.pbx.presenceOf(juergen.guid).entries.map(({ contact }) => contact),
                ['tel:'],
            );
            assert.equal(bench.changes.length, 8);
            assert.equal(bench.log.filter(line => line.includes('takes no presence beside')).length, 1);
        });

        it('shows nothing after it is taken back', async () => {
            await set(anna);
            assert.equal((await clear(anna)).written, true);
            assert.deepEqual(shown(anna), { activity: '', note: '' });
            assert.equal((await clear(anna)).written, false);
            assert.equal(bench.changes.length, 8);
        });

        it("gets the user's own setting back", async () => {
            bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
            await until(() => bench.changes.length === 9);
            await set(anna);
            await set(anna, { activity: 'dnd', note: '' });
            assert.equal(bench.changes.length, 9);
            await clear(anna);
            assert.deepEqual(shown(anna), { activity: 'away', note: 'Lunch' });
            assert.equal(bench.changes.length, 9);
        });

        it('never takes the place of do not disturb, unless it says so too', async () => {
            bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Do not' });
            await until(() => bench.changes.length === 9);
            const reason = 'Left as it is in the PBX: do not disturb by hand';
            // The first write finds out that the PBX has no place of its own for it.
            await set(juergen);
            assert.deepEqual(await set(anna), { written: false, reason });
            assert.deepEqual(shown(anna), { activity: 'dnd', note: 'Do not' });
            bench.pbx.setPresence(anna.guid, { activity: '', note: '' });
            await bench.quiet();
            assert.deepEqual(shown(anna), busy);
        });

        it('does not do so with the write either that finds this out', async () => {
            bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Do not' });
            await until(() => bench.changes.length === 9);
            await set(anna);
            assert.deepEqual(shown(anna), { activity: 'dnd', note: 'Do not' });
            assert.deepEqual(bench.changes.at(-1)!.presence, { activity: 'dnd', note: 'Do not', onThePhone: false });
        });

        it('gives a do not disturb with a note back for anything weaker', async () => {
            bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Do not' });
            await until(() => bench.changes.length === 9);
            await set(juergen);
            await set(anna, { activity: 'dnd', note: '' });
            assert.deepEqual(shown(anna), { activity: 'dnd', note: '' });
            await set(anna);
            assert.deepEqual(shown(anna), { activity: 'dnd', note: 'Do not' });
        });

        it('keeps what the user has set since', async () => {
            await set(anna);
            bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Do not' });
            await until(() => bench.changes.length === 9);
            assert.deepEqual(bench.changes.at(-1)!.presence, { activity: 'dnd', note: 'Do not', onThePhone: false });
            assert.equal((await clear(anna)).written, false);
            assert.deepEqual(shown(anna), { activity: 'dnd', note: 'Do not' });
        });

        it('keeps what the user has set during an outage', async () => {
            await set(anna);
            await set(juergen);
            const { writes } = bench.pbx.counters;
            await bench.reconnect(() => bench.pbx.setPresence(anna.guid, { activity: 'away' }));
            await bench.quiet();
            assert.equal(bench.changes.length, 9);
            assert.equal(bench.changes.at(-1)!.presence.activity, 'away');
            assert.equal((await clear(anna)).written, false);
            assert.equal(bench.pbx.counters.writes, writes);
            assert.equal((await clear(juergen)).written, true);
        });

        it('is not written to when the user shows the same anyway', async () => {
            await set(juergen);
            bench.pbx.setPresence(anna.guid, busy);
            await until(() => bench.changes.length === 9);
            assert.deepEqual(await set(anna), { written: false, reason: 'Already shown in the PBX' });
            assert.equal((await clear(anna)).written, false);
            assert.deepEqual(shown(anna), busy);
        });

        it('takes nothing of a call for a setting', async () => {
            bench.pbx.behaviour.lineState = 'replaces-tel';
            await set(anna);
            bench.pbx.startCall(anna.guid);
            await until(() => bench.changes.length === 9);
            assert.deepEqual(bench.changes.at(-1)!.presence, { activity: '', note: '', onThePhone: true });
            assert.equal((await set(anna)).written, false);
            bench.pbx.endCall(anna.guid);
            await until(() => bench.changes.length === 10);
            await clear(anna);
            assert.deepEqual(shown(anna), { activity: '', note: '' });
            assert.equal(bench.changes.length, 10);
        });
    });
}

describeInBothRoles('A PBX that refuses our place once', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const user = { addresses: [anna.mail], displayName: anna.name };
    const contacts = () => bench.pbx.presenceOf(anna.guid).entries.map(({ contact }) => contact);
    const codes = () => bench.system.people.notes.map(({ code }) => code);

    it('is asked again before that is believed', async () => {
        bench = await PbxBench.online();
        bench.pbx.faults.failNext('SetPresence');
        await bench.system.people.set(user, busy);
        assert.deepEqual(contacts(), ['teams:']);
        assert.deepEqual(codes(), []);
    });

    it('is asked again over the next connection, and the note goes', async () => {
        bench = await PbxBench.online({ behaviour: { customContact: 'refused' } });
        await bench.system.people.set(user, busy);
        await bench.quiet();
        assert.deepEqual(codes(), ['PBX_OWN_ENTRY_REFUSED']);
        await bench.reconnect(() => {
            bench.pbx.behaviour.customContact = 'accepted';
        });
        await bench.quiet();
        await bench.system.people.set(user, { activity: 'dnd', note: '' });
        await bench.quiet();
        assert.deepEqual(contacts(), ['teams:']);
        assert.deepEqual(codes(), []);
        assert.equal(bench.changes.length, 8);
    });

    it('is asked again after five minutes, and the note goes', async () => {
        bench = await PbxBench.online({ behaviour: { customContact: 'refused' } });
        await bench.system.people.set(user, busy);
        await bench.quiet();
        bench.pbx.behaviour.customContact = 'accepted';
        await bench.clock.advance(4 * 60_000);
        await bench.system.people.set(user, { activity: 'dnd', note: '' });
        assert.deepEqual(contacts(), ['tel:']);
        await bench.clock.advance(60_000);
        await bench.system.people.set(user, busy);
        await bench.quiet();
        assert.deepEqual(contacts(), ['teams:']);
        assert.deepEqual(codes(), []);
        assert.equal(bench.changes.length, 8);
    });

    it('or always is written to as before when it is asked again', async () => {
        bench = await PbxBench.online({ behaviour: { customContact: 'refused' } });
        bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
        await until(() => bench.changes.length === 9);
        await bench.system.people.set(user, busy);
        await bench.clock.advance(6 * 60_000);
        const outcome = await bench.system.people.set(user, { activity: 'dnd', note: '' });
        await bench.quiet();
        assert.deepEqual(outcome, { written: true, reason: 'Shown in the PBX as dnd' });
        assert.equal(bench.pbx.presenceOf(anna.guid).activity, 'dnd');
        await bench.system.people.clear(user);
        await bench.quiet();
        const { activity, note } = bench.pbx.presenceOf(anna.guid);
        assert.deepEqual({ activity, note }, { activity: 'away', note: 'Lunch' });
        assert.equal(bench.changes.length, 9);
    });
});
