import assert from 'node:assert/strict';
import { SyncError, toSyncError } from '../../../lib/errors/errors';

describe('errors', () => {
    it('fills the sentence and tells how to treat the error', () => {
        const wrong = new SyncError('TEAMS_PASSWORD_WRONG', { account: 'sync1@contoso.com', code: 'AADSTS50126' });
        assert.equal(wrong.message, 'Password of sync1@contoso.com is wrong (AADSTS50126)');
        assert.equal(wrong.kind, 'configuration');
        assert.equal(wrong.retryable, false);
        assert.equal(new SyncError('TEAMS_THROTTLED').retryable, true);
    });

    it('shows a question mark for what is not known', () => {
        assert.equal(new SyncError('TEAMS_USER_UNKNOWN').message, 'No Teams user has the address ?');
    });

    it('takes anything thrown, and leaves its own as they are', () => {
        const own = new SyncError('USER_MISSING');
        assert.equal(toSyncError(own), own);
        assert.equal(toSyncError(new TypeError('x is undefined')).message, 'Unexpected error: x is undefined');
        assert.equal(toSyncError('plain').message, 'Unexpected error: plain');
        assert.equal(toSyncError(undefined).code, 'UNEXPECTED');
    });
});
