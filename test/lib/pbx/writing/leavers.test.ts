import assert from 'node:assert/strict';
import { type ParticipationSettings, PbxSystem } from '../../../../lib/pbx/pbx-system';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench, until } from '../pbx-bench';
import { Shelf } from './shelf';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'In a meeting' };
const call = { activity: 'on-the-phone', note: '' };
const nothing = { activity: '', calls: 0 };

describeInBothRoles('A user who takes part no longer', () => {
    let bench: PbxBench;
    let shelf: Shelf;
    const systems: PbxSystem[] = [];

    beforeEach(async () => {
        shelf = new Shelf();
        bench = await PbxBench.create({ app: { ...app, apis: [...allApis] }, slaves: ['pbx-south'] });
        for (const { guid } of [anna, juergen]) bench.pbx.updatePerson(guid, { groups: ['sync'] });
    });
    afterEach(async () => {
        for (const system of systems.splice(0)) await system.stop();
        await bench.stop();
    });

    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const shown = (person: Person) => {
        const { activity } = bench.pbx.presenceOf(person.guid);
        return { activity, calls: bench.pbx.alienCalls(person.guid).length };
    };
    const leaves = (person: Person) => bench.pbx.updatePerson(person.guid, { groups: [] });

    /** Everybody of the group takes part, but for those who are excluded. */
    async function started(...exclude: Person[]): Promise<PbxSystem> {
        const participation: ParticipationSettings = {
            ...{ who: 'group', groups: ['sync'], licence: '', include: [] },
            exclude: exclude.map(({ mail }) => mail),
        };
        const addresses = [bench.pbx, ...bench.pbx.slaves].map(({ url }) => url);
        const settings = { role: 'client' as const, addresses, appName: app.name, password: app.password };
        const system = new PbxSystem({
            settings,
            participation,
            clock: bench.clock,
            random: () => 0.5,
            book: shelf.book,
        });
        systems.push(system);
        await system.people.restore();
        system.start();
        await until(() => system.states().every(({ state }) => state.phase === 'online'));
        await bench.quiet();
        return system;
    }

    it('is shown as before by a deploy that leaves them out', async () => {
        const before = await started();
        await before.people.set(user(anna), busy);
        await before.people.set(user(juergen), call, { call: 'alien' });
        await before.stop();
        await started(anna, juergen);
        assert.deepEqual([shown(anna), shown(juergen)], [nothing, nothing]);
        assert.deepEqual(shelf.held, []);
    });

    for (const way of ['the node is deleted', 'the flows are deployed'] as const) {
        it(`is shown as before in the end where their PBX is away and ${way}`, async () => {
            bench.pbx.updatePerson(anna.guid, { loc: 'pbx-south' });
            const before = await started();
            await before.people.set(user(anna), busy, { node: 'out' });
            const [slave] = bench.pbx.slaves;
            await slave!.stop();
            await until(() => before.states()[1]?.state.phase !== 'online');
            leaves(anna);
            await until(() => before.directory.size === 1);
            if (way === 'the node is deleted') await before.people.clearAll('out');
            await before.stop();
            await slave!.start();
            await started();
            assert.deepEqual(shown(anna), nothing);
            assert.deepEqual(shelf.held, []);
        });
    }

    for (const mt of ['SetPresence', 'CreateApi', 'AddAlienCall']) {
        it(`is left with nothing of a write that was on its way (${mt})`, async () => {
            const system = await started();
            bench.pbx.behaviour.latency = 20;
            const presence = mt === 'SetPresence' ? busy : call;
            const written = system.people.set(user(anna), presence, { call: 'alien' });
            await until(() => bench.pbx.traffic.received.of(mt) === 1);
            leaves(anna);
            await written;
            await until(() => system.directory.size === 1);
            bench.pbx.behaviour.latency = 0;
            await until(() => shown(anna).activity === '' && shown(anna).calls === 0);
        });
    }

    it('and is back with a wish before everything is taken back shows that', async () => {
        const system = await started();
        await system.people.set(user(anna), call, { call: 'alien' });
        await bench.quiet();
        bench.pbx.behaviour.latency = 20;
        leaves(anna);
        await until(() => system.directory.size === 1);
        bench.pbx.updatePerson(anna.guid, { groups: ['sync'] });
        await until(() => system.directory.size === 2);
        const outcome = await system.people.set(user(anna), call, { call: 'alien' });
        bench.pbx.behaviour.latency = 0;
        await bench.quiet();
        assert.equal(outcome.written, true);
        assert.equal(shown(anna).calls, 1);
        await system.people.clear(user(anna));
        assert.deepEqual(shown(anna), nothing);
    });

    it('is forgotten when the PBX goes on refusing', async () => {
        const system = await started();
        await system.people.set(user(anna), busy);
        await bench.quiet();
        bench.pbx.removePerson(anna.guid);
        for (let second = 0; second < 200; second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
        assert.deepEqual(shelf.held, []);
    });
});
