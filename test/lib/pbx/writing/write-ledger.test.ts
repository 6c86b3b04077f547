import assert from 'node:assert/strict';
import { type KnownPresence, nothing, type Setting } from '../../../../lib/pbx/reading/reduce-presence';
import { WriteLedger } from '../../../../lib/pbx/writing/write-ledger';

const busy: Setting = { activity: 'busy', note: '' };
const away: Setting = { activity: 'away', note: 'Lunch' };

function known(tel: Setting, ours?: Setting): KnownPresence {
    return { presence: { ...tel, onThePhone: false }, tel, besideCalls: false, ...(ours && { ours }) };
}

describe('The ledger of our writes', () => {
    let landed: number;
    let ledger: WriteLedger;

    beforeEach(() => {
        landed = 0;
        ledger = new WriteLedger();
        ledger.on('landed', () => landed++);
    });

    it('writes under a contact of our own and keeps to it once it has been seen', () => {
        ledger.enter('a', busy, false);
        assert.equal(ledger.contact, 'teams:');
        assert.ok(ledger.isProbing && ledger.explains('a', busy));
        ledger.observe('a', undefined, known(nothing, busy));
        assert.ok(!ledger.isProbing && !ledger.explains('a', busy));
        assert.equal(ledger.of('a')?.seen, true);
    });

    it('notices that a write has landed on the entry of the user, once', () => {
        ledger.enter('a', busy, false);
        ledger.answered('a');
        ledger.observe('a', known(nothing), known(busy));
        ledger.observe('a', known(busy), known(busy));
        assert.equal(ledger.contact, 'tel:');
        assert.equal(landed, 1);
        assert.deepEqual(ledger.held(), ['a']);
    });

    it('forgets what the user has overwritten', () => {
        ledger.fallBack();
        ledger.enter('a', busy, false);
        ledger.observe('a', known(nothing), known(busy));
        ledger.observe('a', known(busy), known(away));
        assert.deepEqual(ledger.held(), []);
    });

    it('knows its earlier values when they come late', () => {
        ledger.fallBack();
        ledger.enter('a', busy, false);
        ledger.enter('a', away, false);
        ledger.observe('a', known(nothing), known(busy));
        assert.equal(ledger.of('a')?.seen, false);
        ledger.observe('a', known(busy), known(away));
        assert.equal(ledger.of('a')?.seen, true);
        assert.equal(ledger.explains('a', busy), false);
    });

    it('forgets what was taken back when that is seen', () => {
        for (const fallBack of [false, true]) {
            const one = new WriteLedger();
            if (fallBack) one.fallBack();
            else one.observe('x', undefined, known(nothing, busy));
            one.enter('a', busy, false);
            one.enter('a', nothing, true);
            assert.deepEqual(one.held(), ['a']);
            one.answered('a');
            assert.deepEqual(one.held(), []);
            one.observe('a', known(busy, busy), known(nothing));
            assert.equal(one.of('a'), undefined);
        }
    });

    it('does not take a list from before the write for its end', () => {
        ledger.observe('x', undefined, known(nothing, busy));
        ledger.enter('a', busy, false);
        ledger.observe('a', undefined, known(nothing));
        assert.equal(ledger.of('a')?.seen, false);
    });

    it('undoes a write that was refused', () => {
        ledger.enter('a', busy, false)();
        assert.equal(ledger.of('a'), undefined);
        ledger.adopt('a', busy);
        ledger.enter('a', away, false)();
        assert.deepEqual(ledger.of('a')?.wanted, busy);
        ledger.forget('a');
        assert.deepEqual(ledger.held(), []);
    });
});
