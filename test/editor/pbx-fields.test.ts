import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import type { FlowNode } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';

/** A value that Node-RED replaces by that of an environment variable. */
function variable(name: string): string {
    return `\${${name}}`;
}

const tab: FlowNode = { id: 'flow', type: 'tab', label: 'Flow' };
const certificate: FlowNode = { id: 'certificate', type: 'tls-config', name: 'Certificate', cert: '', key: '', ca: '' };

/** Both roles filled in, with something in every field. */
const filled: FlowNode[] = [
    {
        ...{ id: 'link', type: 'pbx-connection', name: 'Head office', system: 'innovaphone', role: 'server' },
        ...{ address: 'pbx.contoso.com', module: 'PBX1', slaves: ['pbx2.contoso.com'], tls: 'certificate' },
        ...{ fingerprint: '', appUrl: 'https://nodered.contoso.com/pbx/sync', listen: 'own-port', port: '8443' },
        ...{ serverTls: 'certificate', appName: 'sync', pbxName: 'pbx', domain: 'contoso.com', match: 'number' },
        ...{ mainNumber: '+49 7031 73009', pairs: [{ pbx: 'anna', teams: 'anna@contoso.com' }] },
        ...{ participation: 'group', groups: 'sales', licence: 'sync', include: 'a\nb', exclude: 'c\nd', version: 1 },
    },
    {
        ...{ id: 'in', type: 'pbx-presence-in', z: 'flow', name: 'In', pbx: 'link', lineState: 'rcc' },
        ...{ calendar: true, snapshot: 'all', version: 1, x: 200, y: 100, wires: [[]] },
    },
    {
        ...{ id: 'out', type: 'pbx-presence-out', z: 'flow', name: 'Out', pbx: 'link', call: 'alien' },
        ...{ callNote: '', note: '{note}', contact: 'tel', rate: '50', settle: '3', dryRun: true },
        ...{ version: 2, x: 200, y: 200, wires: [[]] },
    },
];

/** The same, each of its texts from an environment variable. */
const fromEnvironment = filled.map(node => {
    const kept = ['id', 'type', 'z', 'x', 'y', 'wires', 'name', 'version'];
    const values = Object.entries(node).map(([name, value]) => {
        if (kept.includes(name) || (name === 'pbx' && value === 'link')) return [name, value];
        if (name === 'slaves') return [name, [variable('SLAVE')]];
        if (name === 'pairs') return [name, [{ pbx: variable('PBX'), teams: variable('TEAMS') }]];
        return [name, variable(name.toUpperCase())];
    });
    return Object.fromEntries(values) as FlowNode;
});

describe('the fields of the PBX, in the editor', function () {
    this.timeout(120_000);
    let nodeRed: NodeRedProcess;
    let browser: Browser;
    let editor: EditorPage;

    before(async () => {
        nodeRed = new NodeRedProcess();
        browser = await launchBrowser();
        await nodeRed.start();
    });

    after(async () => {
        await browser?.close();
        await nodeRed?.dispose();
    });

    afterEach(() => editor?.close());

    async function open(nodes: FlowNode[]): Promise<void> {
        await nodeRed.deploy([tab, certificate, ...nodes]);
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
    }

    /** What would be deployed. */
    async function held(): Promise<FlowNode[]> {
        await editor.page.locator('#red-ui-workspace-chart').hover();
        return JSON.parse(await editor.exportAll());
    }

    const ofType = (nodes: FlowNode[], type: string): FlowNode[] => nodes.filter(node => node.type === type);

    /** Opens each dialog and confirms it. */
    async function confirmAll(): Promise<void> {
        await editor.openConfig('pbx-connection', 'link');
        await editor.closeConfig();
        for (const id of ['in', 'out']) {
            await editor.openDialog(id);
            await editor.done();
        }
    }

    for (const [what, nodes] of Object.entries({
        'what was chosen': filled,
        'environment variables': fromEnvironment,
    })) {
        it(`are left as they are by a look at them: ${what}`, async () => {
            await open(nodes);
            await confirmAll();
            const saved = await held();
            for (const node of nodes)
                assert.deepEqual(
                    saved.find(({ id }) => id === node.id),
                    node,
                );
            assert.deepEqual(editor.complaints, []);
        });
    }

    it('show environment variables, and the fields of both roles where one may say either', async () => {
        await open(fromEnvironment);
        for (const [id, fields] of [
            ['link', ['system', 'role', 'listen', 'tls', 'serverTls', 'match', 'participation']],
            ['in', ['lineState', 'snapshot', 'calendar']],
            ['out', ['call', 'contact']],
        ] as const) {
            const isLink = id === 'link';
            if (isLink) await editor.openConfig('pbx-connection', id);
            else await editor.openDialog(id);
            for (const name of fields) {
                const field = isLink ? editor.configField(name) : editor.field(name);
                assert.equal(await field.inputValue(), variable(name.toUpperCase()), name);
            }
            for (const name of isLink ? ['address', 'fingerprint', 'appUrl', 'port', 'serverTls'] : [])
                assert.ok(await editor.configField(name).isVisible(), name);
            assert.deepEqual(await editor.wrongFields(), []);
            await (isLink ? editor.closeConfig() : editor.done());
        }
    });

    it('are not lost by trying the simulated office, or the other role', async () => {
        await open(filled);
        for (const [field, choice] of [
            ['system', 'simulated'],
            ['system', 'innovaphone'],
            ['role', 'client'],
            ['listen', 'node-red'],
            ['listen', 'own-port'],
            ['role', 'server'],
        ] as const) {
            await editor.openConfig('pbx-connection', 'link');
            await editor.configField(field).evaluate((select, value) => {
                (select as HTMLSelectElement).value = value;
                select.dispatchEvent(new Event('change', { bubbles: true }));
            }, choice);
            await editor.closeConfig();
        }
        assert.deepEqual(ofType(await held(), 'pbx-connection'), ofType(filled, 'pbx-connection'));
    });

    it('survive copies, export and import', async () => {
        const withoutPlace = ({ id: _id, z: _z, x: _x, y: _y, ...rest }: FlowNode) => rest;
        await open(filled);
        await editor.duplicateAll();
        const copied = await editor.exportAll();
        await editor.close();
        await nodeRed.deploy([]);
        editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.importText(copied);
        const imported = await held();
        for (const node of filled) {
            const found = imported.filter(({ type }) => type === node.type).map(withoutPlace);
            const expected = withoutPlace(node);
            // A connection is no node of the flow: its copies share it.
            assert.deepEqual(found, node.z ? [expected, expected] : [expected]);
        }
    });
});
