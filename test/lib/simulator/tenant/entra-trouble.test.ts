import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { FakeClock } from '../../../support/fake-clock';
import { account, anna, app, otherAccount, publicApp, TenantFixture } from './tenant-fixture';

const scope = 'https://graph.microsoft.com/.default';
const day = 86_400_000;

/** What Entra answers for a number: HTTP status, error and suberror. */
type Refusal = [number: number, status: number, error: string, suberror?: string];

const ofAccounts: Refusal[] = [
    [50034, 400, 'invalid_grant'],
    [51004, 400, 'invalid_grant'],
    [50053, 400, 'invalid_grant'],
    [50055, 400, 'invalid_grant', 'user_password_expired'],
    [50144, 400, 'invalid_grant'],
    [50056, 400, 'invalid_grant'],
    [50057, 400, 'invalid_grant'],
    [50072, 400, 'invalid_grant', 'basic_action'],
    [50074, 400, 'invalid_grant', 'basic_action'],
    [50076, 400, 'invalid_grant', 'basic_action'],
    [50079, 400, 'invalid_grant', 'basic_action'],
    [50126, 400, 'invalid_grant'],
    [50158, 400, 'invalid_grant', 'basic_action'],
    [50131, 400, 'invalid_grant', 'message_only'],
    [53000, 400, 'invalid_grant', 'additional_action'],
    [53003, 400, 'invalid_grant', 'message_only'],
    [530032, 400, 'invalid_grant', 'message_only'],
    [530035, 400, 'invalid_grant', 'message_only'],
    [65001, 400, 'invalid_grant', 'consent_required'],
    [90094, 400, 'invalid_grant', 'consent_required'],
    [50173, 400, 'invalid_grant', 'bad_token'],
    [700082, 400, 'invalid_grant', 'bad_token'],
    [70043, 400, 'invalid_grant', 'bad_token'],
    [50132, 400, 'invalid_grant', 'bad_token'],
    [50133, 400, 'invalid_grant', 'bad_token'],
];

const ofApps: Refusal[] = [
    [650056, 401, 'invalid_client'],
    [7000218, 401, 'invalid_client'],
    [700025, 401, 'invalid_client'],
    [7000215, 401, 'invalid_client'],
    [7000222, 401, 'invalid_client'],
    [700027, 401, 'invalid_client'],
    [700016, 400, 'unauthorized_client'],
    [700011, 400, 'unauthorized_client'],
    [7000112, 400, 'unauthorized_client'],
    [70001, 400, 'unauthorized_client'],
    [90002, 400, 'invalid_request'],
    [50059, 400, 'invalid_request'],
    [50128, 400, 'invalid_request'],
    [90038, 400, 'invalid_request'],
    [900382, 400, 'invalid_request'],
    [900432, 400, 'invalid_request'],
    [9001023, 400, 'invalid_request'],
    [50196, 400, 'invalid_grant'],
    [50033, 503, 'temporarily_unavailable'],
    [90006, 503, 'temporarily_unavailable'],
    [90024, 503, 'temporarily_unavailable'],
    [90033, 503, 'temporarily_unavailable'],
    [90055, 429, 'temporarily_unavailable'],
];

describe('Trouble with the simulated Entra', () => {
    let clock: FakeClock;
    let office: TenantFixture;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
    });
    afterEach(() => office.stop());

    const client = { client_id: app.clientId, client_secret: app.clientSecret };
    const asApp = () => office.token({ grant_type: 'client_credentials', ...client, scope });
    const asUser = (more: Record<string, string> = {}) =>
        office.token({ grant_type: 'password', ...client, ...account, scope, ...more });
    const refresh = (token: string) =>
        office.token({
            grant_type: 'refresh_token',
            ...client,
            refresh_token: token,
            scope: `${scope} offline_access`,
        });
    const signIn = async () => (await asUser({ scope: `${scope} offline_access` })).body.refresh_token;

    it('refuses an account with any number, as Entra does, until it is over', async () => {
        for (const [number, status, error, suberror] of ofAccounts) {
            office.tenant.setTrouble(account.username.toUpperCase(), String(number));
            const answer = await asUser();
            const { body } = answer;
            assert.deepEqual([answer.status, body.error, body.suberror], [status, error, suberror], String(number));
            assert.deepEqual(body.error_codes, [number]);
            assert.match(body.error_description, new RegExp(`^AADSTS${number}: \\w.* Trace ID`));
        }
        assert.equal((await asUser(otherAccount)).status, 200);
        office.tenant.setTrouble(account.username, undefined);
        assert.equal((await asUser()).status, 200);
    });

    it('refuses an app with any number', async () => {
        for (const [number, status, error] of ofApps) {
            office.tenant.setTrouble(app.clientId, `AADSTS${number}`);
            for (const answer of [await asApp(), await asUser()]) {
                assert.deepEqual([answer.status, answer.body.error], [status, error], String(number));
                assert.deepEqual(answer.body.error_codes, [number]);
            }
        }
        office.tenant.setTrouble(app.clientId, undefined);
        assert.equal((await asApp()).status, 200);
    });

    it('says how long to wait when there are too many requests', async () => {
        office.tenant.setTrouble(app.clientId, '90055');
        assert.equal((await asApp()).headers['retry-after'], '10');
    });

    it('starts with the trouble that it is made with', async () => {
        const firm = await TenantFixture.start({
            clock,
            accounts: [{ ...account, trouble: '50057' }],
            registrations: [{ ...publicApp, publicClient: true, roles: [], scopes: ['Presence.Read.All'] }],
        });
        try {
            const form = { grant_type: 'password', client_id: publicApp.clientId, ...account, scope };
            assert.deepEqual((await firm.token(form)).body.error_codes, [50057]);
        } finally {
            await firm.stop();
        }
    });

    it('does not know other numbers, nor other names', () => {
        assert.throws(() => office.tenant.setTrouble(account.username, '12345'), /does not know AADSTS12345/);
        assert.throws(() => office.tenant.setTrouble('nobody@office.example', '50057'), /no account/);
    });

    it('wants a second factor where one is set up, but tells so only to who knows the password', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        assert.deepEqual((await asUser()).body.error_codes, [50076]);
        assert.deepEqual((await asUser({ password: 'wrong' })).body.error_codes, [50126]);
    });

    it('takes a new secret, a new password and new permissions from the next token on', async () => {
        office.tenant.changeAccount(account.username, { password: 'new' });
        assert.deepEqual((await asUser()).body.error_codes, [50126]);
        assert.equal((await asUser({ password: 'new' })).status, 200);
        office.tenant.changeRegistration(app.clientId, { roles: ['User.Read.All'], scopes: ['User.Read'] });
        assert.deepEqual(decodeJwt((await asApp()).body.access_token).roles, ['User.Read.All']);
        assert.equal(decodeJwt((await asUser({ password: 'new' })).body.access_token).scp, 'User.Read');
        office.tenant.changeRegistration(app.clientId, { clientSecret: 'new' });
        assert.deepEqual((await asApp()).body.error_codes, [7000215]);
        assert.throws(() => office.tenant.changeRegistration('x', {}), /no app/);
        assert.throws(() => office.tenant.changeAccount('x', {}), /no account/);
    });

    describe('refresh tokens', () => {
        it('are replaced with each use, and the old one stays good', async () => {
            const first = await signIn();
            const second = (await refresh(first)).body.refresh_token;
            assert.notEqual(second, first);
            assert.equal((await refresh(second)).status, 200);
            assert.equal((await refresh(first)).status, 200);
        });

        it('end when they are revoked, newer ones do not', async () => {
            const before = await signIn();
            office.tenant.revokeRefreshTokens(account.username);
            const after = await signIn();
            const { status, body } = await refresh(before);
            assert.deepEqual([status, body.error, body.suberror], [400, 'invalid_grant', 'bad_token']);
            assert.deepEqual(body.error_codes, [50173]);
            assert.equal((await refresh(after)).status, 200);
        });

        it('end after ninety idle days', async () => {
            const first = await signIn();
            await clock.advance(89 * day);
            const second = (await refresh(first)).body.refresh_token;
            await clock.advance(day);
            assert.deepEqual((await refresh(first)).body.error_codes, [700082]);
            assert.equal((await refresh(second)).status, 200);
        });

        it('are of no use to an account in trouble, or to one that has gone', async () => {
            const token = await signIn();
            office.tenant.setTrouble(account.username, '53003');
            assert.deepEqual((await refresh(token)).body.error_codes, [53003]);
            const annas = await asUser({
                username: anna.mail,
                password: 'password of Anna',
                scope: `${scope} offline_access`,
            });
            office.tenant.removePerson(anna.teamsId);
            assert.deepEqual((await refresh(annas.body.refresh_token)).body.error_codes, [50034]);
        });

        it('survive new signing keys', async () => {
            const token = await signIn();
            await office.tenant.rotateSigningKeys({ keepOld: false });
            assert.equal((await refresh(token)).status, 200);
        });

        it('are refused when they are none', async () => {
            const token = await signIn();
            for (const wrong of ['x', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, `${token}x`])
                assert.deepEqual((await refresh(wrong)).body.error_codes, [9002313]);
        });
    });
});
