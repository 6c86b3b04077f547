import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type ErrorCode, SyncError } from '../../../../../lib/errors/errors';
import { issueCertificate } from '../../../../../lib/simulator/issue-certificate';
import type { RegistrationSettings } from '../../../../../lib/teams/connection/graph-access';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import { accountTokens, appTokens, type TokenSource } from '../../../../../lib/teams/connection/sign-in/token-source';
import { account, app, TeamsFixture } from '../../teams-fixture';

const tokenRequest = /oauth2/;
const quarter = 15 * 60_000;

/** Section 6.5 of Microsoft's codes that an account meets. */
const ofAccounts: [codes: string, expected: ErrorCode][] = [
    ['50126', 'TEAMS_PASSWORD_WRONG'],
    ['50034 51004', 'TEAMS_ACCOUNT_UNKNOWN'],
    ['50053', 'TEAMS_ACCOUNT_LOCKED'],
    ['50055 50144', 'TEAMS_PASSWORD_EXPIRED'],
    ['50056', 'TEAMS_PASSWORD_NONE'],
    ['50057', 'TEAMS_ACCOUNT_DISABLED'],
    ['50076 50074 50079 50072 50158', 'TEAMS_MFA_REQUIRED'],
    ['53003 530032 530035 53000 50131', 'TEAMS_POLICY_REFUSES'],
    ['65001 650056 90094', 'TEAMS_CONSENT_MISSING'],
];

/** And that an app meets. */
const ofApps: [codes: string, expected: ErrorCode][] = [
    ['7000218', 'TEAMS_SECRET_MISSING'],
    ['700025', 'TEAMS_SECRET_UNEXPECTED'],
    ['7000215', 'TEAMS_SECRET_WRONG'],
    ['7000222', 'TEAMS_SECRET_EXPIRED'],
    ['700027', 'TEAMS_CERTIFICATE_REFUSED'],
    ['70021 70025 700211 700212 700213', 'TEAMS_FEDERATION_REFUSED'],
    ['7000272 50166 90061 501661', 'TEAMS_FEDERATION_ISSUER'],
    ['700016 700011', 'TEAMS_CLIENT_ID_UNKNOWN'],
    ['7000112 70001', 'TEAMS_APP_DISABLED'],
    ['90002 50059 50128', 'TEAMS_TENANT_UNKNOWN'],
    ['90038 900382 900432', 'TEAMS_CLOUD_WRONG'],
    ['9001023', 'TEAMS_TENANT_SHARED'],
    ['65001 650056', 'TEAMS_CONSENT_MISSING'],
];

const outages = ['50196', '90033', '90006', '90024', '50033', '90055'];

describe('What Entra refuses', () => {
    let office: TeamsFixture;
    let http: Http;

    beforeEach(async () => {
        office = await TeamsFixture.start();
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
    });

    function ofApp(changed: Partial<RegistrationSettings> = {}): TokenSource {
        return appTokens(office.settings(changed), http, office.clock);
    }

    function ofAccount(changed: Partial<RegistrationSettings> = {}): TokenSource {
        return accountTokens(office.settings(changed), account, http, office.clock);
    }

    for (const [codes, expected, owner] of [
        ...ofAccounts.map(([codes, code]) => [codes, code, account.username] as const),
        ...ofApps.map(([codes, code]) => [codes, code, app.clientId] as const),
    ])
        for (const code of codes.split(' '))
            it(`${owner}, AADSTS${code}: ${expected}, asked once in 15 minutes`, async () => {
                const tokens = owner === app.clientId ? ofApp() : ofAccount();
                const asked = office.count(tokenRequest);
                office.simulated.setTrouble(owner, code);
                const refusal = { code: expected, kind: 'configuration', message: new RegExp(`\\(AADSTS${code}\\)$`) };
                for (let turn = 0; turn < 3; turn++) {
                    await assert.rejects(tokens.token(), refusal);
                    await office.clock.advance(quarter / 3 - 1);
                }
                const discovery = 1;
                assert.ok(office.count(tokenRequest) - asked <= 1 + discovery);
                office.simulated.setTrouble(owner, undefined);
                await office.clock.advance(3);
                assert.ok(await tokens.token());
            });

    for (const code of outages)
        it(`AADSTS${code} is an outage, for an app and for an account`, async () => {
            for (const tokens of [ofApp(), ofAccount()]) {
                office.simulated.setTrouble(app.clientId, code);
                await assert.rejects(tokens.token(), { code: 'TEAMS_SERVICE_ERROR', kind: 'outage' });
                office.simulated.setTrouble(app.clientId, undefined);
                await office.clock.advance(5 * 60_000);
                assert.ok(await tokens.token());
            }
        });

    it('AADSTS50196 silences us for five minutes: Entra has seen too many like requests', async () => {
        const tokens = ofApp();
        office.simulated.setTrouble(app.clientId, '50196');
        await assert.rejects(tokens.token(), { code: 'TEAMS_SERVICE_ERROR' });
        office.simulated.setTrouble(app.clientId, undefined);
        const asked = office.count(tokenRequest);
        for (let minute = 0; minute < 5; minute++) {
            await assert.rejects(tokens.token(), { code: 'TEAMS_SERVICE_ERROR' });
            await office.clock.advance(60_000);
        }
        assert.equal(office.count(tokenRequest), asked);
        assert.ok(await tokens.token());
    });

    for (const code of ['50173', '700082', '70043', '50132', '50133'])
        it(`AADSTS${code} on the refresh token makes an account with a password sign in once more`, async () => {
            const tokens = ofAccount();
            const first = await tokens.token();
            const refused = {
                error: 'invalid_grant',
                error_codes: [Number(code)],
                error_description: `AADSTS${code}: x`,
            };
            office.simulated.faults.failNext(1, 400, refused, {}, tokenRequest);
            tokens.invalidate(first);
            assert.notEqual(await tokens.token(), first);
        });

    it('does not make an account try its password when something else is wrong', async () => {
        const tokens = ofAccount();
        tokens.invalidate(await tokens.token());
        const asked = office.count(tokenRequest);
        office.simulated.setTrouble(account.username, '50057');
        await assert.rejects(tokens.token(), { code: 'TEAMS_ACCOUNT_DISABLED' });
        assert.equal(office.count(tokenRequest) - asked, 1);
    });

    describe('of a certificate', () => {
        const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
        const made = issueCertificate({ commonName: 'presence sync', key, now: Date.now() });
        const certificate = {
            privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
            certificate: made.toString(),
        };

        it('that was uploaded is nothing: app and accounts sign in', async () => {
            office.simulated.changeRegistration(app.clientId, { certificates: [made.toString()] });
            const settings = { clientSecret: undefined, certificate };
            assert.ok(await ofApp(settings).token());
            assert.ok(await ofAccount(settings).token());
        });

        it('is about the clock where ours is wrong', async () => {
            office.simulated.changeRegistration(app.clientId, { certificates: [made.toString()] });
            await office.clock.advance(60 * 60_000);
            await assert.rejects(ofApp({ clientSecret: undefined, certificate }).token(), {
                code: 'TEAMS_CLOCK_WRONG',
                message: /AADSTS700024/,
            });
        });

        it('that was not uploaded is told, without the key', async () => {
            await assert.rejects(ofApp({ clientSecret: undefined, certificate }).token(), (error: SyncError) => {
                assert.equal(error.code, 'TEAMS_CERTIFICATE_REFUSED');
                assert.match(error.message, /upload its public part under Certificates & secrets \(AADSTS700027\)$/);
                assert.doesNotMatch(JSON.stringify(error), /PRIVATE KEY/);
                return true;
            });
        });
    });

    it('is not asked for when there is neither secret nor certificate', () => {
        assert.throws(
            () => ofApp({ clientSecret: undefined }),
            (error: unknown) => {
                return error instanceof SyncError && error.code === 'FIELD_MISSING';
            },
        );
    });
});
