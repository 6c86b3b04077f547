import assert from 'node:assert/strict';
import type { PbxChange } from '../../../../lib/pbx/pbx-system';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { describeInBothRoles, ownPresence, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const available = { activity: '', note: '', onThePhone: false };

describeInBothRoles('A follower of presence', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const last = () => bench.changes.at(-1)?.presence;

    it('is told of calendar entries if it wants them, in human words, with their end', async () => {
        bench = await PbxBench.online({}, {}, { calendar: true });
        const end = bench.clock.date() + 3_600_000;
        const entry = { activity: 'busy', note: { text: 'Budget #2', activity: 'busy', until: end } as const };
        const others: PbxChange[] = [];
        bench.system.follow().on('change', change => others.push(change));
        bench.pbx.setCalendar(anna.guid, entry);
        await bench.quiet();
        const during = { ...available, activity: 'busy', note: 'Budget #2', until: new Date(end).toISOString() };
        assert.deepEqual(last(), during);
        assert.deepEqual(others, []);

        bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Deep work' });
        await bench.quiet();
        assert.deepEqual(last(), { ...available, activity: 'dnd', note: 'Deep work' });
        bench.pbx.startCall(anna.guid);
        await bench.quiet();
        assert.equal(last()?.onThePhone, true);
        bench.pbx.endCall(anna.guid);
        bench.pbx.setPresence(anna.guid, { activity: '' });
        await bench.quiet();
        assert.deepEqual(last(), during);
        bench.pbx.setCalendar(anna.guid, undefined);
        await bench.quiet();
        assert.deepEqual(last(), available);
    });

    it('is told once more when only the end of an entry changes', async () => {
        bench = await PbxBench.online({}, {}, { calendar: true });
        for (const hour of [1, 2]) {
            const note = { text: 'Budget', until: bench.clock.date() + hour * 3_600_000 };
            bench.pbx.setCalendar(anna.guid, { activity: 'busy', note });
            await bench.quiet();
        }
        assert.equal(bench.changes.length, 10);
    });

    it("reads what is coded in the user's own note", async () => {
        bench = await PbxBench.online();
        bench.pbx.setPresence(anna.guid, { activity: 'away', note: '##1 fan' });
        await bench.quiet();
        assert.equal(last()?.note, '#1 fan');
    });

    it('is told nothing of clients that come and go', async () => {
        bench = await PbxBench.online({}, {}, { calendar: true });
        for (const online of [true, false, true]) bench.pbx.setClientOnline(anna.guid, online);
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
    });

    it('is told everything again after a gap, if it wants that', async () => {
        bench = await PbxBench.online({}, {}, { snapshot: 'all' });
        const differences: PbxChange[] = [];
        bench.system.follow({ snapshot: 'differences' }).on('change', change => differences.push(change));
        bench.changes.length = 0;
        await bench.reconnect(() => bench.pbx.setPresence(juergen.guid, { activity: 'away' }));
        await until(() => bench.changes.length === 8);
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
        const news = bench.changes.filter(({ via }) => via === 'update');
        assert.deepEqual(
            news.map(({ user, presence, previous }) => [user.displayName, presence.activity, previous]),
            [[juergen.name, 'away', available]],
        );
        assert.deepEqual(differences, news);
    });

    it('has a snapshot in its own view, with the time of the last difference', async () => {
        bench = await PbxBench.online();
        bench.pbx.setCalendar(anna.guid, { activity: 'away', note: { text: 'Dentist' } });
        await bench.clock.advance(1_000);
        await bench.quiet();
        await bench.clock.advance(1_000);
        bench.pbx.setClientOnline(anna.guid, true);
        await bench.quiet();
        const withCalendar = [...bench.system.follow({ calendar: true }).snapshot()];
        const [ofAnna] = withCalendar.filter(({ user }) => user.pbx?.guid === anna.guid);
        assert.deepEqual(ofAnna?.presence, { ...available, activity: 'away', note: 'Dentist' });
        assert.equal(ofAnna?.via, 'snapshot');
        assert.ok(Date.parse(ofAnna?.at ?? '') < bench.clock.date());
        const without = [...bench.follower.snapshot()].filter(({ user }) => user.pbx?.guid === anna.guid);
        assert.deepEqual(without[0]?.presence, available);
    });

    it('is told nothing after its end', async () => {
        bench = await PbxBench.online();
        bench.follower.stop();
        bench.follower.stop();
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
        assert.equal(ownPresence(bench.system.people, anna.guid)?.activity, 'dnd');
    });
});
