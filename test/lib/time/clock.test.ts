import assert from 'node:assert/strict';
import { pause, systemClock, within } from '../../../lib/time/clock';
import { FakeClock } from '../../support/fake-clock';

describe('clock', () => {
    it('calls what is due, and nothing that was cancelled', async () => {
        const called: string[] = [];
        await new Promise<void>(resolve => {
            systemClock.cancel(systemClock.after(0, () => called.push('cancelled')));
            systemClock.after(-5, () => called.push('overdue'));
            systemClock.after(1, resolve);
        });
        assert.deepEqual(called, ['overdue']);
        assert.ok(Math.abs(systemClock.date() - Date.now()) < 1_000);
        systemClock.cancel(undefined);
    });

    it('does not fire at once for a delay that setTimeout cannot take', async () => {
        let fired = false;
        const timer = systemClock.after(2 ** 40, () => {
            fired = true;
        });
        await new Promise(resolve => setTimeout(resolve, 2));
        systemClock.cancel(timer);
        assert.equal(fired, false);
    });

    it('pauses for the time asked, and leaves nothing behind on the signal', async () => {
        const clock = new FakeClock();
        const stop = new AbortController();
        let done = false;
        const pausing = pause(clock, 1_000, stop.signal).then(() => {
            done = true;
        });
        await clock.advance(999);
        assert.equal(done, false);
        await clock.advance(1);
        await pausing;
        stop.abort();
        assert.equal(clock.waiting, 0);
    });

    it('ends a pause with the reason of the signal, at once or later', async () => {
        const clock = new FakeClock();
        const stop = new AbortController();
        const pausing = pause(clock, 1_000, stop.signal);
        stop.abort(new Error('enough'));
        await assert.rejects(pausing, /enough/);
        assert.equal(clock.waiting, 0);
        await assert.rejects(pause(clock, 1_000, stop.signal), /enough/);
        assert.equal(clock.waiting, 0);
    });

    it('waits for work no longer than its limit, and hands on what it comes to before', async () => {
        const clock = new FakeClock();
        assert.equal(await within(clock, 100, Promise.resolve('done')), 'done');
        await assert.rejects(within(clock, 100, Promise.reject(new Error('no'))), /no/);
        assert.equal(clock.waiting, 0);
        const late = within(clock, 100, new Promise(() => {}));
        await clock.advance(100);
        assert.equal(await late, undefined);
    });
});
