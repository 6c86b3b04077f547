import assert from 'node:assert/strict';
import { isSilence, messageOf } from '../../nodes/runtime/messages';

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
});
