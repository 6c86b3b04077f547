import assert from 'node:assert/strict';
import { type ErrorCode, SyncError } from '../../../../../lib/errors/errors';
import {
    attemptAfter,
    recheckAfter,
    SignInError,
    signInError,
} from '../../../../../lib/teams/connection/sign-in/sign-in-error';
import { RetrySchedule } from '../../../../../lib/time/retry-schedule';

const context = { tenant: 'contoso.com', clientId: 'client-1', account: 'sync1@contoso.com' };
const app = { tenant: 'contoso.com', clientId: 'client-1' };
const quarter = 15 * 60_000;

const sentences: [codes: number[], sentence: string][] = [
    [[90002, 50059, 50128, 900023], 'Tenant contoso.com does not exist'],
    [[9001023, 50194], 'Tenant must be the domain or the id of your own tenant, not one that all share'],
    [[90038, 900382, 900432], 'Tenant contoso.com lives in another cloud: choose the right one'],
    [[700016, 700011, 900144], 'Client id client-1 is not known in tenant contoso.com'],
    [[7000112, 70001], 'The app client-1 is disabled: enable it under Enterprise applications > Properties'],
    [[7000215], 'Client secret is wrong: enter its value, not its id'],
    [[7000222], 'Client secret has expired: create a new one'],
    [[7000218], 'Client secret is missing, or "Allow public client flows" must be set to Yes'],
    [[700025], 'The app registration takes no client secret: leave the field empty'],
    [
        [700027],
        'The certificate does not belong to the app registration: upload its public part under Certificates & secrets',
    ],
    [[1000502], 'The certificate is not valid at this time: make a new one and upload its public part'],
    [
        [70021, 70025, 700211, 700212, 700213, 7002138, 700229],
        'The app registration does not trust this token: its federated credential under Certificates & secrets must name the issuer, the subject and the audience of the token, to the letter',
    ],
    [
        [7000272, 50166, 90061, 501661],
        'Microsoft cannot check the token: the keys of its issuer must be published at its address, for all the internet to read',
    ],
    [
        [50011, 900971],
        'The address to which the browser is led back is not registered: add the one that the dialog shows under Authentication of the app registration',
    ],
    [
        [54005, 50148, 501481],
        'This sign-in has expired, was used already or belongs to another attempt: press "Sign in" once more',
    ],
    [[700024], 'The clock of this computer differs from that of Microsoft: set it right'],
    [[50126, 50064], 'Password of sync1@contoso.com is wrong'],
    [
        [50056],
        'Account sync1@contoso.com has no password in the directory: use an account of the cloud, or sign in with browser or device code',
    ],
    [[50034, 51004, 50014, 16000, 16003, 90072], 'Account sync1@contoso.com does not exist in this tenant'],
    [
        [50053],
        'Account sync1@contoso.com is locked after wrong passwords, or signs in from an address that Microsoft blocks: unlock it or wait',
    ],
    [[50057], 'Account sync1@contoso.com is disabled'],
    [
        [50105],
        'sync1@contoso.com is not assigned to the app: add it under Enterprise applications > Users and groups, or set "Assignment required" to No',
    ],
    [[50055, 50144], 'Password of sync1@contoso.com has expired: set a new one that never expires'],
    [
        [50072, 50074, 50076, 50079, 50158, 53010],
        'Account sync1@contoso.com must sign in with a second factor: exclude it from MFA, or sign in with browser or device code',
    ],
    [
        [53003, 530032, 530034, 530035, 53000, 50131, 50155, 50187],
        'Conditional Access or security defaults keep sync1@contoso.com out: exclude it from that policy',
    ],
    [[50173, 700082, 70043, 50132, 50133], 'Account sync1@contoso.com must sign in again: press "Sign in" in its row'],
    [
        [65001, 650056, 650057, 90008, 90094, 90095, 90099, 9002341],
        'Admin consent is missing: grant it under API permissions of the app registration',
    ],
];

/** Without a number, as Entra may answer one day. */
const words: [error: string, suberror: string | undefined, code: ErrorCode][] = [
    ['invalid_grant', 'basic_action', 'TEAMS_MFA_REQUIRED'],
    ['invalid_grant', 'message_only', 'TEAMS_POLICY_REFUSES'],
    ['interaction_required', 'additional_action', 'TEAMS_POLICY_REFUSES'],
    ['invalid_grant', 'consent_required', 'TEAMS_CONSENT_MISSING'],
    ['consent_required', undefined, 'TEAMS_CONSENT_MISSING'],
    ['invalid_grant', 'user_password_expired', 'TEAMS_PASSWORD_EXPIRED'],
    ['invalid_grant', 'bad_token', 'TEAMS_SIGN_IN_AGAIN'],
    ['temporarily_unavailable', undefined, 'TEAMS_SERVICE_ERROR'],
    ['expired_token', undefined, 'TEAMS_DEVICE_CODE_EXPIRED'],
    ['authorization_declined', undefined, 'TEAMS_DEVICE_CODE_DECLINED'],
    ['invalid_grant', undefined, 'TEAMS_SIGN_IN_REFUSED'],
    ['constructor', 'toString', 'TEAMS_SIGN_IN_REFUSED'],
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

    for (const code of [90033, 90006, 90024, 50033, 90055, 50196, 80001])
        it(`AADSTS${code} passes by itself`, () => {
            const error = signInError({ errorNo: String(code) }, context);
            assert.equal(error.message, `Microsoft reports a temporary fault (AADSTS${code})`);
            assert.equal(error.kind, 'outage');
        });

    for (const [error, suberror, code] of words)
        it(`"${error}" with suberror "${suberror}" is ${code} where the number is not known`, () => {
            for (const errorNo of [undefined, '99999999'])
                assert.equal(signInError({ errorCode: error, subError: suberror, errorNo }, context).code, code);
        });

    it('a second factor asked of a refresh token, or any refusal of one, wants a new sign-in', () => {
        const refreshing = { ...context, means: 'refresh-token' as const };
        for (const refusal of [{ errorNo: '50076' }, { errorCode: 'invalid_grant' }, { errorCode: 'no_tokens_found' }])
            assert.equal(signInError(refusal, refreshing).code, 'TEAMS_SIGN_IN_AGAIN');
        assert.equal(
            signInError({ errorNo: '50057', errorCode: 'invalid_grant' }, refreshing).code,
            'TEAMS_ACCOUNT_DISABLED',
        );
    });

    it('a device code wants public client flows, and no secret', () => {
        const error = signInError({ errorNo: '7000218' }, { ...app, means: 'device-code' });
        assert.match(error.message, /^Sign-in with a device code needs "Allow public client flows" set to Yes/);
    });

    it('a policy against a device code leaves the browser, one against the browser does not [E1]', () => {
        for (const errorNo of ['53003', '50199']) {
            const codeFor = (means: 'device-code' | 'browser') => signInError({ errorNo }, { ...app, means }).code;
            assert.deepEqual(
                [codeFor('device-code'), codeFor('browser')],
                ['TEAMS_DEVICE_CODE_BLOCKED', 'TEAMS_POLICY_REFUSES'],
            );
        }
    });

    it('a token that was written by somebody else is old where our own clock would be wrong [E2]', () => {
        const codeFor = (isFederated: boolean) => signInError({ errorNo: '700024' }, { ...app, isFederated }).code;
        assert.deepEqual([codeFor(true), codeFor(false)], ['TEAMS_FEDERATED_TOKEN_OLD', 'TEAMS_CLOCK_WRONG']);
    });

    it('names the app where Conditional Access keeps it out', () => {
        assert.match(signInError({ errorNo: '53003' }, app).message, /keep client client-1 out/);
    });

    it("gives Microsoft's own words for any other code, without its trace", () => {
        const errorMessage =
            'AADSTS80012: The users attempted to log on outside of the allowed hours. Trace ID: 1 More';
        const error = signInError({ errorNo: '80012', errorMessage }, context);
        assert.equal(
            error.message,
            'Sign-in of sync1@contoso.com was refused: AADSTS80012: The users attempted to log on outside of the allowed hours.',
        );
        assert.equal(error.kind, 'configuration');
    });

    it('names the client where no account signs in, and the code where there are no words', () => {
        assert.equal(
            signInError({ errorCode: 'invalid_client' }, app).message,
            'Sign-in of client client-1 was refused: invalid_client',
        );
        assert.equal(signInError(undefined, app).message, 'Sign-in of client client-1 was refused: unknown');
    });

    it('leaves an outage what it is', () => {
        const unreachable = new SyncError('TEAMS_UNREACHABLE', { host: 'h', detail: 'ECONNREFUSED' });
        const error = signInError(unreachable, context);
        assert.deepEqual([error.code, error.kind, error.message], ['TEAMS_UNREACHABLE', 'outage', unreachable.message]);
    });
});

describe('after a failure', () => {
    const schedule = () => new RetrySchedule({ first: 1_000, factor: 2, longest: 60_000, jitter: 0 });

    it('a sign-in that an administrator must put right is tried every 15 minutes, whatever is wrong', () => {
        for (const [codes] of sentences) {
            const error = signInError({ errorNo: String(codes[0]) }, context);
            const expected = error.code === 'TEAMS_SIGN_IN_AGAIN' ? 60_000 : quarter;
            assert.equal(recheckAfter(error), expected, error.message);
            assert.equal(attemptAfter(error, schedule()), expected);
        }
    });

    it('a missing permission is looked at every minute', () => {
        assert.equal(recheckAfter(new SyncError('TEAMS_PERMISSION_MISSING')), 60_000);
    });

    it('what is left of a wait counts, not the wait once more', () => {
        assert.equal(recheckAfter(new SignInError('TEAMS_PASSWORD_WRONG').repeated(70_000)), 70_000);
    });

    it('an outage is tried again with back-off, and no earlier than Microsoft asks', () => {
        const outage = new SignInError('TEAMS_SERVICE_ERROR', { detail: 'x' }, 20_000);
        const backOff = schedule();
        assert.equal(attemptAfter(new SyncError('TEAMS_UNREACHABLE'), backOff), 1_000);
        assert.equal(attemptAfter(outage, backOff), 20_000);
        assert.equal(attemptAfter(new SyncError('TEAMS_UNREACHABLE'), backOff), 4_000);
    });
});
