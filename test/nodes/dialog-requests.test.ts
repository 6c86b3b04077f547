import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import type { NodeAPI } from 'node-red';
import { issueCertificate } from '../../lib/simulator/issue-certificate';
import { createHttp } from '../../lib/teams/connection/http';
import { type AppRegistration, accountTokens } from '../../lib/teams/connection/sign-in/token-source';
import { onEditorRequest } from '../../nodes/runtime/editor-requests';
import type { TeamsAccounts } from '../../nodes/teams-accounts';
import { account, app, poorApp, publicApp, TenantFixture, tenantId } from '../lib/simulator/tenant/tenant-fixture';
import { aesPfx, password } from '../lib/teams/connection/sign-in/pfx-files';
import { FakeClock } from '../support/fake-clock';
import { LoadedFlow } from '../support/loaded-flow';

import azureApp = require('../../nodes/azure-app');
import teamsAccounts = require('../../nodes/teams-accounts');

const helper: { settings(settings: object): void } = require('node-red-node-test-helper');

/** What a dialog is answered. */
interface Answer {
    ok: boolean;
    lines: { ok: boolean | 'warning'; code: string; parameters: Record<string, string>; text: string }[];
    error: { code: string; parameters: Record<string, string>; text: string };
    [property: string]: unknown;
}

/** Node-RED's own node for certificates, as far as ours look at it. */
function tlsConfig(RED: NodeAPI): void {
    RED.nodes.registerType('tls-config', function (this: never, config: { ca: string } & { id: string }) {
        RED.nodes.createNode(this, config as never);
        Object.assign(this, { addTLSOptions: (options: object) => ({ ...options, ca: config.ca }) });
    } as never);
}

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ownCertificate = issueCertificate({ commonName: 'presence sync', key, now: Date.now() }).toString();
const certificateFile = `${key.export({ type: 'pkcs8', format: 'pem' })}${ownCertificate}`;

const modules = [azureApp, teamsAccounts, tlsConfig];

describe('What the dialogs ask the runtime', function () {
    this.timeout(120_000);
    let office: TenantFixture;
    let flow: LoadedFlow;
    let userDir: string;
    let server: Server;
    let editor: string;
    let values: Record<string, unknown>;

    let credentials: Record<string, Record<string, string>>;

    beforeEach(async () => {
        credentials = { app: { clientSecret: app.clientSecret }, accounts: { password3: account.password } };
        userDir = await mkdtemp(join(tmpdir(), 'dialog-requests-'));
        helper.settings({ userDir });
        server = createServer((request, response) => flow.httpAdmin?.(request, response)).listen(0, '127.0.0.1');
        await once(server, 'listening');
        editor = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        office = await TenantFixture.start();
        const { url } = office.tenant;
        values = {
            cloud: 'custom',
            loginUrl: url,
            graphUrl: url,
            tls: 'tls',
            tenant: tenantId,
            clientId: app.clientId,
        };
    });

    afterEach(async () => {
        await flow?.unload();
        helper.settings({});
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
        await office.stop();
        await rm(userDir, { recursive: true, force: true, maxRetries: 5 });
    });

    const load = async (...nodes: { id: string; type: string; [property: string]: unknown }[]): Promise<void> => {
        const tls = { id: 'tls', type: 'tls-config', ca: office.authority.certificate };
        flow = await LoadedFlow.load(modules, [tls, ...nodes], credentials);
    };
    const deployedApp = () => ({ ...values, id: 'app', type: 'azure-app' });
    const deployedAccounts = (...accounts: object[]) => ({
        id: 'accounts',
        type: 'teams-accounts',
        app: 'app',
        accounts,
    });

    async function post(path: string, body: object | string, headers: Record<string, string> = {}): Promise<Response> {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const sent = { 'content-type': 'application/json', ...headers };
        return fetch(`${editor}${path}`, { method: 'POST', headers: sent, body: text });
    }

    async function ask(path: string, body: object, language = 'en-US'): Promise<Answer> {
        const response = await post(path, body, { 'accept-language': language });
        assert.equal(response.status, 200);
        const text = await response.text();
        for (const secret of [app.clientSecret, account.password]) assert.ok(!text.includes(secret), text);
        return JSON.parse(text);
    }

    const codes = ({ lines }: Answer) => lines.map(({ code, ok }) => `${ok} ${code}`);

    describe('of an app registration', () => {
        const writer = [{ type: 'teams-presence-writer' }];

        it('is tried though it is not deployed', async () => {
            await load();
            const asked = { ...values, id: 'new', clientSecret: app.clientSecret, uses: writer };
            const answer = await ask('/azure-app/check', asked);
            assert.equal(answer.ok, true);
            assert.deepEqual(codes(answer), [
                'true CHECK_APP_SIGNED_IN',
                'true CHECK_ROLE_GRANTED',
                'true CHECK_ROLE_GRANTED',
            ]);
        });

        it('is answered in the language of the editor, which need not be that of the runtime', async () => {
            await load();
            const check = (change: object, language: string) =>
                ask('/azure-app/check', { ...values, id: 'new', ...change }, language);
            assert.equal((await check({ clientId: 'x' }, 'fr')).error.text, 'Client id is not valid: it is no GUID');
            for (const language of ['de', 'de-AT,en;q=0.8']) {
                const { error } = await check({ clientId: 'x' }, language);
                assert.equal(error.text, 'Client-ID ist ungültig: Es ist keine GUID');
                const { lines } = await check({}, language);
                assert.equal(lines[0]!.text, `Den Mandanten ${tenantId} gibt es`);
            }
        });

        it('uses the stored secret where the dialog only knows that there is one', async () => {
            await load(deployedApp());
            const answer = await ask('/azure-app/check', { ...values, id: 'app', clientSecret: '__PWRD__' });
            assert.equal(answer.ok, true);
        });

        it('never uses the secret of a node of another type, nor of one that is gone', async () => {
            await load(deployedApp(), deployedAccounts());
            for (const id of ['accounts', 'gone', '__proto__', 7]) {
                const asked = { ...values, id, clientSecret: '__PWRD__', uses: writer };
                assert.deepEqual(codes(await ask('/azure-app/check', asked)), [
                    'true CHECK_TENANT_FOUND',
                    'false CHECK_PROOF_MISSING',
                ]);
            }
        });

        it('takes values from the environment', async () => {
            await load();
            process.env.DIALOG_TEST_SECRET = app.clientSecret;
            try {
                for (const clientSecret of [`\${DIALOG_TEST_SECRET}`, '$(DIALOG_TEST_SECRET)'])
                    assert.equal((await ask('/azure-app/check', { ...values, clientSecret })).ok, true);
            } finally {
                delete process.env.DIALOG_TEST_SECRET;
            }
        });

        it('names a variable of the environment that is not set [A8]', async () => {
            await load();
            const { error } = await ask('/azure-app/check', { ...values, clientSecret: `\${DIALOG_TEST_UNSET}` });
            assert.equal(error.text, 'The environment variable DIALOG_TEST_UNSET is not set');
        });

        it('says in words what is wrong', async () => {
            await load();
            const wrong = await ask('/azure-app/check', { ...values, clientSecret: 'not it' });
            assert.deepEqual([wrong.ok, ...codes(wrong)], [false, 'false TEAMS_SECRET_WRONG']);
            const { error } = await ask('/azure-app/check', { ...values, tenant: ' ' });
            assert.deepEqual(error, {
                code: 'FIELD_MISSING',
                parameters: { field: 'Tenant' },
                text: 'Tenant is missing',
            });
            const undeployed = await ask('/azure-app/check', { ...values, tls: 'not deployed' });
            assert.equal(undeployed.error.text, 'TLS configuration is not valid: deploy it first');
            for (const nothing of [{}, { uses: 'x', cloud: {}, tenant: [] }])
                assert.equal((await ask('/azure-app/check', nothing)).error.code, 'FIELD_MISSING');
        });

        it('names a permission that is missing, and only warns where nothing needs it', async () => {
            await load();
            const poor = { ...values, ...poorApp };
            const used = await ask('/azure-app/check', { ...poor, uses: writer });
            assert.equal(used.ok, false);
            assert.deepEqual(
                used.lines.filter(({ ok }) => !ok).map(({ parameters }) => parameters.permission),
                ['User.Read.All', 'Presence.ReadWrite.All'],
            );
            const unused = await ask('/azure-app/check', { ...poor, uses: [] });
            assert.equal(unused.ok, true);
            assert.ok(codes(unused).includes('warning CHECK_ROLE_MISSING'));
        });

        it('is answered to JSON only', async () => {
            await load();
            for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
                assert.equal(
                    (await post('/azure-app/check', '{"cloud":"china"}', { 'content-type': type })).status,
                    415,
                );
        });

        it('says at once what a certificate is, or why it cannot be read', async () => {
            await load();
            const read = (body: object) => ask('/azure-app/certificate', body);
            const pem = await read({ certificate: certificateFile.replaceAll('\n', '\\n') });
            assert.equal(pem.code, 'CHECK_CERTIFICATE_VALID');
            const pfx = { certificate: aesPfx.toString('base64'), certificatePassword: password };
            assert.match(String((await read(pfx)).code), /^CHECK_CERTIFICATE_/);
            for (const certificate of [pfx.certificate, 'nonsense', '', ownCertificate])
                assert.match((await read({ certificate })).error.code, /^TEAMS_CERTIFICATE_UNREADABLE$/);
        });

        it('signs in with a certificate that is deployed', async () => {
            office.tenant.changeRegistration(app.clientId, { certificates: [ownCertificate] });
            credentials.app = { certificate: certificateFile };
            await load({ ...deployedApp(), authentication: 'certificate' });
            const asked = {
                ...values,
                id: 'app',
                authentication: 'certificate',
                certificate: '__PWRD__',
                uses: writer,
            };
            const answer = await ask('/azure-app/check', asked);
            assert.equal(answer.ok, true);
            assert.deepEqual(codes(answer).slice(0, 2), ['true CHECK_APP_SIGNED_IN', 'true CHECK_CERTIFICATE_VALID']);
        });
    });

    describe('of accounts', () => {
        const appAsked = () => ({ ...values, id: 'app', clientSecret: '__PWRD__' });
        const row = { index: 0, username: account.username, slot: 3, password3: '__PWRD__' };

        it('tries an account with what was entered, or with the stored password', async () => {
            office.tenant.changeRegistration(app.clientId, { roles: ['Presence.Read.All'] });
            await load(deployedApp(), deployedAccounts());
            const stored = await ask('/teams-accounts/check', { ...row, id: 'accounts', app: appAsked() });
            assert.equal(codes(stored)[0], 'true CHECK_ACCOUNT_SIGNED_IN');
            // What the registration may do is told, too.
            assert.ok(codes(stored).includes('false CHECK_SCOPE_MISSING'));
            const asked = { ...row, id: 'new', password3: 'wrong', app: appAsked() };
            assert.deepEqual(codes(await ask('/teams-accounts/check', asked)), ['false TEAMS_PASSWORD_WRONG']);
            const { error } = await ask('/teams-accounts/check', { ...row, id: 'new', app: appAsked() });
            assert.equal(error.text, `Password of ${account.username} is missing`);
        });

        it('looks at what the group takes that is followed with the accounts [B2]', async () => {
            await load(deployedApp(), deployedAccounts());
            const asked = { ...row, id: 'accounts', app: appAsked() };
            const missing = async (use: object) => {
                const { lines } = await ask('/teams-accounts/check', { ...asked, uses: [{ scope: 'group', ...use }] });
                return lines
                    .filter(({ ok }) => ok !== true && ok !== 'warning')
                    .map(each => each.parameters.permission);
            };
            assert.deepEqual(await missing({ group: 'Staff' }), ['Group.ReadBasic.All']);
            assert.deepEqual(await missing({ group: tenantId }), ['GroupMember.ReadBasic.All']);
            assert.deepEqual(await missing({ scope: 'all' }), []);
            const scopes = ['User.Read.All', 'Presence.Read.All', 'GroupMember.ReadBasic.All'];
            office.tenant.changeRegistration(app.clientId, { scopes });
            assert.deepEqual(await missing({ group: tenantId }), []);
            assert.deepEqual(await missing({ group: 'Staff' }), ['Group.ReadBasic.All']);
        });

        it('says that an account has not signed in by device code yet', async () => {
            await load(deployedApp());
            const asked = { ...row, method: 'device-code', signIn: '', id: 'accounts', app: appAsked() };
            assert.deepEqual(codes(await ask('/teams-accounts/check', asked)), ['false TEAMS_SIGN_IN_MISSING']);
            const nameless = await ask('/teams-accounts/check', { ...asked, username: '' });
            assert.equal(nameless.error.code, 'TEAMS_SIGN_IN_MISSING');
        });

        describe('by device code', () => {
            const mfa = { username: 'sync-mfa@office.example', password: 'x', mfa: true };

            beforeEach(async () => {
                await office.stop();
                office = await TenantFixture.start({
                    accounts: [mfa],
                    registrations: [
                        { ...publicApp, publicClient: true, roles: [], scopes: ['Presence.Read.All', 'User.Read'] },
                    ],
                });
                office.tenant.behaviour.deviceCodeInterval = 0.02;
                const { url } = office.tenant;
                values = { ...values, loginUrl: url, graphUrl: url, clientId: publicApp.clientId };
            });

            const start = () => ask('/teams-accounts/device-code', { id: 'accounts', app: { ...values, id: 'app' } });

            /** Asks as the dialog does, until there is something to say. */
            async function end(signIn: unknown): Promise<Answer> {
                for (;;) {
                    const answer = await ask('/teams-accounts/sign-in/state', { signIn });
                    if (answer.username || answer.error) return answer;
                }
            }

            it('signs an account in that needs a second factor, for a node that is not deployed yet', async () => {
                await load(deployedApp());
                const shown = await start();
                assert.match(String(shown.userCode), /^[A-Z0-9]{9}$/);
                assert.match(String(shown.verificationUri), /^https:/);
                assert.ok(Number(shown.seconds) > 800);
                office.tenant.enterDeviceCode(String(shown.userCode), mfa.username);
                assert.equal((await end(shown.signIn)).username, mfa.username);
                await flow.unload();

                const signedIn = { username: mfa.username, slot: 0, method: 'device-code', signIn: shown.signIn };
                await load(deployedApp(), deployedAccounts(signedIn));
                const [deployed] = await (flow.node('accounts') as TeamsAccounts).accounts();
                const settings = {
                    ...{ loginUrl: office.tenant.url, graphUrl: office.tenant.url },
                    ...{ tenant: tenantId, clientId: publicApp.clientId },
                };
                const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
                const token = await accountTokens(settings, deployed!, http).token();
                await http.close();
                assert.equal((await office.graph(token, 'GET', '/me')).body.userPrincipalName, mfa.username);
                const asked = { ...signedIn, index: 0, id: 'accounts', app: { ...values, id: 'app' } };
                assert.equal(codes(await ask('/teams-accounts/check', asked))[0], 'true CHECK_ACCOUNT_SIGNED_IN');
            });

            it('keeps nothing readable, and gives no token to the browser', async () => {
                await load(deployedApp());
                const shown = await start();
                office.tenant.enterDeviceCode(String(shown.userCode), mfa.username);
                const told = await end(shown.signIn);
                assert.deepEqual(Object.keys(told), ['username']);
                const files = await readdir(join(userDir, 'presence-sync'));
                assert.ok(files.includes(`accounts+${shown.signIn}.jwe`));
            });

            it('is told when the sign-in is declined, and when it was cancelled', async () => {
                await load(deployedApp());
                const declined = await start();
                office.tenant.declineDeviceCode(String(declined.userCode));
                assert.equal((await end(declined.signIn)).error.code, 'TEAMS_DEVICE_CODE_DECLINED');
                const cancelled = await start();
                await ask('/teams-accounts/sign-in/cancel', { signIn: cancelled.signIn });
                assert.equal((await end(cancelled.signIn)).error.code, 'TEAMS_DEVICE_CODE_EXPIRED');
            });

            describe('or in the browser', () => {
                const begin = (page = `${editor}/`) =>
                    ask('/teams-accounts/browser', { id: 'accounts', app: { ...values, id: 'app' }, editor: page });

                beforeEach(async () => {
                    const redirectUris = ['http://localhost/teams-accounts/signed-in'];
                    office.tenant.changeRegistration(publicApp.clientId, { redirectUris });
                    office.tenant.changeAccount(mfa.username, { password: mfa.password });
                    await load(deployedApp());
                });

                /** Where Microsoft leads the browser back to. */
                async function lead(address: unknown): Promise<string> {
                    const { username, password } = mfa;
                    const form = new URLSearchParams({ username, password }).toString();
                    return (await office.send('POST', String(address), form)).headers.location ?? '';
                }

                /** As the browser goes there. */
                const follow = (location: string, init: RequestInit = {}) =>
                    fetch(`${editor}${location.replace(/^http:\/\/localhost(:\d+)?/, '')}`, init);

                it('signs it in by the address to which Microsoft leads back, without a permission [E1]', async () => {
                    const begun = await begin();
                    assert.equal(
                        begun.redirectUri,
                        `${editor.replace('127.0.0.1', 'localhost')}/teams-accounts/signed-in`,
                    );
                    assert.equal(begun.isPasted, false);
                    const location = await lead(begun.address);
                    assert.equal((await follow(location, { method: 'HEAD' })).status, 405);
                    const page = await follow(location, { headers: { 'accept-language': 'de' } });
                    assert.equal(await page.text(), 'Sie sind angemeldet. Sie können dieses Fenster schließen.');
                    assert.equal(page.headers.get('content-type'), 'text/plain; charset=utf-8');
                    assert.deepEqual(
                        ['cache-control', 'referrer-policy', 'x-content-type-options'].map(name =>
                            page.headers.get(name),
                        ),
                        ['no-store', 'no-referrer', 'nosniff'],
                    );
                    assert.equal((await end(begun.signIn)).username, mfa.username);
                    const again = await follow(location);
                    assert.equal(again.status, 400);
                    assert.match(await again.text(), /^This sign-in has expired, was used already/);
                });

                it('takes nothing else there [E1]', async () => {
                    for (const query of ['', '?state=x&code=y', '?state=<b>&error=x', '?%00', '?state=a&state=b'])
                        assert.equal((await follow(`/teams-accounts/signed-in${query}`)).status, 400, query);
                });

                it('signs it in by the same address pasted where the browser finds nothing there [E1]', async () => {
                    const begun = await begin('http://192.168.1.5:1880/');
                    assert.equal(begun.isPasted, true);
                    const location = await lead(begun.address);
                    for (const wrong of ['', 'code', 'http://localhost/', `${location.split('?')[0]}?code=1`]) {
                        const { error } = await ask('/teams-accounts/browser/pasted', { address: wrong });
                        assert.equal(error.code, 'TEAMS_REDIRECT_PASTED_WRONG');
                    }
                    const pasted = await ask('/teams-accounts/browser/pasted', { address: ` ${location}\n` });
                    assert.equal(pasted.username, mfa.username);
                    assert.equal((await end(begun.signIn)).username, mfa.username);
                });
            });

            it('gives no code where the sign-in could not be kept', async () => {
                await writeFile(join(userDir, 'presence-sync'), 'a file where the folder should be');
                await load(deployedApp());
                const { error } = await start();
                assert.equal(error.code, 'SIGN_IN_NOT_KEPT');
                assert.ok(String(error.parameters.folder).startsWith(userDir));
            });

            it('one row that never signed in stops no other', async () => {
                const rows = ['sync-1', 'sync-2'].map((name, slot) => ({
                    ...{ username: `${name}@office.example`, slot },
                    ...{ method: 'device-code', signIn: slot === 0 ? '' : 'gone' },
                }));
                await load(deployedApp(), deployedAccounts(...rows));
                const all = await (flow.node('accounts') as TeamsAccounts).accounts();
                const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
                const settings = { ...(values as never as AppRegistration), tenant: tenantId };
                for (const one of all)
                    await assert.rejects(accountTokens(settings, one, http).token(), { code: 'TEAMS_SIGN_IN_MISSING' });
                await http.close();
            });
        });
    });
});

describe('A request from a dialog', () => {
    it('is answered after 30 s at the latest', async () => {
        const clock = new FakeClock();
        const routes: RequestHandler[] = [];
        const RED = {
            httpAdmin: { post: (_path: string, _permission: unknown, handler: RequestHandler) => routes.push(handler) },
            auth: { needsPermission: () => undefined },
        };
        onEditorRequest(RED as never, '/x', () => new Promise(() => {}), { clock });
        const answered = new Promise<{ error: { text: string } }>(resolve => {
            const request = { is: () => true, acceptsLanguages: () => 'en', body: {} };
            const response = { on: () => {}, json: resolve };
            routes[0]?.(request as never, response as never, () => {});
        });
        await clock.advance(29_000);
        assert.equal(clock.waiting, 1);
        await clock.advance(1_000);
        assert.equal((await answered).error.text, 'Microsoft did not answer within 30 s');
    });
});
