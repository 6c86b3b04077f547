import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, exampleNames, nodeTypes, packageDescription, tryItExample } from '../support/checkout';
import { NodeRedProcess } from '../support/node-red-process';
import { connectingNodes } from '../support/our-nodes';
import { rawKeysIn } from '../support/raw-keys';
import { Workshop } from './installation';

interface NodeSet {
    module: string;
    types: string[];
    enabled: boolean;
    err?: string;
}

type Catalog = Record<string, unknown>;

/** Which Node.js runs which Node-RED. */
export interface Runtimes {
    node: string;
    red: string;
}

/**
 * Defines the checks of the packed package, freshly installed, on one pair of runtimes.
 * @param bring provides the runtimes, in the workshop if they are not there yet
 */
export function checkPackedPackage(title: string, bring: (workshop: Workshop) => Promise<Runtimes>): void {
    describe(title, () => {
        let workshop: Workshop;
        let nodeRed: NodeRedProcess;

        before('installs and starts', async () => {
            workshop = await Workshop.open();
            const installation = await bring(workshop);
            const userDir = await workshop.install('user-directory', [await workshop.pack()], installation.node);
            nodeRed = new NodeRedProcess({ userDir, installation, packageDir: false });
            await nodeRed.start();
        });

        after(async () => {
            await nodeRed?.dispose();
            await workshop?.close();
        });

        it('loads all node types', async () => {
            const all = await nodeRed.adminRequest<NodeSet[]>('GET', 'nodes');
            const ours = all.filter(set => set.module === packageDescription.name);
            assert.deepEqual(
                ours.filter(set => set.err || !set.enabled),
                [],
            );
            assert.deepEqual(ours.flatMap(set => set.types).sort(), [...nodeTypes].sort());
        });

        it('serves their icons', async () => {
            const icons = await nodeRed.adminRequest<Record<string, string[]>>('GET', 'icons');
            const files = readdirSync(join(checkout, 'icons')).sort();
            assert.deepEqual(icons[packageDescription.name]?.sort(), files);
        });

        it('serves the code of their dialogs', async () => {
            const html = await nodeRed.adminRequest<string>('GET', 'nodes', undefined, { accept: 'text/html' });
            const ours = [...html.matchAll(/<script type="module" src="(resources\/[^"]+)"/g)].map(match => match[1]!);
            assert.equal(ours.length, nodeTypes.length);
            const loaded = new Set(ours);
            for (const path of loaded) {
                const code = await nodeRed.adminRequest<string>('GET', path);
                // The set grows while it is gone through: a module that another imports must be there, too.
                for (const [, other] of code.matchAll(/ from '(\.[^']+)'/g))
                    loaded.add(new URL(other!, new URL(path, nodeRed.baseUrl)).pathname);
            }
            assert.ok(loaded.size > ours.length);
        });

        it('offers the examples in the import menu', async () => {
            const path = `library/examples/flows/${packageDescription.name}/`;
            const entries = await nodeRed.adminRequest<{ fn: string }[]>('GET', path);
            assert.deepEqual(entries.map(entry => entry.fn.replace(/\.json$/, '')).sort(), exampleNames());
            const example = await nodeRed.adminRequest('GET', `${path}${encodeURIComponent(entries[0]!.fn)}`);
            assert.deepEqual(typeof example === 'string' ? JSON.parse(example) : example, tryItExample());
        });

        it('has English and German texts for every node', async () => {
            const english = await nodeRed.adminRequest<Catalog>('GET', 'nodes/messages?lng=en-US');
            const german = await nodeRed.adminRequest<Catalog>('GET', 'nodes/messages?lng=de');
            for (const type of nodeTypes) {
                const key = `${packageDescription.name}/${type}`;
                assert.ok(english[key], `no English texts of ${type}`);
                assert.notDeepEqual(german[key], english[key], `no German texts of ${type}`);
                const germanKeys = keysOf(german[key]);
                const untranslated = keysOf(english[key]).filter(one => !germanKeys.includes(one));
                assert.deepEqual(untranslated, [], `${type} has texts that are English only`);
            }
        });

        it('has English and German help for every node', async () => {
            const [english, german] = await Promise.all(
                ['en-US', 'de'].map(language =>
                    nodeRed.adminRequest<string>('GET', 'nodes', undefined, {
                        accept: 'text/html',
                        'accept-language': language,
                    }),
                ),
            );
            for (const type of nodeTypes) {
                assert.ok(helpOf(english!, type), `no English help of ${type}`);
                assert.notEqual(helpOf(german!, type), helpOf(english!, type), `no German help of ${type}`);
            }
        });

        it('runs the example flow: every node reports connected', async () => {
            const flows = tryItExample();
            await nodeRed.deploy(flows);
            assert.notDeepEqual(connectingNodes(flows), []);
            await nodeRed.waitForGreen(connectingNodes(flows), 60_000);
        });

        it('says everything in words', () => {
            const statuses = tryItExample().map(node => nodeRed.status(node.id)?.text ?? '');
            assert.deepEqual(rawKeysIn([...statuses, ...nodeRed.log]), []);
        });

        it('stops without an error in the log', async () => {
            assert.equal(await nodeRed.stop(), 0);
            assert.deepEqual(
                nodeRed.log.filter(line => /\[(error|fatal)\]|Uncaught/.test(line)),
                [],
            );
        });
    });
}

/** Every path to a text in a catalog. */
function keysOf(catalog: unknown, prefix = ''): string[] {
    if (typeof catalog !== 'object' || catalog === null) return [prefix];
    return Object.entries(catalog)
        .flatMap(([key, value]) => keysOf(value, `${prefix}.${key}`))
        .sort();
}

/** The help text of a node type in the page that Node-RED makes of all nodes. */
function helpOf(html: string, type: string): string | undefined {
    const scripts = html.matchAll(/<script[^>]*data-help-name="([^"]+)"[^>]*>([\s\S]*?)<\/script>/g);
    return [...scripts].find(([, name]) => name === type)?.[2];
}
