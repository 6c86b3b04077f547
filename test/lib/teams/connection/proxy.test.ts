import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { createHttp } from '../../../../lib/teams/connection/http';
import { account, anna, TeamsFixture } from '../teams-fixture';

const names = [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'NO_PROXY',
    'no_proxy',
    'ALL_PROXY',
    'all_proxy',
];

describe('A proxy in the environment', () => {
    let office: TeamsFixture;
    let proxy: Server;
    let tunnels: string[];
    let sockets: Socket[];
    let environment: Record<string, string | undefined>;

    beforeEach(async () => {
        office = await TeamsFixture.start();
        environment = Object.fromEntries(names.map(name => [name, process.env[name]]));
        for (const name of names) delete process.env[name];
        tunnels = [];
        sockets = [];
        proxy = createServer((_, response) => response.writeHead(405).end());
        proxy.on('connect', (request, socket: Socket, head) => tunnel(request.url ?? '', socket, head));
        proxy.listen(0, '127.0.0.1');
        await once(proxy, 'listening');
    });
    afterEach(async () => {
        for (const name of names) {
            if (environment[name] === undefined) delete process.env[name];
            else process.env[name] = environment[name];
        }
        await office.stop({ listed: false });
        for (const socket of sockets) socket.destroy();
        await new Promise(resolve => proxy.close(resolve));
    });

    /** Passes the bytes on and sees nothing of them. */
    function tunnel(target: string, socket: Socket, head: Buffer): void {
        tunnels.push(target);
        const [host, port] = target.split(':');
        const onward = connect(Number(port), host, () => {
            socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
            onward.write(head);
            onward.pipe(socket).pipe(onward);
        });
        sockets.push(socket, onward);
        for (const [end, other] of [
            [socket, onward],
            [onward, socket],
        ] as const)
            end.on('error', () => other.destroy());
    }

    function proxyUrl(): string {
        return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    }

    /** Signs in and reads a user, trusting one authority more than the system does. */
    async function readUser(): Promise<string> {
        const trust = { ca: office.authority.certificate, extent: 'added' as const };
        const path = '/users?$select=id,displayName';
        const { value } = await office
            .teams({ trust })
            .registration.asAccount(account)
            .send<{ value: { id: string; displayName: string }[] }>({ what: 'read the users', method: 'GET', path });
        return value.find(({ id }) => id === anna.teamsId)?.displayName ?? '';
    }

    const tenantHost = (): string => new URL(office.simulated.url).host;

    for (const name of ['HTTPS_PROXY', 'https_proxy'])
        it(`is used for sign-in and Graph (${name}), with an added authority`, async () => {
            process.env[name] = proxyUrl();
            assert.equal(await readUser(), anna.name);
            assert.ok(tunnels.length > 0);
            assert.deepEqual([...new Set(tunnels)], [tenantHost()]);
        });

    for (const [title, written] of [
        ['without http://', (url: string) => url.replace('http://', '')],
        ['in quotes and with blanks', (url: string) => ` "${url}" `],
        ['with a name and a password', (url: string) => url.replace('://', '://user:100%25@')],
        ['with any character in a password', (url: string) => url.replace('://', '://DOM\\user:p@s/s#?@')],
        ['with a path', (url: string) => `${url}/proxy.pac?x#y`],
        ['in capitals', (url: string) => `${url.toUpperCase()}/`],
        ['in the quotes of a text program, with a mark of byte order', (url: string) => `\ufeff“${url}”\r\n`],
    ] as const)
        it(`is taken as other programs take it: ${title} [A7]`, async () => {
            process.env.HTTPS_PROXY = written(proxyUrl());
            assert.equal(await readUser(), anna.name);
            assert.ok(tunnels.length > 0);
        });

    for (const blank of ['', '  ', '""'])
        it(`is none where the variable is blank: ${JSON.stringify(blank)} [A7]`, async () => {
            process.env.HTTPS_PROXY = blank;
            assert.equal(await readUser(), anna.name);
            assert.deepEqual(tunnels, []);
        });

    for (const wrong of [
        'http://user:100%@127.0.0.1:1',
        'http://',
        'ftp://127.0.0.1:1',
        'http://a%4:1@127.0.0.1:1',
        'no proxy',
        '$'.concat('{PROXY}'),
        'socks4://127.0.0.1:1',
        'http://one:1,http://two:1',
        'constructor://127.0.0.1:1',
    ])
        it(`that cannot be one is named: ${wrong} [A7]`, async () => {
            process.env.HTTPS_PROXY = wrong;
            const message = /^HTTPS_PROXY is not valid: it names no proxy/;
            await assert.rejects(readUser(), { code: 'FIELD_INVALID', message });
        });

    for (const name of ['NO_PROXY', 'no_proxy'])
        it(`is not used for hosts that are excepted (${name})`, async () => {
            process.env.HTTPS_PROXY = proxyUrl();
            process.env[name] = '.example.com,127.0.0.1';
            assert.equal(await readUser(), anna.name);
            assert.deepEqual(tunnels, []);
        });

    it('is that for all protocols where there is none for https [A7]', async () => {
        process.env.all_proxy = proxyUrl();
        assert.equal(await readUser(), anna.name);
        assert.ok(tunnels.length > 0);
    });

    it('may speak SOCKS 5, with TLS to Microsoft alone [A7]', async () => {
        const socks = createTcpServer(socket => {
            // Neither name nor password; then where to: here 127.0.0.1, in four bytes.
            socket.once('data', () => {
                socket.write(Buffer.from([5, 0]));
                socket.once('data', asked => {
                    const port = asked.readUInt16BE(8);
                    tunnels.push(`${asked.subarray(4, 8).join('.')}:${port}`);
                    const onward = connect(port, '127.0.0.1', () => {
                        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
                        onward.pipe(socket).pipe(onward);
                    });
                    sockets.push(socket, onward);
                    for (const end of [socket, onward]) end.on('error', () => {});
                });
            });
        }).listen(0, '127.0.0.1');
        await once(socks, 'listening');
        try {
            process.env.HTTPS_PROXY = `socks5h://127.0.0.1:${(socks.address() as AddressInfo).port}`;
            assert.equal(await readUser(), anna.name);
            assert.deepEqual([...new Set(tunnels)], [tenantHost()]);
            const untrusting = createHttp();
            await assert.rejects(untrusting.fetch(office.simulated.url), { code: 'TEAMS_CERTIFICATE_UNTRUSTED' });
            await untrusting.close();
        } finally {
            socks.close();
        }
    });

    for (const excepted of ['example.com;127.0.0.1', '"127.0.0.1"', 'https://127.0.0.1/', '127.0.0.1.', '*'])
        it(`is not used for hosts that are excepted as people write it: ${excepted} [A7]`, async () => {
            process.env.HTTPS_PROXY = proxyUrl();
            process.env.NO_PROXY = excepted;
            assert.equal(await readUser(), anna.name);
            assert.deepEqual(tunnels, []);
        });

    it('whose name is not found is named [A7]', async () => {
        process.env.HTTPS_PROXY = 'http://none.invalid:3128';
        await assert.rejects(readUser(), {
            code: 'TEAMS_UNREACHABLE',
            message: /\((ENOTFOUND|EAI_AGAIN) none\.invalid\)/,
        });
    });

    it('is not used for the simulated office, which is on this computer', async () => {
        process.env.HTTPS_PROXY = proxyUrl();
        const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        assert.equal((await http.fetch(`${office.simulated.url}/common/discovery/v2.0/keys`)).status, 200);
        await http.close();
        assert.deepEqual(tunnels, []);
    });

    it('that is away is an outage with its name, not a stack trace', async () => {
        process.env.HTTPS_PROXY = proxyUrl();
        await new Promise(resolve => proxy.close(resolve));
        await assert.rejects(readUser(), { code: 'TEAMS_UNREACHABLE', kind: 'outage', message: /ECONNREFUSED/ });
        proxy.listen(0);
    });

    it('that refuses the connection is an outage with its answer', async () => {
        proxy.removeAllListeners('connect');
        proxy.on('connect', (_, socket: Socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
        process.env.HTTPS_PROXY = proxyUrl();
        await assert.rejects(readUser(), { code: 'TEAMS_UNREACHABLE', kind: 'outage', message: /407/ });
    });
});
