import assert from 'node:assert/strict';
import { Alarm } from '../../../lib/time/alarm';
import { FakeClock } from '../../support/fake-clock';

describe('An alarm', () => {
    let clock: FakeClock;
    let begun: number;
    let rung: number[];
    let alarm: Alarm;

    beforeEach(() => {
        clock = new FakeClock();
        begun = clock.monotonic();
        rung = [];
        alarm = new Alarm(clock, () => rung.push(clock.monotonic() - begun));
    });

    it('comes once, at the earliest of the times that it was asked for', async () => {
        for (const delay of [500, 200, 300]) alarm.set(delay);
        assert.equal(clock.waiting, 1);
        await clock.advance(1_000);
        assert.deepEqual(rung, [200]);
        assert.equal(alarm.isSet, false);
    });

    it('can be set again, also by what it does', async () => {
        alarm = new Alarm(clock, () => {
            rung.push(clock.monotonic() - begun);
            if (rung.length < 3) alarm.set(100);
        });
        alarm.set(-5);
        await clock.advance(1_000);
        assert.deepEqual(rung, [0, 100, 200]);
    });

    it('does not come after it was stopped, and leaves no timer', async () => {
        alarm.set(100);
        assert.equal(alarm.isSet, true);
        alarm.stop();
        alarm.stop();
        assert.deepEqual([alarm.isSet, clock.waiting], [false, 0]);
        await clock.advance(1_000);
        assert.deepEqual(rung, []);
        alarm.set(100);
        await clock.advance(100);
        assert.deepEqual(rung, [1_100]);
    });
});
