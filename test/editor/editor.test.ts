import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { checkout, exampleNames, type FlowNode, nodeTypes, packageDescription } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';
import { configTypes, connectingNodes } from '../support/our-nodes';

/** A GUID as Azure gives them. */
const clientId = '2f0c1d3e-8b7a-4c56-9d12-3e4f5a6b7c8d';

/** Nobody listens there. */
const nowhere = '127.0.0.1:9';

describe('the editor', function () {
    this.timeout(120_000);
    let nodeRed: NodeRedProcess;
    let browser: Browser;

    before(async () => {
        nodeRed = new NodeRedProcess();
        browser = await launchBrowser();
        await nodeRed.start();
    });

    after(async () => {
        await browser?.close();
        await nodeRed?.dispose();
    });

    describe('building a flow by hand', () => {
        let editor: EditorPage;
        const ids: Record<string, string> = {};

        before(async () => {
            editor = await EditorPage.open(browser, nodeRed.baseUrl);
        });

        after(() => editor?.close());

        /** Drags a node, opens its dialog and checks what shows at first. */
        async function place(type: string, x: number, y: number, wrong: string[]): Promise<void> {
            ids[type] = await editor.drag(type, x, y);
            await editor.openDialog(ids[type]);
            await examine(wrong);
        }

        async function examine(wrong: string[]): Promise<void> {
            assert.deepEqual(await editor.rawKeys(), []);
            assert.deepEqual(await editor.wrongFields(), wrong);
        }

        async function done(type: string): Promise<void> {
            assert.deepEqual(await editor.wrongFields(), []);
            await editor.done();
            assert.equal(await editor.isValid(ids[type]!), true, `${type} is valid`);
        }

        async function saveConfig(type: string): Promise<void> {
            assert.deepEqual(await editor.wrongFields(), []);
            ids[type] = await editor.saveConfig(type);
            assert.equal(await editor.isValid(ids[type]), true, `${type} is valid`);
        }

        it('teams-notification-receiver, and azure-app from its dialog', async () => {
            await place('teams-notification-receiver', 160, 60, ['app', 'publicUrl']);

            await editor.addConfig('app');
            await examine(['clientId', 'tenant']);
            await editor.configField('cloud').selectOption('custom');
            await editor.enter(editor.configField('loginUrl'), `https://${nowhere}`);
            await editor.enter(editor.configField('graphUrl'), 'graph.contoso.com');
            await editor.enter(editor.configField('tenant'), 'contoso');
            await editor.enter(editor.configField('clientId'), clientId);
            assert.deepEqual(await editor.wrongFields(), ['graphUrl', 'tenant']);
            await editor.enter(editor.configField('graphUrl'), `https://${nowhere}`);
            await editor.enter(editor.configField('tenant'), 'contoso.onmicrosoft.com');
            await editor.enter(editor.configField('clientSecret'), 'a secret value');
            await saveConfig('azure-app');

            await editor.enter(editor.field('publicUrl'), 'http://presence.contoso.com/');
            assert.deepEqual(await editor.wrongFields(), ['publicUrl']);
            await editor.enter(editor.field('publicUrl'), 'https://presence.contoso.com/teams-notifications');
            await done('teams-notification-receiver');
        });

        it('teams-subscriber, and teams-accounts and pbx-connection from its dialog', async () => {
            await place('teams-subscriber', 160, 120, ['accounts', 'pbx']);
            await editor.field('delivery').selectOption('polling');
            await editor.field('scope').selectOption('group');
            assert.deepEqual(await editor.wrongFields(), ['app', 'group']);
            await editor.enter(editor.dialog.locator('#teams-subscriber-users'), '10000');
            const cost = await editor.dialog.locator('#teams-subscriber-cost').textContent();
            assert.match(cost ?? '', /^78 requests in 30 s: 5\.2 % of the 1500/);
            await editor.field('delivery').selectOption('automatic');
            await editor.field('scope').selectOption('pbx');

            await editor.addConfig('accounts');
            assert.deepEqual(await editor.rawKeys(), []);
            await editor.configField('app').selectOption(ids['azure-app']!);
            await editor.dialog.locator('.red-ui-editableList-addButton').click();
            const account = editor.dialog.locator('.red-ui-editableList-container li');
            await editor.enter(account.locator('input[type=text]'), 'sync1@contoso.com');
            await editor.enter(account.locator('input[type=password]'), 'a password');
            await saveConfig('teams-accounts');

            await editor.addConfig('pbx');
            await examine(['address', 'appName']);
            await editor.enter(editor.configField('address'), 'ftp://pbx.contoso.com');
            assert.deepEqual(await editor.wrongFields(), ['address', 'appName']);
            // As it is copied from a browser.
            await editor.enter(editor.configField('address'), 'https://pbx.contoso.com:8443/PBX0/ADMIN/mod_cmd.xml');
            assert.equal(await editor.configField('address').inputValue(), 'pbx.contoso.com:8443');
            assert.deepEqual(await editor.wrongFields(), ['appName']);
            await editor.enter(editor.configField('address'), nowhere);
            await editor.enter(editor.configField('appName'), 'presence-sync');
            await editor.enter(editor.configField('password'), 'another password');
            await saveConfig('pbx-connection');

            await done('teams-subscriber');
        });

        it('teams-presence-writer', async () => {
            await place('teams-presence-writer', 560, 60, ['app']);
            await editor.field('app').selectOption(ids['azure-app']!);
            await editor.enter(editor.field('lease'), '3');
            assert.deepEqual(await editor.wrongFields(), ['lease']);
            await editor.enter(editor.field('lease'), '30');
            await editor.field('leads').selectOption('pbx');
            await editor.field('offline').selectOption('nothing');
            await editor.field('dryRun').check();
            await done('teams-presence-writer');
        });

        it('teams-presence-writer asks who leads only where settings are written', async () => {
            await editor.openDialog(ids['teams-presence-writer']!);
            assert.equal(await editor.field('leads').isVisible(), true);
            await editor.field('sets').selectOption('calls');
            assert.equal(await editor.field('leads').isVisible(), false);
            assert.equal(await editor.field('offline').isVisible(), true);
            await editor.field('sets').selectOption('everything');
            await done('teams-presence-writer');
        });

        it('pbx-presence-in', async () => {
            await place('pbx-presence-in', 160, 180, ['pbx']);
            await editor.field('pbx').selectOption(ids['pbx-connection']!);
            await done('pbx-presence-in');
        });

        it('pbx-presence-out', async () => {
            await place('pbx-presence-out', 560, 120, ['pbx']);
            await editor.field('pbx').selectOption(ids['pbx-connection']!);
            await editor.enter(editor.field('callNote'), 'In Teams');
            await editor.enter(editor.field('settle'), '61');
            assert.deepEqual(await editor.wrongFields(), ['settle']);
            await editor.enter(editor.field('settle'), '0');
            await done('pbx-presence-out');
        });

        it('presence-map', async () => {
            await place('presence-map', 360, 120, []);
            const rows = editor.dialog.locator('#node-input-toPbx-list li');
            const defaults = await rows.count();
            assert.ok(defaults > 0, 'the default table shows');
            await rows.first().locator('.red-ui-editableList-item-remove').click();
            await rows.nth(defaults - 1).waitFor({ state: 'detached' });
            await done('presence-map');
        });

        it('presence-simulator', async () => {
            await place('presence-simulator', 160, 240, []);
            await editor.enter(editor.field('name'), 'Our little office');
            await done('presence-simulator');
        });

        it('keeps what was entered, and no secret in a flow', async () => {
            assert.deepEqual(Object.keys(ids).sort(), [...nodeTypes].sort());
            assert.deepEqual(await editor.deploy(), []);
            const flows = await nodeRed.getFlows();
            const saved = (type: string): FlowNode => flows.find(node => node.id === ids[type])!;
            assert.equal(saved('azure-app').tenant, 'contoso.onmicrosoft.com');
            assert.deepEqual(saved('teams-accounts').accounts, [{ username: 'sync1@contoso.com', slot: 0 }]);
            assert.equal(saved('pbx-connection').appName, 'presence-sync');
            const { lease, leads, offline, settle, dryRun } = saved('teams-presence-writer');
            assert.deepEqual([Number(lease), leads, offline, settle, dryRun], [30, 'pbx', 'nothing', 2, true]);
            assert.equal(saved('pbx-presence-out').callNote, 'In Teams');
            assert.deepEqual([saved('pbx-presence-out').settle, saved('pbx-presence-out').dryRun], ['0', false]);
            assert.ok((saved('presence-map').toPbx as unknown[]).length > 0, 'the changed table is kept');
            assert.deepEqual(saved('presence-map').toTeams, [], 'a table like the default stays empty');
            assert.doesNotMatch(JSON.stringify(flows), /secret value|password"/);
        });

        it('complains of nothing', () => assert.deepEqual(editor.complaints, []));
    });

    describe('importing the example', () => {
        let editor: EditorPage;

        before(async () => {
            await nodeRed.deploy([]);
            editor = await EditorPage.open(browser, nodeRed.baseUrl);
        });

        after(() => editor?.close());

        it('deploys without an error, and all nodes connect', async () => {
            await editor.importExample(packageDescription.name, exampleNames()[0]!);
            assert.deepEqual(await editor.deploy(), []);
            const nodes = connectingNodes(await nodeRed.getFlows());
            assert.equal(new Set(nodes.map(node => node.type)).size, 6);
            await nodeRed.waitForGreen(nodes);
        });

        it('complains of nothing', () => assert.deepEqual(editor.complaints, []));
    });

    describe('in a German browser', () => {
        let editor: EditorPage;

        before(async () => {
            await nodeRed.deploy([]);
            editor = await EditorPage.open(browser, nodeRed.baseUrl, 'de-DE');
        });

        after(() => editor?.close());

        it('names every node of the palette in German', async () => {
            const types = nodeTypes.filter(type => !configTypes.includes(type));
            const labels = await Promise.all(types.map(type => editor.paletteLabel(type)));
            assert.deepEqual(
                labels,
                types.map(type => catalogOf('de', type).paletteLabel.replace(/\s/g, '')),
            );
        });

        it('has a German dialog', async () => {
            await editor.openDialog(await editor.drag('pbx-presence-out', 300, 100));
            assert.deepEqual(await editor.rawKeys(), []);
            const { label } = catalogOf('de', 'pbx-presence-out');
            assert.ok((await editor.dialog.textContent())?.includes(label['call-note']!));
        });
    });
});

interface Catalog {
    paletteLabel: string;
    label: Record<string, string>;
}

/** The texts of a node type in one language. */
function catalogOf(language: string, type: string): Catalog {
    const file = join(checkout, 'nodes', 'locales', language, `${type}.json`);
    return JSON.parse(readFileSync(file, 'utf8'))[type];
}
