import assert from 'node:assert/strict';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import { PresencePoller } from '../../../../lib/teams/reading/presence-poller';
import { FakeClock, settle } from '../../../support/fake-clock';
import { person, userOf } from '../teams-fixture';

const inACall: TeamsPresence = { availability: 'Busy', activity: 'InACall' };
const available: TeamsPresence = { availability: 'Available', activity: 'Available' };

describe('PresencePoller', () => {
    let clock: FakeClock;
    let poller: PresencePoller;
    let reads: { at: number; ids: string[] }[];
    let told: Map<string, TeamsPresence>;
    let answer: () => Promise<void>;
    let begun: number;

    beforeEach(() => {
        clock = new FakeClock();
        begun = clock.monotonic();
        reads = [];
        told = new Map();
        answer = async () => {};
        poller = new PresencePoller({
            clock,
            fast: 2_000,
            slow: 10_000,
            read: ids => {
                reads.push({ at: clock.monotonic() - begun, ids });
                return answer();
            },
            toldOf: id => told.get(id),
        });
    });
    afterEach(() => {
        poller.stop();
        assert.equal(clock.waiting, 0);
    });

    const idsOf = (count: number): Set<string> =>
        new Set(Array.from({ length: count }, (_, index) => person(index).teamsId));

    function change(index: number, presence: TeamsPresence, previous?: TeamsPresence): void {
        told.set(person(index).teamsId, presence);
        poller.changed({ user: userOf(person(index)), presence, previous, via: 'poll', at: '' });
    }

    it('does not keep somebody lively for an hour because the date was set back', async () => {
        const changed = new FakeClock();
        clock = changed;
        let lively = 0;
        const other = new PresencePoller({
            clock,
            fast: 2_000,
            slow: 60 * 60_000,
            read: async () => {
                lively += 1;
            },
            toldOf: () => undefined,
        });
        other.poll(idsOf(1));
        other.changed({ user: userOf(person(0)), presence: available, previous: inACall, via: 'poll', at: '' });
        changed.stepDate(-60 * 60_000);
        await clock.advance(10 * 60_000);
        other.stop();
        assert.ok(lively <= 60, String(lively));
    });

    it('reads everybody within the slower time, and nobody twice', async () => {
        poller.poll(idsOf(1_500));
        await clock.advance(10_000);
        assert.deepEqual(
            reads.map(({ ids }) => ids.length),
            [650, 650, 200],
        );
        assert.equal(new Set(reads.flatMap(({ ids }) => ids)).size, 1_500);
        const times = reads.map(({ at }) => at);
        assert.ok(times[0]! > 3_000 && times[1]! - times[0]! > 3_000, 'spread over the time');
        await clock.advance(10_000);
        assert.equal(reads.length, 6);
    });

    it('reads people in a call in the faster time for as long as it lasts, and two minutes more', async () => {
        poller.poll(idsOf(10));
        change(3, inACall, available);
        await clock.advance(60_000);
        const lively = () => reads.filter(({ ids }) => ids.length === 1 && ids[0] === person(3).teamsId).length;
        assert.equal(lively(), 30);
        await clock.advance(10 * 60_000);
        assert.equal(lively(), 330);
        change(3, available, inACall);
        await clock.advance(2 * 60_000);
        assert.ok(lively() === 389 || lively() === 390, String(lively()));
        const count = lively();
        await clock.advance(60_000);
        assert.equal(lively(), count);
    });

    it('takes nobody for lively who is seen for the first time, unless in a call', async () => {
        poller.poll(idsOf(10));
        change(1, available);
        change(2, inACall);
        await clock.advance(9_000);
        assert.deepEqual(new Set(reads.flatMap(({ ids }) => ids)), new Set([person(2).teamsId]));
    });

    it('knows who is in a call when polling begins, and forgets who leaves', async () => {
        told.set(person(1).teamsId, inACall);
        poller.poll(idsOf(3));
        await clock.advance(2_000);
        assert.deepEqual(reads, [{ at: 2_000, ids: [person(1).teamsId] }]);
        poller.poll(idsOf(1));
        await clock.advance(8_000);
        assert.deepEqual(reads.at(-1)!.ids, [person(0).teamsId]);
        assert.equal(reads.length, 2);
        poller.poll(new Set());
        await clock.advance(60_000);
        assert.equal(reads.length, 2);
        poller.poll(idsOf(1));
        assert.equal(poller.size, 1);
        await clock.advance(10_000);
        assert.equal(reads.length, 3);
    });

    it('has one slow and one fast read under way at most, and skips nobody when answers take their time', async () => {
        const waiting: (() => void)[] = [];
        answer = () => new Promise(resolve => waiting.push(resolve));
        poller.poll(idsOf(1_300));
        change(0, inACall, available);
        await clock.advance(60_000);
        assert.equal(reads.length, 2);
        waiting.splice(0).forEach(resolve => void resolve());
        await settle();
        await clock.advance(5_000);
        const slow = reads.map(({ ids }) => ids).filter(ids => ids.length > 1);
        assert.deepEqual(new Set(slow.flat()).size, 1_300);
        waiting.splice(0).forEach(resolve => void resolve());
        await settle();
    });
});
