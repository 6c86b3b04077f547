import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SyncError } from '../../../lib/errors/errors';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import { Crowd, keepRoom } from '../../../lib/support/waiting-connections';
import { onlyAt, type ServerSettings, startWebServer, type WebServer } from '../../../lib/support/web-server';
import { FakeClock } from '../../support/fake-clock';

describe('web server', () => {
    const servers: WebServer[] = [];

    afterEach(async () => {
        for (const server of servers.splice(0)) await server.stop();
    });

    async function start(settings: ServerSettings): Promise<WebServer> {
        const server = await startWebServer({
            settings,
            listener: onlyAt('/notify', (_request, response) => void response.end('here')),
        });
        servers.push(server);
        return server;
    }

    async function get(options: {
        port: number;
        path: string;
        ca?: string;
        localAddress?: string;
    }): Promise<[number | undefined, string]> {
        const request = options.ca ? requestHttps : requestHttp;
        const outgoing = request({ host: '127.0.0.1', ...options }).end();
        const [response] = await once(outgoing, 'response');
        let text = '';
        for await (const chunk of response) text += chunk;
        return [response.statusCode, text];
    }

    it('answers its path and nothing else', async () => {
        const server = await start({ port: 0, host: '127.0.0.1' });
        assert.deepEqual(await get({ port: server.port, path: '/notify?validationToken=x' }), [200, 'here']);
        for (const path of ['/', '/notify/', '/Notify', '/red/', '//notify'])
            assert.deepEqual(await get({ port: server.port, path }), [404, 'There is nothing here.'], path);
    });

    it('speaks TLS with a certificate of its own', async () => {
        const authority = await CertificateAuthority.create();
        const tls = await authority.issue(['127.0.0.1']);
        const { port } = await start({ port: 0, host: '127.0.0.1', tls });
        assert.deepEqual(await get({ port, path: '/notify', ca: authority.certificate }), [200, 'here']);
        await assert.rejects(get({ port, path: '/notify' }), { code: 'ECONNRESET' });
        assert.deepEqual(await get({ port, path: '/notify', ca: authority.certificate }), [200, 'here']);
    });

    for (const [name, localAddress, hostile] of [
        ['their address', '127.0.0.1', '127.0.0.2'],
        ['the same address', '127.0.0.1', '127.0.0.1'],
    ] as const)
        it(`finds room for who asks, however many connect and ask for nothing from ${name} [C7]`, async () => {
            const crowds: (SyncError | undefined)[] = [];
            const server = await startWebServer({
                settings: { port: 0, host: '127.0.0.1' },
                listener: onlyAt('/notify', (_request, response) => void response.end('here')),
                onCrowd: error => crowds.push(error),
            });
            servers.push(server);
            const { port } = server;
            const open = (): Socket => {
                const socket = connect({ host: '127.0.0.1', port, localAddress: hostile });
                // Half a request, so that it waits for the rest.
                socket.on('error', () => {}).write('POST /notify HTTP/1.1\r\nHost: x\r\nX-Slow: ');
                return socket;
            };
            const strangers = Array.from({ length: 600 }, open);
            await Promise.all(strangers.map(socket => once(socket, 'connect').catch(() => {})));
            for (let asked = 0; asked < 20; asked++) {
                strangers.push(...Array.from({ length: 20 }, open));
                assert.deepEqual(await get({ port, path: '/notify', localAddress }), [200, 'here']);
            }
            assert.deepEqual(
                crowds.map(error => error?.code),
                ['PORT_CROWDED'],
            );
            for (const socket of strangers) socket.destroy();
        });

    it('keeps a connection that is busy, and one that has become a WebSocket', async () => {
        const clock = new FakeClock();
        let answer = (): void => {};
        const upgraded: Duplex[] = [];
        const server = createServer((request, response) => {
            request.resume();
            answer = () => void response.end('late');
        });
        server.on('upgrade', (_request, socket) => upgraded.push(socket));
        const crowds: boolean[] = [];
        const crowd = new Crowd(clock, isCrowded => crowds.push(isCrowded));
        keepRoom(server, { most: 2, upgrades: true, crowd });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const webSocket = connect(port, '127.0.0.1');
        webSocket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        await once(server, 'upgrade');
        const busy = get({ port, path: '/' });
        await once(server, 'request');
        for (let count = 0; count < 30; count++) {
            connect(port, '127.0.0.1').on('error', () => {});
            await once(server, 'connection');
        }
        assert.deepEqual(crowds, [true]);
        answer();
        assert.deepEqual(await busy, [200, 'late']);
        assert.equal(upgraded[0]?.destroyed, false);
        await clock.advance(30_000);
        assert.deepEqual(crowds, [true, false]);
        webSocket.destroy();
        server.close();
        server.closeAllConnections();
    });

    for (const [title, method, listener] of [
        [
            'read and answered at once',
            'POST',
            (request, response) => void response.end(String(request.resume().closed)),
        ],
        ['answered and never read', 'POST', (_request, response) => void response.end('unread')],
        ['without a body, answered', 'GET', (_request, response) => void response.end('plain')],
        ['read to its end', 'POST', (request, response) => void request.resume().on('end', () => response.end('read'))],
    ] as [string, string, RequestListener][])
        it(`takes the place of a connection whose request was ${title} [C7]`, async () => {
            const server = createServer(listener);
            keepRoom(server, { most: 2, upgrades: false, crowd: new Crowd(new FakeClock(), () => {}) });
            server.listen(0, '127.0.0.1');
            await once(server, 'listening');
            const { port } = server.address() as AddressInfo;
            const first = connect(port, '127.0.0.1').on('error', () => {});
            const body = method === 'POST' ? 'Content-Length: 3\r\n\r\nabc' : '\r\n';
            first.write(`${method} / HTTP/1.1\r\nHost: x\r\n${body}`);
            await once(first, 'data');
            const ended = once(first, 'close');
            const others = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
            await ended;
            assert.deepEqual(
                others.map(({ destroyed }) => destroyed),
                [false, false],
            );
            for (const socket of others) socket.destroy();
            server.close();
            server.closeAllConnections();
        });

    it('reads what waits to be read before it makes room, for many may come at one moment [C7]', async () => {
        const server = createServer((_request, response) => void response.end('here'));
        keepRoom(server, { most: 20, upgrades: false, crowd: new Crowd(new FakeClock(), () => {}) });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const asks = connect(port, '127.0.0.1').on('error', () => {});
        asks.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        const others = Array.from({ length: 35 }, () => connect(port, '127.0.0.1').on('error', () => {}));
        const [answer] = await once(asks, 'data');
        assert.match(String(answer), /^HTTP\/1.1 200/);
        for (const socket of others) socket.destroy();
        server.close();
        server.closeAllConnections();
    });

    it('says why it cannot listen', async () => {
        const server = await start({ port: 0, host: '127.0.0.1' });
        await assert.rejects(start({ port: server.port, host: '127.0.0.1' }), (error: SyncError) => {
            assert.ok(error instanceof SyncError);
            assert.equal(error.kind, 'configuration');
            assert.equal(error.message, `Port ${server.port} cannot be used: it is in use`);
            return true;
        });
        const tls = { key: 'no key', cert: 'no certificate' };
        await assert.rejects(start({ port: 0, tls }), { code: 'FIELD_INVALID' });
    });

    it('stops twice without harm and frees its port', async () => {
        const server = await start({ port: 0, host: '127.0.0.1' });
        const { port } = server;
        await server.stop();
        await server.stop();
        await start({ port, host: '127.0.0.1' });
        assert.deepEqual(await get({ port, path: '/notify' }), [200, 'here']);
    });
});
