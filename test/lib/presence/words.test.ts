import assert from 'node:assert/strict';
import { mergeUsers, topicOf } from '../../../lib/presence/message';
import { isClear, isPbxPresence, isTeamsPresence, pbxWords, teamsWords } from '../../../lib/presence/words';

describe('words of a writer', () => {
    it('takes the words of its own side', () => {
        const inACall = { availability: 'Busy', activity: 'InACall' };
        assert.equal(teamsWords(inACall), inACall);
        assert.deepEqual(teamsWords({ clear: true }), { clear: true });
        assert.deepEqual(pbxWords({ activity: 'dnd', note: 'x', onThePhone: true }), {
            activity: 'dnd',
            note: 'x',
            onThePhone: true,
        });
        assert.deepEqual(pbxWords({ activity: '' }), { activity: '', note: '', onThePhone: false });
        assert.deepEqual(pbxWords({ clear: true }), { clear: true });
    });

    it('lets a word pass that is in neither vocabulary', () => {
        assert.deepEqual(teamsWords({ availability: 'New', activity: 'Dancing' }), {
            availability: 'New',
            activity: 'Dancing',
        });
        assert.deepEqual(teamsWords({ availability: 'Busy', activity: 'InACall', statusMessage: 5 }), {
            availability: 'Busy',
            activity: 'InACall',
        });
        assert.deepEqual(pbxWords({ activity: 'lunch', note: 5 }), { activity: 'lunch', note: '', onThePhone: false });
    });

    it('refuses the words of the other side in words', () => {
        const toTeams = (value: string) =>
            assert.throws(() => teamsWords({ activity: value, note: '', onThePhone: false }), {
                code: 'TEAMS_WORDS_EXPECTED',
                message: `'${value}' is a PBX activity; put a presence-map before this node`,
            });
        for (const value of ['', 'away', 'busy', 'dnd', 'meeting', 'on-the-phone']) toTeams(value);

        const toPbx = (payload: object, value: string) =>
            assert.throws(() => pbxWords(payload), {
                code: 'PBX_WORDS_EXPECTED',
                message: `'${value}' is a Teams activity; put a presence-map before this node`,
            });
        toPbx({ availability: 'Busy', activity: 'InACall' }, 'InACall');
        toPbx({ activity: 'InACall' }, 'InACall');
        toPbx({ availability: 'New', activity: 'Dancing' }, 'Dancing');
    });

    it('says what it expects for anything else', () => {
        for (const payload of [undefined, null, 'busy', 7, {}, { clear: 'yes' }, { availability: 'Busy' }]) {
            assert.throws(() => teamsWords(payload), { code: 'PRESENCE_WORDS_MISSING' });
            assert.throws(() => pbxWords(payload), { code: 'PRESENCE_WORDS_MISSING' });
        }
        assert.throws(() => teamsWords({ activity: 'lunch' }), {
            message: 'msg.payload holds no presence: expected { availability, activity } or { clear: true }',
        });
    });

    it('tells the two kinds of presence apart', () => {
        assert.equal(isTeamsPresence({ availability: 'Busy', activity: 'Busy' }), true);
        assert.equal(isPbxPresence({ availability: 'Busy', activity: 'Busy' }), false);
        assert.equal(isPbxPresence({ activity: '' }), true);
        assert.equal(isClear({ clear: true, activity: 'x' }), true);
        assert.equal(isClear(null), false);
    });
});

describe('users', () => {
    const inTeams = {
        addresses: ['anna@x.example', 'ab@x.example'],
        displayName: 'Anna Brandt',
        teams: { id: 'id-1', userPrincipalName: 'ab@x.example', mail: 'Anna@x.example' },
    };
    const inPbx = {
        addresses: ['anna@x.example', 'a.brandt@x.example'],
        displayName: 'Brandt, Anna',
        pbx: { guid: 'g', name: 'anna', longName: 'Anna', displayName: 'Brandt, Anna', number: '12', node: 'master' },
    };

    it('makes one person of what both sides know', () => {
        assert.deepEqual(mergeUsers(inTeams, inPbx), {
            addresses: ['anna@x.example', 'ab@x.example', 'a.brandt@x.example'],
            displayName: 'Anna Brandt',
            teams: inTeams.teams,
            pbx: inPbx.pbx,
        });
    });

    it('calls a person by mail, else by any address, PBX name or Teams id', () => {
        assert.equal(topicOf(inTeams), 'anna@x.example');
        assert.equal(topicOf({ ...inTeams, teams: { ...inTeams.teams, mail: null } }), 'anna@x.example');
        assert.equal(topicOf({ ...inPbx, addresses: [] }), 'anna');
        assert.equal(topicOf({ ...inTeams, addresses: [], teams: { ...inTeams.teams, mail: null } }), 'id-1');
        assert.equal(topicOf({ addresses: [], displayName: '' }), '');
    });
});
