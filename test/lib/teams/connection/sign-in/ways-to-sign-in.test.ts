import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ErrorCode, toSyncError } from '../../../../../lib/errors/errors';
import type { Registration } from '../../../../../lib/simulator/tenant/registration';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import { signInWithBrowser } from '../../../../../lib/teams/connection/sign-in/authorization-code';
import { signInWithDeviceCode } from '../../../../../lib/teams/connection/sign-in/device-code';
import {
    type AppRegistration,
    accountTokens,
    appTokens,
} from '../../../../../lib/teams/connection/sign-in/token-source';
import { appCertificate } from '../../../../support/app-certificate';
import { tokenIssuer } from '../../../../support/token-issuer';
import { account, app, TenantFixture, tenantId } from '../../../simulator/tenant/tenant-fixture';
import { MemoryCache } from './memory-cache';

const redirectUri = 'http://localhost/teams-accounts/signed-in';
const subject = 'system:serviceaccount:presence:node-red';

/** What goes wrong at Microsoft or here, what it is called, and the sentences for it. */
type Failure = [what: string, code: ErrorCode, en: RegExp, de: RegExp, breaks: (tried: Tried) => unknown];

interface Tried {
    office: TenantFixture;
    registration(change: Partial<Registration>): void;
    /** Entra refuses the account, or the app, with this number. */
    trouble(owner: 'account' | 'app', code: string): void;
    tokenFile: string;
    changed: Partial<AppRegistration> & { password?: string };
}

describe('Ways to sign in', () => {
    const issuer = tokenIssuer('https://oidc.contoso.com');
    const certificate = appCertificate();
    const other = appCertificate();
    let office: TenantFixture;
    let http: Http;
    let folder: string;
    let tried: Tried;

    beforeEach(async () => {
        office = await TenantFixture.start();
        office.tenant.behaviour.deviceCodeInterval = 0.02;
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        folder = await mkdtemp(join(tmpdir(), 'ways-'));
        const registration = (change: Partial<Registration>): void =>
            office.tenant.changeRegistration(app.clientId, change);
        registration({
            certificates: [certificate.certificate],
            federatedCredentials: [{ issuer: issuer.address, subject, keys: issuer.keys }],
            redirectUris: [redirectUri],
            publicClient: true,
        });
        const tokenFile = join(folder, 'token');
        await writeFile(tokenFile, `${issuer.sign({ sub: subject }, Date.now())}\n`);
        const trouble = (owner: 'account' | 'app', code: string): void =>
            office.tenant.setTrouble(owner === 'app' ? app.clientId : account.username, code);
        tried = { office, registration, trouble, tokenFile, changed: {} };
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
        await rm(folder, { recursive: true });
    });

    function settings(proof: Partial<AppRegistration> = {}): AppRegistration {
        const { url } = office.tenant;
        const place = { tenant: tenantId, loginUrl: url, graphUrl: url, clientId: app.clientId };
        return { ...place, ...proof, ...tried.changed };
    }

    /** Somebody at Microsoft's page. @returns what stands in the address to which it leads back */
    async function atPage(address: string, fields: Record<string, string>): Promise<URLSearchParams> {
        const { status, headers, text } = await office.send('POST', address, new URLSearchParams(fields).toString());
        const [, told] = /role="alert">(AADSTS[^<]+)/.exec(text) ?? [];
        // As the user would tell what is shown there.
        if (status !== 302) return new URLSearchParams({ error: 'shown', error_description: told ?? '' });
        return new URL(headers.location ?? '').searchParams;
    }

    async function byBrowser(fields: Record<string, string> = account, reply?: (answer: URLSearchParams) => void) {
        const tokenCache = new MemoryCache();
        let lead: (answer: URLSearchParams) => void = () => {};
        const answer = new Promise<URLSearchParams>(resolve => {
            lead = resolve;
        });
        const onAddress = (address: string): void =>
            void atPage(address, fields).then(brought => {
                reply?.(brought);
                lead(brought);
            });
        const options = { redirectUri, state: 'the state', tokenCache, onAddress, answer };
        const { username } = await signInWithBrowser(settings(), http, options);
        return accountTokens(settings(), { username, tokenCache }, http).token();
    }

    async function byDeviceCode(): Promise<string> {
        const tokenCache = new MemoryCache();
        const onCode = ({ userCode }: { userCode: string }): void =>
            office.tenant.enterDeviceCode(userCode, account.username);
        const { signal } = new AbortController();
        const { username } = await signInWithDeviceCode(settings(), http, { tokenCache, onCode, signal });
        return accountTokens(settings(), { username, tokenCache }, http).token();
    }

    const { key: privateKey, certificate: pem } = certificate;
    const ways: Record<string, () => Promise<string>> = {
        'device code': byDeviceCode,
        'browser (PKCE)': byBrowser,
        password: () => {
            const { password = account.password } = tried.changed;
            return accountTokens(settings(), { ...account, password }, http).token();
        },
        'client secret': () => appTokens(settings({ clientSecret: app.clientSecret }), http).token(),
        certificate: () => appTokens(settings({ certificate: { privateKey, certificate: pem } }), http).token(),
        'federated credential': () => appTokens(settings({ federated: { tokenFile: tried.tokenFile } }), http).token(),
    };

    /** The same for whoever signs in an account. */
    const ofAccounts: Failure[] = [
        [
            'the account is disabled',
            'TEAMS_ACCOUNT_DISABLED',
            /^Account (sync-1@office.example|of this sign-in) is disabled \(AADSTS50057\)/,
            /^Das Konto (sync-1@office.example|dieser Anmeldung) ist deaktiviert/,
            ({ trouble }) => trouble('account', '50057'),
        ],
        [
            'consent is missing',
            'TEAMS_CONSENT_MISSING',
            /^Admin consent is missing/,
            /^Die Administratorzustimmung fehlt/,
            ({ registration }) => registration({ scopes: [] }),
        ],
    ];

    const failures: Record<string, Failure[]> = {
        'device code': [
            ...ofAccounts,
            ...['53003', '50199', '530032'].map(
                (code): Failure => [
                    `a policy blocks the flow (${code})`,
                    'TEAMS_DEVICE_CODE_BLOCKED',
                    new RegExp(
                        `^A Conditional Access policy blocks sign-in with a device code: choose "Browser" .*AADSTS${code}`,
                    ),
                    /^Eine Richtlinie für bedingten Zugriff sperrt die Anmeldung mit Gerätecode: Wählen Sie .*„Browser“/,
                    ({ trouble }) => trouble('account', code),
                ],
            ),
            [
                'public client flows are not allowed',
                'TEAMS_PUBLIC_CLIENT_REFUSED',
                /"Allow public client flows"/,
                /„Öffentliche Clientflows zulassen“/,
                ({ registration }) => registration({ publicClient: false }),
            ],
        ],
        'browser (PKCE)': [
            ...ofAccounts,
            [
                'the address is not registered',
                'TEAMS_REDIRECT_UNKNOWN',
                /^The address to which the browser is led back is not registered.*AADSTS50011/,
                /^Die Adresse, zu der der Browser zurückgeleitet wird, ist nicht registriert/,
                ({ registration }) => registration({ redirectUris: [] }),
            ],
            [
                'it is registered for another platform',
                'TEAMS_REDIRECT_KIND',
                /belongs under "Mobile and desktop applications"/,
                /gehört unter „Mobilgerät- und Desktopanwendungen“/,
                ({ registration }) =>
                    registration({ redirectUris: [], webRedirectUris: [redirectUri], publicClient: false }),
            ],
            [
                'a policy keeps the account out',
                'TEAMS_POLICY_REFUSES',
                /^Conditional Access or security defaults keep the account of this sign-in out/,
                /^Der bedingte Zugriff oder die Sicherheitsstandards lassen das Konto dieser Anmeldung nicht zu/,
                ({ trouble }) => trouble('account', '53003'),
            ],
        ],
        password: [
            ...ofAccounts,
            [
                'it is wrong',
                'TEAMS_PASSWORD_WRONG',
                /^Password of sync-1@office.example is wrong/,
                /^Das Passwort von sync-1@office.example ist falsch/,
                ({ changed }) => Object.assign(changed, { password: 'wrong' }),
            ],
            [
                'a second factor is asked for',
                'TEAMS_MFA_REQUIRED',
                /exclude it from MFA, or sign in with browser or device code/,
                /Nehmen Sie es von MFA aus, oder melden Sie es mit Browser oder Gerätecode an/,
                ({ office }) => office.tenant.changeAccount(account.username, { mfa: true }),
            ],
        ],
        'client secret': [
            [
                'it is wrong',
                'TEAMS_SECRET_WRONG',
                /^Client secret is wrong/,
                /^Das Clientgeheimnis ist falsch/,
                ({ changed }) => Object.assign(changed, { clientSecret: 'wrong' }),
            ],
            [
                'it has expired',
                'TEAMS_SECRET_EXPIRED',
                /^Client secret has expired/,
                /^Das Clientgeheimnis ist abgelaufen/,
                ({ trouble }) => trouble('app', '7000222'),
            ],
            [
                'the tenant forbids secrets',
                'TEAMS_SECRET_FORBIDDEN',
                /^The tenant forbids client secrets .* certificate or a federated credential/,
                /^Der Mandant verbietet Clientgeheimnisse .* Zertifikat oder mit Verbundanmeldeinformationen/,
                ({ office }) => {
                    const error_description = 'Credential type not allowed as per assigned policy 1234. Trace ID: 1';
                    const body = { error: 'invalid_client', error_description };
                    office.tenant.faults.failNext(1, 401, body, {}, /oauth2\/v2\.0\/token/);
                },
            ],
        ],
        certificate: [
            [
                'it was not uploaded',
                'TEAMS_CERTIFICATE_REFUSED',
                /^The certificate does not belong to the app registration/,
                /^Das Zertifikat gehört nicht zur App-Registrierung/,
                ({ registration }) => registration({ certificates: [other.certificate] }),
            ],
        ],
        'federated credential': [
            ...(['issuer', 'subject', 'audience'] as const).map(
                (part, index): Failure => [
                    `it names another ${part}`,
                    'TEAMS_FEDERATION_REFUSED',
                    new RegExp(`^The app registration does not trust this token.*AADSTS70021${[1, 3, 2][index]}`),
                    /^Die App-Registrierung vertraut diesem Token nicht/,
                    ({ registration }) => {
                        const right = { issuer: issuer.address, subject, keys: issuer.keys };
                        registration({ federatedCredentials: [{ ...right, [part]: 'another' }] });
                    },
                ],
            ),
            ...[
                ['70021', 'TEAMS_FEDERATION_REFUSED', /does not trust/, /vertraut diesem Token nicht/] as const,
                ['50166', 'TEAMS_FEDERATION_ISSUER', /keys of its issuer/, /Schlüssel seines Ausstellers/] as const,
            ].map(([code, ...said]): Failure => [`Entra says ${code}`, ...said, ({ trouble }) => trouble('app', code)]),
            [
                'its issuer does not publish the key',
                'TEAMS_FEDERATION_ISSUER',
                /^Microsoft cannot check the token/,
                /^Microsoft kann das Token nicht prüfen/,
                ({ tokenFile }) => writeFile(tokenFile, tokenIssuer(issuer.address).sign({ sub: subject }, Date.now())),
            ],
            [
                'its token has ended',
                'TEAMS_FEDERATED_TOKEN_OLD',
                /^The token of the federated credential is not valid at this time/,
                /^Das Token der Verbundanmeldeinformationen ist zurzeit nicht gültig/,
                ({ tokenFile }) => writeFile(tokenFile, issuer.sign({ sub: subject }, Date.now() - 3_600_000)),
            ],
            [
                'there is no file',
                'TEAMS_TOKEN_FILE_UNREADABLE',
                /^The token file .*token cannot be used: ENOENT/,
                /^Die Tokendatei .*token kann nicht verwendet werden: ENOENT/,
                ({ tokenFile }) => rm(tokenFile),
            ],
            [
                'the file holds something else',
                'TEAMS_TOKEN_FILE_UNREADABLE',
                /it holds no token$/,
                /Sie enthält kein Token$/,
                ({ tokenFile }) => writeFile(tokenFile, 'root:x:0:0:root:/root:/bin/sh'),
            ],
            [
                'the file is a pipe that nobody writes to, and would hold up all other files',
                'TEAMS_TOKEN_FILE_UNREADABLE',
                /it holds no token$/,
                /Sie enthält kein Token$/,
                async ({ tokenFile }) => {
                    await rm(tokenFile);
                    // Where there are no pipes, no file will do.
                    if (process.platform !== 'win32') await promisify(execFile)('mkfifo', [tokenFile]);
                    else await writeFile(tokenFile, '');
                },
            ],
        ],
    };

    for (const [name, signIn] of Object.entries(ways))
        describe(name, () => {
            it('gives a token [E1] [E2]', async () => assert.match(await signIn(), /^ey/));

            for (const [what, code, en, de, breaks] of failures[name]!)
                it(`says so where ${what}: ${code} [E1] [E2]`, async () => {
                    await breaks(tried);
                    const error = await signIn().then(() => assert.fail('It signs in'), toSyncError);
                    assert.equal(error.code, code, error.message);
                    assert.match(error.sentence.en, en);
                    assert.match(error.sentence.de, de);
                });
        });

    it('by browser a user who presses Cancel has declined [E1]', async () => {
        await assert.rejects(byBrowser({ cancel: 'yes' }), { code: 'TEAMS_DEVICE_CODE_DECLINED' });
    });

    it('by browser the account with a second factor serves from then on [E1]', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        assert.ok(await byBrowser());
    });

    it("by browser a code of somebody else's sign-in is of no use [E1]", async () => {
        let stolen = '';
        await byBrowser(account, answer => {
            stolen = answer.get('code') ?? '';
        });
        const swap = (answer: URLSearchParams): void => answer.set('code', stolen);
        await assert.rejects(byBrowser(account, swap), { code: 'TEAMS_BROWSER_SIGN_IN_OLD' });
    });

    it('a token file that was renewed is read at the next sign-in [E2]', async () => {
        await writeFile(tried.tokenFile, issuer.sign({ sub: subject }, Date.now() - 3_600_000));
        await assert.rejects(ways['federated credential']!(), { code: 'TEAMS_FEDERATED_TOKEN_OLD' });
        await writeFile(tried.tokenFile, issuer.sign({ sub: subject }, Date.now()));
        assert.ok(await ways['federated credential']!());
    });

    it('with a federated credential serve accounts by password, too [E2]', async () => {
        tried.registration({ publicClient: false });
        const registration = settings({ federated: { tokenFile: tried.tokenFile } });
        assert.ok(await accountTokens(registration, account, http).token());
    });
});
