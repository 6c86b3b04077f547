import assert from 'node:assert/strict';
import type { Clock } from '../../../lib/time/clock';
import { DeadlineQueue } from '../../../lib/time/deadline-queue';
import { FakeClock } from '../../support/fake-clock';

const second = 1_000;

describe('DeadlineQueue', () => {
    let clock: FakeClock;
    let taken: { at: number; keys: string[] }[];
    let most: number | undefined;
    let queue: DeadlineQueue;
    let begun: number;

    function make(step: number): DeadlineQueue {
        const made: DeadlineQueue = new DeadlineQueue({
            clock,
            step,
            onDue: () => taken.push({ at: clock.now() - begun, keys: made.takeDue(most) }),
        });
        return made;
    }

    beforeEach(() => {
        clock = new FakeClock(0);
        begun = 0;
        taken = [];
        most = undefined;
        queue = make(second);
    });

    it('tells what is due in its order, together what falls into one step', async () => {
        queue.set('late', 9_500);
        queue.set('soon', 1_200);
        queue.set('as soon', 2_000);
        await clock.advance(20 * second);
        assert.deepEqual(taken, [
            { at: 2_000, keys: ['soon', 'as soon'] },
            { at: 10_000, keys: ['late'] },
        ]);
        assert.deepEqual({ size: queue.size, timers: clock.waiting }, { size: 0, timers: 0 });
    });

    it('goes by the newest time of a key, and forgets what was deleted', async () => {
        queue.set('moved back', 2_000);
        queue.set('moved back', 5_000);
        queue.set('moved up', 9_000);
        queue.set('moved up', 3_000);
        queue.set('gone', 4_000);
        queue.delete('gone');
        await clock.advance(20 * second);
        assert.deepEqual(
            taken.map(({ at, keys }) => `${at} ${keys}`),
            ['3000 moved up', '5000 moved back'],
        );
    });

    it('tells of what lies in the past with the next step', async () => {
        await clock.advance(7_500);
        queue.set('past', 10);
        await clock.advance(second);
        assert.deepEqual(taken, [{ at: 8_000, keys: ['past'] }]);
    });

    it('keeps what was not taken, and goes on with what comes later', async () => {
        most = 2;
        for (const key of ['a', 'b', 'c']) queue.set(key, 1_000);
        queue.set('later', 60_000);
        await clock.advance(10 * second);
        assert.deepEqual(
            taken.map(({ keys }) => keys.length),
            [2],
        );
        assert.equal(queue.takeDue().length, 1);
        await clock.advance(60 * second);
        assert.deepEqual(taken.at(-1), { at: 60_000, keys: ['later'] });
    });

    it('is a minute late or early at most when the clock is set back', async () => {
        let off = 0;
        const wall: Clock = {
            now: () => clock.now() + off,
            monotonic: () => clock.now(),
            date: () => clock.now() + off,
            after: (delay, run) => clock.after(delay, run),
            cancel: timer => clock.cancel(timer),
        };
        queue = new DeadlineQueue({
            clock: wall,
            step: second,
            onDue: () => taken.push({ at: clock.now(), keys: queue.takeDue() }),
        });
        queue.set('before', 10 * 60 * second);
        await clock.advance(90 * second);
        off = -2 * 3_600 * second;
        queue.set('after', wall.now() + 5 * 60 * second);
        await clock.advance(13 * 60 * second);
        assert.deepEqual(
            taken.map(({ keys }) => keys.join()),
            ['after', 'before'],
        );
        const [after, before] = taken.map(({ at }) => at) as [number, number];
        assert.ok(Math.abs(after - 390 * second) <= 60 * second, String(after));
        assert.ok(Math.abs(before - 600 * second) <= 60 * second, String(before));
    });

    it('has one timer, and none once it is stopped', () => {
        for (let key = 0; key < 100; key++) queue.set(`${key}`, key * second);
        assert.equal(clock.waiting, 1);
        queue.stop();
        queue.stop();
        assert.deepEqual({ size: queue.size, timers: clock.waiting }, { size: 0, timers: 0 });
    });

    it('puts any number of keys into order, and costs little when they move again and again', async () => {
        queue = make(1);
        const begin = performance.now();
        for (let turn = 0; turn < 20; turn++)
            for (let key = 0; key < 5_000; key++) queue.set(`${key}`, 1_000 + ((key * 7_919 + turn * 31) % 5_003));
        await clock.advance(10 * second);
        assert.ok(performance.now() - begin < 15_000);
        const order = taken.flatMap(({ keys }) => keys);
        const dueOf = (key: string): number => 1_000 + ((Number(key) * 7_919 + 19 * 31) % 5_003);
        assert.equal(order.length, 5_000);
        assert.ok(order.every((key, place) => place === 0 || dueOf(order[place - 1]!) <= dueOf(key)));
        assert.ok(taken.every(({ at, keys }) => keys.every(key => dueOf(key) === at)));
    }).timeout(60_000);
});
