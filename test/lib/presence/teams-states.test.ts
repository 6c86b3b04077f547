import assert from 'node:assert/strict';
import { pairOf, preferredPairs, rankOf, sessionPairs, showsAs, targetOf } from '../../../lib/presence/teams-states';

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
        const linesOnly = { callsOnly: true };
        const call = pair('Busy/InACall');
        assert.deepEqual(targetOf({ ...call, preferred: pair('Busy/Busy') }, linesOnly), { session: call });
        for (const text of preferredPairs) assert.deepEqual(targetOf(pair(text), linesOnly), {}, text);
        assert.equal(targetOf(pair('Busy/InAMeeting'), linesOnly), undefined);
    });

    it('holds the status message where that is the choice, as long as Teams takes it', () => {
        const call = { ...pair('Busy/InACall'), statusMessage: `  ${'x'.repeat(300)}` };
        assert.deepEqual(targetOf(call), { session: pair('Busy/InACall') });
        assert.equal(targetOf(call, { statusMessage: true })?.statusMessage, `${'x'.repeat(279)}…`);
        const blank = { ...call, statusMessage: '  ' };
        assert.deepEqual(targetOf(blank, { statusMessage: true }), { session: pair('Busy/InACall') });
    });

    it('takes no pair that Teams does not take', () => {
        for (const text of ['Busy/InAMeeting', 'Offline/Offline', 'InACall/Busy', 'busy/busy'])
            assert.equal(targetOf(pair(text)), undefined, text);
        assert.equal(targetOf({ ...pair('Busy/InACall'), preferred: pair('Busy/InACall') }), undefined);
    });

    it('recognizes every pair that it can hold, and its idle kin', () => {
        for (const text of sessionPairs) assert.ok(showsAs(pair(text), false, pair(text)), text);
        for (const text of preferredPairs) assert.ok(showsAs(pair(text), true, pair(text)), text);
        assert.ok(showsAs(pair('Busy/Busy'), true, pair('BusyIdle/Busy')));
    });

    it('takes a call of ours for whatever activity of Busy it may come back as', () => {
        const held = pair('Busy/InACall');
        for (const activity of ['InACall', 'InAConferenceCall', 'InAMeeting', 'Busy'])
            assert.ok(showsAs(held, false, { availability: 'Busy', activity }), activity);
        for (const text of ['Available/Available', 'DoNotDisturb/Presenting', 'Away/Away'])
            assert.equal(showsAs(held, false, pair(text)), false, text);
    });

    it('takes a setting of ours for nothing but itself', () => {
        assert.ok(showsAs(pair('DoNotDisturb/DoNotDisturb'), true, pair('DoNotDisturb/DoNotDisturb')));
        assert.equal(showsAs(pair('Busy/Busy'), true, pair('Busy/InACall')), false);
    });

    it('reads pairs and nothing else', () => {
        assert.deepEqual(pairOf('Busy/InACall'), { availability: 'Busy', activity: 'InACall' });
        for (const text of ['', 'Busy', 'Busy/', '/Busy', 'a/b/c']) assert.equal(pairOf(text), undefined);
    });
});
