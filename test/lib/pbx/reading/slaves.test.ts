import assert from 'node:assert/strict';
import type { FollowOptions, PbxSettings } from '../../../../lib/pbx/pbx-system';
import type { SimulatedPbx } from '../../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, ownPresence, PbxBench, until } from '../pbx-bench';

const [anna, juergen, priya] = defaultPeople() as [Person, Person, Person];
const south = new Set([juergen.guid, priya.guid]);

/** Jürgen and Priya are homed at the slave, the others at the master. */
for (const role of ['client', 'server'] as const)
    describe(`A system of master and slave (${role} role)`, () => suite(role));

function suite(role: PbxSettings['role']): void {
    let bench: PbxBench;
    let slave: SimulatedPbx;

    afterEach(() => bench.stop());

    async function create(following: Partial<FollowOptions> = {}, apis: string[] = allApis): Promise<void> {
        const userOptions = ({ guid }: Person) => (south.has(guid) ? { loc: 'pbx-south' } : {});
        const options = { app: { ...app, apis: [...apis] }, userOptions, slaves: ['pbx-south'], role };
        bench = await PbxBench.create(options, {}, following);
        [slave] = bench.pbx.slaves as [SimulatedPbx];
    }

    async function online(following: Partial<FollowOptions> = {}): Promise<void> {
        await create(following);
        bench.system.start();
        await allOnline();
    }

    async function allOnline(): Promise<void> {
        await until(() => bench.system.states().length === 2);
        await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
        await until(() => bench.pbx.subscriptions === 6 && slave.subscriptions === 2);
        await bench.settled();
        await bench.quiet();
    }

    const names = () => [...bench.system.unfollowed].map(({ user }) => user.displayName);

    it('is followed at both, each user at the PBX where they are homed', async () => {
        await online();
        assert.deepEqual(
            bench.system.states().map(({ name, role, state }) => [name, role, state.phase]),
            [
                ['pbx-main', 'master', 'online'],
                ['pbx-south', 'slave', 'online'],
            ],
        );
        bench.changes.length = 0;
        bench.pbx.startCall(anna.guid);
        bench.pbx.startCall(juergen.guid);
        await until(() => bench.changes.length === 2);
        assert.ok(bench.changes.every(({ presence }) => presence.onThePhone));
    });

    it('tells calls of RCC at either', async () => {
        await online({ lineState: 'rcc' });
        for (const { guid } of [anna, juergen]) bench.pbx.visibility(guid, { otf: false });
        bench.changes.length = 0;
        bench.pbx.startCall(anna.guid);
        bench.pbx.startCall(juergen.guid);
        await until(() => bench.changes.length === 2);
        bench.pbx.endCall(juergen.guid);
        await until(() => bench.changes.length === 3);
        assert.deepEqual(
            bench.changes.map(({ presence }) => presence.onThePhone),
            [true, true, false],
        );
    });

    it('follows a user who moves', async () => {
        await online();
        bench.pbx.updatePerson(anna.guid, { loc: 'pbx-south' });
        await until(() => slave.subscriptions === 3 && bench.pbx.subscriptions === 5);
        bench.pbx.startCall(anna.guid);
        await until(() => bench.changes.at(-1)?.presence.onThePhone === true);
        assert.equal(bench.changes.at(-1)?.user.displayName, anna.name);
    });

    it('loses only the users of a slave that is down, keeps their state and names them after a while', async () => {
        await online();
        bench.pbx.setPresence(juergen.guid, { activity: 'dnd' });
        await bench.quiet();
        bench.changes.length = 0;
        await slave.stop();
        await until(() => bench.system.states()[1]?.state.phase === 'retrying');
        assert.equal(bench.phase, 'online');
        bench.pbx.setPresence(juergen.guid, { activity: 'away' });
        bench.pbx.setPresence(anna.guid, { activity: 'busy' });
        await until(() => bench.changes.length === 1);
        assert.equal(ownPresence(bench.system.people, juergen.guid)?.activity, 'dnd');
        assert.deepEqual(names(), []);
        await bench.clock.advance(31_000);
        assert.deepEqual(names().sort(), [juergen.name, priya.name].sort());
        assert.match([...bench.system.unfollowed][0]!.reason.message, /pbx-south/);

        await slave.start();
        await bench.clock.advance(10_000);
        await allOnline();
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
        assert.deepEqual(
            bench.changes.map(({ user, presence, via }) => [user.displayName, presence.activity, via]),
            [
                [anna.name, 'busy', 'update'],
                [juergen.name, 'away', 'update'],
            ],
        );
    });

    it('goes on with the users of a slave while the master is down', async () => {
        await online();
        bench.changes.length = 0;
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        bench.pbx.setPresence(juergen.guid, { activity: 'away' });
        await until(() => bench.changes.length === 1);
        await bench.clock.advance(60_000);
        assert.deepEqual(names(), []);
        await bench.pbx.start();
        await bench.clock.advance(10_000);
        await allOnline();
        assert.equal(bench.changes.length, 1);
        assert.equal(slave.traffic.received.of('SubscribePresence'), 2);
    });

    if (role === 'server') return;

    it('is followed at the master alone where nobody tells which PBX the other address is', async () => {
        await create({}, app.apis);
        bench.system.start();
        await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
        await bench.settled();
        assert.equal(bench.pbx.subscriptions, 8);
        assert.equal(slave.subscriptions, 0);
    });
}
