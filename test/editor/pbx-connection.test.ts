import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../lib/simulator/pbx/visibility';
import { defaultPeople } from '../../lib/simulator/person';
import { launchBrowser } from '../support/browser';
import type { FlowNode } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';

const app = { name: 'presence-sync', password: 'a secret of the App', apis: ['PbxApi', 'PbxTableUsers'] };

describe('the PBX connection, in the editor', function () {
    this.timeout(120_000);
    let pbx: SimulatedPbx;
    let authority: CertificateAuthority;
    let nodeRed: NodeRedProcess;
    let browser: Browser;
    let editor: EditorPage;

    before(async () => {
        authority = await CertificateAuthority.create();
        pbx = new SimulatedPbx({ people: defaultPeople(), app, authority, defaultVisibility: allRights });
        await pbx.start();
        nodeRed = new NodeRedProcess();
        browser = await launchBrowser();
        await nodeRed.start();
    });

    after(async () => {
        await browser?.close();
        await nodeRed?.dispose();
        await pbx?.stop();
    });

    beforeEach(() => nodeRed.deploy([{ id: 'flow', type: 'tab', label: 'Flow' }, old()]));
    afterEach(() => editor?.close());

    /** As it was deployed before there was anything to choose. */
    const old = (): FlowNode => ({
        ...{ id: 'link', type: 'pbx-connection', name: '', system: 'innovaphone', address: pbx.url, module: 'PBX0' },
        ...{ appName: app.name, domain: '', tls: '', credentials: { password: app.password } },
    });

    async function open(locale: string): Promise<void> {
        editor = await EditorPage.open(browser, nodeRed.baseUrl, locale);
        await editor.openConfig('pbx-connection', 'link');
        assert.deepEqual(await editor.rawKeys(), []);
        assert.deepEqual(await editor.wrongFields(), []);
    }

    const lines = (): Locator => editor.dialog.locator('#pbx-connection-test-result li[data-ok]');
    const visible = (property: string): Promise<boolean> => editor.configField(property).isVisible();
    const tab = (index: number): Promise<void> =>
        editor.dialog.locator('#pbx-connection-tabs .red-ui-tab').nth(index).click();

    async function test(): Promise<string> {
        await editor.page.locator('#pbx-connection-test').click();
        await lines().first().waitFor({ timeout: 20_000 });
        await editor.page.locator('#pbx-connection-test:enabled').waitFor({ timeout: 20_000 });
        const found = await lines().all();
        const told = found.map(async line => `${await line.getAttribute('data-ok')} ${await line.innerText()}`);
        return (await Promise.all(told)).join('\n');
    }

    it('tests what the nodes need that use it, and offers no certificate that is pinned', async () => {
        await nodeRed.deploy([
            { id: 'flow', type: 'tab', label: 'Flow' },
            { ...old(), fingerprint: pbx.fingerprint?.toLowerCase() },
            { id: 'other', type: 'comment', z: 'flow', name: 'Of another kind', x: 100, y: 50, wires: [] },
            { id: 'out', type: 'pbx-presence-out', z: 'flow', pbx: 'link', call: 'alien', x: 200, y: 100, wires: [[]] },
        ]);
        await open('en-US');
        assert.match(await test(), /warning PbxImpersonation may not be used/);
        assert.equal(await lines().locator('button').count(), 0);
    });

    it('offers to pin no certificate that a TLS configuration trusts [B7]', async () => {
        await nodeRed.deploy([
            { id: 'flow', type: 'tab', label: 'Flow' },
            { id: 'tls', type: 'tls-config', credentials: { cadata: authority.certificate } },
            { ...old(), tls: 'tls' },
        ]);
        await open('en-US');
        assert.match(await test(), /true Its certificate is trusted: .* SHA-256 fingerprint/);
        assert.equal(await lines().locator('button').count(), 0);
    });

    for (const [locale, untrusted, loggedIn, missing] of [
        [
            'en-US',
            /^false The certificate of PBX/,
            /true App object presence-sync logs in/,
            /warning PbxAdminApi may not/,
        ],
        [
            'de-DE',
            /^false Dem Zertifikat der PBX/,
            /true Das App-Objekt presence-sync meldet sich an/,
            /warning PbxAdminApi darf nicht/,
        ],
    ] as const) {
        it(`tries the connection and pins its certificate, before a deploy (${locale})`, async () => {
            await open(locale);
            assert.match(await test(), untrusted);
            await lines().locator('button').first().click();
            assert.equal(await editor.configField('fingerprint').inputValue(), pbx.fingerprint);
            const told = await test();
            assert.match(told, loggedIn);
            assert.match(told, missing);
            assert.doesNotMatch(told, /false /);
            await editor.closeConfig();
            assert.deepEqual(await editor.deploy(), []);
            const saved = (await nodeRed.getFlows()).find(({ id }) => id === 'link');
            assert.equal(saved?.fingerprint, pbx.fingerprint);
            const migrated = ['role', 'match', 'participation', 'version'].map(name => saved?.[name]);
            assert.deepEqual(migrated, ['client', 'address', 'all', 1]);
            assert.deepEqual(editor.complaints, []);
        });

        it(`shows what the choices need, and refuses a DNS name as PBX name (${locale})`, async () => {
            await open(locale);
            await editor.configField('role').selectOption('server');
            assert.deepEqual(await Promise.all(['address', 'module', 'appUrl', 'port'].map(visible)), [
                false,
                false,
                true,
                false,
            ]);
            await editor.configField('listen').selectOption('own-port');
            assert.equal(await visible('port'), true);
            assert.deepEqual(await editor.wrongFields(), ['appUrl', 'pbxName', 'port']);
            await editor.enter(editor.configField('appUrl'), 'https://nodered.contoso.com/pbx/presence-sync');
            await editor.enter(editor.configField('port'), '8443');
            await editor.enter(editor.configField('pbxName'), 'pbx.contoso.com');
            assert.deepEqual(await editor.wrongFields(), ['pbxName']);
            await editor.enter(editor.configField('pbxName'), 'pbx');
            await tab(1);
            assert.deepEqual(await editor.rawKeys(), []);
            await editor.configField('match').selectOption('number');
            await editor.configField('participation').selectOption('group');
            assert.deepEqual(await Promise.all(['mainNumber', 'groups', 'licence'].map(visible)), [true, true, false]);
            assert.deepEqual(await editor.wrongFields(), ['groups']);
            await editor.enter(editor.configField('groups'), 'sales');
            await editor.enter(editor.configField('exclude'), 'anna.brandt\njuergen.vogel');
            await editor.dialog.locator('#pbx-connection-users .red-ui-editableList-addButton').click();
            const [ofPbx, ofTeams] = await editor.dialog.locator('#pbx-connection-users li input').all();
            await editor.enter(ofPbx!, 'priya');
            assert.equal(await editor.dialog.locator('#pbx-connection-users li .input-error').count(), 1);
            await editor.enter(ofTeams!, 'priya@contoso.com');
            assert.equal(await editor.dialog.locator('#pbx-connection-users li .input-error').count(), 0);
            await editor.closeConfig();
            assert.equal(await editor.isValid('link'), true);
            assert.deepEqual(await editor.deploy(), []);
            const saved = (await nodeRed.getFlows()).find(({ id }) => id === 'link');
            assert.deepEqual(saved?.pairs, [{ pbx: 'priya', teams: 'priya@contoso.com' }]);
            assert.equal(saved?.exclude, 'anna.brandt\njuergen.vogel');
            assert.deepEqual(editor.complaints, []);
        });
    }
});
