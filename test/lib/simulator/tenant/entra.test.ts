import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { FakeClock } from '../../../support/fake-clock';
import { account, anna, app, ben, poorApp, publicApp, TenantFixture, tenantId } from './tenant-fixture';

const graphScope = 'https://graph.microsoft.com/.default';

describe('Simulated Entra', () => {
    let office: TenantFixture;
    let clock: FakeClock;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
    });
    afterEach(() => office.stop());

    const asApp = (more: Record<string, string> = {}) =>
        office.token({
            grant_type: 'client_credentials',
            client_id: app.clientId,
            client_secret: app.clientSecret,
            scope: graphScope,
            ...more,
        });
    const asUser = (more: Record<string, string> = {}, tenant = tenantId) =>
        office.token(
            {
                grant_type: 'password',
                client_id: app.clientId,
                client_secret: app.clientSecret,
                scope: graphScope,
                ...account,
                ...more,
            },
            tenant,
        );

    it('publishes its configuration for the tenant, a domain of it and everybody', async () => {
        for (const name of [tenantId, tenantId.toUpperCase(), 'office.example']) {
            const { status, body } = await office.send('GET', `/${name}/v2.0/.well-known/openid-configuration`);
            assert.equal(status, 200);
            assert.equal(body.issuer, `${office.tenant.url}/${tenantId}/v2.0`);
            assert.equal(body.token_endpoint, `${office.tenant.url}/${tenantId}/oauth2/v2.0/token`);
        }
        const { body } = await office.send('GET', '/common/.well-known/openid-configuration');
        assert.equal(body.issuer, `${office.tenant.url}/{tenantid}/v2.0`);
        assert.equal(body.jwks_uri, `${office.tenant.url}/common/discovery/v2.0/keys`);
    });

    it('answers the instance discovery with itself', async () => {
        const { body } = await office.send('GET', '/common/discovery/instance?api-version=1.1');
        assert.deepEqual(body.metadata[0]!.aliases, [new URL(office.tenant.url).host]);
    });

    it('does not know other paths', async () => {
        assert.equal((await office.send('GET', `/${tenantId}/oauth2/v2.0/token`)).status, 404);
        assert.equal((await office.send('GET', '/')).status, 404);
    });

    it('signs app-only tokens with its published keys', async () => {
        const { status, body } = await asApp();
        assert.equal(status, 200);
        assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
        assert.equal(body.expires_in, 3599);
        const keys = await office.send('GET', `/${tenantId}/discovery/v2.0/keys`);
        const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(keys.body), {
            issuer: `https://sts.windows.net/${tenantId}/`,
            audience: 'https://graph.microsoft.com',
            currentDate: new Date(clock.date()),
        });
        assert.equal(payload.tid, tenantId);
        assert.deepEqual([payload.ver, payload.azp, payload.appid], ['1.0', undefined, app.clientId]);
        assert.deepEqual(payload.roles, ['Presence.Read.All', 'Presence.ReadWrite.All', 'User.Read.All']);
        assert.equal(payload.scp, undefined);
        assert.equal(payload.exp, Math.floor(clock.date() / 1000) + 3599);
    });

    it('publishes its keys as Entra does: of any tenant or of one, without an algorithm', async () => {
        for (const [tenant, issuer] of [
            ['common', '{tenantid}'],
            [tenantId, tenantId],
            ['office.example', tenantId],
        ] as const) {
            const { keys } = (await office.send('GET', `/${tenant}/discovery/v2.0/keys`)).body;
            assert.equal(keys.length, 1);
            const [key] = keys as [Record<string, unknown>];
            assert.deepEqual([key.issuer, key.alg], [`${office.tenant.url}/${issuer}/v2.0`, undefined]);
        }
    });

    it('gives tokens for Graph of version 1, whatever the app wants for its own [D10]', async () => {
        office.tenant.changeRegistration(app.clientId, { requestedAccessTokenVersion: 2 });
        const { body } = await asApp();
        const { ver, iss, appid, azp } = decodeJwt(body.access_token);
        const issuer = `https://sts.windows.net/${tenantId}/`;
        assert.deepEqual({ ver, iss, appid, azp }, { ver: '1.0', iss: issuer, appid: app.clientId, azp: undefined });
        assert.equal((await office.graph(body.access_token, 'GET', '/users')).status, 200);
    });

    it('says whose passwords it keeps [D10]', async () => {
        const realm = async (user: string, tenant = 'common') =>
            (await office.send('GET', `/${tenant}/userrealm/${encodeURIComponent(user)}?api-version=1.0`)).body;
        assert.deepEqual(await realm(account.username), {
            ver: '1.0',
            account_type: 'Managed',
            domain_name: 'office.example',
            cloud_instance_name: 'microsoftonline.com',
            cloud_audience_urn: 'urn:federation:MicrosoftOnline',
        });
        assert.deepEqual(await realm('somebody@elsewhere.example'), { ver: '1.0', account_type: 'Unknown' });
        assert.deepEqual((await realm(account.username, 'no-tenant.example')).error_codes, [90002]);
    });

    it('accepts its own address as the name of Graph', async () => {
        assert.equal((await asApp({ scope: `${office.tenant.url}/.default` })).status, 200);
    });

    it('gives a user what was asked for', async () => {
        const plain = await asUser({ scope: 'https://graph.microsoft.com/Presence.Read.All' });
        assert.equal(plain.body.scope, 'https://graph.microsoft.com/Presence.Read.All');
        assert.equal(plain.body.refresh_token, undefined);
        assert.equal(plain.body.id_token, undefined);
        assert.equal(plain.body.client_info, undefined);
        const claims = decodeJwt(plain.body.access_token);
        assert.match(String(claims.scp), /\bPresence\.Read\.All\b/);
        assert.equal(claims.roles, undefined);
        assert.match(String(claims.oid), /^[0-9a-f-]{36}$/);

        const full = await asUser({ scope: 'Presence.Read.All openid profile offline_access', client_info: '1' });
        assert.equal(full.body.scope, 'Presence.Read.All openid profile');
        assert.ok(full.body.refresh_token);
        assert.equal(decodeJwt(full.body.id_token).preferred_username, account.username);
        const info = JSON.parse(Buffer.from(full.body.client_info, 'base64url').toString());
        assert.deepEqual(info, { uid: claims.oid, utid: tenantId });
    });

    it('knows people who sign in by their Teams id', async () => {
        const { body } = await asUser({ username: anna.mail.toUpperCase(), password: 'password of Anna' });
        assert.equal(decodeJwt(body.access_token).oid, anna.teamsId);
    });

    it('signs a user in for any organization', async () => {
        assert.equal((await asUser({}, 'organizations')).status, 200);
    });

    it('lets a public client sign in without a secret', async () => {
        const form = { grant_type: 'password', client_id: publicApp.clientId, scope: graphScope, ...account };
        assert.equal((await office.token(form)).status, 200);
    });

    it('renews with a refresh token, of the same client only', async () => {
        const { body } = await asUser({ scope: `${graphScope} offline_access` });
        const renew = (client: { clientId: string; clientSecret: string }, refresh: string) =>
            office.token({
                grant_type: 'refresh_token',
                client_id: client.clientId,
                client_secret: client.clientSecret,
                refresh_token: refresh,
                scope: 'https://graph.microsoft.com/User.Read',
            });
        const renewed = await renew(app, body.refresh_token);
        assert.equal(renewed.status, 200);
        assert.equal(decodeJwt(renewed.body.access_token).oid, decodeJwt(body.access_token).oid);
        for (const refused of [await renew(poorApp, body.refresh_token), await renew(app, body.access_token)])
            assert.deepEqual(refused.body.error_codes, [9002313]);
    });

    it('gives no other token than an access token access to Graph', async () => {
        const { body } = await asUser({ scope: `${graphScope} openid offline_access` });
        const withIdToken = await office.graph(body.id_token, 'GET', '/users');
        assert.equal(withIdToken.status, 401);
        assert.match(withIdToken.body.error.message, /audience/);
        assert.equal((await office.graph(body.refresh_token, 'GET', '/users')).status, 401);
    });

    it('shapes its refusals as Entra does', async () => {
        const { status, body } = await asUser({ password: 'wrong' });
        assert.equal(status, 400);
        assert.equal(body.error, 'invalid_grant');
        assert.match(
            body.error_description,
            /^AADSTS50126: Error validating .* Trace ID: \S+ Correlation ID: \S+ Timestamp: 2026-01-05 08:00:00Z$/,
        );
        assert.deepEqual(body.error_codes, [50126]);
        assert.equal(body.timestamp, '2026-01-05 08:00:00Z');
        assert.equal(body.error_uri, `${office.tenant.url}/error?code=50126`);
        assert.ok(body.trace_id && body.correlation_id);
        assert.doesNotMatch(JSON.stringify(body), /wrong/);
    });

    it('refuses what Entra refuses', async () => {
        const noSecret = { client_secret: '' };
        const cases: [string, Promise<{ status: number; body: { error_codes: number[] } }>, number, number][] = [
            ['unknown tenant', asUser({}, 'elsewhere.example'), 400, 90002],
            ['unknown client', asApp({ client_id: tenantId }), 400, 700016],
            ['wrong secret', asApp({ client_secret: 'other' }), 401, 7000215],
            ['no secret, app', asApp(noSecret), 401, 7000216],
            ['no secret, user', asUser(noSecret), 401, 7000218],
            ['secret of a public client', asUser({ client_id: publicApp.clientId }), 401, 700025],
            ['unknown account', asUser({ username: 'who@office.example' }), 400, 50034],
            ['account without password', asUser({ username: ben.mail }), 400, 50056],
            ['password for common', asUser({}, 'common'), 400, 9001023],
            ['password for consumers', asUser({}, 'consumers'), 400, 9001023],
            ['app-only for common', office.token({ grant_type: 'client_credentials' }, 'common'), 400, 50059],
            ['no consent', asUser({ scope: 'https://graph.microsoft.com/Mail.Read' }), 400, 65001],
            ['other resource', asUser({ scope: 'https://vault.azure.net/.default' }), 400, 500011],
            ['other resource, app', asApp({ scope: 'https://vault.azure.net/.default' }), 400, 500011],
            ['no .default', asApp({ scope: 'https://graph.microsoft.com/User.Read.All' }), 400, 1002012],
            ['no scope', asApp({ scope: '' }), 400, 900144],
            ['no scope, user', asUser({ scope: '' }), 400, 900144],
            ['no grant', office.token({}), 400, 900144],
            ['other grant', asUser({ grant_type: 'implicit' }), 400, 70003],
        ];
        for (const [what, answer, status, code] of cases) {
            const { status: actual, body } = await answer;
            assert.deepEqual([actual, body.error_codes], [status, [code]], what);
        }
        const json = await office.send('POST', `/${tenantId}/oauth2/v2.0/token`, { grant_type: 'password' });
        assert.deepEqual(json.body.error_codes, [900144]);
        const discovery = await office.send('GET', '/elsewhere.example/v2.0/.well-known/openid-configuration');
        assert.deepEqual([discovery.status, discovery.body.error_codes], [400, [90002]]);
    });

    it('locks an account for a minute after ten wrong passwords', async () => {
        for (let attempt = 0; attempt < 10; attempt++)
            assert.deepEqual((await asUser({ password: 'wrong' })).body.error_codes, [50126]);
        assert.deepEqual((await asUser()).body.error_codes, [50053]);
        await clock.advance(60_000);
        assert.equal((await asUser()).status, 200);
    });

    it('forgives wrong passwords after a right one', async () => {
        for (let attempt = 0; attempt < 9; attempt++) await asUser({ password: 'wrong' });
        assert.equal((await asUser()).status, 200);
        assert.deepEqual((await asUser({ password: 'wrong' })).body.error_codes, [50126]);
        assert.equal((await asUser()).status, 200);
    });

    it('fails on demand', async () => {
        office.tenant.faults.failNext(1, 503, undefined, { 'retry-after': '2' }, /oauth2/);
        const failed = await asApp();
        assert.equal(failed.status, 503);
        assert.equal(failed.headers['retry-after'], '2');
        assert.equal((await asApp()).status, 200);
    });
});
