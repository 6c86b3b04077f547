import assert from 'node:assert/strict';
import { isAboutAll, isSilence, messageOf, userOf } from '../../nodes/runtime/messages';

describe('a presence message', () => {
    const user = { addresses: ['anna@contoso.com'], displayName: 'Anna' };
    const at = '2026-01-01T00:00:00.000Z';

    it('says that its source does not know what holds, so that a writer takes it for no change', () => {
        const presence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };
        const fromTeams = messageOf('teams', { user, presence, via: 'poll', at });
        assert.equal(isSilence(fromTeams), true);
        const nothing = { activity: '', note: '', onThePhone: false };
        const fromPbx = messageOf('pbx', { user, presence: nothing, via: 'update', at, unknown: true });
        assert.equal(isSilence(fromPbx), true);
    });

    it('says nothing of it where the source knows', () => {
        const presence = { availability: 'Busy', activity: 'InACall' };
        const known = messageOf('teams', { user, presence, via: 'poll', at });
        assert.deepEqual(known.presence, { source: 'teams', via: 'poll', at });
        assert.equal(isSilence(known), false);
    });

    it('names a user also where what was empty has become null on its way', () => {
        const back = { ...user, teams: null, pbx: null };
        assert.deepEqual(userOf({ user: back } as never), user);
        assert.deepEqual(userOf({ user: { ...back, pbx: { guid: '1' } } } as never), { ...user, pbx: { guid: '1' } });
    });

    it('is about all only where it says nothing of a user, not even of one who cannot be found', () => {
        for (const message of [{}, { topic: '' }, { topic: null, user: null }])
            assert.equal(isAboutAll(message as never), true);
        for (const message of [{ topic: 7 }, { topic: 'Anna' }, { user: {} }, { user: { addresses: 'anna' } }])
            assert.equal(isAboutAll(message as never), false);
    });
});
