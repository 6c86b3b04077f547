import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { Node, NodeAPI } from 'node-red';
import { issueCertificate } from '../../lib/simulator/issue-certificate';
import { accountNeeds, needsOf, permissionTrouble, registrationSettings } from '../../nodes/runtime/registrations';
import { account, app, poorApp, TenantFixture, tenantId, until } from '../lib/simulator/tenant/tenant-fixture';
import { LoadedFlow } from '../support/loaded-flow';

import azureApp = require('../../nodes/azure-app');
import teamsAccounts = require('../../nodes/teams-accounts');

import type { AzureApp } from '../../nodes/azure-app';
import type { TeamsAccounts } from '../../nodes/teams-accounts';

const day = 86_400_000;

/** A registration for a cloud of Microsoft, and what Node-RED has beside it. */
const fields = { cloud: 'worldwide', tenant: 'contoso.com', clientId: app.clientId };
const tls = { addTLSOptions: () => ({ ca: '-----BEGIN CERTIFICATE-----' }) };
const RED = { nodes: { getNode: (id: string) => (id === 'tls' ? tls : null) } } as unknown as NodeAPI;
const settingsOf = (changed: object, secrets = {}) =>
    registrationSettings(RED, { ...fields, ...changed }, secrets, new AbortController().signal);

/** A PEM file of a certificate that ends in so many days. */
function certificateFor(days: number): string {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const now = Date.now() - (365 - days) * day;
    const certificate = issueCertificate({ commonName: 'presence sync', key, now }).toString();
    return `${key.export({ type: 'pkcs8', format: 'pem' })}${certificate}`;
}

describe('The settings of an app registration', () => {
    it('are those of older flows, which say nothing of certificate and budget', async () => {
        const { clientSecret, certificate, requestsPer30s, trust } = await settingsOf({}, { clientSecret: ' secret ' });
        assert.deepEqual(
            [clientSecret, certificate, requestsPer30s, trust],
            ['secret', undefined, undefined, undefined],
        );
        assert.equal((await settingsOf({})).clientSecret, undefined);
    });

    it('take an extra authority in every cloud of Microsoft', async () => {
        for (const cloud of ['worldwide', 'gcc-high', 'dod'])
            assert.deepEqual((await settingsOf({ cloud, tls: 'tls' })).trust, {
                ca: '-----BEGIN CERTIFICATE-----',
                extent: 'added',
            });
        assert.equal((await settingsOf({ tls: 'gone' })).trust, undefined);
    });

    it('are the same however ids and domains are written [A15]', async () => {
        const id = 'AD87C9C0-3E1D-4A5B-8F25-5F8E4D3C2B1A';
        const written = await settingsOf({ clientId: ` {${id}}`, tenant: `{${tenantId}}\n` });
        assert.deepEqual([written.clientId, written.tenant], [id, tenantId]);
        for (const [tenant, meant] of [
            ['Contoso.com.', 'contoso.com'],
            ['b\u00fccher.example', 'xn--bcher-kva.example'],
            ['"contoso.com"', 'contoso.com'],
        ] as const)
            assert.equal((await settingsOf({ tenant })).tenant, meant);
    });

    it('refuse the id of a secret in place of its value, without sending it [A18]', async () => {
        for (const clientSecret of [app.clientId, `{${app.clientId}}`, ` ${app.clientId.toUpperCase()}`])
            await assert.rejects(settingsOf({}, { clientSecret }), {
                message: 'Client secret is not valid: it is the id of a secret: enter its value',
            });
    });

    it('refuse what else is swapped [A18]', async () => {
        for (const tenant of ['https://contoso.com', 'anna@contoso.com', 'common', 'Contoso GmbH', 'contoso.com/x'])
            await assert.rejects(settingsOf({ tenant }), { message: /^Tenant is not valid/ });
        for (const clientId of ['contoso.com', 'presence sync', `api://${app.clientId}`, app.clientId.slice(1)])
            await assert.rejects(settingsOf({ clientId }), { message: /^Client id is not valid/ });
    });

    it('take either the secret or the certificate, as chosen', async () => {
        const secrets = { clientSecret: 'secret', certificate: certificateFor(100) };
        const chosen = await settingsOf({ authentication: 'certificate' }, secrets);
        assert.equal(chosen.clientSecret, undefined);
        assert.match(chosen.certificate?.privateKey ?? '', /BEGIN PRIVATE KEY/);
        assert.equal((await settingsOf({ authentication: 'secret' }, secrets)).certificate, undefined);
        await assert.rejects(settingsOf({ authentication: 'certificate' }), { message: 'Certificate is missing' });
    });

    it('take the token of somebody whom the registration trusts in place of both [E2]', async () => {
        const secrets = { clientSecret: 'secret', certificate: certificateFor(100) };
        const byFile = { authentication: 'token-file', tokenFile: ' /var/run/token ' };
        const { federated, clientSecret, certificate } = await settingsOf(byFile, secrets);
        assert.deepEqual(
            [federated, clientSecret, certificate],
            [{ tokenFile: '/var/run/token' }, undefined, undefined],
        );
        const nowhere = { ...byFile, tokenFile: '' };
        await assert.rejects(settingsOf(nowhere), { message: 'Token file is missing' });
        process.env.AZURE_FEDERATED_TOKEN_FILE = '/var/run/secrets/azure/tokens/azure-identity-token';
        try {
            const { tokenFile } = (await settingsOf(nowhere)).federated as { tokenFile: string };
            assert.equal(tokenFile, process.env.AZURE_FEDERATED_TOKEN_FILE);
        } finally {
            delete process.env.AZURE_FEDERATED_TOKEN_FILE;
        }
        for (const identity of ['', app.clientId]) {
            const own = await settingsOf({ authentication: 'managed-identity', identity });
            assert.deepEqual(own.federated, { managedIdentity: identity });
        }
        const named = settingsOf({ authentication: 'managed-identity', identity: 'my-identity' });
        await assert.rejects(named, { message: 'Managed identity is not valid: it is no GUID' });
    });

    it('hold the day on which the secret ends, if it is one [E5]', async () => {
        assert.equal((await settingsOf({ secretEnds: '2027-03-31' })).secretEnds, Date.UTC(2027, 2, 31));
        assert.equal((await settingsOf({ secretEnds: '' })).secretEnds, undefined);
        for (const secretEnds of ['31.03.2027', '2027-02-30', '2027-3-31', 'soon'])
            await assert.rejects(settingsOf({ secretEnds }), { message: /^End of the client secret is not valid/ });
        const unused = { authentication: 'certificate', secretEnds: 'soon' };
        assert.ok(await settingsOf(unused, { certificate: certificateFor(100) }));
    });

    it('limit the requests to 100 to 10000 in 30 s', async () => {
        assert.equal((await settingsOf({ requestsPer30s: '800' })).requestsPer30s, 800);
        for (const requestsPer30s of ['99', '10001', 'x', '150.5'])
            await assert.rejects(settingsOf({ requestsPer30s }), { code: 'FIELD_INVALID' });
    });
});

describe('What the nodes that use a registration need', () => {
    it('is nothing while none uses it: both directions are looked at, as advice', () => {
        assert.deepEqual(needsOf([]), { required: [], wanted: ['follow-app-only', 'write'] });
    });

    it('depends on what they are and do', () => {
        assert.deepEqual(needsOf([{ type: 'teams-presence-writer' }]).required, ['write']);
        const notified = needsOf([{ type: 'teams-subscriber', delivery: 'notifications' }]);
        assert.deepEqual(notified, { required: ['follow-delegated'], wanted: [] });
        const polling = { type: 'teams-subscriber', delivery: 'polling', scope: 'group', group: 'Staff' };
        const byGroup = { type: 'teams-subscriber', delivery: 'notifications', scope: 'group', group: 'Staff' };
        assert.deepEqual(needsOf([byGroup]), { required: ['follow-delegated'], wanted: ['group-by-name'] });
        assert.deepEqual(needsOf([polling, { type: 'teams-notification-receiver' }]), {
            required: ['follow-app-only', 'group-by-name'],
            wanted: [],
        });
        for (const delivery of ['automatic', undefined])
            assert.deepEqual(needsOf([{ type: 'teams-subscriber', delivery }]), {
                required: ['follow-delegated'],
                wanted: ['follow-app-only'],
            });
    });
});

describe('What accounts need', () => {
    for (const [group, needs, wanted] of [
        ['Staff', ['group-by-name'], []],
        ['99999999-0000-4000-8000-000000000001', ['group-by-id'], []],
        ['$'.concat('{GROUP}'), ['group-by-id'], ['group-by-name']],
        [undefined, ['group-by-id'], ['group-by-name']],
    ] as const)
        it(`depends on how the group is named: ${group} [B2]`, () => {
            assert.deepEqual(accountNeeds([{ scope: 'group', group }, { scope: 'all' }]), { needs, wanted });
        });
});

describe('azure-app and teams-accounts at the start of the flows', function () {
    this.timeout(120_000);
    let office: TenantFixture;
    let flow: LoadedFlow;
    let warnings: () => string[];
    let following: object;
    /** The first cannot sign in, the second can. */
    const rows = ['sync-9', 'sync-1'].map((name, slot) => ({ username: `${name}@office.example`, slot }));

    /** Stand for other nodes: the check looks at what they are. */
    const others = (api: NodeAPI): void => {
        for (const type of ['teams-presence-writer', 'teams-subscriber', 'tls-config'])
            api.nodes.registerType(type, function (this: object, config: { ca?: string }) {
                api.nodes.createNode(this as never, config as never);
                Object.assign(this, { addTLSOptions: () => ({ ca: config.ca }) });
            } as never);
    };

    beforeEach(async () => {
        office = await TenantFixture.start();
        following = { delivery: 'polling' };
    });

    afterEach(async () => {
        await flow?.unload();
        await office.stop();
    });

    async function start(config: object, credentials: Record<string, string>, users: number): Promise<AzureApp> {
        const { url } = office.tenant;
        const urls = { cloud: 'custom', loginUrl: url, graphUrl: url, tls: 'tls', tenant: tenantId };
        const writers = Array.from({ length: users }, (_, index) => ({
            ...{ id: `writer${index}`, type: 'teams-presence-writer' },
            ...{ z: 'tab', app: 'app', wires: [] },
        }));
        flow = await LoadedFlow.load(
            [azureApp, teamsAccounts, others],
            [
                { id: 'tls', type: 'tls-config', ca: office.authority.certificate },
                { id: 'app', type: 'azure-app', ...urls, ...config },
                { id: 'accounts', type: 'teams-accounts', app: 'app', accounts: rows },
                { id: 'subscriber', type: 'teams-subscriber', z: 'tab', accounts: 'accounts', wires: [], ...following },
                ...writers,
            ],
            { app: credentials, accounts: { password0: 'wrong', password1: account.password } },
        );
        const node = flow.node('app') as AzureApp;
        warnings = () => warningsOf(node);
        return node;
    }

    function warningsOf(node: Node): string[] {
        const { warn } = node as unknown as { warn: { getCalls(): { thisValue: unknown; args: [string] }[] } };
        return warn
            .getCalls()
            .filter(({ thisValue }) => thisValue === node)
            .map(({ args }) => args[0]);
    }

    it('warns once of each permission that is missing, however many nodes need it', async () => {
        const { clientId, clientSecret } = poorApp;
        const node = await start({ clientId }, { clientSecret }, 2);
        const reports = await Promise.all([node.check(), node.check()]);
        assert.equal(reports[0], reports[1]);
        await until(() => warnings().length >= 2);
        const [users = '', presence = '', ...more] = warnings();
        assert.match(users, /User\.Read\.All is missing: Entra admin center > App registrations/);
        assert.match(presence, /Presence\.ReadWrite\.All is missing/);
        assert.deepEqual(more, []);
        const trouble = await permissionTrouble(node, 'write');
        assert.equal(trouble?.code, 'TEAMS_PERMISSIONS_NEEDED');
        assert.match(trouble?.message ?? '', /User\.Read\.All, Presence\.ReadWrite\.All/);
    });

    it('finds nothing to say of a registration that may do what it must', async () => {
        const { clientId, clientSecret } = app;
        const node = await start({ clientId }, { clientSecret }, 1);
        assert.equal((await node.check()).ok, true);
        assert.equal(await permissionTrouble(node, 'write'), undefined);
        assert.deepEqual(warnings(), []);
    });

    it('does not sign in where nothing acts as the app', async () => {
        const node = await start({ clientId: app.clientId }, { clientSecret: 'wrong' }, 0);
        assert.deepEqual(await node.check(), { ok: true, lines: [] });
    });

    it('warns of the delegated permissions that are missing, as the first account sees them that signs in', async () => {
        const { clientId, clientSecret } = app;
        office.tenant.changeRegistration(clientId, { roles: ['Presence.ReadWrite.All'] });
        following = { delivery: 'automatic' };
        const { teams } = await start({ clientId }, { clientSecret }, 0);
        const accounts = flow.node('accounts') as TeamsAccounts;
        const { ok, lines } = await accounts.check();
        assert.equal(ok, false);
        assert.equal(lines[0]?.parameters.account, account.username);
        await until(() => warningsOf(accounts).length > 0);
        assert.match(
            warningsOf(accounts).join(),
            /^Delegated permission User\.Read\.All is missing: [^,]+, then [^,]+$/,
        );
        // Who follows works with the same sign-in.
        const [first, again] = [await accounts.accounts(), await accounts.accounts()];
        const { registration } = await teams;
        assert.equal(registration.tokensOf(first[1]!), registration.tokensOf(again[1]!));
    });

    it('warns of what is missing for the group whose members are followed [B2]', async () => {
        const { clientId, clientSecret } = app;
        following = { delivery: 'notifications', scope: 'group', group: 'Staff' };
        await start({ clientId }, { clientSecret }, 0);
        const accounts = flow.node('accounts') as TeamsAccounts;
        assert.equal((await accounts.check()).ok, false);
        await until(() => warningsOf(accounts).length > 0);
        assert.match(
            warningsOf(accounts).join(),
            /^Delegated permission Group\.ReadBasic\.All is missing: [^,]+, then/,
        );
    });

    it('signs no account in where nothing follows with it', async () => {
        await start({ clientId: app.clientId }, { clientSecret: app.clientSecret }, 0);
        assert.deepEqual(await (flow.node('accounts') as TeamsAccounts).check(), { ok: true, lines: [] });
    });

    it('leaves an outage to the nodes that work with Microsoft', async () => {
        const { clientId, clientSecret } = app;
        await office.tenant.stop();
        const node = await start({ clientId }, { clientSecret }, 1);
        assert.equal((await node.check()).ok, false);
        await new Promise(resolve => setImmediate(resolve));
        assert.deepEqual(warnings(), []);
        assert.equal(await permissionTrouble(node, 'write'), undefined);
    });

    for (const [days, told] of [
        [20, /^The client secret ends in (19|20) days, on \d{4}-\d\d-\d\d: create a new one/],
        [-1, /^By the date entered, the client secret has ended on/],
        [40, undefined],
    ] as const)
        it(`${told ? 'warns' : 'says nothing'} where its secret ends in ${days} days by the date entered [E5]`, async () => {
            const secretEnds = new Date(Date.now() + days * day).toISOString().slice(0, 10);
            const { clientId, clientSecret } = app;
            const node = await start({ clientId, secretEnds }, { clientSecret }, 1);
            const { ok, lines } = await node.check();
            assert.equal(ok, true);
            assert.equal(lines.find(({ id }) => id === 'secret')?.ok, told ? 'warning' : true);
            if (!told) return assert.deepEqual([warnings(), node.ending], [[], undefined]);
            await until(() => warnings().length > 0);
            assert.match(warnings().join(), told);
            assert.match(node.ending?.sentence.en ?? '', told);
        });

    it('warns 30 days before its certificate ends', async () => {
        const certificate = certificateFor(20);
        const node = await start({ clientId: app.clientId, authentication: 'certificate' }, { certificate }, 0);
        assert.deepEqual((await node.check()).ok, true);
        await until(() => warnings().length > 0);
        assert.match(warnings().join(), /^The certificate presence sync ends in (19|20) days/);
    });
});
