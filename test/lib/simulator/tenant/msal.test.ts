import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
    ConfidentialClientApplication,
    type Configuration,
    type INetworkModule,
    PublicClientApplication,
} from '@azure/msal-node';
import { fetch, type RequestInit } from 'undici';
import { appCertificate } from '../../../support/app-certificate';
import { account, app, publicApp, TenantFixture, tenantId } from './tenant-fixture';

const appScopes = ['https://graph.microsoft.com/.default'];
const userScopes = ['https://graph.microsoft.com/Presence.Read.All'];

describe('MSAL against the simulated Entra', () => {
    let office: TenantFixture;
    let requests: string[];

    beforeEach(async () => {
        office = await TenantFixture.start();
        requests = [];
    });
    afterEach(() => office.stop());

    function network(): INetworkModule {
        const run = async <T>(url: string, init: RequestInit) => {
            requests.push(`${init.method} ${new URL(url).pathname}`);
            const answer = await fetch(url, { ...init, dispatcher: office.agent });
            return {
                headers: Object.fromEntries(answer.headers),
                body: (await answer.json()) as T,
                status: answer.status,
            };
        };
        return {
            sendGetRequestAsync: (url, options) => run(url, { method: 'GET', headers: options?.headers ?? {} }),
            sendPostRequestAsync: (url, options) =>
                run(url, { method: 'POST', headers: options?.headers ?? {}, body: options?.body ?? null }),
        };
    }

    function configuration(auth: Omit<Configuration['auth'], 'authority'>, tenant = tenantId): Configuration {
        const { url } = office.tenant;
        return {
            auth: { ...auth, authority: `${url}/${tenant}`, knownAuthorities: [new URL(url).host] },
            system: { networkClient: network() },
        };
    }

    it('gets an app-only token and keeps it', async () => {
        const client = new ConfidentialClientApplication(configuration(app));
        const first = await client.acquireTokenByClientCredential({ scopes: appScopes });
        const second = await client.acquireTokenByClientCredential({ scopes: appScopes });
        assert.equal(first?.fromCache, false);
        assert.equal(second?.fromCache, true);
        assert.equal(second?.accessToken, first?.accessToken);
        assert.deepEqual(requests, [
            `GET /${tenantId}/v2.0/.well-known/openid-configuration`,
            `POST /${tenantId}/oauth2/v2.0/token`,
        ]);
        assert.equal((await office.graph(first!.accessToken, 'GET', '/users')).status, 200);
    });

    for (const [kind, registration] of [
        ['confidential', app],
        ['public', publicApp],
    ] as const)
        it(`signs a user in with a ${kind} client, and renews silently`, async () => {
            const Client = kind === 'public' ? PublicClientApplication : ConfidentialClientApplication;
            const client = new Client(configuration(registration));
            const signedIn = await client.acquireTokenByUsernamePassword({ ...account, scopes: userScopes });
            assert.equal(signedIn?.account?.username, account.username);
            assert.equal(signedIn?.account?.tenantId, tenantId);
            const cached = await client.acquireTokenSilent({ account: signedIn!.account!, scopes: userScopes });
            assert.equal(cached.fromCache, true);
            const renewed = await client.acquireTokenSilent({
                account: signedIn!.account!,
                scopes: userScopes,
                forceRefresh: true,
            });
            assert.equal(renewed.fromCache, false);
            assert.notEqual(renewed.accessToken, signedIn?.accessToken);
        });

    it('proves itself with a certificate', async () => {
        const { key, certificate } = appCertificate();
        office.tenant.changeRegistration(app.clientId, { certificates: [certificate] });
        const clientCertificate = {
            thumbprintSha256: new X509Certificate(certificate).fingerprint256.replaceAll(':', ''),
            privateKey: key,
            x5c: certificate,
        };
        const { clientId } = app;
        const client = new ConfidentialClientApplication(configuration({ clientId, clientCertificate }));
        const { accessToken } = (await client.acquireTokenByClientCredential({ scopes: appScopes }))!;
        assert.equal((await office.graph(accessToken, 'GET', '/users')).status, 200);
        office.tenant.changeRegistration(clientId, { certificates: [] });
        await assert.rejects(client.acquireTokenByClientCredential({ scopes: appScopes, skipCache: true }), {
            errorCode: 'invalid_client',
            errorNo: 700027,
        });
    });

    it('signs in an account with a second factor by device code, and then silently until that is revoked', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        office.tenant.behaviour.deviceCodeInterval = 0;
        const client = new PublicClientApplication(configuration(publicApp));
        await assert.rejects(client.acquireTokenByUsernamePassword({ ...account, scopes: userScopes }), {
            name: 'InteractionRequiredAuthError',
            errorNo: 50076,
            subError: 'basic_action',
        });
        const signedIn = await client.acquireTokenByDeviceCode({
            scopes: userScopes,
            deviceCodeCallback: ({ userCode }) => office.tenant.enterDeviceCode(userCode, account.username),
        });
        assert.equal(signedIn?.account?.username, account.username);
        const silently = () =>
            client.acquireTokenSilent({ account: signedIn!.account!, scopes: userScopes, forceRefresh: true });
        assert.equal((await silently()).fromCache, false);
        office.tenant.revokeRefreshTokens(account.username);
        await assert.rejects(silently(), {
            name: 'InteractionRequiredAuthError',
            errorNo: 50173,
            subError: 'bad_token',
        });
    });

    it('reports refusals with their AADSTS number', async () => {
        const withSecret = new ConfidentialClientApplication(configuration({ ...app, clientSecret: 'other' }));
        await assert.rejects(withSecret.acquireTokenByClientCredential({ scopes: appScopes }), {
            errorCode: 'invalid_client',
            errorNo: 7000215,
        });
        const client = new PublicClientApplication(configuration(publicApp));
        await assert.rejects(
            client.acquireTokenByUsernamePassword({ ...account, password: 'wrong', scopes: userScopes }),
            { errorCode: 'invalid_grant', errorNo: 50126 },
        );
        await assert.rejects(
            client.acquireTokenByUsernamePassword({
                ...account,
                scopes: ['https://graph.microsoft.com/Mail.Read'],
            }),
            { name: 'InteractionRequiredAuthError', errorNo: 65001, subError: 'consent_required' },
        );
        const missing = new PublicClientApplication(configuration({ clientId: app.clientId }));
        await assert.rejects(missing.acquireTokenByUsernamePassword({ ...account, scopes: userScopes }), {
            errorNo: 7000218,
        });
    });

    it('fails to find an unknown tenant', async () => {
        const client = new ConfidentialClientApplication(configuration(app, 'elsewhere.example'));
        await assert.rejects(client.acquireTokenByClientCredential({ scopes: appScopes }), {
            errorCode: 'endpoints_resolution_error',
        });
    });

    it('reports an unknown tenant where the endpoints are known beforehand, as with the real Entra', async () => {
        const { url } = office.tenant;
        const base = configuration(app, 'elsewhere.example');
        const authorityMetadata = JSON.stringify({
            authorization_endpoint: `${url}/elsewhere.example/oauth2/v2.0/authorize`,
            token_endpoint: `${url}/elsewhere.example/oauth2/v2.0/token`,
            issuer: `${url}/elsewhere.example/v2.0`,
            jwks_uri: `${url}/common/discovery/v2.0/keys`,
        });
        const client = new ConfidentialClientApplication({ ...base, auth: { ...base.auth, authorityMetadata } });
        await assert.rejects(client.acquireTokenByClientCredential({ scopes: appScopes }), { errorNo: 90002 });
    });
});
