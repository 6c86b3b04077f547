import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type FlowNode, tryItExample } from '../support/checkout';
import { NodeRedProcess } from '../support/node-red-process';
import { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { SeparateOffice } from '../support/separate-office';
import { silentDomain } from '../support/silent-names';
import { complaints, greenWithin, nodeOf } from '../support/try-it';
import { temporaryUserDirectory } from '../support/user-directory';
import { begin, endAll, teamsCall } from './day';

const [, juergen, priya] = mails;

/** In ms: by then something that never answers is shown and logged, and so soon Node-RED has ended. */
const told = 45_000;
const ended = 8_000;

async function stopsInTime(nodeRed: NodeRedProcess): Promise<void> {
    const begun = performance.now();
    assert.equal(await nodeRed.stop(), 0);
    const took = performance.now() - begun;
    assert.ok(took < ended, `${took} ms`);
}

/** What yellow nodes say, once all of these are yellow and have complained in the log. */
async function troubleOf(nodeRed: NodeRedProcess, nodes: readonly FlowNode[], within: number): Promise<string[]> {
    const isTold = ({ id }: FlowNode) => complaints(nodeRed).some(line => line.includes(id));
    const isTrouble = (node: FlowNode) => nodeRed.status(node.id)?.fill === 'yellow' && isTold(node);
    const missing = () => nodes.filter(node => !isTrouble(node)).map(({ id, type }) => `${type} ${id}`);
    const describe = () => `trouble of ${missing().join()}; ${nodeRed.logTail()}`;
    await nodeRed.feed.until(describe, within, () => missing().length === 0 || undefined);
    return nodes.map(({ id }) => nodeRed.status(id)?.text ?? '');
}

describe('What never answers', function () {
    this.timeout(180_000);

    describe('from the start', () => {
        let silent: Server;
        let nodeRed: NodeRedProcess;
        const sockets = new Set<Socket>();

        before(async () => {
            silent = createServer(socket => void sockets.add(socket.on('error', () => {})));
            silent.listen(0, '127.0.0.1');
            await once(silent, 'listening');
            const { port } = silent.address() as AddressInfo;
            nodeRed = new NodeRedProcess({
                preload: [join(__dirname, '..', 'support', 'silent-names.js')],
                environment: () => ({
                    HTTPS_PROXY: `http://127.0.0.1:${port}`,
                    NO_PROXY: `127.0.0.1,.${silentDomain}`,
                }),
            });
            await nodeRed.start();
            await nodeRed.deploy([
                ...tryItExample(),
                ...nodesOf('10', `https://127.0.0.1:${port}`),
                ...nodesOf('20', `https://graph.${silentDomain}`),
                ...nodesOf('30', 'https://graph.behind-the-proxy.example'),
                ...pbxOf('40', `127.0.0.1:${port}`),
                ...pbxOf('50', `pbx.${silentDomain}`),
            ]);
        });

        after(async () => {
            await nodeRed?.dispose();
            for (const socket of sockets) socket.destroy();
            silent?.close();
        });

        it('is shown and logged within 45 s: Microsoft, PBX, proxy and name server [C11]', async () => {
            const own = [...nodeRedNodes('10'), ...nodeRedNodes('20'), ...nodeRedNodes('30')];
            const pbx = ['40', '50'].map(id => ({ id: idOf(id, 3), type: 'pbx-presence-in' }));
            const texts = await troubleOf(nodeRed, own, told);
            for (const text of texts) assert.match(text, /cannot be reached|did not answer/);
            // The log of a PBX is kept by its connection.
            const isPbxTold = () =>
                pbx.every(({ id }) => nodeRed.status(id)?.fill === 'yellow') &&
                ['40', '50'].every(id => complaints(nodeRed).some(line => line.includes(idOf(id, 1))));
            await nodeRed.feed.until('trouble of the PBXs', told, () => isPbxTold() || undefined);
        });

        it('blocks nothing else', async () => {
            const office = new OfficeControl(nodeRed);
            await nodeRed.waitForGreen(connectingNodes(tryItExample()), greenWithin);
            await begin(office);
            await office.teams(priya, { call: 'start' });
            await office.shows({ [priya]: teamsCall, [juergen]: teamsCall });
            await endAll(office);
        });

        it('holds up the end of Node-RED for less than 8 s [A12]', () => stopsInTime(nodeRed));
    });

    describe('any more', () => {
        let separate: SeparateOffice;

        before(async () => {
            separate = await SeparateOffice.open();
            await separate.nodeRed.start();
            await separate.nodeRed.deploy(separate.flows());
            await separate.nodeRed.waitForGreen(connectingNodes(separate.flows()), greenWithin);
        });

        after(() => separate?.close());

        it('is shown by reader and writer within 45 s, and ends with Node-RED in less than 8 s [C11]', async () => {
            const { nodeRed, office, control } = separate;
            await begin(control);
            office.tenant.faults.latency = 3_600_000;
            const nodes = ['teams-subscriber', 'teams-presence-writer'].map(type => nodeOf(separate.flows(), type));
            for (const text of await troubleOf(nodeRed, nodes, told)) assert.match(text, /did not answer within 30 s/);
            await stopsInTime(nodeRed);
        });
    });

    describe('as a context store', () => {
        let nodeRed: NodeRedProcess;

        before(async () => {
            const userDir = await temporaryUserDirectory();
            await writeFile(join(userDir, 'settings.js'), silentStoreSettings);
            nodeRed = new NodeRedProcess({ userDir });
            await nodeRed.start();
            await nodeRed.deploy(
                tryItExample().map(node => (node.type === 'teams-subscriber' ? { ...node, scope: 'list' } : node)),
            );
        });

        after(() => nodeRed?.dispose());

        it('keeps nobody from going on, which is said once [A9]', async () => {
            await nodeRed.waitForGreen(connectingNodes(tryItExample()), greenWithin);
            const said = complaints(nodeRed).filter(line => line.includes('context store'));
            assert.equal(said.length, 1, nodeRed.logTail());
            await stopsInTime(nodeRed);
        });
    });
});

const idOf = (group: string, number: number): string => `0ff1ce08000000${group.slice(0, 1)}${number}`;

/** The nodes with a status of one group of {@link nodesOf}. */
function nodeRedNodes(group: string): FlowNode[] {
    return [
        { id: idOf(group, 2), type: 'teams-subscriber' },
        { id: idOf(group, 3), type: 'teams-presence-writer' },
    ];
}

/** A reader and a writer of a tenant at this address. */
function nodesOf(group: string, url: string): FlowNode[] {
    const [subscriber, writer] = nodeRedNodes(group);
    const tenant = '5d1c7a52-0b0e-4a6a-9a37-0d4f3f0c9e11';
    const clientId = `6e2d8b63-1c1f-4b7b-8b48-1e5a4a1d8f${group}`;
    const app = idOf(group, 1);
    const place = { z: '0ff1ce0100000000', x: 100, y: 100, wires: [[]] };
    return [
        {
            ...{ id: app, type: 'azure-app', cloud: 'custom', loginUrl: url, graphUrl: url, tenant, clientId },
            credentials: { clientSecret: 'secret' },
        },
        { ...subscriber!, ...place, app, delivery: 'polling', scope: 'all' },
        { ...writer!, ...place, app },
    ];
}

function pbxOf(group: string, address: string): FlowNode[] {
    const pbx = idOf(group, 1);
    return [
        {
            ...{ id: pbx, type: 'pbx-connection', system: 'innovaphone', address, appName: 'presence' },
            credentials: { password: 'password' },
        },
        { id: idOf(group, 3), type: 'pbx-presence-in', z: '0ff1ce0100000000', x: 100, y: 100, wires: [[]], pbx },
    ];
}

/** Settings of a Node-RED whose only context store takes everything and never calls back. */
const silentStoreSettings = `
const { localSettings } = require(${JSON.stringify(join(__dirname, '..', 'support', 'user-directory'))});
const done = () => Promise.resolve();
const never = () => {};
const store = { open: done, close: done, clean: done, delete: done, get: never, set: never, keys: never };
module.exports = { ...localSettings, credentialSecret: 'a', contextStorage: { default: { module: () => store } } };
`;
