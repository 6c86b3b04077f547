import assert from 'node:assert/strict';
import { RetrySchedule } from '../../../lib/time/retry-schedule';

const policy = { first: 1_000, factor: 2, longest: 5_000, jitter: 0 };

describe('RetrySchedule', () => {
    it('grows to its ceiling and never gives up', () => {
        const schedule = new RetrySchedule(policy);
        const waits = Array.from({ length: 6 }, () => schedule.next());
        assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    });

    it('begins anew after a reset', () => {
        const schedule = new RetrySchedule(policy);
        schedule.next();
        schedule.next();
        schedule.reset();
        assert.equal(schedule.next(), 1_000);
    });

    it('spreads each wait around its middle', () => {
        const waitFor = (random: number) => new RetrySchedule({ ...policy, jitter: 0.2 }, () => random).next();
        assert.deepEqual([waitFor(0), waitFor(0.5), waitFor(1)], [900, 1_000, 1_100]);
    });
});
