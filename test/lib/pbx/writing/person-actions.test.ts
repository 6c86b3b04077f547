import assert from 'node:assert/strict';
import { rules } from '../../../../lib/presence/rules';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'With Berlin' };
const dnd = { activity: 'dnd', note: '' };
const call = { activity: 'on-the-phone', note: '' };
const userOf = ({ mail, name }: Person) => ({ addresses: [mail], displayName: name });

describeInBothRoles('What an administrator may do with a person in the PBX', () => {
    let bench: PbxBench;
    beforeEach(async () => {
        bench = await PbxBench.online({ app: { ...app, apis: [...allApis] } });
    });
    afterEach(() => bench.stop());

    const people = () => bench.system.people;
    const activity = (who = anna) => bench.pbx.presenceOf(who.guid).activity;
    const writes = () => bench.pbx.traffic.received.of('SetPresence');

    async function passes(seconds: number): Promise<void> {
        for (let second = 0; second < seconds; second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
    }

    it('is to see why, without what the note says', async () => {
        await bench.system.people.set(userOf(anna), busy, { node: 'out' });
        await bench.quiet();
        const explained = people().explain(userOf(anna), 'de')!;
        assert.deepEqual([explained.shows?.text, explained.shows?.part?.en], ['busy', 'Entry']);
        assert.equal(explained.parts.find(({ part }) => part === 'entry')?.wants?.node, 'out');
        assert.ok(explained.sentences.includes(rules.entry.de));
        assert.equal(explained.lately.length, 1);
        assert.doesNotMatch(JSON.stringify(explained), /Berlin/);
        assert.equal(people().explain({ addresses: ['nobody@contoso.com'], displayName: 'Nobody' }), undefined);
    });

    it('is to pause: ours is taken back, a call included, and is shown again afterwards', async () => {
        await bench.system.people.set(userOf(anna), call, { call: 'alien' });
        await bench.system.people.set(userOf(juergen), busy);
        people().pause(userOf(anna), bench.clock.date() + 60_000);
        await passes(2);
        assert.equal(bench.pbx.alienCalls(anna.guid).length, 0);
        assert.equal(activity(juergen), 'busy');
        const reason = `Not shown in the PBX: ${rules.paused.en}`;
        assert.deepEqual(await bench.system.people.set(userOf(anna), dnd), { written: false, reason });
        assert.equal(activity(), '');
        await passes(60);
        assert.equal(activity(), 'dnd');
    });

    it('is to pause all, and to let them go on', async () => {
        await bench.system.people.set(userOf(anna), busy);
        people().pause('all');
        await bench.system.people.set(userOf(juergen), busy);
        await passes(2);
        assert.deepEqual([activity(), activity(juergen)], ['', '']);
        people().resume('all');
        await passes(2);
        assert.deepEqual([activity(), activity(juergen)], ['busy', 'busy']);
    });

    it('is to ask anew: everything is told again, and nothing is written where there is no difference', async () => {
        await bench.system.people.set(userOf(anna), busy);
        await bench.quiet();
        const [before, asked] = [writes(), bench.pbx.traffic.received.of('SubscribePresence')];
        people().resync(userOf(anna));
        await passes(2);
        assert.equal(bench.pbx.traffic.received.of('SubscribePresence'), asked + 1);
        assert.deepEqual([writes(), activity()], [before, 'busy']);
        people().resync('all');
        await passes(2);
        assert.equal(writes(), before);
        assert.throws(() => people().resync({ addresses: [], displayName: 'Nobody' }), { code: 'PBX_USER_UNKNOWN' });
    });

    it('is a dry run: everything is decided and told, and nothing is written', async () => {
        const before = writes();
        const writing = { dryRun: true, call: 'alien' as const };
        const reasons: string[] = [];
        for (const presence of [busy, call, dnd]) {
            reasons.push((await bench.system.people.set(userOf(anna), presence, writing)).reason);
        }
        reasons.push((await bench.system.people.clear(userOf(anna), writing)).reason);
        await passes(2);
        assert.deepEqual(reasons, [
            'Dry run: would be shown in the PBX as busy',
            'Dry run: would be shown in the PBX as on-the-phone',
            'Dry run: would be shown in the PBX as dnd',
            'Dry run: would be taken back in the PBX',
        ]);
        assert.equal(bench.pbx.alienCalls(anna.guid).length, 0);
        assert.deepEqual([writes(), activity()], [before, '']);
        const outcomes = people()
            .explain(userOf(anna))!
            .lately.map(({ outcome }) => outcome);
        assert.deepEqual(outcomes, ['dry run', 'dry run', 'dry run']);
    });

    it('is to see that a person rests whose changes answer ours again and again', async () => {
        for (let time = 0; time < 5; time++) {
            await bench.system.people.set(userOf(anna), time % 2 ? dnd : busy);
            bench.pbx.setPresence(anna.guid, { activity: time % 2 ? 'away' : 'meeting' });
            await passes(1);
        }
        assert.deepEqual(
            bench.log.filter(line => line.includes(rules.resting.en)),
            [`warn ${anna.name}: ${rules.resting.en}`],
        );
        assert.deepEqual(
            bench.pbx.presenceOf(anna.guid).entries.map(({ contact }) => contact),
            ['tel:'],
        );
        const reason = `Not shown in the PBX: ${rules.resting.en}`;
        assert.deepEqual(await bench.system.people.set(userOf(anna), busy), { written: false, reason });
        await passes(300);
        assert.equal(activity(), 'busy');
    });

    it('is to see that another product copies Teams into the PBX, which is not told as the user’s own', async () => {
        const own = () =>
            bench.changes.filter(({ user }) => user.pbx?.guid === anna.guid).map(change => change.presence.activity);
        const named = () => bench.log.filter(line => line.includes(rules.copied.en));
        const copy = async (activity: string, delay = 1) => {
            if (delay > 0) await bench.system.people.set(userOf(anna), { activity, note: '' });
            await passes(Math.abs(delay));
            bench.pbx.setPresence(anna.guid, { activity });
            await passes(1);
            if (delay < 0) await bench.system.people.set(userOf(anna), { activity, note: '' });
            await passes(10);
        };
        await copy('busy');
        await copy('');
        assert.deepEqual([own().filter(Boolean), named()], [[], []], 'it says nothing that Teams does not show');
        await copy('away');
        assert.equal(named().length, 1, 'three times running are no coincidence');
        const after = own().length;
        await copy('dnd');
        await copy('busy', -1);
        assert.equal(own().length, after, 'whichever comes first');
        bench.pbx.setPresence(anna.guid, { activity: 'meeting' });
        await passes(1);
        assert.equal(own().length, after, 'it may still follow');
        await passes(3);
        assert.deepEqual(own().slice(after), ['meeting'], 'it has changed alone');
        assert.equal(named().length, 1);
    });

    it('is a settle time: the first change goes at once, the newest once it has stood still for 1 s', async () => {
        const writing = { settle: 2_000 };
        await bench.system.people.set(userOf(anna), busy, writing);
        assert.equal(activity(), 'busy');
        const before = writes();
        void bench.system.people.clear(userOf(anna), writing);
        await bench.clock.advance(500);
        const last = bench.system.people.set(userOf(anna), dnd, writing);
        await bench.clock.advance(900);
        await bench.quiet();
        assert.equal(writes(), before);
        await passes(1);
        assert.equal((await last).written, true);
        assert.deepEqual([writes(), activity()], [before + 1, 'dnd']);
    });
});
