import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { issueCertificate } from '../../../../lib/simulator/issue-certificate';
import { createHttp, type Http } from '../../../../lib/teams/connection/http';
import { account, TeamsFixture } from '../teams-fixture';

describe('HTTP to Microsoft', () => {
    let office: TeamsFixture;
    before(async () => {
        office = await TeamsFixture.start();
    });
    after(() => office.stop());

    function keysUrl(): string {
        return `${office.simulated.url}/common/discovery/v2.0/keys`;
    }

    it('trusts one authority alone, or one more than the system', async () => {
        for (const extent of ['only', 'added'] as const) {
            const http = createHttp({ ca: office.authority.certificate, extent });
            assert.equal((await http.fetch(keysUrl())).status, 200);
            http.drop();
            await http.close();
            await assert.rejects(http.fetch(keysUrl()), { code: 'TEAMS_UNREACHABLE' });
        }
    });

    it('refuses a false server whatever the environment says [C5]', async () => {
        const other = (await CertificateAuthority.create()).certificate;
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        try {
            for (const trust of [undefined, { ca: other, extent: 'only' }, { ca: other, extent: 'added' }] as const) {
                const http = createHttp(trust);
                await assert.rejects(http.fetch(keysUrl()), { code: 'TEAMS_CERTIFICATE_UNTRUSTED' });
                await http.close();
            }
        } finally {
            delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        }
    });

    it('goes on to trust what Node.js trusts otherwise where an authority is added', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'extra-ca-'));
        const extra = join(folder, 'ca.pem');
        await writeFile(extra, office.authority.certificate);
        const other = (await CertificateAuthority.create()).certificate;
        const script = `
            const { createHttp } = require(${JSON.stringify(require.resolve('../../../../lib/teams/connection/http'))});
            const http = createHttp({ ca: ${JSON.stringify(other)}, extent: 'added' });
            http.fetch(${JSON.stringify(keysUrl())}).then(({ status }) => console.log(status), console.log);
        `;
        const environment = { ...process.env, NODE_EXTRA_CA_CERTS: extra };
        const child = execFile(process.execPath, ['-e', script], { env: environment });
        let output = '';
        child.stdout?.on('data', text => {
            output += text;
        });
        await once(child, 'exit');
        await rm(folder, { recursive: true });
        assert.equal(output.trim(), '200');
    });

    it('refuses a certificate of an authority that is not trusted [A17]', async () => {
        const http = createHttp();
        await assert.rejects(http.fetch(keysUrl()), {
            code: 'TEAMS_CERTIFICATE_UNTRUSTED',
            kind: 'outage',
            message: /choose a TLS configuration with its CA as Extra CA/,
        });
        await http.close();
    });

    it('says what else is wrong with a certificate [A17]', async () => {
        const usual = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
        const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
        const day = 86_400_000;
        for (const [now, host, code, own] of [
            [Date.now() - 400 * day, '127.0.0.1', 'TEAMS_CERTIFICATE_OUTDATED', usual],
            [Date.now() + 2 * day, '127.0.0.1', 'TEAMS_CERTIFICATE_OUTDATED', usual],
            [Date.now(), '10.0.0.1', 'TEAMS_CERTIFICATE_ELSEWHERE', usual],
            [Date.now(), '127.0.0.1', 'TEAMS_CERTIFICATE_UNTRUSTED', small],
        ] as const) {
            const certificate = issueCertificate({
                ...{ commonName: 'server', key: own, now },
                extensions: [
                    { name: 'basicConstraints', cA: true },
                    { name: 'subjectAltName', altNames: [{ type: 7, ip: host }] },
                ],
            }).toString();
            const key = own.export({ type: 'pkcs8', format: 'pem' });
            const ciphers = 'DEFAULT@SECLEVEL=0';
            const server = createServer({ key, cert: certificate, ciphers }).listen(0, '127.0.0.1');
            await once(server, 'listening');
            const http = createHttp({ ca: certificate, extent: 'only' });
            const { port } = server.address() as AddressInfo;
            await assert.rejects(http.fetch(`https://127.0.0.1:${port}/`), { code, kind: 'outage' });
            await http.close();
            await new Promise(resolve => server.close(resolve));
        }
    });

    it('takes no secret to where it is led on [C9]', async () => {
        const authority = await CertificateAuthority.create();
        const asked: string[] = [];
        const { cert, key } = await authority.issue(['127.0.0.1']);
        const server = createServer({ cert, key }, ({ url = '' }, response) => {
            asked.push(url);
            response.writeHead(307, { location: `https://127.0.0.1:${port}/elsewhere` }).end();
        }).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const http = createHttp({ ca: authority.certificate, extent: 'only' });
        const body = 'client_secret=a+secret';
        assert.equal((await http.fetch(`https://127.0.0.1:${port}/token`, { method: 'POST', body })).status, 307);
        assert.deepEqual(asked, ['/token']);
        await http.close();
        await new Promise(resolve => server.close(resolve));
    });

    it('gives up after a time', async () => {
        const original = AbortSignal.timeout;
        AbortSignal.timeout = () => original.call(AbortSignal, 1);
        const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        office.simulated.faults.latency = 60_000;
        try {
            const host = new URL(office.simulated.url).host;
            await assert.rejects(http.fetch(keysUrl()), {
                code: 'TEAMS_TIMEOUT',
                message: `${host} did not answer within 30 s`,
            });
        } finally {
            AbortSignal.timeout = original;
            office.simulated.faults.latency = 0;
            await http.close();
        }
    });

    it('keeps its connections, and opens no more than 32 to one host in a burst', async () => {
        const connections = new Set<unknown>();
        const server = createServer(await office.authority.issue(['127.0.0.1']), (_, response) => {
            setImmediate(() => response.end('{}'));
        });
        server.on('secureConnection', socket => connections.add(socket));
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        for (let burst = 0; burst < 3; burst++) await Promise.all(Array.from({ length: 200 }, () => http.fetch(url)));
        assert.equal(connections.size, 32);
        await http.close();
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
    });

    it('gives up what is under way when its connections are dropped, and goes on over new ones', async () => {
        const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        office.simulated.faults.latency = 60_000;
        const given = assert.rejects(http.fetch(keysUrl()), { code: 'TEAMS_UNREACHABLE' });
        http.drop();
        await given;
        office.simulated.faults.latency = 0;
        assert.equal((await http.fetch(keysUrl())).status, 200);
        await http.close();
    });

    describe('when the server closes connections instead of answering', () => {
        let url: string;
        let requests: number;
        let closed: number;
        /** Whether a connection is closed at a request, by how many it has answered. */
        let closes: (answered: number) => boolean;
        let server: Server;
        let http: Http;
        beforeEach(async () => {
            [requests, closed] = [0, 0];
            const answered = new Map<unknown, number>();
            server = createServer(await office.authority.issue(['127.0.0.1']), ({ socket }, response) => {
                requests += 1;
                const count = answered.get(socket) ?? 0;
                if (closes(count)) {
                    closed += 1;
                    socket.destroy();
                    return;
                }
                answered.set(socket, count + 1);
                setImmediate(() => response.end('{}'));
            });
            server.listen(0, '127.0.0.1');
            await once(server, 'listening');
            url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
            http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        });
        afterEach(async () => {
            await http.close();
            server.closeAllConnections();
            await new Promise(resolve => server.close(resolve));
        });

        it('sends what is repeatable again at once, however many connections were idle', async () => {
            const burst = () => Array.from({ length: 40 }, () => http.fetch(url, { method: 'POST', repeatable: true }));
            closes = () => false;
            await Promise.all(burst());
            closes = answered => answered > 0 && closed < 32;
            const answers = await Promise.all(burst());
            assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
            assert.equal(requests, 80 + closed);
            assert.ok(closed > 0);
        });

        it('sends once what is not', async () => {
            closes = () => true;
            await assert.rejects(http.fetch(url, { method: 'POST' }), { code: 'TEAMS_UNREACHABLE' });
            assert.equal(requests, 1);
        });

        it('gives up after three attempts', async () => {
            closes = () => true;
            await assert.rejects(http.fetch(url, { repeatable: true }), { code: 'TEAMS_UNREACHABLE' });
            assert.equal(requests, 3);
        });
    });

    it('ends what is under way when it is closed', async () => {
        const { registration } = office.teams();
        office.simulated.faults.latency = 60_000;
        const request = registration.asAccount(account).send({ what: 'read', method: 'GET', path: '/users' });
        const ended = assert.rejects(request, { kind: 'outage' });
        await registration.stop();
        await ended;
        office.simulated.faults.latency = 0;
    });
});
