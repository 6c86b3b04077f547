import assert from 'node:assert/strict';
import { defaultTables, mapToPbx, mapToTeams } from '../../../lib/presence/mapping';
import { preferredPairs, sessionPairs, targetOf } from '../../../lib/presence/teams-states';
import { teamsActivities } from '../../../lib/presence/vocabulary';

const { toPbx, toTeams } = defaultTables;
const clear = { clear: true };

/** Facts on innovaphone, 1.8; "online" is to be taken back. */
const fromTeams: [activity: string, pbx: string | typeof clear][] = [
    ['Available', clear],
    ['Away', 'away'],
    ['BeRightBack', 'away'],
    ['Busy', 'busy'],
    ['DoNotDisturb', 'dnd'],
    ['UrgentInterruptionsOnly', 'dnd'],
    ['Offline', clear],
    ['Offwork', clear],
    ['InACall', 'on-the-phone'],
    ['InAConferenceCall', 'on-the-phone'],
    ['InAMeeting', 'meeting'],
    ['Presenting', 'on-the-phone'],
    ['OutOfOffice', 'away'],
    ['Inactive', clear],
    ['PresenceUnknown', clear],
];

function teams(activity: string, more: object = {}) {
    return { availability: 'Whatever', activity, ...more };
}

function pbx(activity: string, onThePhone = false) {
    return { activity, note: '', onThePhone };
}

describe('mapping Teams -> PBX', () => {
    for (const [activity, expected] of fromTeams)
        it(`${activity} becomes ${typeof expected === 'string' ? expected : 'nothing of ours'}`, () => {
            const mapped = mapToPbx(toPbx, teams(activity));
            if (typeof expected !== 'string') assert.deepEqual(mapped, clear);
            else assert.deepEqual(mapped, { activity: expected, note: '', onThePhone: expected === 'on-the-phone' });
        });

    it('has a row for every activity that Teams names', () => {
        for (const activity of teamsActivities)
            assert.ok(
                toPbx.some(({ when }) => when === activity),
                activity,
            );
    });

    it('leaves the PBX as it is for a word that it does not know', () => {
        for (const activity of ['Dancing', '', 'AvailableInactive', '*x'])
            assert.deepEqual(mapToPbx(toPbx, teams(activity)), { clear: true });
        assert.equal(mapToPbx([], teams('Available')), 'leave');
    });

    it('takes the status message along as the note', () => {
        assert.deepEqual(mapToPbx(toPbx, teams('Busy', { statusMessage: 'back at 3' })), {
            activity: 'busy',
            note: 'back at 3',
            onThePhone: false,
        });
    });

    it('follows own rows: the first that fits, in any case, the star for the rest', () => {
        const rows = [
            { when: '*', set: 'clear' },
            { when: 'inacall', set: 'dnd' },
            { when: 'InACall', set: 'busy' },
            { when: 'Focusing', set: 'leave' },
            { when: 'Busy', set: 'gone fishing' },
        ];
        assert.deepEqual(mapToPbx(rows, teams('InACall')), { activity: 'dnd', note: '', onThePhone: false });
        assert.equal(mapToPbx(rows, teams('Focusing')), 'leave');
        const call = [{ when: 'InACall', set: 'on-the-phone' }, ...rows];
        assert.deepEqual(mapToPbx(call, teams('Focusing'), teams('InACall')), { clear: true });
        assert.deepEqual(mapToPbx(rows, teams('Dancing')), clear);
        assert.deepEqual(mapToPbx(rows, teams('Busy')), { activity: 'gone fishing', note: '', onThePhone: false });
    });
});

describe('mapping PBX -> Teams', () => {
    const busy = { availability: 'Busy', activity: 'Busy' };
    const inACall = { availability: 'Busy', activity: 'InACall' };
    const dnd = { availability: 'DoNotDisturb', activity: 'DoNotDisturb' };
    const away = { availability: 'Away', activity: 'Away' };

    it('follows the default table', () => {
        assert.deepEqual(mapToTeams(toTeams, pbx('', true)), inACall);
        assert.deepEqual(mapToTeams(toTeams, pbx('busy')), busy);
        assert.deepEqual(mapToTeams(toTeams, pbx('meeting')), busy);
        assert.deepEqual(mapToTeams(toTeams, pbx('dnd')), dnd);
        assert.deepEqual(mapToTeams(toTeams, pbx('away')), away);
        assert.deepEqual(mapToTeams(toTeams, pbx('')), clear);
    });

    it('leaves Teams as it is for a word that it does not know', () => {
        assert.deepEqual(mapToTeams(toTeams, pbx('lunch')), { clear: true });
        assert.equal(mapToTeams([], pbx('')), 'leave');
        assert.deepEqual(mapToTeams([], pbx(''), pbx('', true)), { clear: true });
        assert.equal(mapToTeams([{ when: 'busy', set: 'Busy' }], pbx('busy')), 'leave');
        assert.equal(mapToTeams([{ when: 'busy', set: 'a/b/c' }], pbx('busy')), 'leave');
    });

    it('takes the note along as the status message, but not where everything is taken back', () => {
        assert.deepEqual(mapToTeams(toTeams, { ...pbx('dnd'), note: 'until 3' }), { ...dnd, statusMessage: 'until 3' });
        const busyOnThePhone = { ...pbx('busy', true), note: 'until 3' };
        assert.deepEqual(mapToTeams(toTeams, busyOnThePhone), {
            ...inACall,
            preferred: busy,
            statusMessage: 'until 3',
        });
        assert.deepEqual(mapToTeams(toTeams, { ...pbx(''), note: 'back at 3' }), clear);
    });

    it('sends the own setting along beneath a call', () => {
        assert.deepEqual(mapToTeams(toTeams, pbx('dnd', true)), { ...inACall, preferred: dnd });
        // It would hide the call, so the writer waits with it; the setting is the same all the time.
        assert.deepEqual(mapToTeams(toTeams, pbx('away', true)), { ...inACall, preferred: away });
        assert.deepEqual(mapToTeams(toTeams, pbx('lunch', true)), inACall);
    });

    it('shows the own setting alone where calls are not to be shown', () => {
        for (const set of ['leave', 'clear']) {
            const rows = [
                { when: 'on-the-phone', set },
                { when: 'dnd', set: 'DoNotDisturb/DoNotDisturb' },
                { when: 'available', set: 'clear' },
            ];
            assert.deepEqual(mapToTeams(rows, pbx('dnd', true)), dnd);
            assert.deepEqual(mapToTeams(rows, pbx('', true)), clear);
        }
    });

    it('never makes a pair that the writer refuses, whatever rows of Teams words are chosen', () => {
        const pairs = [...new Set([...sessionPairs, ...preferredPairs])];
        for (const call of pairs)
            for (const own of pairs) {
                const rows = [
                    { when: 'on-the-phone', set: call },
                    { when: 'busy', set: own },
                ];
                const mapped = mapToTeams(rows, pbx('busy', true));
                assert.ok(mapped !== 'leave' && !('clear' in mapped));
                assert.ok(targetOf(mapped), `${call} over ${own}`);
            }
    });

    it('shows a call of a user whose own setting is the line state itself', () => {
        const mapped = mapToTeams(toTeams, pbx('on-the-phone', true));
        assert.deepEqual(mapped, inACall);
    });
});
