import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { mock } from 'node:test';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { systemClock } from '../../lib/time/clock';

import azureApp = require('../../nodes/azure-app');
import pbxConnection = require('../../nodes/pbx-connection');
import presenceSimulator = require('../../nodes/presence-simulator');
import teamsAccounts = require('../../nodes/teams-accounts');
import teamsNotificationReceiver = require('../../nodes/teams-notification-receiver');
import teamsSubscriber = require('../../nodes/teams-subscriber');

import { freePort } from '../support/free-port';
import { LoadedFlow } from '../support/loaded-flow';
import { mails } from '../support/people';

const modules = [azureApp, pbxConnection, presenceSimulator, teamsAccounts, teamsNotificationReceiver, teamsSubscriber];
const [anna] = mails;

const app = { id: 'app', type: 'azure-app', cloud: 'simulated' };
const pbx = { id: 'pbx', type: 'pbx-connection', system: 'simulated' };
const accounts = { id: 'accounts', type: 'teams-accounts', app: 'app', accounts: [] };
const simulator = { id: 'simulator', type: 'presence-simulator', z: 'tab' };
const subscriber = {
    id: 'subscriber',
    type: 'teams-subscriber',
    z: 'tab',
    accounts: 'accounts',
    pbx: 'pbx',
    wires: [['sent']],
};
const receiver = {
    id: 'receiver',
    type: 'teams-notification-receiver',
    z: 'tab',
    app: 'app',
    wires: [['sent']],
};

describe('receiving from Teams', function () {
    this.timeout(120_000);
    let flow: LoadedFlow;
    let server: Server;
    let local: string;

    beforeEach(async () => {
        server = createServer((request, response) => flow.httpNode?.(request, response)).listen(0, '127.0.0.1');
        await once(server, 'listening');
        local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterEach(async () => {
        await flow?.unload();
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
    });

    describe('teams-notification-receiver', () => {
        const json = { 'content-type': 'application/json' };
        const post = (path: string, init: RequestInit = {}) => fetch(`${local}${path}`, { method: 'POST', ...init });

        beforeEach(async () => {
            const publicUrl = 'https://presence.contoso.com/teams-notifications';
            flow = await LoadedFlow.load(modules, [app, simulator, { ...receiver, publicUrl }]);
            await flow.statusOf('receiver', 'green');
        });

        it('answers a browser', async () => {
            const response = await fetch(`${local}/teams-notifications`);
            assert.equal(response.status, 200);
            assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
            assert.notEqual(await response.text(), '');
        });

        it("answers Microsoft's handshake with the token as plain text", async () => {
            const token = 'Validation: Testing client application reachability <b>&amp;';
            const response = await post(`/teams-notifications?validationToken=${encodeURIComponent(token)}`);
            assert.equal(response.status, 200);
            assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
            assert.equal(await response.text(), token);
        });

        it('takes notifications, also such as it will throw away', async () => {
            for (const body of ['{"value":[]}', '{"value":[{"clientState":"wrong"}]}', 'no JSON', '[]', 'null']) {
                const response = await post('/teams-notifications', { headers: json, body });
                assert.equal(response.status, 202, body);
            }
        });

        it('refuses what is no notification', async () => {
            const text = await post('/teams-notifications', { headers: { 'content-type': 'text/plain' }, body: 'x' });
            assert.equal(text.status, 415);
            assert.equal((await fetch(`${local}/teams-notifications`, { method: 'PUT' })).status, 405);
            const long = await post('/teams-notifications', { headers: json, body: ' '.repeat(2 ** 20 + 1) });
            assert.equal(long.status, 413);
        });

        it('answers at its own path only, and as long as it lives', async () => {
            assert.equal((await fetch(`${local}/teams-notifications/more`)).status, 404);
            assert.equal((await fetch(`${local}/`)).status, 404);
            await flow.node('receiver').close(true);
            assert.equal((await fetch(`${local}/teams-notifications`)).status, 404);
        });
    });

    it('warns of an address that Microsoft cannot reach, and refuses one that holds a password [B6]', async () => {
        const tenant = '5d1c7a52-0b0e-4a6a-9a37-0d4f3f0c9e11';
        const real = { ...app, cloud: 'worldwide', tenant, clientId: '6e2d8b63-1c1f-4b7b-8b48-1e5a4a1d8f22' };
        const at = (id: string, publicUrl: string, rest = {}) => ({ ...receiver, id, publicUrl, ...rest });
        flow = await LoadedFlow.load(modules, [
            { ...real, credentials: {} },
            at('receiver', 'https://192.168.1.5/notify?x=1'),
        ] as never);
        await flow.statusOf('receiver', 'green');
        // The test helper notes what a node is called with.
        const { args } = flow.node('receiver').warn as unknown as { args: string[][] };
        assert.match(args.join(' '), /cannot reach 192\.168\.1\.5 .*"\?x=1"/);
        await flow.unload();
        flow = await LoadedFlow.load(modules, [app, at('receiver', 'https://u:secret@presence.contoso.com/notify')]);
        const { text = '' } = await flow.statusOf('receiver', 'red');
        assert.match(text, /must not contain a user name or a password/);
        assert.ok(!text.includes('secret'));
    });

    it('says of a flow that was imported twice whose account and address are taken, and goes on through the first [A14]', async () => {
        const publicUrl = 'https://presence.contoso.com/teams-notifications';
        const first = [app, accounts, { ...subscriber, delivery: 'notifications' }, { ...receiver, publicUrl }];
        const copy = first.map(node => ({ ...node, id: `${node.id}2` }));
        const second = copy.map(node => ('app' in node ? { ...node, app: 'app2' } : node));
        const links = second.map(node =>
            'accounts' in node && node.type !== 'teams-accounts' ? { ...node, accounts: 'accounts2' } : node,
        );
        flow = await LoadedFlow.load(modules, [simulator, pbx, ...first, ...links] as never);
        await flow.statusOf('receiver', 'green');
        assert.match((await flow.statusOf('receiver2', 'red')).text ?? '', /another node has this path/);
        assert.match((await flow.statusOf('subscriber2', 'red')).text ?? '', /imported twice/);
        assert.notEqual(flow.status('subscriber')?.fill, 'red');
    });

    describe('teams-notification-receiver elsewhere', () => {
        const publicUrl = 'https://presence.contoso.com/teams-notifications';

        it('serves notifications, and nothing else, on a port of its own', async () => {
            const port = await freePort();
            const own = { ...receiver, publicUrl, listen: 'own-port', port: String(port) };
            flow = await LoadedFlow.load(modules, [app, simulator, own]);
            assert.match((await flow.statusOf('receiver', 'green')).text ?? '', /listening-on/);
            const at = `http://127.0.0.1:${port}`;
            assert.equal((await fetch(`${at}/teams-notifications`)).status, 200);
            assert.equal((await fetch(`${at}/`)).status, 404);
            assert.equal((await fetch(`${local}/teams-notifications`)).status, 404);
            const headers = { 'content-type': 'application/json' };
            const broken = await fetch(`${at}/teams-notifications`, { method: 'POST', headers, body: '{"value":[' });
            assert.deepEqual([broken.status, await broken.text()], [202, '']);
            await flow.node('receiver').close(true);
            await assert.rejects(fetch(`${at}/teams-notifications`));
        });

        it('is yellow while its port is crowded, and green again afterwards [C7]', async () => {
            const port = await freePort();
            const after = mock.method(systemClock, 'after');
            flow = await LoadedFlow.load(modules, [
                app,
                simulator,
                { ...receiver, publicUrl, listen: 'own-port', port: String(port) },
            ]);
            await flow.statusOf('receiver', 'green');
            const strangers = Array.from({ length: 560 }, () => connect(port, '127.0.0.1').on('error', () => {}));
            assert.match((await flow.statusOf('receiver', 'yellow')).text ?? '', new RegExp(String(port)));
            assert.equal((await fetch(`http://127.0.0.1:${port}/teams-notifications`)).status, 200);
            for (const socket of strangers) socket.destroy();
            // Half a minute without another one passes at once.
            const waits = after.mock.calls.filter(({ arguments: [delay] }) => delay === 30_000);
            waits.at(-1)!.arguments[1]();
            await flow.statusOf('receiver', 'green');
            after.mock.restore();
        });

        it('says in words why a port cannot be used', async () => {
            const taken = (server.address() as AddressInfo).port;
            flow = await LoadedFlow.load(modules, [
                app,
                simulator,
                { ...receiver, publicUrl, listen: 'own-port', port: taken },
            ]);
            assert.match(
                (await flow.statusOf('receiver', 'red')).text ?? '',
                /^Port \d+ cannot be used: it is in use$/,
            );
        });

        it('takes the notifications of the office on a port of its own', async () => {
            const own = { ...receiver, listen: 'own-port', port: await freePort() };
            flow = await LoadedFlow.load(modules, [app, pbx, accounts, simulator, subscriber, own]);
            await flow.statusOf('subscriber', 'green');
            const message = new Promise<Record<string, unknown>>(resolve => {
                flow.node('sent').on('input', (sent: Record<string, unknown>) => {
                    if ((sent.presence as { via: string }).via === 'notification') resolve(sent);
                });
            });
            const office = await simulatedOffice();
            office.setTeams(anna, { call: 'start' });
            const { payload } = await message;
            office.setTeams(anna, { call: 'end' });
            assert.deepEqual(payload, { availability: 'Busy', activity: 'InACall' });
        });

        it('takes notifications that come as messages through the same checks', async () => {
            const office = await simulatedOffice();
            const bodies: string[] = [];
            const elsewhere = createServer((request, response) => {
                const token = new URL(request.url ?? '', local).searchParams.get('validationToken');
                if (token !== null) {
                    response.setHeader('content-type', 'text/plain');
                    return void response.end(token);
                }
                let body = '';
                request.on('data', chunk => {
                    body += chunk;
                });
                request.on('end', () => {
                    bodies.push(body);
                    response.writeHead(202).end();
                });
            }).listen(0, '127.0.0.1');
            await once(elsewhere, 'listening');
            const at = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/elsewhere`;
            try {
                const listening = { ...receiver, publicUrl: office.publish(at), listen: 'messages' };
                flow = await LoadedFlow.load(modules, [app, pbx, accounts, simulator, subscriber, listening]);
                await flow.statusOf('subscriber', 'green');
                const sent: Record<string, unknown>[] = [];
                flow.node('sent').on('input', (message: Record<string, unknown>) => {
                    if ((message.presence as { via: string }).via === 'notification') sent.push(message);
                });
                office.setTeams(anna, { call: 'start' });
                while (!bodies.some(body => body.includes('encryptedContent')))
                    await new Promise(resolve => setImmediate(resolve));
                assert.equal(sent.length, 0);
                const genuine = bodies.find(body => body.includes('encryptedContent'))!;
                const forged = JSON.parse(genuine);
                for (const item of forged.value) item.clientState = 'x';
                flow.node('receiver').receive({ payload: forged });
                flow.node('receiver').receive({ payload: Buffer.from(genuine) });
                while (sent.length === 0) await new Promise(resolve => setImmediate(resolve));
                office.setTeams(anna, { call: 'end' });
                assert.equal(sent.length, 1);
                assert.deepEqual(sent[0]!.payload, { availability: 'Busy', activity: 'InACall' });
            } finally {
                elsewhere.closeAllConnections();
                elsewhere.close();
            }
        });
    });

    describe('teams-subscriber', () => {
        it('waits for a receiver', async () => {
            const notified = { ...subscriber, delivery: 'notifications' };
            flow = await LoadedFlow.load(modules, [app, pbx, accounts, simulator, notified]);
            await flow.statusOf('simulator', 'green');
            await flow.statusOf('subscriber', 'yellow');
            const user = await new Promise<Record<string, unknown>>(resolve =>
                flow.node('sent').once('input', resolve),
            );
            assert.equal((user.presence as { via: string }).via, 'snapshot');
            assert.equal(flow.status('subscriber')?.fill, 'yellow');
        });

        it('polls while there is no receiver, unless it was told to wait', async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, accounts, simulator, subscriber]);
            assert.match((await flow.statusOf('subscriber', 'green')).text ?? '', /polling/);
        });

        it('is green once it is subscribed, and each change becomes one message', async () => {
            const office = await simulatedOffice();
            const publicUrl = office.publish(`${local}/teams-notifications`);
            flow = await LoadedFlow.load(modules, [
                app,
                pbx,
                accounts,
                simulator,
                subscriber,
                { ...receiver, publicUrl },
            ]);
            await flow.statusOf('subscriber', 'green');
            const message = new Promise<Record<string, unknown>>(resolve => {
                flow.node('sent').on('input', (sent: Record<string, unknown>) => {
                    if ((sent.payload as { activity: string }).activity === 'InACall') resolve(sent);
                });
            });
            office.setTeams(anna, { call: 'start' });
            const { topic, payload, user, presence } = await message;
            office.setTeams(anna, { call: 'end' });
            assert.equal(topic, anna);
            assert.deepEqual(payload, { availability: 'Busy', activity: 'InACall' });
            assert.ok((user as { addresses: string[] }).addresses.includes(anna));
            assert.equal((presence as { source: string }).source, 'teams');
        });

        it('says which setting is missing', async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, accounts, { ...subscriber, accounts: '' }]);
            assert.match((await flow.statusOf('subscriber', 'red')).text ?? '', / is missing$/);
        });

        it('closes in time while the office is closed', async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, accounts, subscriber, receiver]);
            const begun = performance.now();
            await flow.unload();
            assert.ok(performance.now() - begun < 10_000);
        });
    });
});
