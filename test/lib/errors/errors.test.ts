import assert from 'node:assert/strict';
import { errorTable, SyncError, toSyncError } from '../../../lib/errors/errors';
import { verbatim } from '../../../lib/errors/phrases';
import { pbxCheckSentences } from '../../../lib/pbx/check/check-sentences';
import { checkSentences } from '../../../lib/teams/check/check-sentences';

/** The names that a sentence fills in. */
function placeholders(sentence: string): string[] {
    return [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(match => match[1]!))].sort();
}

describe('errors', () => {
    it('are one line, whatever others have put into a name [C10]', () => {
        const found = 'rico\r\n1 Dec 00:00:00 - [warn] forged\u001b[31m\u2028x';
        const { sentence } = new SyncError('PBX_CALLER_UNKNOWN', { host: '192.0.2.7', found, app: 'presence-sync' });
        for (const text of Object.values(sentence)) assert.doesNotMatch(text, /[\p{Cc}\u2028\u2029]/u);
        assert.match(sentence.en, /rico 1 Dec 00:00:00 - \[warn\] forged \[31m x/);
    });

    it('turn no text behind a name, whatever that does', () => {
        const found = 'rico\u202e \u2067x\u2069';
        const { sentence } = new SyncError('PBX_CALLER_UNKNOWN', { host: '192.0.2.7', found, app: 'presence-sync' });
        for (const text of Object.values(sentence)) assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069]/u);
    });

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

    it('is no longer for a name without end [C10]', () => {
        const { message } = new SyncError('TEAMS_USER_UNKNOWN', { user: 'x\n'.repeat(100_000) });
        assert.ok(message.length < 2_100 && !message.includes('\n'));
    });

    it('says it in German, fields and reasons included', () => {
        const invalid = new SyncError('FIELD_INVALID', { field: 'Client id', why: 'it is no GUID' });
        assert.equal(invalid.sentence.en, invalid.message);
        assert.equal(invalid.sentence.de, 'Client-ID ist ungültig: Es ist keine GUID');
    });

    it('leaves the words of another program as they are in both languages', () => {
        const { sentence } = new SyncError('PORT_REFUSED', { port: 80, why: verbatim('listen EADDRNOTAVAIL') });
        assert.equal(sentence.de, 'Port 80 kann nicht benutzt werden: listen EADDRNOTAVAIL');
    });

    it('fills the same parameters in in both languages, in every sentence of errors and checks', () => {
        const sentences = Object.entries({ ...errorTable, ...checkSentences, ...pbxCheckSentences });
        for (const [code, { en, de }] of sentences) assert.deepEqual(placeholders(de), placeholders(en), code);
    });

    it('takes anything thrown, and leaves its own as they are', () => {
        const own = new SyncError('USER_MISSING');
        assert.equal(toSyncError(own), own);
        assert.equal(toSyncError(new TypeError('x is undefined')).message, 'Unexpected error: x is undefined');
        assert.equal(toSyncError('plain').message, 'Unexpected error: plain');
        assert.equal(toSyncError(undefined).code, 'UNEXPECTED');
    });
});
