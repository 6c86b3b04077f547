import assert from 'node:assert/strict';
import type { PbxWriting } from '../../../../lib/pbx/pbx-system';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: '' };
const dnd = { activity: 'dnd', note: '' };
const away = { activity: 'away', note: '' };

describeInBothRoles('The newest wish for a user', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const userOf = ({ mail, name }: Person) => ({ addresses: [mail], displayName: name });
    const set = (person: Person, presence = busy, options: PbxWriting = {}) =>
        bench.system.people.set(userOf(person), presence, options);
    const activityOf = ({ guid }: Person) => bench.pbx.presenceOf(guid).activity;

    async function passes(seconds: number): Promise<void> {
        for (let second = 0; second < seconds; second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
    }

    it('wins over one that came before the users were known', async () => {
        const people = manyPeople(300);
        bench = await PbxBench.create({ people, behaviour: { latency: 5 } });
        bench.system.start();
        const first = set(people[0]!);
        await until(() => bench.system.directory.loaded);
        assert.notEqual(bench.phase, 'online');
        const second = set(people[0]!, dnd);
        await until(() => bench.phase === 'online');
        assert.equal((await first).reason, 'Replaced by a newer change');
        assert.equal((await second).written, true);
        assert.equal(activityOf(people[0]!), 'dnd');
    });

    it('is done though the user is renamed while the PBX does not answer', async () => {
        bench = await PbxBench.online();
        await set(anna);
        await bench.quiet();
        bench.pbx.faults.ignoreNext('SetPresence');
        const wish = set(anna, dnd);
        await bench.quiet();
        bench.pbx.updatePerson(anna.guid, { name: 'Anna Keller' });
        await passes(60);
        assert.match((await wish).reason, /^(Shown|Already shown) in the PBX/);
        assert.equal(activityOf(anna), 'dnd');
    });

    it('is taken back from somebody who leaves while it waits', async () => {
        const group = { who: 'group', groups: ['sync'] } as const;
        bench = await PbxBench.create({}, {}, {}, group);
        for (const { guid } of [anna, juergen]) bench.pbx.setGroups(guid, ['sync']);
        bench.system.start();
        await until(() => bench.phase === 'online');
        await set(anna);
        await bench.quiet();
        bench.system.people.configure({ rate: 1 });
        await passes(2);
        const wishes = [set(juergen), set(anna, dnd), set(anna, away)];
        for (const wish of wishes) wish.catch(() => undefined);
        bench.pbx.setGroups(anna.guid, []);
        await until(() => bench.system.directory.size === 1);
        await passes(60);
        assert.equal(activityOf(anna), '');
        assert.equal(activityOf(juergen), 'busy');
    });

    it('is written later where it could not replace another, and is then that of its own node', async () => {
        bench = await PbxBench.online();
        await set(anna, busy, { node: 'B' });
        await bench.quiet();
        bench.pbx.faults.failNext('SetPresence');
        await assert.rejects(set(anna, dnd, { node: 'A' }), { code: 'PBX_REQUEST_REFUSED' });
        await bench.system.people.clearAll('B');
        await passes(2);
        assert.equal(activityOf(anna), 'dnd');
        await bench.system.people.clearAll('A');
        await bench.quiet();
        assert.equal(activityOf(anna), '');
    });

    it('is taken back in the end, however often the PBX was silent before it refused', async () => {
        bench = await PbxBench.online();
        await set(anna);
        await bench.quiet();
        bench.pbx.faults.ignoreNext('SetPresence', 5);
        const clear = bench.system.people.clear(userOf(anna));
        clear.catch(() => undefined);
        await passes(250);
        bench.pbx.faults.failNext('SetPresence', 1);
        await passes(250);
        assert.equal(activityOf(anna), '');
    });

    for (const alienCalls of ['with-api', 'with-connection', 'kept'] as const)
        it(`lets no call behind at a PBX that the user has left (${alienCalls})`, async () => {
            const behaviour = { alienCallIds: 'per-connection', alienCalls } as const;
            bench = await PbxBench.create({ app: { ...app, apis: [...allApis] }, slaves: ['pbx-south'], behaviour });
            bench.system.start();
            await until(() => bench.system.states().length === 2);
            await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
            await bench.settled();
            await set(anna, { activity: 'on-the-phone', note: '' }, { call: 'alien' });
            assert.equal(bench.pbx.alienCalls(anna.guid).length, 1);
            bench.pbx.updatePerson(anna.guid, { loc: 'pbx-south' });
            await until(() => bench.pbx.slaves[0]?.traffic.received.of('AddAlienCall') === 1);
            await passes(5);
            assert.equal(bench.pbx.alienCalls(anna.guid).length, 1);
            await bench.system.people.clear(userOf(anna));
            await passes(5);
            assert.deepEqual(bench.pbx.alienCalls(anna.guid), []);
        });

    for (const activities of ['any', 'typical'] as const)
        it(`gives back what the user has set, as a note where the PBX takes no such activity (${activities})`, async () => {
            bench = await PbxBench.online({ behaviour: { activities } });
            bench.pbx.setPresence(anna.guid, { activity: 'lunch' });
            await bench.quiet();
            await set(anna, busy, { contact: 'tel' });
            await bench.quiet();
            await bench.system.people.clear(userOf(anna));
            await bench.quiet();
            const [entry] = bench.pbx.presenceOf(anna.guid).entries.filter(({ contact }) => contact === 'tel:');
            assert.deepEqual(
                [entry?.activity ?? '', entry?.note ?? ''],
                activities === 'any' ? ['lunch', ''] : ['', 'lunch'],
            );
        });

    for (const [customContact, contact] of [
        ['refused', 'own'],
        ['tel', 'own'],
        ['ignored', 'own'],
        ['accepted', 'tel'],
    ] as const)
        it(`gives back what somebody new has set before we have heard of it (${customContact}, ${contact})`, async () => {
            bench = await PbxBench.online({ behaviour: { customContact } });
            await set(juergen, busy, { contact });
            await bench.quiet();
            bench.pbx.removePerson(anna.guid);
            await bench.quiet();
            bench.pbx.addPerson(anna);
            bench.pbx.setPresence(anna.guid, { activity: 'meeting' });
            await until(() => bench.system.directory.find(anna.guid) !== undefined);
            bench.changes.length = 0;
            await set(anna, busy, { contact });
            await bench.quiet();
            assert.equal(activityOf(anna), 'busy');
            const told = bench.changes.filter(({ user }) => user.pbx?.guid === anna.guid);
            assert.ok(told.every(({ presence }) => presence.activity === 'meeting'));
            await bench.system.people.clear(userOf(anna));
            await bench.quiet();
            assert.equal(activityOf(anna), 'meeting');
        });
});
