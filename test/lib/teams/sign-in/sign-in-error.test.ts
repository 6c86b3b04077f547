import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/support/errors';
import { signInError } from '../../../../lib/teams/sign-in/sign-in-error';

const context = { tenant: 'contoso.com', clientId: 'client-1', account: 'sync1@contoso.com' };

const sentences: [codes: number[], sentence: string][] = [
    [[90002, 50059, 50128, 900023, 9001023], 'Tenant contoso.com does not exist'],
    [[700016, 700011, 900144], 'Client id client-1 is not known in tenant contoso.com'],
    [[7000215], 'Client secret is wrong: enter its value, not its id'],
    [[7000222], 'Client secret has expired: create a new one'],
    [[7000218], 'Client secret is missing, or "Allow public client flows" must be set to Yes'],
    [[700025], 'The app registration takes no client secret: leave the field empty'],
    [[50126, 50056], 'Password of sync1@contoso.com is wrong'],
    [[50034, 51004], 'Account sync1@contoso.com does not exist in this tenant'],
    [[50053], 'Account sync1@contoso.com is locked after wrong passwords: unlock it or wait'],
    [[50057], 'Account sync1@contoso.com is disabled'],
    [[50055, 50144], 'Password of sync1@contoso.com has expired: set a new one that never expires'],
    [
        [50072, 50074, 50076, 50079, 50158],
        'Account sync1@contoso.com must sign in with a second factor: exclude it from MFA',
    ],
    [[65001, 650056, 90094], 'Admin consent is missing: grant it under API permissions of the app registration'],
];

describe('sign-in errors', () => {
    for (const [codes, sentence] of sentences)
        for (const code of codes)
            it(`AADSTS${code}: ${sentence}`, () => {
                const thrown = { errorCode: 'invalid_grant', errorNo: String(code), errorMessage: `AADSTS${code}: x` };
                const error = signInError(thrown, context);
                assert.equal(error.message, `${sentence} (AADSTS${code})`);
                assert.equal(error.kind, 'configuration');
                const fromText = signInError({ errorMessage: `AADSTS${code}: Some words. Trace ID: 1` }, context);
                assert.equal(fromText.message, error.message);
            });

    for (const code of [90033, 90006, 90024, 50033, 90055, 50196])
        it(`AADSTS${code} passes by itself`, () => {
            const error = signInError({ errorNo: String(code) }, context);
            assert.equal(error.message, `Microsoft reports a temporary fault (AADSTS${code})`);
            assert.equal(error.kind, 'outage');
        });

    it("gives Microsoft's own words for any other code, without its trace", () => {
        const errorMessage = 'AADSTS53003: Access has been blocked by Conditional Access policies. Trace ID: 1 More';
        const error = signInError({ errorNo: '53003', errorMessage }, context);
        assert.equal(
            error.message,
            'Sign-in of sync1@contoso.com was refused: AADSTS53003: Access has been blocked by Conditional Access policies.',
        );
        assert.equal(error.kind, 'configuration');
    });

    it('names the client where no account signs in, and the code where there are no words', () => {
        const app = { tenant: 'contoso.com', clientId: 'client-1' };
        assert.equal(
            signInError({ errorCode: 'invalid_client' }, app).message,
            'Sign-in of client client-1 was refused: invalid_client',
        );
        assert.equal(signInError(undefined, app).message, 'Sign-in of client client-1 was refused: unknown');
    });

    it('leaves an outage what it is', () => {
        const unreachable = new SyncError('TEAMS_UNREACHABLE', { host: 'h', detail: 'ECONNREFUSED' });
        assert.equal(signInError(unreachable, context), unreachable);
    });
});
