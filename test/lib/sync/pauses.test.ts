import assert from 'node:assert/strict';
import { MemoryClaimStore } from '../../../lib/sync/claim-store';
import { Pauses } from '../../../lib/sync/pauses';
import { FakeClock } from '../../support/fake-clock';

describe('Pauses', () => {
    let clock: FakeClock;
    let store: MemoryClaimStore;
    const [anna, ben] = ['anna', 'ben'];
    const never = Number.NEGATIVE_INFINITY;

    beforeEach(() => {
        clock = new FakeClock();
        store = new MemoryClaimStore(clock);
    });

    /** As of a process that begins now; restored, unless said otherwise. */
    async function pauses({ isRestored = true } = {}): Promise<Pauses> {
        const made = new Pauses(clock, { store, side: 'teams', system: 'firm' });
        if (isRestored) await made.restore();
        return made;
    }

    it('of one person do not end before that of all', async () => {
        const first = await pauses();
        first.set(Number.POSITIVE_INFINITY);
        first.set(clock.monotonic() + 60_000, [anna]);
        assert.equal(first.endOf(anna), Number.POSITIVE_INFINITY);
        assert.equal(first.endOf(ben), Number.POSITIVE_INFINITY);
        first.set(never, [anna]);
        assert.equal(first.endOf(anna), never);
        await clock.advance(0);
        const next = await pauses();
        assert.deepEqual([next.endOf(anna), next.endOf(ben)], [never, Number.POSITIVE_INFINITY]);
    });

    it('of an earlier process are older than what is asked before they are known', async () => {
        const before = await pauses();
        before.set(Number.POSITIVE_INFINITY);
        before.set(Number.POSITIVE_INFINITY, [anna]);
        await clock.advance(0);
        const next = await pauses({ isRestored: false });
        next.set(never);
        await next.restore();
        assert.deepEqual([next.endOf(anna), next.endOf(ben)], [never, never]);
        await clock.advance(0);
        const last = await pauses();
        assert.deepEqual([last.endOf(anna), last.endOf(ben)], [never, never]);
    });
});
