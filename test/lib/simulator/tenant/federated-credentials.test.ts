import assert from 'node:assert/strict';
import { FakeClock } from '../../../support/fake-clock';
import { tokenIssuer } from '../../../support/token-issuer';
import { app, publicApp, TenantFixture, tenantId } from './tenant-fixture';

const subject = 'system:serviceaccount:presence:node-red';

describe('Federated credentials of apps', () => {
    const issuer = tokenIssuer('https://oidc.contoso.com');
    let clock: FakeClock;
    let office: TenantFixture;

    before(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
        const federatedCredentials = [{ issuer: issuer.address, subject, keys: issuer.keys }];
        office.tenant.changeRegistration(app.clientId, { federatedCredentials });
    });
    after(() => office.stop());

    const send = (client_assertion: string, clientId = app.clientId) =>
        office.token({
            ...{ grant_type: 'client_credentials', client_id: clientId, client_assertion },
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            scope: 'https://graph.microsoft.com/.default',
        });
    const token = (claims: object = {}, by = issuer) => by.sign({ sub: subject, ...claims }, clock.date());
    const codeOf = async (assertion: string, clientId?: string) => {
        const { status, body } = await send(assertion, clientId);
        return status === 200 ? 200 : body.error_codes[0];
    };

    it('prove who an app is', async () => {
        assert.equal(await codeOf(token()), 200);
        assert.equal(await codeOf(token({ aud: ['other', 'api://AzureADTokenExchange'] })), 200);
    });

    for (const [what, claims, code] of [
        ['another issuer', { iss: 'https://oidc.contoso.com/' }, 700211],
        ['another audience', { aud: 'https://graph.microsoft.com' }, 700212],
        ['another subject', { sub: subject.toUpperCase() }, 700213],
        ['a token that has ended', { exp: 1_000 }, 700024],
    ] as const)
        it(`do not with ${what}: AADSTS${code}`, async () => assert.equal(await codeOf(token(claims)), code));

    it('do not with a key that the issuer does not publish, nor with a signature that is none of its', async () => {
        const forger = tokenIssuer(issuer.address);
        assert.equal(await codeOf(token({}, forger)), 7000272);
        assert.equal(await codeOf(forger.sign({ sub: subject }, clock.date(), issuer.keyId)), 50027);
    });

    it('do not where there are none', async () => {
        office.tenant.changeRegistration(publicApp.clientId, { publicClient: false });
        assert.equal(await codeOf(token(), publicApp.clientId), 70025);
    });

    it('may be a managed identity of the tenant, but none of its users', async () => {
        const own = `${office.tenant.url}/${tenantId}/v2.0`;
        const identity = 'bbbbbbbb-0000-4000-8000-000000000001';
        office.tenant.changeRegistration(app.clientId, { federatedCredentials: [{ issuer: own, subject: identity }] });
        const seconds = clock.date() / 1000;
        const claims = { iss: own, sub: identity, aud: 'fb60f99c-7a34-4190-8149-302f77469936', exp: seconds + 600 };
        assert.equal(await codeOf(office.tenant.sign({ ...claims, idtyp: 'app' })), 200);
        assert.equal(await codeOf(office.tenant.sign({ ...claims, idtyp: 'user' })), 700229);
        assert.equal(await codeOf(issuer.sign({ ...claims, idtyp: 'app' }, clock.date())), 7000272);
    });
});
