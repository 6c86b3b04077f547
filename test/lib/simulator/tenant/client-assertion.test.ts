import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { type AppCertificate, appCertificate } from '../../../support/app-certificate';
import { FakeClock } from '../../../support/fake-clock';
import { account, app, publicApp, TenantFixture, tenantId } from './tenant-fixture';

const scope = 'https://graph.microsoft.com/.default';

describe('Certificates of apps', () => {
    let clock: FakeClock;
    let office: TenantFixture;
    let own: AppCertificate;
    let other: AppCertificate;

    before(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
        [own, other] = [appCertificate(), appCertificate()];
        office.tenant.changeRegistration(app.clientId, { certificates: [own.certificate] });
    });
    after(() => office.stop());

    const seconds = () => Math.floor(clock.date() / 1000);
    const tokenEndpoint = (tenant = tenantId) => `${office.tenant.url}/${tenant}/oauth2/v2.0/token`;

    function thumbprints({ certificate }: AppCertificate): { x5t: string; 'x5t#S256': string } {
        const { raw } = new X509Certificate(certificate);
        const digest = (name: string) => createHash(name).update(raw).digest('base64url');
        return { x5t: digest('sha1'), 'x5t#S256': digest('sha256') };
    }

    function assertion(
        options: { header?: Record<string, string>; claims?: Record<string, unknown>; key?: string; alg?: string } = {},
    ): Promise<string> {
        const claims = {
            aud: tokenEndpoint(),
            iss: app.clientId,
            sub: app.clientId,
            jti: randomUUID(),
            nbf: seconds(),
            exp: seconds() + 600,
            ...options.claims,
        };
        const { alg = 'PS256', header = { 'x5t#S256': thumbprints(own)['x5t#S256'] } } = options;
        return new SignJWT(claims)
            .setProtectedHeader({ typ: 'JWT', alg, ...header })
            .sign(createPrivateKey(options.key ?? own.key));
    }

    const token = (text: string, more: Record<string, string> = {}) =>
        office.token({
            grant_type: 'client_credentials',
            client_id: app.clientId,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: text,
            scope,
            ...more,
        });

    const codesOf = async (text: string | Promise<string>) => (await token(await text)).body.error_codes;

    it('prove who an app is, with either thumbprint, signature and address', async () => {
        const { x5t } = thumbprints(own);
        for (const text of [
            assertion(),
            assertion({ alg: 'RS256', header: { x5t } }),
            assertion({ claims: { aud: tokenEndpoint('office.example') } }),
            assertion({ claims: { aud: `${office.tenant.url}/${tenantId}/v2.0` } }),
        ])
            assert.equal((await token(await text)).status, 200);
    });

    it('go with the sign-in of a user, too', async () => {
        const answer = await token(await assertion(), { grant_type: 'password', ...account });
        assert.equal(answer.status, 200);
    });

    it('must be registered', async () => {
        const text = await assertion({ key: other.key, header: { 'x5t#S256': thumbprints(other)['x5t#S256'] } });
        const { status, body } = await token(text);
        assert.deepEqual([status, body.error], [401, 'invalid_client']);
        assert.deepEqual(body.error_codes, [700027]);
        const thumbprint = new X509Certificate(other.certificate).fingerprint256.replaceAll(':', '');
        assert.match(body.error_description, new RegExp(`The key was not found.*${thumbprint}.*${app.clientId}`));
    });

    it('must have signed the assertion', async () => {
        assert.deepEqual(await codesOf(assertion({ key: other.key })), [700027]);
        const [header, claims] = (await assertion()).split('.');
        assert.deepEqual(await codesOf(`${header}.${claims}.AAAA`), [700027]);
        assert.deepEqual(await codesOf(assertion({ alg: 'PS512' })), [700027]);
    });

    it('must not have expired', async () => {
        const later = new FakeClock(Date.parse(new X509Certificate(own.certificate).validTo) + 1);
        const firm = await TenantFixture.start({ clock: later });
        try {
            firm.tenant.changeRegistration(app.clientId, { certificates: [own.certificate] });
            const { body } = await firm.token({
                grant_type: 'client_credentials',
                client_id: app.clientId,
                client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
                client_assertion: await assertion(),
                scope,
            });
            assert.deepEqual(body.error_codes, [700027]);
            assert.match(body.error_description, /expired/);
        } finally {
            await firm.stop();
        }
    });

    it('need an assertion for this tenant, this app and this time, with an id', async () => {
        const stranger = '11111111-0000-4000-8000-000000000000';
        for (const [claims, code] of [
            [{ aud: 'https://login.microsoftonline.com/x/oauth2/v2.0/token' }, 700023],
            [{ aud: tokenEndpoint(stranger) }, 700023],
            [{ iss: stranger, sub: stranger }, 50048],
            [{ sub: stranger }, 50048],
            [{ exp: seconds() - 301 }, 700024],
            [{ nbf: seconds() + 301 }, 700024],
            [{ exp: undefined }, 700024],
            [{ jti: undefined }, 50027],
        ] as const)
            assert.deepEqual(await codesOf(assertion({ claims })), [code], JSON.stringify(claims));
    });

    it('need a well-formed assertion that names the certificate', async () => {
        for (const text of ['x', 'a.b.c', await assertion({ header: {} })])
            assert.deepEqual(await codesOf(text), [50027]);
        const { body } = await token(await assertion(), { client_assertion_type: 'x' });
        assert.deepEqual(body.error_codes, [900144]);
    });

    it('are nothing for public clients', async () => {
        const { body } = await token(await assertion(), {
            grant_type: 'password',
            client_id: publicApp.clientId,
            ...account,
        });
        assert.deepEqual(body.error_codes, [700025]);
    });
});
