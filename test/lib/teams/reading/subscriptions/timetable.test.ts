import assert from 'node:assert/strict';
import { Timetable } from '../../../../../lib/teams/reading/subscriptions/timetable';
import { FakeClock } from '../../../../support/fake-clock';

describe('Timetable', () => {
    let clock: FakeClock;
    let timetable: Timetable;
    let done: string[];

    beforeEach(() => {
        clock = new FakeClock();
        timetable = new Timetable(clock);
        done = [];
    });

    function put(key: string, delay: number): void {
        timetable.put(key, clock.monotonic() + delay, () => done.push(key));
    }

    it('runs what falls due, in time, on one timer', async () => {
        put('late', 300);
        put('early', 100);
        put('middle', 200);
        assert.equal(clock.waiting, 1);
        await clock.advance(99);
        assert.deepEqual(done, []);
        await clock.advance(1);
        assert.deepEqual(done, ['early']);
        await clock.advance(200);
        assert.deepEqual(done, ['early', 'middle', 'late']);
        assert.equal(clock.waiting, 0);
    });

    it('keeps one entry for each key, the newest', async () => {
        put('one', 100);
        put('one', 500);
        await clock.advance(499);
        assert.deepEqual(done, []);
        assert.equal(timetable.dueAt('one'), clock.monotonic() + 1);
        await clock.advance(1);
        assert.deepEqual(done, ['one']);
        assert.equal(timetable.dueAt('one'), undefined);
    });

    it('forgets what is removed, and everything at the end', async () => {
        put('one', 100);
        put('two', 100);
        put('three', 100);
        timetable.remove('one');
        timetable.put('two', clock.monotonic() + 100, () => timetable.remove('three'));
        await clock.advance(100);
        assert.deepEqual(done, []);
        put('one', 100);
        timetable.clear();
        assert.equal(clock.waiting, 0);
    });

    it('takes what is put while it runs', async () => {
        timetable.put('first', clock.monotonic() + 100, () => put('second', 0));
        await clock.advance(100);
        assert.deepEqual(done, ['second']);
    });

    it('is not held up when the date is set back', async () => {
        put('first', 100);
        clock.stepDate(-3_600_000);
        await clock.advance(100);
        assert.deepEqual(done, ['first']);
    });
});
