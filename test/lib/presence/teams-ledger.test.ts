import assert from 'node:assert/strict';
import { TeamsLedger } from '../../../lib/presence/teams-ledger';
import { pairOf, type TeamsTarget } from '../../../lib/presence/teams-states';

const lease = 15 * 60_000;
const inACall: TeamsTarget = { session: pairOf('Busy/InACall')! };
const dnd: TeamsTarget = { preferred: pairOf('DoNotDisturb/DoNotDisturb')! };
const busy = pairOf('Busy/InACall')!;
const available = pairOf('Available/Available')!;

describe('TeamsLedger', () => {
    let ledger: TeamsLedger;
    beforeEach(() => {
        ledger = new TeamsLedger();
    });

    /** Sets and confirms at once. */
    function hold(target: TeamsTarget, now: number): void {
        ledger.enter('anna', target, now, lease);
        ledger.confirm('anna', now, lease);
    }

    it('knows nothing of users that were never written to', () => {
        assert.equal(ledger.explain('anna', busy, 0), 'none');
        assert.deepEqual(ledger.heldFor('anna'), {});
        assert.deepEqual(ledger.statesOf('anna', 0), [{}]);
        assert.equal(ledger.changedAt('anna'), Number.NEGATIVE_INFINITY);
    });

    it('explains what is held, and nothing else', () => {
        hold(inACall, 1_000);
        assert.equal(ledger.explain('anna', busy, 2_000), 'current');
        assert.equal(ledger.explain('anna', available, 2_000), 'none');
        assert.equal(ledger.explain('ben', busy, 2_000), 'none');
        assert.deepEqual(ledger.held(), ['anna']);
        assert.equal(ledger.changedAt('anna'), 1_000);
    });

    it('explains both states while a write is on its way', () => {
        hold(inACall, 0);
        ledger.enter('anna', {}, 10_000, lease);
        assert.equal(ledger.explain('anna', busy, 15_000), 'current');
        assert.equal(ledger.explain('anna', available, 15_000), 'none');
        ledger.confirm('anna', 20_000, lease);
        assert.equal(ledger.explain('anna', busy, 20_000), 'former');
        assert.equal(ledger.changedAt('anna'), 20_000);
    });

    it('calls a former write late for 90 seconds, then real', () => {
        hold(inACall, 0);
        hold({}, 10_000);
        assert.equal(ledger.explain('anna', busy, 99_999), 'former');
        assert.equal(ledger.explain('anna', busy, 100_000), 'none');
        assert.equal(
            ledger.changedAt('anna'),
            Number.NEGATIVE_INFINITY,
            'nothing is kept of a user for whom nothing is held',
        );
    });

    it('remembers all former writes of the last 90 seconds', () => {
        hold(inACall, 0);
        hold(dnd, 1_000);
        hold({}, 2_000);
        assert.equal(ledger.explain('anna', busy, 3_000), 'former');
        assert.equal(ledger.explain('anna', dnd.preferred!, 3_000), 'former');
        assert.deepEqual(ledger.held(), []);
    });

    it('lets go of a write whose lease has ended: what shows afterwards is real', () => {
        hold(inACall, 0);
        assert.equal(ledger.explain('anna', busy, lease - 1), 'current');
        assert.equal(ledger.explain('anna', busy, lease), 'former');
        assert.equal(ledger.explain('anna', busy, lease + 90_000), 'none');
        assert.deepEqual(ledger.statesOf('anna', lease + 90_000), [{}]);
    });

    it('counts a lease anew from its renewal', () => {
        hold(inACall, 0);
        ledger.extend('anna', lease / 2, lease);
        assert.equal(ledger.explain('anna', busy, lease), 'current');
        assert.equal(ledger.changedAt('anna'), 0, 'a renewal changes nothing');
        ledger.extend('nobody', 0, lease);
        ledger.confirm('nobody', 0, lease);
        ledger.refuse('nobody', {}, 0, lease);
        assert.deepEqual(ledger.held(), ['anna']);
    });

    it('counts with every state that a write without an answer may have left', () => {
        ledger.enter('anna', inACall, 0, lease);
        ledger.enter('anna', inACall, 1_000, lease);
        assert.deepEqual(ledger.statesOf('anna', 2_000), [inACall, {}]);
        ledger.enter('anna', {}, 2_000, lease);
        assert.deepEqual(ledger.statesOf('anna', 3_000), [{}, inACall]);
        assert.equal(ledger.explain('anna', busy, 3_000), 'current');
        for (let turn = 0; turn < 100; turn++) ledger.enter('anna', turn % 2 ? dnd : inACall, 4_000, lease);
        assert.equal(ledger.statesOf('anna', 5_000).length, 3);
    });

    it('goes back to what was held when a write is refused', () => {
        hold(inACall, 0);
        ledger.enter('anna', dnd, 1_000, lease);
        ledger.refuse('anna', {}, 2_000, lease);
        assert.deepEqual(ledger.heldFor('anna'), {});
        assert.equal(ledger.explain('anna', busy, 3_000), 'current', 'it shows until its lease ends');
        assert.equal(ledger.explain('anna', dnd.preferred!, 3_000), 'none');
        assert.equal(ledger.explain('anna', busy, lease + 90_000), 'none');
    });

    it('holds the half of a write that was accepted, and what was to stay no longer than it lasts', () => {
        ledger.enter('anna', { ...inACall, ...dnd }, 0, lease);
        ledger.refuse('anna', dnd, 1_000, lease);
        assert.deepEqual(ledger.statesOf('anna', 2_000), [dnd, {}]);
        assert.equal(ledger.heldUntil('anna'), 1_000 + lease);
        ledger.enter('anna', { ...inACall, ...dnd }, 5_000, lease);
        ledger.refuse('anna', dnd, 6_000, lease);
        assert.equal(ledger.heldUntil('anna'), 1_000 + lease);
    });

    it('tells when something was taken back', () => {
        const released: string[] = [];
        ledger.on('released', userId => released.push(userId));
        ledger.release('anna');
        assert.deepEqual(released, ['anna']);
    });
});
