import assert from 'node:assert/strict';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { app, describeInBothRoles, PbxBench, turns } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'In a meeting' };
const call = { activity: 'on-the-phone', note: '' };
const nothing = { activity: '', calls: 0 };

/** A line that is dead is noticed later than the requests on it that are not answered. */
describeInBothRoles('A PBX that does not answer', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const shown = (person: Person) => {
        const { activity } = bench.pbx.presenceOf(person.guid);
        return { activity, calls: bench.pbx.alienCalls(person.guid).length };
    };
    const set = (person: Person, presence = busy, contact: 'own' | 'tel' = 'own') =>
        bench.system.people.set(user(person), presence, { call: 'alien', contact });
    const clear = (person: Person) => bench.system.people.clear(user(person));
    const passes = async (seconds: number, isOver = () => false) => {
        for (let second = 0; second < seconds && !isOver(); second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
    };

    /** Until the dead line is given up, and then until a new one stands. */
    async function deafness(): Promise<void> {
        bench.pbx.deaf = true;
        await passes(60, () => bench.phase !== 'online');
        bench.pbx.deaf = false;
        await passes(60, () => bench.phase === 'online');
    }

    it('is asked again, with one line in the log', async () => {
        bench = await PbxBench.online();
        await set(juergen);
        bench.pbx.faults.ignoreNext('SetPresence', 2);
        const written = set(anna);
        await bench.quiet();
        await passes(24);
        assert.equal((await written).written, true);
        assert.equal(shown(anna).activity, 'busy');
        assert.equal(bench.log.filter(line => line.includes('did not answer')).length, 1);
    });

    for (const [what, presence] of Object.entries({ entry: busy, call })) {
        for (const alienCalls of ['with-api', 'with-connection', 'kept'] as const) {
            it(`shows no ${what} any more that was taken back meanwhile (${alienCalls})`, async () => {
                bench = await PbxBench.online({
                    app: { ...app, apis: [...app.apis, 'PbxImpersonation'] },
                    behaviour: { alienCalls },
                });
                await set(anna, presence);
                await bench.quiet();
                bench.pbx.deaf = true;
                const cleared = clear(anna);
                await bench.quiet();
                await deafness();
                assert.equal((await cleared).written, true);
                await passes(5);
                assert.deepEqual(shown(anna), { ...nothing, activity: '' });
                assert.equal(bench.changes.length, 8);
            });
        }
    }

    for (const customContact of ['accepted', 'refused', 'tel', 'ignored'] as const) {
        it(`shows what was set meanwhile (own contact ${customContact})`, async () => {
            bench = await PbxBench.online({ behaviour: { customContact } });
            await set(anna);
            await bench.quiet();
            bench.pbx.deaf = true;
            const written = set(anna, { activity: 'dnd', note: '' });
            await bench.quiet();
            await deafness();
            assert.equal((await written).written, true);
            await passes(5);
            assert.equal(shown(anna).activity, 'dnd');
            assert.equal(bench.changes.length, 8);
        });
    }

    for (const contact of ['own', 'tel'] as const) {
        it(`loses none of 2,000 wishes, and the newest win (${contact})`, async () => {
            const people = manyPeople(2_000);
            bench = await PbxBench.online({ people });
            bench.system.people.configure({ rate: 1_000 });
            const step = async (seconds: number, isOver = () => false) => {
                for (let tenth = 0; tenth < 10 * seconds && !isOver(); tenth++) {
                    await bench.clock.advance(100);
                    await turns(20);
                }
            };
            const first = people.map(person => set(person, busy, contact));
            await step(3);
            await Promise.all(first);
            const isSet = (index: number) => index % 2 === 1;
            const newest = people.map((person, index) =>
                isSet(index) ? set(person, { activity: 'away', note: '' }, contact) : clear(person),
            );
            await step(1);
            bench.pbx.deaf = true;
            await step(60, () => bench.phase !== 'online');
            bench.pbx.deaf = false;
            await step(60, () => bench.phase === 'online');
            await step(10);
            await Promise.all(newest);
            await bench.quiet();
            const wrong = people.filter((person, index) => shown(person).activity !== (isSet(index) ? 'away' : ''));
            assert.deepEqual(wrong, []);
        });
    }

    it("keeps the user's own setting in mind though its answer to the write in its place is lost", async () => {
        const own = { activity: 'away', note: 'Lunch' };
        bench = await PbxBench.create({ people: [anna] });
        bench.pbx.setPresence(anna.guid, own);
        // Nothing is told of the user in time, so the list is read before the write.
        bench.pbx.faults.failNext('SubscribePresence');
        bench.system.start();
        await passes(60, () => bench.phase === 'online');
        bench.pbx.faults.ignoreNext('SetPresence');
        const written = set(anna, busy, 'tel');
        await bench.quiet();
        bench.pbx.setPresence(anna.guid, busy);
        bench.pbx.faults.failNext('SubscribePresence');
        await bench.reconnect();
        await bench.quiet();
        assert.equal((await written).written, true);
        await passes(60);
        await clear(anna);
        await bench.quiet();
        const { activity, note } = bench.pbx.presenceOf(anna.guid);
        assert.deepEqual({ activity, note }, own);
    });

    it('is asked again and again to take back what it has refused, and at once over the next connection', async () => {
        bench = await PbxBench.online();
        await set(anna);
        await set(juergen);
        await bench.quiet();
        bench.pbx.faults.failNext('SetPresence', 2);
        await assert.rejects(clear(anna), { code: 'PBX_REQUEST_REFUSED' });
        assert.equal(shown(anna).activity, 'busy');
        await passes(5);
        assert.equal(shown(anna).activity, '');
        bench.pbx.faults.failNext('SetPresence', 5);
        await assert.rejects(clear(juergen), { code: 'PBX_REQUEST_REFUSED' });
        await passes(20);
        assert.equal(shown(juergen).activity, 'busy');
        assert.equal(bench.log.filter(line => line.includes('refused to set the presence of Jürgen')).length, 1);
        await bench.reconnect();
        await bench.quiet();
        assert.equal(shown(juergen).activity, '');
    });
});
