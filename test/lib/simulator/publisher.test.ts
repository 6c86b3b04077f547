import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import { freePorts } from '../../../lib/simulator/free-ports';
import { Publisher } from '../../../lib/simulator/publisher';

describe('the reverse proxy of the office', () => {
    const servers: Server[] = [];
    let authority: CertificateAuthority;
    let publisher: Publisher;
    let dispatcher: Agent;

    async function listen(server: Server): Promise<number> {
        servers.push(server);
        await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
        return (server.address() as AddressInfo).port;
    }

    async function serve(listener: RequestListener): Promise<string> {
        return `http://127.0.0.1:${await listen(createServer(listener))}`;
    }

    const echo = (name: string): Promise<string> =>
        serve((request, response) => {
            text(request).then(body => response.end(JSON.stringify({ name, ...summary(request), body })));
        });

    beforeEach(async () => {
        authority = await CertificateAuthority.create();
        const [port] = await freePorts(1);
        publisher = new Publisher({ authority, port: port! });
        dispatcher = new Agent({ connect: { ca: authority.certificate } });
        await publisher.start();
    });

    afterEach(async () => {
        await dispatcher.destroy();
        await publisher.stop();
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });

    it('gives a local address a public one whose certificate the authority issued', async () => {
        const url = publisher.publish(`${await echo('node-red')}/teams/notifications`);
        assert.equal(url, `https://127.0.0.1:${publisher.port}/teams/notifications`);
        await assert.rejects(fetch(url), ({ cause }: Error) => /certificate/.test((cause as Error).message));
        assert.equal((await fetch(url, { dispatcher })).status, 200);
    });

    it('keeps method, path, query, headers and body', async () => {
        const url = publisher.publish(`${await echo('node-red')}/hook`);
        const response = await fetch(`${url}?validationToken=a%20b`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-own': 'kept' },
            body: '{"value":[]}',
            dispatcher,
        });
        const seen = (await response.json()) as Record<string, unknown>;
        assert.equal(seen.method, 'POST');
        assert.equal(seen.url, '/hook?validationToken=a%20b');
        assert.equal(seen.own, 'kept');
        assert.equal(seen.type, 'application/json');
        assert.equal(seen.body, '{"value":[]}');
        assert.equal(seen.proto, 'https');
    });

    it('streams a body of unknown length', async () => {
        const url = publisher.publish(`${await echo('node-red')}/hook`);
        const chunks = (async function* () {
            yield Buffer.from('one ');
            yield Buffer.from('two');
        })();
        const response = await fetch(url, { method: 'DELETE', body: chunks, duplex: 'half', dispatcher });
        assert.equal(((await response.json()) as { body: string }).body, 'one two');
    });

    it('hands back status and headers of the answer', async () => {
        const url = publisher.publish(
            await serve((_, response) => {
                response.writeHead(202, { 'content-type': 'text/plain', 'x-own': 'kept' }).end('later');
            }),
        );
        const response = await fetch(`${url}deep/inside`, { dispatcher });
        assert.equal(response.status, 202);
        assert.equal(response.headers.get('x-own'), 'kept');
        assert.equal(await response.text(), 'later');
    });

    it('tells several published addresses apart by their path, the longest first', async () => {
        const one = publisher.publish(`${await echo('one')}/a`);
        const two = publisher.publish(`${await echo('two')}/a/b/`);
        const nameAt = async (url: string) =>
            ((await (await fetch(url, { dispatcher })).json()) as { name: string }).name;
        assert.equal(await nameAt(one), 'one');
        assert.equal(await nameAt(`${one}/x/y`), 'one');
        assert.equal(await nameAt(two), 'two');
        assert.equal(await nameAt(`${two}lifecycle`), 'two');
        publisher.publish(`${await echo('three')}/a`);
        assert.equal(await nameAt(one), 'three');
    });

    it('answers 404 where nothing is published', async () => {
        publisher.publish(`${await echo('one')}/a`);
        const response = await fetch(`https://127.0.0.1:${publisher.port}/ab`, { dispatcher });
        assert.equal(response.status, 404);
    });

    it('answers 502 while the local address is away', async () => {
        const [port] = await freePorts(1);
        const url = publisher.publish(`http://127.0.0.1:${port}/hook`);
        const response = await fetch(url, { method: 'POST', body: 'x', dispatcher });
        assert.equal(response.status, 502);
    });

    it('breaks the answer off when the local address breaks off', async () => {
        const url = publisher.publish(
            await serve((_, response) => {
                response.write('half', () => response.destroy());
            }),
        );
        await assert.rejects(async () => (await fetch(url, { dispatcher })).text());
    });

    it('forwards to a local https address, whatever its certificate says', async () => {
        const { key, cert } = await authority.issue(['node-red.example']);
        const port = await listen(createSecureServer({ key, cert }, (_, response) => response.end('secure')));
        const url = publisher.publish(`https://localhost:${port}/hook`);
        assert.equal(await (await fetch(url, { dispatcher })).text(), 'secure');
    });

    it('publishes nothing but addresses of this machine', () => {
        for (const url of ['http://192.0.2.1/a', 'https://example.com/', 'http://[2001:db8::1]/'])
            assert.throws(() => publisher.publish(url), /address of this machine/);
        for (const url of ['ftp://127.0.0.1/', 'not a url']) assert.throws(() => publisher.publish(url), /http/);
        for (const url of ['http://[::1]:1/', 'http://localhost:1/', 'http://127.1.2.3:1/']) publisher.publish(url);
        const own = Object.values(networkInterfaces()).flatMap(list => list ?? []);
        for (const { address, family } of own) if (family === 'IPv4') publisher.publish(`http://${address}:1/`);
    });

    it('stops and starts again, on the same port, with what was published', async () => {
        const url = publisher.publish(`${await echo('one')}/a`);
        await publisher.start();
        await publisher.stop();
        await publisher.stop();
        await assert.rejects(connected(publisher.port));
        await publisher.start();
        assert.equal((await fetch(url, { dispatcher })).status, 200);
    });
});

function summary({ method, url, headers }: IncomingMessage): Record<string, unknown> {
    return { method, url, own: headers['x-own'], type: headers['content-type'], proto: headers['x-forwarded-proto'] };
}

function connected(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
        const socket = connectSocket(port, '127.0.0.1', () => {
            socket.destroy();
            resolve();
        });
        socket.once('error', reject);
    });
}
