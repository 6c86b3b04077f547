import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import type { AppRegistration } from '../../../../../lib/teams/connection/sign-in/registration';
import { forgetSignIns } from '../../../../support/forget-sign-ins';
import { MetadataService } from '../../../../support/metadata-service';
import { app, TenantFixture, tenantId } from '../../../simulator/tenant/tenant-fixture';

const identity = 'bbbbbbbb-0000-4000-8000-000000000001';
const assigned = 'cccccccc-0000-4000-8000-000000000001';
/** Where the agent of Azure Arc puts its files; only there may a challenge point. */
const keyFile = process.platform === 'win32' ? undefined : '/var/opt/azcmagent/tokens/12345.key';
const variables = [
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'IDENTITY_ENDPOINT',
    'IMDS_ENDPOINT',
    'IDENTITY_HEADER',
    'HTTP_PROXY',
];

function freshSource(): typeof import('../../../../../lib/teams/connection/sign-in/token-source') {
    forgetSignIns();
    return require('../../../../../lib/teams/connection/sign-in/token-source');
}

describe('A managed identity in place of a secret', () => {
    let office: TenantFixture;
    let http: Http;
    let service: MetadataService | undefined;
    let kept: Record<string, string | undefined>;

    beforeEach(async () => {
        kept = Object.fromEntries(variables.map(name => [name, process.env[name]]));
        for (const name of variables) delete process.env[name];
        office = await TenantFixture.start();
        const issuer = `${office.tenant.url}/${tenantId}/v2.0`;
        office.tenant.changeRegistration(app.clientId, { federatedCredentials: [{ issuer, subject: identity }] });
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
    });
    afterEach(async () => {
        for (const [name, value] of Object.entries(kept)) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
        await http.close();
        await service?.stop();
        await office.stop();
    });

    const token = (): string => {
        const claims = { iss: `${office.tenant.url}/${tenantId}/v2.0`, sub: identity, idtyp: 'app' };
        const seconds = Date.now() / 1000;
        return office.tenant.sign({ ...claims, aud: 'fb60f99c-7a34-4190-8149-302f77469936', exp: seconds + 86_400 });
    };
    const signIn = (managedIdentity = '', source = freshSource()): Promise<string> => {
        const { url } = office.tenant;
        const place = { tenant: tenantId, loginUrl: url, graphUrl: url, clientId: app.clientId };
        const registration: AppRegistration = { ...place, federated: { managedIdentity } };
        return source.appTokens(registration, http).token();
    };
    /** A virtual machine of Azure. */
    async function inAzure(refuses?: unknown, answered: () => unknown = token): Promise<MetadataService> {
        service = await MetadataService.start(answered, refuses ? { refuses } : {});
        process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = service.address;
        return service;
    }

    it('is asked of the machine again and again in one process [E2]', async () => {
        const { asked } = await inAzure();
        const source = freshSource();
        assert.match(await signIn('', source), /^ey/);
        assert.match(await signIn(assigned, source), /^ey/);
        assert.equal(asked.length, 2);
        await service?.stop();
        const another = 'dddddddd-0000-4000-8000-000000000001';
        await assert.rejects(signIn(another, source), { code: 'TEAMS_IDENTITY_UNREACHABLE' });
    });

    it('is asked of the machine for the exchange, past any proxy [E2]', async () => {
        process.env.HTTP_PROXY = 'http://127.0.0.1:9';
        const { asked } = await inAzure();
        assert.match(await signIn(), /^ey/);
        assert.deepEqual(
            asked.map(({ query }) => [query.get('resource'), query.get('client_id')]),
            [['api://AzureADTokenExchange', null]],
        );
    });

    it('may be one that was assigned [E2]', async () => {
        const { asked } = await inAzure();
        assert.ok(await signIn(assigned));
        assert.equal(asked[0]?.query.get('client_id'), assigned);
    });

    it('that the machine does not have is named [E2]', async () => {
        await inAzure('invalid_request');
        await assert.rejects(signIn(), {
            code: 'TEAMS_IDENTITY_REFUSED',
            kind: 'configuration',
            message: /^This machine gives no token of the managed identity.*\(invalid_request\)$/,
        });
    });

    it('that the machine refuses in another form is told by its status [E2]', async () => {
        await inAzure({ code: 'SecretHeaderNotFound' });
        await assert.rejects(signIn(), { code: 'TEAMS_IDENTITY_REFUSED', message: /\(400\)$/ });
    });

    for (const odd of [undefined, 'no token', 5, {}, ['a.b.c']])
        it(`is none where something else is answered, which is not kept: ${JSON.stringify(odd)} [C12] [E2]`, async () => {
            let answered: unknown = odd;
            await inAzure(undefined, () => answered);
            const source = freshSource();
            await assert.rejects(signIn('', source), { code: 'TEAMS_IDENTITY_REFUSED', message: /\(no token\)$/ });
            answered = token();
            assert.match(await signIn('', source), /^ey/);
        });

    it('is not there where the environment names no address [E2]', async () => {
        process.env.IDENTITY_ENDPOINT = 'nowhere';
        process.env.IDENTITY_HEADER = 'x';
        await assert.rejects(signIn(), { code: 'TEAMS_IDENTITY_UNREACHABLE', message: /Invalid URL/ });
    });

    it('is waited for while nothing answers [E2]', async () => {
        await (await inAzure()).stop();
        service = undefined;
        await assert.rejects(signIn(), {
            code: 'TEAMS_IDENTITY_UNREACHABLE',
            kind: 'outage',
            message: /^This machine does not answer as one with a managed identity.*ECONNREFUSED/,
        });
    });

    describe('of Azure Arc', () => {
        const { statSync, readFileSync } = fs;
        let content: string | undefined;

        before(function () {
            if (!keyFile) this.skip();
            // Only the administrator of a machine may write there.
            const isKey = (file: unknown): boolean => file === keyFile && content !== undefined;
            Object.assign(fs, {
                statSync: (file: string, options: object) =>
                    isKey(file) ? { size: content!.length } : statSync(file, options),
                readFileSync: (file: string, options: object) => (isKey(file) ? content : readFileSync(file, options)),
            });
        });
        after(() => Object.assign(fs, { statSync, readFileSync }));

        async function onArc(file = keyFile!): Promise<MetadataService> {
            service = await MetadataService.start(token, { key: { file, content: 'the content of the key' } });
            process.env.IDENTITY_ENDPOINT = `${service.address}/metadata/identity/oauth2/token`;
            process.env.IMDS_ENDPOINT = service.address;
            return service;
        }

        it('is proved by a file that only its group may read [E2]', async () => {
            content = 'the content of the key';
            const { asked } = await onArc();
            assert.match(await signIn(), /^ey/);
            assert.deepEqual(
                asked.map(({ proof }) => proof),
                [undefined, 'Basic the content of the key'],
            );
        });

        it('says what to do where the file may not be read [E2]', async () => {
            content = undefined;
            await onArc();
            await assert.rejects(signIn(), {
                code: 'TEAMS_IDENTITY_REFUSED',
                message: /make the user of Node-RED a member of the group himds \(unable_to_read_secret_file\)$/,
            });
        });

        it('reads no file elsewhere, whatever the challenge says [E2]', async () => {
            const { asked } = await onArc('/etc/passwd');
            await assert.rejects(signIn(), { code: 'TEAMS_IDENTITY_REFUSED' });
            assert.equal(asked.length, 1);
        });
    });
});
