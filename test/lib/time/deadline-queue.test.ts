import assert from 'node:assert/strict';
import { DeadlineQueue } from '../../../lib/time/deadline-queue';
import { FakeClock } from '../../support/fake-clock';

const second = 1_000;

describe('DeadlineQueue', () => {
    let clock: FakeClock;
    let taken: { at: number; keys: string[] }[];
    let queue: DeadlineQueue;
    let begun: number;

    function make(step: number): DeadlineQueue {
        return new DeadlineQueue({
            clock,
            step,
            onDue: keys => taken.push({ at: clock.monotonic() - begun, keys }),
        });
    }

    /** Due so many ms after the begin of the test. */
    function set(key: string, after: number): void {
        queue.set(key, begun + after);
    }

    beforeEach(() => {
        clock = new FakeClock();
        begun = clock.monotonic();
        taken = [];
        queue = make(second);
    });

    it('tells what is due in its order, together what falls into one step', async () => {
        set('late', 9_500);
        set('soon', 1_200);
        set('as soon', 2_000);
        await clock.advance(20 * second);
        assert.deepEqual(taken, [
            { at: 2_000, keys: ['soon', 'as soon'] },
            { at: 10_000, keys: ['late'] },
        ]);
        assert.equal(clock.waiting, 0);
    });

    it('goes by the newest time of a key, and forgets what was deleted', async () => {
        set('moved back', 2_000);
        set('moved back', 5_000);
        set('moved up', 9_000);
        set('moved up', 3_000);
        set('gone', 4_000);
        queue.delete('gone');
        await clock.advance(20 * second);
        assert.deepEqual(
            taken.map(({ at, keys }) => `${at} ${keys}`),
            ['3000 moved up', '5000 moved back'],
        );
    });

    it('tells of what lies in the past with the next step', async () => {
        await clock.advance(7_500);
        set('past', 10);
        await clock.advance(second);
        assert.deepEqual(taken, [{ at: 8_000, keys: ['past'] }]);
    });

    it('keeps its times when the date is set back', async () => {
        set('before', 600 * second);
        await clock.advance(90 * second);
        clock.stepDate(-7_200 * second);
        set('after', 390 * second);
        await clock.advance(780 * second);
        assert.deepEqual(taken, [
            { at: 390 * second, keys: ['after'] },
            { at: 600 * second, keys: ['before'] },
        ]);
    });

    it('forgets nothing where a timer comes a hair too early, and time passes while it looks', async () => {
        let ahead = 0;
        const monotonic = clock.monotonic.bind(clock);
        clock.monotonic = () => {
            ahead += 0.01;
            return monotonic() + ahead;
        };
        const after = clock.after.bind(clock);
        clock.after = (delay, run) => after(Math.floor(delay - 1), run);
        begun = Math.ceil(begun / second) * second;
        for (let time = 1; time <= 50; time++) set(`${time}`, time * second);
        await clock.advance(60 * second);
        assert.equal(taken.flatMap(({ keys }) => keys).length, 50);
    });

    it('has one timer, and none once it is stopped', () => {
        for (let key = 0; key < 100; key++) set(`${key}`, key * second);
        assert.equal(clock.waiting, 1);
        queue.stop();
        queue.stop();
        assert.equal(clock.waiting, 0);
    });

    it('puts any number of keys into order, and costs little when they move again and again', async () => {
        queue = make(1);
        const begin = performance.now();
        for (let turn = 0; turn < 20; turn++)
            for (let key = 0; key < 5_000; key++) set(`${key}`, 1_000 + ((key * 7_919 + turn * 31) % 5_003));
        await clock.advance(10 * second);
        assert.ok(performance.now() - begin < 15_000);
        const order = taken.flatMap(({ keys }) => keys);
        const dueOf = (key: string): number => 1_000 + ((Number(key) * 7_919 + 19 * 31) % 5_003);
        assert.equal(order.length, 5_000);
        assert.ok(order.every((key, place) => place === 0 || dueOf(order[place - 1]!) <= dueOf(key)));
        assert.ok(taken.every(({ at, keys }) => keys.every(key => dueOf(key) === at)));
    }).timeout(120_000);
});
