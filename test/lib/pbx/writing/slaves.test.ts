import assert from 'node:assert/strict';
import type { PbxSettings } from '../../../../lib/pbx/pbx-system';
import type { SimulatedPbx } from '../../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: '' };
const call = { activity: 'on-the-phone', note: '' };

/** Jürgen is homed at the slave, the others at the master; neither PBX writes for the users of the other. */
for (const role of ['client', 'server'] as const)
    describe(`The presence writer with a slave (${role} role)`, () => suite(role));

function suite(role: PbxSettings['role']): void {
    let bench: PbxBench;
    let slave: SimulatedPbx;

    beforeEach(async () => {
        const userOptions = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        const behaviour = { remoteWrites: 'refused' } as const;
        const options = { app: { ...app, apis: [...allApis] }, userOptions, slaves: ['pbx-south'], role, behaviour };
        bench = await PbxBench.create(options);
        [slave] = bench.pbx.slaves as [SimulatedPbx];
        bench.system.start();
        await allOnline();
    });
    afterEach(() => bench.stop());

    async function allOnline(): Promise<void> {
        await until(() => bench.pbx.subscriptions === 7 && slave.subscriptions === 1);
        await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
        await bench.settled();
        await bench.quiet();
    }

    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const set = (person: Person, presence = busy) => bench.system.people.set(user(person), presence, { call: 'alien' });
    const activityOf = (person: Person) => bench.pbx.presenceOf(person.guid).activity;

    it('writes to each user where they are homed', async () => {
        await Promise.all([set(anna), set(juergen)]);
        assert.deepEqual([activityOf(anna), activityOf(juergen)], ['busy', 'busy']);
        assert.deepEqual([bench.pbx.counters.writes, slave.counters.writes], [1, 1]);
        await set(juergen, call);
        assert.equal(bench.pbx.alienCalls(juergen.guid).length, 1);
        assert.equal(slave.traffic.received.of('AddAlienCall'), 1);
    });

    it('lets wait whose PBX is down, and nobody else', async () => {
        await set(juergen, call);
        await slave.stop();
        await until(() => bench.system.states()[1]?.state.phase === 'retrying');
        let isWritten = false;
        const first = set(juergen);
        const newest = set(juergen, { activity: 'dnd', note: '' });
        void newest.then(() => {
            isWritten = true;
        });
        assert.equal((await first).reason, 'Replaced by a newer change');
        assert.equal((await set(anna)).written, true);
        assert.equal(isWritten, false);
        await slave.start();
        await bench.clock.advance(1_000);
        assert.equal((await newest).written, true);
        assert.equal(activityOf(juergen), 'dnd');
        assert.deepEqual(bench.pbx.alienCalls(juergen.guid), []);
    });

    it('takes back what can be reached now, and the rest later', async () => {
        await Promise.all([set(anna), set(juergen)]);
        await slave.stop();
        await until(() => bench.system.states()[1]?.state.phase === 'retrying');
        await bench.system.people.clearAll();
        assert.deepEqual([activityOf(anna), activityOf(juergen)], ['', 'busy']);
        await slave.start();
        await bench.clock.advance(1_000);
        await until(() => activityOf(juergen) === '');
    });

    it('makes the call of a user who moves at the new home', async () => {
        await set(anna, call);
        bench.pbx.updatePerson(anna.guid, { loc: 'pbx-south' });
        await until(() => slave.traffic.received.of('AddAlienCall') === 1);
        await bench.quiet();
        assert.equal(bench.pbx.alienCalls(anna.guid).length, 1);
        await bench.system.people.clear(user(anna));
        assert.deepEqual(bench.pbx.alienCalls(anna.guid), []);
    });
}
