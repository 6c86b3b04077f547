import assert from 'node:assert/strict';
import { DeadlineQueue } from '../../../../lib/simulator/tenant/deadline-queue';
import { FakeClock } from '../../../support/fake-clock';

describe('DeadlineQueue', () => {
    let clock: FakeClock;
    let called: string[];
    let queue: DeadlineQueue;
    let start: number;

    beforeEach(() => {
        clock = new FakeClock();
        start = clock.monotonic();
        called = [];
        queue = new DeadlineQueue(clock, key => called.push(`${key} ${clock.monotonic() - start}`));
        queue.start();
    });

    it('calls in order of time, whatever the order they were set in', async () => {
        for (const due of [50, 10, 30, 20, 40]) queue.set(`at ${due}`, start + due);
        assert.equal(clock.waiting, 1);
        await clock.advance(100);
        assert.deepEqual(called, ['at 10 10', 'at 20 20', 'at 30 30', 'at 40 40', 'at 50 50']);
        assert.equal(clock.waiting, 0);
    });

    it('moves a deadline forwards and backwards', async () => {
        queue.set('later', start + 10);
        queue.set('later', start + 60);
        queue.set('sooner', start + 60);
        queue.set('sooner', start + 20);
        await clock.advance(100);
        assert.deepEqual(called, ['sooner 20', 'later 60']);
        assert.equal(clock.waiting, 0);
    });

    it('forgets a deadline that was removed', async () => {
        queue.set('gone', start + 10);
        queue.set('gone', undefined);
        assert.equal(clock.waiting, 0);
        await clock.advance(100);
        assert.deepEqual(called, []);
    });

    it('takes a new deadline from the call', async () => {
        const again = new DeadlineQueue(clock, key => {
            called.push(`${key} ${clock.monotonic() - start}`);
            if (called.length < 3) again.set(key, clock.monotonic() + 10);
        });
        again.start();
        again.set('tick', start + 10);
        await clock.advance(100);
        assert.deepEqual(called, ['tick 10', 'tick 20', 'tick 30']);
        assert.equal(clock.waiting, 0);
    });

    it('holds no timer while stopped', async () => {
        queue.set('late', start + 10);
        queue.stop();
        queue.set('later', start + 20);
        assert.equal(clock.waiting, 0);
        await clock.advance(15);
        assert.deepEqual(called, []);
        queue.start();
        assert.deepEqual(called, ['late 15']);
        await clock.advance(15);
        assert.deepEqual(called, ['late 15', 'later 20']);
    });
});
