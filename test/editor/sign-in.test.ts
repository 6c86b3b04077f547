import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { app, publicApp, TenantFixture, tenantId } from '../lib/simulator/tenant/tenant-fixture';
import { appCertificate } from '../support/app-certificate';
import { launchBrowser } from '../support/browser';
import type { FlowNode } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';

const mfa = { username: 'sync-mfa@office.example', password: 'x', mfa: true, licence: true };
const plain = { username: 'sync-1@office.example', password: 'password of sync 1', licence: true };
const second = { username: 'sync-2@office.example', password: 'password of sync 2', mfa: true, licence: true };
const scopes = ['User.Read.All', 'Presence.Read.All'];

describe('signing in, in the editor', function () {
    this.timeout(120_000);
    let office: TenantFixture;
    let nodeRed: NodeRedProcess;
    let browser: Browser;
    let editor: EditorPage;
    let appCertificates: ReturnType<typeof appCertificate>;

    before(async () => {
        appCertificates = appCertificate();
        const { certificate } = appCertificates;
        office = await TenantFixture.start({
            accounts: [plain, mfa, second],
            registrations: [
                { ...app, certificates: [certificate], publicClient: false, roles: ['User.Read.All'], scopes },
                { ...publicApp, publicClient: true, roles: [], scopes },
            ],
        });
        office.tenant.behaviour.deviceCodeInterval = 0.2;
        nodeRed = new NodeRedProcess();
        browser = await launchBrowser();
        await nodeRed.start();
        await nodeRed.deploy(flows());
    });

    after(async () => {
        await browser?.close();
        await nodeRed?.dispose();
        await office?.stop();
    });

    afterEach(() => editor?.close());

    /** Both registrations and the accounts of one, as an administrator with a private authority has them. */
    function flows(): FlowNode[] {
        const { url } = office.tenant;
        const urls = { cloud: 'custom', loginUrl: url, graphUrl: url, tls: 'authority', tenant: tenantId };
        return [
            { id: 'flow', type: 'tab', label: 'Flow' },
            {
                id: 'authority',
                type: 'tls-config',
                caname: 'ca',
                credentials: { cadata: office.authority.certificate },
            },
            { id: 'app', type: 'azure-app', ...urls, clientId: app.clientId, credentials: { clientSecret: 'wrong' } },
            { id: 'public', type: 'azure-app', ...urls, clientId: publicApp.clientId },
            {
                ...{ id: 'accounts', type: 'teams-accounts', app: 'public' },
                ...{ accounts: [{ username: plain.username, slot: 0 }], credentials: { password0: plain.password } },
            },
            {
                id: 'writer',
                type: 'teams-presence-writer',
                z: 'flow',
                x: 200,
                y: 100,
                app: 'app',
                lease: 15,
                wires: [[]],
            },
        ];
    }

    /** The lines of a result, each with its sign, once the test is through. */
    async function result(of: string): Promise<string[]> {
        const list = editor.dialog.locator(`#${of}-test-result`);
        await editor.page.locator(`#${of}-test:enabled`).waitFor({ timeout: 10_000 });
        const lines = await list.locator('li[data-ok]').all();
        return Promise.all(lines.map(async line => `${await line.getAttribute('data-ok')} ${await line.innerText()}`));
    }

    async function test(of: string): Promise<string[]> {
        await editor.page.locator(`#${of}-test`).click();
        return result(of);
    }

    for (const [locale, wrong, missing] of [
        ['en-US', /^false Client secret is wrong/, /^false Application permission Presence.ReadWrite.All is missing: /],
        [
            'de-DE',
            /^false Das Clientgeheimnis ist falsch/,
            /^false Die Anwendungsberechtigung Presence.ReadWrite.All fehlt: /,
        ],
    ] as const) {
        it(`the test button of a registration tells what is wrong, before a deploy (${locale})`, async () => {
            editor = await EditorPage.open(browser, nodeRed.baseUrl, locale);
            await editor.openConfig('azure-app', 'app');
            assert.match((await test('azure-app')).join(), wrong);
            await editor.enter(editor.configField('clientSecret'), app.clientSecret);
            const [signedIn, users, presence, ...more] = await test('azure-app');
            assert.match(signedIn ?? '', /^true /);
            assert.match(users ?? '', /^true .*User\.Read\.All/);
            assert.match(presence ?? '', missing);
            assert.deepEqual(more, []);
            assert.deepEqual(await editor.rawKeys(), []);
            assert.deepEqual(editor.complaints, []);
        });
    }

    it('a certificate is read as soon as it is entered, and signs in', async () => {
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.openConfig('azure-app', 'app');
        await editor.configField('authentication').selectOption('certificate');
        const told = () => editor.dialog.locator('#azure-app-certificate-told li');
        const { key, certificate } = appCertificates;
        await editor.enter(editor.configField('certificate'), certificate);
        await told().getByText('the private key is missing').waitFor();
        await editor.dialog.locator('.azure-app-certificate-file').setInputFiles({
            name: 'app.pem',
            mimeType: 'application/x-pem-file',
            buffer: Buffer.from(`${key}${certificate}`),
        });
        await told().getByText('is valid until').waitFor();
        assert.match(
            (await test('azure-app')).join('\n'),
            /^true The app registration .* signs in\ntrue The certificate/,
        );
        await editor.closeConfig();
        assert.deepEqual(await editor.deploy(), []);

        // Afterwards the editor knows only that there is one.
        await editor.close();
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.openConfig('azure-app', 'app');
        assert.equal(await editor.configField('certificate').inputValue(), '__PWRD__');
        assert.equal(await editor.configField('certificate').isVisible(), false);
        await told().getByText('is valid until').waitFor();
        assert.match((await test('azure-app'))[0] ?? '', /^true The app registration .* signs in/);
        assert.doesNotMatch(JSON.stringify(await nodeRed.getFlows()), /PRIVATE KEY/);
        assert.deepEqual(editor.complaints, []);
    });

    it('an account is signed in by device code, tested, deployed and used', async () => {
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.openConfig('teams-accounts', 'accounts');
        await editor.dialog.locator('.red-ui-editableList-addButton').click();
        const rows = editor.dialog.locator('.red-ui-editableList-container li');
        await rows.nth(1).locator('select').selectOption('device-code');
        assert.equal(await rows.nth(1).locator('input[type=password]').isVisible(), false);

        await rows.nth(1).getByRole('button', { name: 'Sign in' }).click();
        const code = editor.page.locator('#teams-accounts-code');
        const userCode = await code.innerText();
        const notice = editor.page.locator('.red-ui-notification', { has: code });
        assert.match(await notice.locator('a').getAttribute('href').then(String), /^https:.*devicelogin$/);
        await notice.getByText(/expires in 1[45]:\d\d minutes/).waitFor();
        office.tenant.enterDeviceCode(userCode, mfa.username);
        await rows.nth(1).getByText(`Signed in as ${mfa.username}`).waitFor();
        await notice.waitFor({ state: 'detached' });

        const lines = await test('teams-accounts');
        assert.ok(lines.length >= 8, lines.join('\n'));
        assert.deepEqual(
            lines.filter(line => !line.startsWith('true ')),
            [],
        );
        for (const { username } of [plain, mfa]) assert.ok(lines.includes(`true Account ${username} signs in`));
        await editor.closeConfig();
        assert.deepEqual(await editor.deploy(), []);

        const saved = (await nodeRed.getFlows()).find(({ id }) => id === 'accounts')!;
        const [, row] = saved.accounts as { signIn: string }[];
        assert.deepEqual(row, { username: mfa.username, slot: 1, method: 'device-code', signIn: row?.signIn });
        const files = await readdir(join(nodeRed.userDir, 'presence-sync'));
        assert.ok(files.includes(`accounts+${row?.signIn}.jwe`));
        assert.deepEqual(editor.complaints, []);
    });

    it('an account is signed in at the page of Microsoft in the same browser, and tested [E1]', async () => {
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.openConfig('teams-accounts', 'accounts');
        await editor.dialog.locator('.red-ui-editableList-addButton').click();
        const row = editor.dialog.locator('.red-ui-editableList-container li').last();
        await row.locator('select').selectOption('browser');
        await row.getByRole('button', { name: 'Sign in' }).click();
        const shown = editor.page.locator('#teams-accounts-code');
        const redirectUri = await shown.innerText();
        assert.match(redirectUri, /^http:\/\/localhost:\d+\/teams-accounts\/signed-in$/);
        office.tenant.changeRegistration(publicApp.clientId, { redirectUris: [redirectUri] });
        const notice = editor.page.locator('.red-ui-notification', { has: shown });
        assert.equal(await notice.locator('input').count(), 0);
        const address = await notice.getByRole('link').getAttribute('href');

        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        const page = await context.newPage();
        await page.goto(String(address));
        await page.getByLabel('User name').fill(second.username);
        await page.getByLabel('Password').fill(second.password);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByText('You have signed in').waitFor();
        await context.close();

        await row.getByText(`Signed in as ${second.username}`).waitFor();
        await notice.waitFor({ state: 'detached' });
        const lines = await test('teams-accounts');
        assert.ok(lines.includes(`true Account ${second.username} signs in`), lines.join());
        assert.deepEqual(editor.complaints, []);
    });

    it('the sign-in goes when its node is deleted', async () => {
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await nodeRed.deploy((await nodeRed.getFlows()).filter(({ id }) => id !== 'accounts'));
        const files = await readdir(join(nodeRed.userDir, 'presence-sync'));
        assert.deepEqual(
            files.filter(file => file.startsWith('accounts+')),
            [],
        );
    });

    it('a cancelled device code leaves the row as it was', async () => {
        await nodeRed.deploy(flows());
        editor = await EditorPage.open(browser, nodeRed.baseUrl, 'de-DE');
        await editor.openConfig('teams-accounts', 'accounts');
        await editor.dialog.locator('.red-ui-editableList-addButton').click();
        const row = editor.dialog.locator('.red-ui-editableList-container li').nth(1);
        await row.locator('select').selectOption('device-code');
        await row.getByRole('button', { name: 'Anmelden' }).click();
        const notice = editor.page.locator('.red-ui-notification', {
            has: editor.page.locator('#teams-accounts-code'),
        });
        await notice.getByRole('button', { name: 'Abbrechen' }).click();
        await row.getByText('Noch nicht angemeldet').waitFor();
        await row.getByRole('button', { name: 'Anmelden' }).and(editor.page.locator(':enabled')).waitFor();
        assert.match((await test('teams-accounts')).join(), /false Das Konto 2 hat sich noch nicht angemeldet/);
        assert.deepEqual(await editor.rawKeys(), []);
        assert.deepEqual(editor.complaints, []);
    });

    it('the accounts are tested for the group that is followed with them [B2]', async () => {
        const subscriber = {
            id: 'subscriber',
            type: 'teams-subscriber',
            z: 'flow',
            x: 200,
            y: 200,
            accounts: 'accounts',
        };
        const followed = { delivery: 'notifications', scope: 'group', group: 'Staff', wires: [[]] };
        await nodeRed.deploy([...flows(), { ...subscriber, ...followed }]);
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.openConfig('teams-accounts', 'accounts');
        const wrong = (await test('teams-accounts')).filter(line => line.startsWith('false '));
        assert.match(wrong.join('\n'), /^false Delegated permission Group\.ReadBasic\.All is missing: .*$/);
        assert.deepEqual(editor.complaints, []);
    });
});
