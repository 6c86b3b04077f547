import assert from 'node:assert/strict';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const available = { activity: '', note: '', onThePhone: false };
const minutes = 60_000;

/** What is not known is not claimed: a call that nobody sees end would be shown for ever. */
describeInBothRoles('Presence that nobody tells any more', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function online(options: Parameters<typeof PbxBench.create>[0] = {}): Promise<void> {
        bench = await PbxBench.online({ app: { ...app, apis: [...allApis] }, ...options });
        bench.pbx.startCall(anna.guid);
        bench.pbx.setPresence(juergen.guid, { activity: 'dnd' });
        await bench.quiet();
        bench.changes.length = 0;
    }

    const told = () => bench.changes.map(({ user, presence }) => [user.displayName, presence]);
    const takenBack = [
        [anna.name, available],
        [juergen.name, available],
    ];

    it('is taken back at once when the user is gone', async () => {
        await online();
        bench.pbx.removePerson(anna.guid);
        await until(() => bench.changes.length > 0);
        assert.deepEqual(told(), [[anna.name, available]]);
        assert.equal(bench.changes[0]?.previous?.onThePhone, true);
        assert.equal(bench.changes[0]?.user.pbx?.guid, anna.guid);
    });

    it('is taken back when the user was removed during an outage', async () => {
        await online();
        await bench.reconnect(() => bench.pbx.removePerson(juergen.guid));
        assert.deepEqual(told(), [[juergen.name, available]]);
    });

    it('is not told of somebody gone who had nothing to show', async () => {
        await online();
        bench.pbx.endCall(anna.guid);
        await bench.quiet();
        bench.changes.length = 0;
        bench.pbx.removePerson(anna.guid);
        await until(() => bench.system.directory.size === 7);
        assert.deepEqual(told(), []);
    });

    it('lasts a quarter of an hour while the PBX is away, and is told again when it is back', async () => {
        await online();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        await bench.clock.advance(14 * minutes);
        assert.deepEqual(told(), []);
        await bench.clock.advance(2 * minutes);
        assert.deepEqual(told(), takenBack);
        await bench.clock.advance(60 * minutes);
        assert.deepEqual(told(), takenBack);
        bench.changes.length = 0;
        await bench.pbx.start();
        await bench.clock.advance(10_000);
        await until(() => bench.phase === 'online');
        await bench.quiet();
        assert.deepEqual(told(), [
            [anna.name, { ...available, onThePhone: true }],
            [juergen.name, { ...available, activity: 'dnd' }],
        ]);
    });

    it('of the users of a slave lasts as long, and that of others goes on', async () => {
        const userOptions = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        await online({ userOptions, slaves: ['pbx-south'] });
        const [slave] = bench.pbx.slaves;
        await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
        await bench.quiet();
        bench.changes.length = 0;
        await slave!.stop();
        await until(() => bench.system.states()[1]?.state.phase === 'retrying');
        await bench.clock.advance(16 * minutes);
        assert.deepEqual(told(), [[juergen.name, available]]);
    });

    it('of whoever moves to a PBX that has been away for long is taken back, too', async () => {
        await online();
        bench.pbx.updatePerson(anna.guid, { loc: 'pbx-nowhere' });
        await bench.quiet();
        await bench.clock.advance(16 * minutes);
        assert.deepEqual(told(), [[anna.name, available]]);
        bench.pbx.updatePerson(juergen.guid, { loc: 'pbx-nowhere' });
        await bench.quiet();
        await bench.clock.advance(200);
        assert.deepEqual(told(), takenBack);
    });

    it('is not taken back for two short drops of a slave while the master is away', async () => {
        const userOptions = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        await online({ userOptions, slaves: ['pbx-south'] });
        const [slave] = bench.pbx.slaves;
        const phase = () => bench.system.states().find(({ role }) => role === 'slave')?.state.phase;
        await until(() => phase() === 'online');
        await bench.quiet();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        bench.changes.length = 0;
        for (let drops = 0; drops < 2; drops++) {
            slave!.dropConnections();
            await until(() => phase() !== 'online');
            await bench.clock.advance(5_000);
            await until(() => phase() === 'online');
            await bench.clock.advance(12 * minutes);
            await until(() => phase() === 'online');
        }
        await bench.quiet();
        assert.deepEqual(
            told().filter(([name]) => name === juergen.name),
            [],
        );
    });

    it('is not taken back because the date was set forward', async () => {
        await online();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        await bench.clock.advance(200);
        bench.clock.stepDate(60 * minutes);
        await bench.clock.advance(1 * minutes);
        assert.deepEqual(told(), []);
        await bench.clock.advance(15 * minutes);
        assert.deepEqual(told(), takenBack);
    });

    it('goes on as long as it comes, whatever is said of rights, and for a while after it', async () => {
        await online();
        const toAll = (frame: object) => {
            for (let count = 1; count < 40; count++)
                bench.pbx.sendRaw(JSON.stringify({ ...frame, src: `presence-${count}` }));
        };
        toAll({ mt: 'MonitorUnallowedAdd', user: 'juergen.vogel', srcs: [{ name: app.name }] });
        await bench.quiet();
        for (const activity of ['away', 'busy', 'dnd', 'away']) {
            await bench.clock.advance(10 * minutes);
            bench.pbx.setPresence(juergen.guid, { activity });
            await bench.quiet();
        }
        assert.deepEqual(
            told().map(([, presence]) => (presence as { activity: string }).activity),
            ['away', 'busy', 'dnd', 'away'],
        );
        await bench.clock.advance(16 * minutes);
        assert.deepEqual(told().at(-1), [juergen.name, available]);
    });

    it('goes on where a subscription is down and up again without another list', async () => {
        await online();
        for (const up of [false, true])
            for (let count = 1; count < 40; count++)
                bench.pbx.sendRaw(JSON.stringify({ mt: 'PresenceState', up, src: `presence-${count}` }));
        await bench.quiet();
        await bench.clock.advance(30 * minutes);
        assert.deepEqual(told(), []);
        assert.deepEqual([...bench.system.unfollowed], []);
    });

    it('is taken back a quarter of an hour after the right to see it was taken', async () => {
        await online();
        bench.pbx.visibility(juergen.guid, { presence: false });
        await bench.quiet();
        await bench.clock.advance(14 * minutes);
        assert.deepEqual(told(), []);
        await bench.clock.advance(2 * minutes);
        assert.deepEqual(told(), [[juergen.name, available]]);
        bench.pbx.visibility(juergen.guid, { presence: true });
        await until(() => bench.changes.length === 2);
        assert.equal(bench.changes[1]?.presence.activity, 'dnd');
    });

    it('leaves alone the calls that RCC goes on to tell', async () => {
        await online();
        const calls: boolean[] = [];
        const follower = bench.system.follow({ lineState: 'rcc' });
        await until(() => [...follower.snapshot()].some(({ presence }) => presence.onThePhone));
        follower.on('change', ({ user, presence }) => user.pbx?.guid === anna.guid && calls.push(presence.onThePhone));
        await bench.clock.advance(1_000);
        bench.pbx.visibility(anna.guid, { presence: false });
        await bench.quiet();
        await bench.clock.advance(30 * minutes);
        assert.deepEqual(calls, []);
        bench.pbx.endCall(anna.guid);
        await until(() => calls.length > 0);
        assert.deepEqual(calls, [false]);
    });
});
