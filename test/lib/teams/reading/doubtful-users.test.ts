import assert from 'node:assert/strict';
import { DoubtfulUsers } from '../../../../lib/teams/reading/doubtful-users';
import { FakeClock } from '../../../support/fake-clock';

describe('DoubtfulUsers', () => {
    it('are read in time when the date is set back meanwhile', async () => {
        const clock = new FakeClock();
        const read: string[] = [];
        const doubtful = new DoubtfulUsers({
            clock,
            read: async ids => {
                read.push(...ids);
            },
        });
        doubtful.add('early', clock.monotonic() + 1_000);
        doubtful.add('late', clock.monotonic() + 5_000);
        clock.stepDate(-60 * 60_000);
        await clock.advance(1_250);
        assert.deepEqual(read, ['early']);
        await clock.advance(4_000);
        assert.deepEqual(read, ['early', 'late']);
    });
});
