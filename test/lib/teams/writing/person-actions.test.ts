import assert from 'node:assert/strict';
import { Journal } from '../../../../lib/presence/journal';
import { rules } from '../../../../lib/presence/rules';
import { TeamsPeople } from '../../../../lib/teams/people';
import { anna, ben } from '../teams-fixture';
import { available, busy, dnd, inACall, lease, minute, users, WriterFixture } from './writer-fixture';

const free = 'Available/Available';

describe('What an administrator may do with a person in Teams', () => {
    let fixture: WriterFixture;
    let journal: Journal;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
        const { clock, book } = fixture.office;
        journal = new Journal();
        fixture.office.people.stop();
        fixture.office.people = new TeamsPeople({ clock, random: () => 0.5, book, journal });
        await fixture.office.people.restore();
    });
    afterEach(() => fixture.stop());

    async function passes(ms: number): Promise<void> {
        for (let left = ms; left > 0; left -= 500) {
            await fixture.office.clock.advance(Math.min(left, 500));
            await fixture.office.rest();
        }
    }

    const decided = () =>
        [...journal.entries()].reverse().map(({ name, part, from, to, rule, outcome }) => {
            return `${name}: ${part} ${from || '-'} > ${to || '-'}, ${rule}, ${outcome}`;
        });

    it('is to see why: what was decided, and what comes next', async () => {
        const { people } = fixture.writer();
        assert.equal(people.explain(users.anna), undefined);
        const writer = fixture.writer();
        await writer.set(users.anna, inACall);
        await passes(5_000);
        const explained = people.explain(users.anna, 'de')!;
        assert.equal(explained.shows?.text, 'Busy/InACall');
        assert.equal(explained.shows?.part?.en, 'Call');
        assert.equal(explained.next?.do, 'renew');
        assert.ok(explained.sentences.includes(rules.call.de));
        assert.equal(explained.lately.length, 1);
        assert.deepEqual(decided(), [`${anna.name}: session - > Busy/InACall, call, accepted`]);
        const [entry] = journal.entries();
        assert.deepEqual([entry?.side, entry?.system, entry?.person], ['teams', 'firm', anna.teamsId]);
        assert.ok(entry!.latency! >= 0);
    });

    it('is to pause, which leaves alone what the person has chosen or written since', async () => {
        const writer = fixture.writer({ statusMessage: true });
        writer.people.reader.observeFrom([users.anna, users.ben]);
        await fixture.read(writer);
        await writer.set(users.anna, { ...dnd, statusMessage: 'Lunch' });
        await writer.set(users.ben, dnd);
        await passes(10_000);
        await fixture.choose('Offline/OffWork');
        await fixture.note('My own');
        await fixture.choose('BeRightBack/BeRightBack', ben);
        writer.people.pause('all');
        await passes(10_000);
        assert.deepEqual(
            [fixture.shown(), await fixture.message(), fixture.shown(ben)],
            ['Offline/OffWork', 'My own', 'BeRightBack/BeRightBack'],
        );
    });

    it('is to pause until a date, also where the host sleeps meanwhile', async () => {
        const writer = fixture.writer();
        await writer.set(users.anna, dnd);
        writer.people.pause(users.anna, fixture.office.clock.date() + 10 * minute);
        await passes(3_000);
        assert.equal(fixture.shown(), free);
        writer.people.gap(60 * minute);
        await passes(3_000);
        assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
    });

    it('is to see why it waits: a fault is told once, however often it is tried again', async () => {
        const writer = fixture.writer();
        fixture.office.simulated.faults.failNext(1_000, 503, undefined, {}, /setPresence/);
        const set = writer.set(users.anna, inACall);
        await passes(20_000);
        assert.deepEqual(decided(), [`${anna.name}: session - > Busy/InACall, call, failed`]);
        const { trouble } = writer.people.explain(users.anna)!.parts.find(({ part }) => part === 'session')!;
        assert.match(trouble!.reason.en, /Fault on demand/);
        assert.ok(trouble!.failures > 3);
        fixture.office.simulated.faults.clear();
        await passes(6_000);
        assert.equal((await set).written, true);
        assert.equal([...journal.entries()].length, 2);
    });

    it('is to pause: ours is taken back, nothing is written, and what is wanted is written afterwards', async () => {
        const writer = fixture.writer();
        await writer.set(users.anna, inACall);
        await writer.set(users.ben, inACall);
        writer.people.pause(users.anna, fixture.office.clock.date() + 10 * minute);
        await passes(3_000);
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], [free, 'Busy/InACall']);
        const writes = fixture.writes();
        const outcome = await writer.set(users.anna, dnd);
        assert.deepEqual(outcome, { written: false, reason: `Not shown in Teams: ${rules.paused.en}` });
        assert.equal(fixture.writes(), writes);
        assert.equal(writer.people.explain(users.anna)?.stopped?.rule, 'paused');
        await passes(10 * minute);
        assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        const [last] = journal.entries();
        assert.equal(last?.latency, undefined, 'nobody waits for it');
        const about = decided().filter(line => line.startsWith(anna.name));
        assert.deepEqual(about.slice(1), [
            `${anna.name}: session Busy/InACall > -, paused, accepted`,
            `${anna.name}: session - > Busy/InACall, paused, held`,
            `${anna.name}: preferred - > DoNotDisturb/DoNotDisturb, paused, held`,
            `${anna.name}: preferred - > DoNotDisturb/DoNotDisturb, setting, accepted`,
        ]);
    });

    it('is to pause all, those included who come later, and to let them go on', async () => {
        const writer = fixture.writer();
        await writer.set(users.anna, inACall);
        writer.people.pause('all');
        await writer.set(users.ben, inACall);
        await passes(5_000);
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], [free, free]);
        writer.people.resume('all');
        await passes(5_000);
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], ['Busy/InACall', 'Busy/InACall']);
    });

    it('is to read anew: what Teams has lost is set again, and nothing else is written', async () => {
        const writer = fixture.writer();
        await writer.set(users.anna, inACall);
        await passes(5_000);
        const writes = fixture.writes();
        writer.people.resync(users.anna);
        await passes(5_000);
        assert.equal(fixture.writes(), writes, 'there is no difference');
        await fixture.endSession(users.anna);
        writer.people.resync('all');
        await passes(5_000);
        assert.equal(fixture.shown(), 'Busy/InACall');
    });

    it('is to name one whom Teams has', () => {
        const nobody = { addresses: ['nobody@contoso.com'], displayName: 'Nobody' };
        for (const action of ['pause', 'resume', 'resync'] as const)
            assert.throws(() => fixture.office.people[action](nobody), { code: 'TEAMS_USER_UNKNOWN' });
    });

    it('is a dry run: everything is decided and told, and nothing is written', async () => {
        const writer = fixture.writer({ dryRun: true });
        const reasons: string[] = [];
        for (const presence of [inACall, inACall, { ...inACall, preferred: dnd }, busy]) {
            const { written, reason } = await writer.set(users.anna, presence);
            assert.equal(written, false);
            reasons.push(reason);
        }
        reasons.push((await writer.clear(users.anna)).reason);
        await passes(2 * minute);
        assert.equal(fixture.writes(), 0);
        assert.deepEqual(reasons, [
            'Dry run: would be set to Busy/InACall in Teams',
            'Dry run: would be set to Busy/InACall in Teams',
            'Dry run: would be set to Busy/InACall in Teams',
            'Dry run: would be set to Busy/Busy in Teams',
            'Dry run: would be taken back in Teams',
        ]);
        assert.deepEqual(decided(), [
            `${anna.name}: session - > Busy/InACall, call, dry run`,
            `${anna.name}: preferred - > DoNotDisturb/DoNotDisturb, setting, dry run`,
            `${anna.name}: preferred DoNotDisturb/DoNotDisturb > Busy/Busy, setting, dry run`,
            `${anna.name}: session Busy/InACall > -, call, dry run`,
            `${anna.name}: preferred Busy/Busy > -, setting, dry run`,
        ]);
    });

    it('and what was held before a dry run ends with its lease', async () => {
        await fixture.writer().set(users.anna, inACall);
        const writes = fixture.writes();
        const dry = fixture.writer({ dryRun: true });
        await dry.set(users.anna, inACall);
        await passes(lease - minute);
        assert.equal(fixture.shown(), 'Busy/InACall');
        await passes(2 * minute);
        assert.equal(fixture.shown(), free);
        assert.equal(fixture.writes(), writes);
    });

    it('is no dry run any more once a writer without it speaks', async () => {
        await fixture.writer({ dryRun: true }).set(users.anna, inACall);
        assert.equal((await fixture.writer().set(users.anna, inACall)).written, true);
        assert.equal(fixture.shown(), 'Busy/InACall');
    });
});

describe('Quick changes of a person in Teams', () => {
    let fixture: WriterFixture;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
    });
    afterEach(() => fixture.stop());

    async function passes(ms: number): Promise<void> {
        for (let left = ms; left > 0; left -= 100) {
            await fixture.office.clock.advance(Math.min(left, 100));
            await fixture.office.rest();
        }
    }

    it('are gathered: the first goes at once, and the newest once it has stood still for 1 s', async () => {
        const writer = fixture.writer({ settle: 2_000 });
        await writer.set(users.anna, inACall);
        assert.equal(fixture.shown(), 'Busy/InACall');
        const writes = fixture.writes();
        void writer.clear(users.anna);
        await passes(600);
        void writer.set(users.anna, inACall);
        await passes(200);
        const last = writer.clear(users.anna);
        await passes(900);
        assert.equal(fixture.writes(), writes);
        await passes(300);
        assert.deepEqual(await last, { written: true, reason: 'Taken back in Teams' });
        assert.equal(fixture.writes(), writes + 1);
    });

    it('are gathered also where the first has not left yet: it goes all the same', async () => {
        const writer = fixture.writer({ settle: 2_000 });
        void writer.set(users.anna, inACall);
        const last = writer.clear(users.anna);
        await passes(500);
        assert.equal(fixture.shown(), 'Busy/InACall');
        await passes(1_000);
        assert.equal((await last).reason, 'Taken back in Teams');
        assert.equal(fixture.shown(), free);
    });

    it('cost a write in 5 s at most as long as they go on, and each one without a settle time', async () => {
        const flicker = async (settle: number): Promise<number> => {
            const writer = fixture.writer({ settle });
            const before = fixture.writes();
            for (let time = 0; time < 10_000; time += 500) {
                void writer.set(users.anna, time % 1_000 ? busy : dnd);
                await passes(500);
            }
            await passes(2_000);
            assert.equal(fixture.shown(), 'Busy/Busy');
            return fixture.writes() - before;
        };
        assert.ok((await flicker(2_000)) <= 4);
        assert.ok((await flicker(0)) >= 18);
    });

    it('that answer ours again and again make the writes of the person rest for 5 minutes, named', async () => {
        const writer = fixture.writer({ leads: true });
        const resting: string[] = [];
        writer.people.reconciler.on('resting', ({ person }) => resting.push(person.displayName));
        await writer.set(users.anna, dnd);
        await writer.set(users.ben, dnd);
        // Another product that sets the person available whenever we set something else.
        for (let time = 0; time < 20_000 && resting.length === 0; time += 500) {
            if (fixture.shown() === 'DoNotDisturb/DoNotDisturb') await fixture.choose('Available/Available');
            await passes(500);
            await fixture.read(writer);
            await fixture.office.rest();
        }
        assert.deepEqual(resting, [anna.name]);
        await passes(5_000);
        const writes = fixture.writes();
        const explained = writer.people.explain(users.anna)!;
        assert.equal(explained.stopped?.rule, 'resting');
        assert.ok(explained.sentences.includes(rules.resting.en));
        assert.equal(explained.parts[0]?.holds, undefined);
        await passes(4 * minute);
        assert.equal(fixture.writes(), writes);
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], [free, 'DoNotDisturb/DoNotDisturb']);
        await passes(minute);
        assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb', 'it heals itself');
    });

    it('are no reason to rest where the person alone makes them', async () => {
        const writer = fixture.writer();
        let rests = 0;
        writer.people.reconciler.on('resting', () => rests++);
        await writer.set(users.anna, inACall);
        for (const pair of [busy, dnd, available, busy, dnd, available, busy, dnd, available, busy, dnd]) {
            await fixture.choose(`${pair.availability}/${pair.activity}`);
            await fixture.read(writer);
            await passes(1_000);
        }
        assert.equal(rests, 0);
    });
});
