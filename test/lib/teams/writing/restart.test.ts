import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../../lib/presence/message';
import { MemoryClaimStore } from '../../../../lib/sync/claim-store';
import { readPresences } from '../../../../lib/teams/connection/read-presence';
import { Following } from '../../../../lib/teams/reading/following';
import { anna, app, ben, readAll, until } from '../teams-fixture';
import { available, dnd, inACall, lease, minute, TestWriter, users, WriterFixture } from './writer-fixture';

describe('What is held in Teams survives a restart', () => {
    let fixture: WriterFixture;
    let store: MemoryClaimStore;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
        store = new MemoryClaimStore(fixture.office.clock);
    });
    afterEach(() => fixture.stop());

    function writer(): TestWriter {
        return fixture.writer({ people: { book: { store, side: 'teams', system: 'firm' } } });
    }

    /** As after SIGKILL: nothing is left but what was written down. */
    async function restart(killed: TestWriter): Promise<TestWriter> {
        killed.stop();
        const next = writer();
        await next.people.restore();
        await fixture.office.rest();
        return next;
    }

    /** Follows these people, and tells what their own sources say. */
    async function follow({ people }: TestWriter, who: PresenceUser[]): Promise<string[]> {
        const following = new Following({ reader: people.reader, clock: fixture.office.clock });
        const told: string[] = [];
        following.on('change', ({ presence }) => told.push(presence.activity));
        const { graph } = fixture.requests();
        following.read = (ids, priority) => readPresences(graph, ids, priority);
        following.follow(who);
        await readAll(following, 'snapshot');
        return told;
    }

    async function holding(): Promise<TestWriter> {
        const first = writer();
        await first.set(users.anna, inACall);
        return first;
    }

    async function pass(time: number): Promise<void> {
        for (let passed = 0; passed < time; passed += 15_000) {
            await fixture.office.clock.advance(15_000);
            await fixture.office.rest();
        }
    }

    it('and so does a pause, of one or of all, until its end', async () => {
        let people = (await holding()).people;
        const again = async (): Promise<TestWriter> => {
            await pass(15_000);
            people.stop();
            const next = writer();
            ({ people } = next);
            await people.restore();
            await next.set(users.anna, inACall);
            await next.set(users.ben, inACall);
            await pass(15_000);
            return next;
        };
        const shown = () => [fixture.shown(), fixture.shown(ben)].map(text => text.split('/')[1]);
        people.pause(users.anna, fixture.office.clock.date() + 10 * minute);
        await again();
        assert.deepEqual(shown(), ['Available', 'InACall']);
        people.pause('all');
        people.resume(users.ben);
        await again();
        await again();
        assert.deepEqual(shown(), ['Available', 'InACall'], 'who has gone on goes on');
        people.resume('all');
        people.pause(users.ben, fixture.office.clock.date() + 5 * minute);
        await again();
        assert.deepEqual(shown(), ['InACall', 'Available']);
        await pass(5 * minute);
        assert.deepEqual(shown(), ['InACall', 'InACall']);
        await again();
        assert.deepEqual(shown(), ['InACall', 'InACall']);
    });

    it('where another version has written it down: it is found out', async () => {
        const first = writer();
        await first.set(users.anna, inACall);
        for (const part of ['session', 'preferred']) {
            const { entries } = await store.load({ side: 'teams', system: 'firm', part });
            await store.append(entries.map(entry => ({ ...entry, claims: [{ ...entry.claims[0]!, value: null }] })));
            await store.settle({ side: 'teams', system: 'firm', part });
        }
        first.stop();
        const next = writer();
        await next.people.restore();
        const told = await follow(next, [users.anna]);
        await pass(15_000);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
    });

    it('as ours: it is no state of the user', async () => {
        const first = writer();
        await first.set(users.anna, dnd);
        const next = await restart(first);
        await follow(next, [users.anna]);
        assert.equal(next.people.reader.toldOf(anna.teamsId), undefined);
        assert.deepEqual(fixture.held(), { preferred: dnd });
    });

    it('also when the process ended between the write and its answer', async () => {
        const first = writer();
        first.set(users.anna, inACall).catch(() => {});
        await until(() => fixture.writes() === 1);
        await restart(first);
        assert.deepEqual(fixture.held(), { session: inACall });
    });

    it('and goes on if its source says so: without a gap, and renewed', async () => {
        const next = await restart(await holding());
        await next.set(users.anna, inACall);
        for (let passed = 0; passed < 2 * lease; passed += minute) {
            await pass(minute);
            assert.equal(fixture.shown(), 'Busy/InACall');
        }
    });

    it('and its source is told that it shows already', async () => {
        const first = await holding();
        await first.set(users.ben, dnd);
        const next = await restart(first);
        const reasons = [await next.set(users.anna, inACall), await next.set(users.ben, dnd)].map(each => each.reason);
        assert.deepEqual(reasons, [
            'Already set to Busy/InACall in Teams',
            'Already set to DoNotDisturb/DoNotDisturb in Teams',
        ]);
    });

    it('and is taken back if its source says so', async () => {
        const next = await restart(await holding());
        assert.equal((await next.clear(users.anna)).written, true);
        assert.equal(fixture.shown(), 'Available/Available');
        assert.deepEqual(fixture.held(), {});
    });

    it('and is taken back if no source says anything for five minutes, but not what one has confirmed', async () => {
        const first = await holding();
        await first.set(users.ben, inACall);
        const next = await restart(first);
        await next.set(users.ben, inACall);
        await pass(4 * minute);
        assert.equal(fixture.shown(), 'Busy/InACall');
        await fixture.office.passTime(() => fixture.shown() === 'Available/Available', 10_000);
        await fixture.office.rest();
        assert.equal(fixture.shown(ben), 'Busy/InACall');
    });

    it('but is not set again before its source says so, where it was taken back meanwhile', async () => {
        const first = await holding();
        await fixture.office.clock.advance(minute);
        await fixture.endSession(users.anna);
        await restart(first);
        const sets = fixture.office.count(/setPresence/);
        await pass(2 * lease);
        assert.equal(fixture.office.count(/setPresence/), sets);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('but leaves alone what the user has chosen since', async () => {
        const first = writer();
        await first.set(users.anna, dnd);
        await fixture.office.clock.advance(minute);
        const next = await restart(first);
        await fixture.choose('BeRightBack/BeRightBack');
        void next.clear(users.anna);
        await pass(minute);
        assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
    });

    it('with a choice by hand that stands above it', async () => {
        const first = writer();
        await first.set(users.anna, dnd);
        await pass(minute);
        await fixture.choose('Available/Available');
        await fixture.read(first);
        await fixture.office.rest();
        const next = await restart(first);
        void next.set(users.anna, dnd);
        await pass(minute);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('with what the person had chosen already, and it is not told as a later choice', async () => {
        const first = fixture.writer();
        await fixture.choose('DoNotDisturb/DoNotDisturb');
        await first.set(users.anna, dnd);
        first.stop();
        const next = fixture.writer({ people: { book: fixture.office.book } });
        await next.people.restore();
        const { reason } = await next.set(users.anna, dnd);
        assert.equal(reason, 'Left as it is in Teams: equal');
        const [setting] = next.people.explain(users.anna)!.parts;
        assert.equal(setting?.rule, 'equal');
    });

    it('and a choice by hand that stands above it stays, though the PBX says nothing for a while', async () => {
        const first = writer();
        await first.set(users.anna, dnd);
        await pass(minute);
        await fixture.choose('Available/Available');
        await fixture.read(first);
        await fixture.office.rest();
        for (const isSilence of [true, false]) {
            await first.clear(users.anna, isSilence);
            void first.set(users.anna, dnd);
            await pass(minute);
            const shown = isSilence ? 'Available/Available' : 'DoNotDisturb/DoNotDisturb';
            assert.equal(fixture.shown(), shown, isSilence ? 'it is no change' : 'it was taken back and set anew');
        }
    });

    it('also where the registration that has set it is gone: a call ends with its lease, a setting at once', async () => {
        const first = writer();
        await first.set(users.anna, inACall);
        await first.set(users.ben, dnd);
        first.stop();
        const next = fixture.writer({
            ...{
                people: { book: { store, side: 'teams', system: 'firm' } },
                way: '11111111-2222-3333-4444-555555555555',
            },
        });
        await next.people.restore();
        const told = await follow(next, [users.anna, users.ben]);
        const cleared = next.clear(users.anna);
        await next.clear(users.ben);
        assert.equal(fixture.shown(ben), 'Available/Available');
        await pass(10 * minute);
        await fixture.read(next);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Busy/InACall', false]);
        await pass(lease);
        await fixture.read(next);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
        assert.equal((await cleared).written, false);
    });

    it('by another registration once that one is gone, without a fault', async () => {
        const first = writer();
        await first.set(users.anna, { ...inACall, preferred: dnd });
        first.stop();
        for (const { claims } of store.entries())
            for (const claim of claims) claim.handle = { way: '11111111-2222-3333-4444-555555555555' };
        const next = fixture.writer({ people: { book: { store, side: 'teams', system: 'firm' } } });
        const troubles: unknown[] = [];
        next.people.reconciler.on('trouble', error => troubles.push(error));
        await next.people.restore();
        await next.set(users.anna, { ...inACall, preferred: dnd });
        await pass(2 * lease);
        assert.deepEqual([fixture.shown(), troubles], ['DoNotDisturb/DoNotDisturb', []]);
        await next.set(users.anna, inACall);
        assert.equal(fixture.shown(), 'Busy/InACall');
        await next.clear(users.anna);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('no longer than its lease', async () => {
        const first = await holding();
        first.stop();
        await fixture.office.clock.advance(lease);
        await restart(first);
        assert.deepEqual(fixture.held(), {});
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('without a trace of what was taken back', async () => {
        const first = await holding();
        await first.set(users.ben, dnd);
        await first.clear(users.anna);
        await first.clear(users.ben);
        await fixture.office.clock.advance(2 * minute);
        assert.deepEqual(store.entries(), []);
    });

    it('where no log tells of it: a call of ours is ended or set again, and told as nobody’s', async () => {
        const first = await holding();
        await first.set(users.ben, inACall);
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        const told = await follow(next, [users.anna, users.ben]);
        const set = next.set(users.ben, inACall);
        await pass(minute);
        await set;
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], ['Available/Available', 'Busy/InACall']);
        assert.deepEqual(told, ['Available', 'Available']);
    });

    it('where no log tells of it, and only a dry run has begun since: it stays', async () => {
        await holding();
        fixture.office.forgetOurWrites();
        const next = fixture.writer({ dryRun: true });
        await follow(next, [users.anna, users.ben]);
        const writes = fixture.writes();
        await next.set(users.ben, inACall);
        await pass(6 * minute);
        assert.deepEqual([fixture.shown(), fixture.shown(ben)], ['Busy/InACall', 'Available/Available']);
        assert.equal(fixture.writes(), writes);
    });

    it('where no log tells of it: a real call is told once it is known to be none of ours', async () => {
        fixture.office.simulated.startCall(anna.teamsId);
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        const told = await follow(next, [users.anna, users.ben]);
        await next.clear(users.anna);
        await pass(15_000);
        assert.deepEqual(told, [available.activity, 'InACall']);
        assert.equal(fixture.shown(), 'Busy/InACall');
    });

    it('where no log tells of it, and a choice by hand has hidden it: a call of ours is ended when it shows again', async () => {
        await holding();
        await fixture.choose('DoNotDisturb/DoNotDisturb');
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        const told = await follow(next, [users.anna]);
        await next.clear(users.anna);
        await pass(6 * minute);
        await fixture.reset();
        await fixture.read(next);
        await pass(15_000);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
    });

    it('where no log tells of it, also as long as the longest lease among those who write', async () => {
        const long = 4 * lease;
        await fixture.writer({ lease: long }).set(users.anna, inACall);
        await fixture.choose('DoNotDisturb/DoNotDisturb');
        fixture.office.forgetOurWrites();
        const next = fixture.writer({ lease: long });
        fixture.writer({ node: 'other' });
        const told = await follow(next, [users.anna]);
        await next.clear(users.anna);
        await pass(2 * lease);
        await fixture.reset();
        await fixture.read(next);
        await pass(15_000);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
    });

    it('where no log tells of it, also while a deploy has taken all who write away', async () => {
        await holding();
        await fixture.choose('DoNotDisturb/DoNotDisturb');
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        const told = await follow(next, [users.anna]);
        next.end();
        await fixture.reset();
        await fixture.read(next);
        const later = fixture.writer();
        await later.clear(users.anna);
        await pass(15_000);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
    });

    it('where no log tells of it, and the host sleeps before the first read: a call of ours is ended', async () => {
        await holding();
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        next.people.reader.observeFrom([users.anna]);
        next.people.gap(1_000);
        const told = await follow(next, [users.anna]);
        await next.clear(users.anna);
        await pass(15_000);
        assert.deepEqual([fixture.shown(), told.includes('InACall')], ['Available/Available', false]);
    });

    it('where no log tells of it, and the PBX speaks late: a setting that shows already is ours, and stays', async () => {
        const first = writer();
        await first.set(users.anna, dnd);
        fixture.office.forgetOurWrites();
        const next = fixture.writer();
        await follow(next, [users.anna]);
        await pass(15_000);
        await next.set(users.anna, dnd);
        await pass(2 * lease);
        assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        await next.clear(users.anna);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('where a deploy has taken the registration away for a while: the call ends when it is back', async () => {
        const first = writer();
        const other = '11111111-2222-3333-4444-555555555555';
        await first.set(users.anna, inACall);
        const next = new TestWriter(fixture.office.people, { node: 'other', way: other, lease }, fixture.requests());
        first.end();
        const { written, reason } = await next.clear(users.anna);
        assert.deepEqual([written, reason], [false, 'Left as it is in Teams: its registration is gone']);
        assert.equal(fixture.shown(), 'Busy/InACall');
        const back = { node: 'writer', way: app.clientId, lease };
        new TestWriter(fixture.office.people, { ...back, dryRun: true }, fixture.requests());
        await pass(15_000);
        assert.equal(fixture.shown(), 'Busy/InACall', 'for a dry run only');
        new TestWriter(fixture.office.people, back, fixture.requests());
        await pass(15_000);
        assert.equal(fixture.shown(), 'Available/Available');
    });
});
