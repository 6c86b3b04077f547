import assert from 'node:assert/strict';
import { explains, pairOf, preferredPairs, rankOf, sessionPairs, targetOf } from '../../../lib/presence/teams-states';

function pair(text: string) {
    return pairOf(text)!;
}

describe('states of Teams', () => {
    it('ranks as Microsoft aggregates; what is unknown ranks lowest', () => {
        const order = ['Elsewhere', 'Offline', 'Away', 'Available', 'Busy', 'DoNotDisturb'];
        const ranks = order.map(rankOf);
        assert.deepEqual(
            ranks,
            [...ranks].sort((a, b) => a - b),
        );
        assert.equal(rankOf('BusyIdle'), rankOf('Busy'));
    });

    it('holds line states as sessions and own settings as preferred presence', () => {
        for (const text of preferredPairs) assert.deepEqual(targetOf(pair(text)), { preferred: pair(text) });
        for (const text of ['Busy/InACall', 'Busy/InAConferenceCall', 'DoNotDisturb/Presenting'])
            assert.deepEqual(targetOf(pair(text)), { session: pair(text) });
        const both = { ...pair('Busy/InACall'), preferred: pair('DoNotDisturb/DoNotDisturb') };
        assert.deepEqual(targetOf(both), { session: pair('Busy/InACall'), preferred: both.preferred });
    });

    it('never holds Available as a session: Teams would let it fade', () => {
        assert.deepEqual(targetOf(pair('Available/Available')), { preferred: pair('Available/Available') });
    });

    it('holds nothing but line states where that is the choice', () => {
        const linesOnly = { lineStateOnly: true };
        const call = pair('Busy/InACall');
        assert.deepEqual(targetOf({ ...call, preferred: pair('Busy/Busy') }, linesOnly), { session: call });
        for (const text of preferredPairs) assert.deepEqual(targetOf(pair(text), linesOnly), {}, text);
        assert.equal(targetOf(pair('Busy/InAMeeting'), linesOnly), undefined);
    });

    it('holds the status message where that is the choice, as long as Teams takes it', () => {
        const call = { ...pair('Busy/InACall'), statusMessage: `  ${'x'.repeat(300)}` };
        assert.deepEqual(targetOf(call), { session: pair('Busy/InACall') });
        assert.equal(targetOf(call, { statusMessage: true })?.statusMessage, 'x'.repeat(280));
        const blank = { ...call, statusMessage: '  ' };
        assert.deepEqual(targetOf(blank, { statusMessage: true }), { session: pair('Busy/InACall') });
    });

    it('takes no pair that Teams does not take', () => {
        for (const text of ['Busy/InAMeeting', 'Offline/Offline', 'InACall/Busy', 'busy/busy'])
            assert.equal(targetOf(pair(text)), undefined, text);
        assert.equal(targetOf({ ...pair('Busy/InACall'), preferred: pair('Busy/InACall') }), undefined);
    });

    it('recognizes every pair that it can hold, and its idle kin', () => {
        for (const text of sessionPairs) assert.ok(explains({ session: pair(text) }, pair(text)), text);
        for (const text of preferredPairs) assert.ok(explains({ preferred: pair(text) }, pair(text)), text);
        assert.ok(explains({ preferred: pair('Busy/Busy') }, pair('BusyIdle/Busy')));
    });

    it('takes a call of ours for whatever activity of Busy it may come back as', () => {
        const held = { session: pair('Busy/InACall') };
        for (const activity of ['InACall', 'InAConferenceCall', 'InAMeeting', 'Busy'])
            assert.ok(explains(held, { availability: 'Busy', activity }), activity);
        for (const text of ['Available/Available', 'DoNotDisturb/Presenting', 'Away/Away'])
            assert.equal(explains(held, pair(text)), false, text);
    });

    it('expects the preferred presence to show, not the session beneath it', () => {
        const held = { session: pair('Busy/InACall'), preferred: pair('DoNotDisturb/DoNotDisturb') };
        assert.ok(explains(held, pair('DoNotDisturb/DoNotDisturb')));
        assert.equal(explains(held, pair('Busy/InACall')), false);
        assert.equal(explains({ preferred: pair('Busy/Busy') }, pair('Busy/InACall')), false);
    });

    it('explains nothing where nothing is held', () => {
        assert.equal(explains({}, pair('Busy/InACall')), false);
    });

    it('reads pairs and nothing else', () => {
        assert.deepEqual(pairOf('Busy/InACall'), { availability: 'Busy', activity: 'InACall' });
        for (const text of ['', 'Busy', 'Busy/', '/Busy', 'a/b/c']) assert.equal(pairOf(text), undefined);
    });
});
