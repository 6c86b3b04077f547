import assert from 'node:assert/strict';
import type { Timer } from '../../../lib/support/clock';
import { type Priority, RateBudget, type RateLimit } from '../../../lib/support/rate-budget';
import { FakeClock } from '../../support/fake-clock';

/** Takes `count` and notes the moment of each. */
function takeMany(budget: RateBudget, clock: FakeClock, count: number, moments: number[]): void {
    for (let taken = 0; taken < count; taken++) {
        budget
            .take('edge')
            .then(() => moments.push(clock.now()))
            .catch(() => {});
    }
}

/** The most that fell into any window of this length. */
function busiest(moments: number[], period: number): number {
    return Math.max(...moments.map(start => moments.filter(at => at >= start && at < start + period).length));
}

/** A clock that can be set back, as an administrator or a time service does. */
class ChangedClock extends FakeClock {
    offset = 0;
    override now(): number {
        return super.now() + this.offset;
    }
    override after(delay: number, run: () => void): Timer {
        return super.after(delay, run);
    }
}

describe('RateBudget', () => {
    const limits: RateLimit[] = [
        { requests: 1_500, period: 30_000 },
        { requests: 7, period: 1_000 },
        { requests: 1, period: 100 },
    ];
    for (const limit of limits)
        it(`never lets more than ${limit.requests} through in any ${limit.period} ms`, async () => {
            const clock = new FakeClock();
            const budget = new RateBudget(limit, clock);
            const moments: number[] = [];
            takeMany(budget, clock, limit.requests * 2, moments);
            await clock.advance(limit.period / 3);
            takeMany(budget, clock, limit.requests, moments);
            // An idle time fills the budget no further than a burst.
            for (let turn = 0; turn < 20; turn++) await clock.advance(limit.period);
            takeMany(budget, clock, limit.requests * 2, moments);
            for (let turn = 0; turn < 8; turn++) await clock.advance(limit.period);
            assert.equal(moments.length, limit.requests * 5);
            assert.ok(busiest(moments, limit.period) <= limit.requests, `${busiest(moments, limit.period)}`);
            assert.equal(clock.waiting, 0);
        }).timeout(60_000);

    it('lets half of the limit through at once', async () => {
        const clock = new FakeClock();
        const moments: number[] = [];
        takeMany(new RateBudget({ requests: 10, period: 1_000 }, clock), clock, 10, moments);
        await clock.advance(0);
        assert.equal(moments.length, 5);
    });

    it('serves edges before renewals before sweeps', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 2, period: 1_000 }, clock);
        const served: Priority[] = [];
        const take = (priority: Priority) =>
            budget
                .take(priority)
                .then(() => served.push(priority))
                .catch(() => {});
        await take('sweep');
        const waiting = (['sweep', 'renewal', 'edge', 'sweep', 'edge'] as const).map(take);
        await clock.advance(10_000);
        await Promise.all(waiting);
        assert.deepEqual(served, ['sweep', 'edge', 'edge', 'renewal', 'sweep', 'sweep']);
    });

    it('lets nobody through while the service asks to hold off, and everybody afterwards', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 100, period: 1_000 }, clock);
        const moments: number[] = [];
        budget.holdOff(5_000);
        budget.holdOff(1_000);
        takeMany(budget, clock, 3, moments);
        await clock.advance(4_999);
        assert.deepEqual(moments, []);
        await clock.advance(1);
        assert.equal(moments.length, 3);
        assert.equal(clock.waiting, 0);
    });

    it('goes on at its pace when the clock is set back', async () => {
        const clock = new ChangedClock();
        const budget = new RateBudget({ requests: 10, period: 1_000 }, clock);
        const moments: number[] = [];
        budget.holdOff(2_000);
        takeMany(budget, clock, 10, moments);
        clock.offset = -3_600_000;
        await clock.advance(6_000);
        assert.equal(moments.length, 10);
    });
});
