import assert from 'node:assert/strict';
import { Interval } from '../../../lib/time/interval';
import { FakeClock } from '../../support/fake-clock';

describe('Interval', () => {
    it('keeps its pace when the date is set back while it works', async () => {
        const clock = new FakeClock();
        let runs = 0;
        const repetition = new Interval({
            clock,
            interval: () => 2_000,
            run: async () => {
                runs += 1;
                if (runs === 3) clock.stepDate(-60 * 60_000);
            },
        });
        repetition.start();
        await clock.advance(60_000);
        repetition.stop();
        assert.equal(runs, 30);
    });
});
