import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { checkPbx } from '../../lib/pbx/check/check-pbx';
import { dial } from '../../lib/pbx/connection/dial';
import type { PbxSettings } from '../../lib/pbx/connection/pbx-settings';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { checkAddress } from '../../lib/teams/check/check-address';
import { GraphAccess } from '../../lib/teams/connection/graph-access';
import { GraphClient } from '../../lib/teams/connection/graph-client';
import { createHttp } from '../../lib/teams/connection/http';
import { accountTokens } from '../../lib/teams/connection/sign-in/token-source';
import { tokenVerifier } from '../../lib/teams/reading/notifications/validation-tokens';
import { needsOf, registrationReport } from '../../nodes/runtime/registrations';
import { checkout } from '../support/checkout';
import { FakeClock } from '../support/fake-clock';
import { forgetSignIns } from '../support/forget-sign-ins';

/** One of our connections that leave the host, tried with a server whose certificate nobody has issued whom we trust. */
interface Outgoing {
    /** Where the product opens it. */
    files: string[];
    connect(url: string): Promise<unknown>;
    /** Variables of the environment that it takes. */
    environment?(url: string): Record<string, string>;
}

const clock = new FakeClock(Date.now());
const app = {
    tenant: '5d1c7a52-0b0e-4a6a-9a37-0d4f3f0c9e11',
    clientId: '6e2d8b63-1c1f-4b7b-8b48-1e5a4a1d8f22',
    clientSecret: 'a secret',
};
const at = (url: string) => ({ ...app, loginUrl: url, graphUrl: url });
const pbx = (url: string, more: Partial<PbxSettings> = {}): PbxSettings =>
    ({
        role: 'client',
        addresses: [new URL(url).host],
        appName: 'presence',
        password: 'secret',
        ...more,
    }) as PbxSettings;
function freshCredential(): typeof import('../../lib/teams/connection/sign-in/federated-credential') {
    forgetSignIns();
    return require('../../lib/teams/connection/sign-in/federated-credential');
}

const http = 'lib/teams/connection/http.ts';

const outgoing: Record<string, Outgoing> = {
    'Entra: the app signs in': {
        files: ['lib/teams/connection/graph-access.ts', http],
        connect: url => new GraphAccess({ settings: at(url), clock }).tokensOf().token(),
    },
    'Entra: an account signs in': {
        files: ['nodes/teams-accounts.ts', 'nodes/runtime/sign-ins.ts'],
        connect: url => accountTokens(at(url), { username: 'a@x.example', password: 'secret' }, createHttp()).token(),
    },
    'Entra: a registration is tested': {
        files: ['nodes/runtime/registrations.ts'],
        connect: url => registrationReport(at(url), needsOf([])),
    },
    'Entra: the keys of notifications': {
        files: [http],
        connect: url => tokenVerifier(at(url), createHttp(), clock)('eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.c2ln'),
    },
    'Graph, with a token': {
        files: [http],
        connect: url => {
            const tokens = { token: async () => 'a token', invalidate: () => {}, doubt: () => {} };
            const graph = new GraphClient({ graphUrl: url, tokens, http: createHttp(), clock, budget: {} as never });
            return graph.send({ what: 'read', method: 'GET', path: '/users' });
        },
    },
    'a proxy that is reached by TLS': {
        files: [http],
        environment: url => ({ HTTPS_PROXY: url }),
        connect: () =>
            createHttp().fetch('https://graph.microsoft.com/v1.0/users', { headers: { authorization: 'x' } }),
    },
    'a managed identity': {
        files: ['lib/teams/connection/sign-in/federated-credential.ts'],
        environment: url => ({ IDENTITY_ENDPOINT: `${url}/token`, IDENTITY_HEADER: 'secret' }),
        connect: url => freshCredential().federatedToken({ managedIdentity: '' }, at(url)),
    },
    'the public address, tested': {
        files: ['lib/teams/check/check-address.ts'],
        connect: url => {
            const channel = { cameAt: undefined, on: () => {}, off: () => {} };
            return checkAddress(new URL('/notify', url), { channel, isElsewhere: false });
        },
    },
    'a PBX': {
        files: ['lib/pbx/connection/dial.ts'],
        connect: url => once(dial(new URL(url).host, pbx(url)), 'open'),
    },
    'a PBX with another pin': {
        files: ['lib/pbx/connection/dial.ts'],
        connect: url => once(dial(new URL(url).host, pbx(url, { fingerprint: '0'.repeat(64) })), 'open'),
    },
    'a PBX, tested: its certificate is looked at, and nothing sent': {
        files: ['lib/pbx/check/check-pbx.ts'],
        connect: url => checkPbx(pbx(url), []),
    },
};

describe('With NODE_TLS_REJECT_UNAUTHORIZED=0', function () {
    this.timeout(30_000);
    let server: Server;
    let url: string;
    let heard: string[];
    let handshakes: number;
    const original = { ...process.env };

    before(async () => {
        const authority = await CertificateAuthority.create();
        server = createServer(await authority.issue(['127.0.0.1']));
        const hear = (what: string) => void heard.push(what);
        server.on('request', ({ url: path }, response) => {
            hear(`request ${path}`);
            response.end('{}');
        });
        server.on('connect', (_, socket) => {
            hear('CONNECT');
            socket.destroy();
        });
        server.on('upgrade', (_, socket) => {
            hear('upgrade');
            socket.destroy();
        });
        server.on('connection', () => {
            handshakes += 1;
        });
        server.on('tlsClientError', () => {});
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    beforeEach(() => {
        heard = [];
        handshakes = 0;
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    });

    afterEach(() => {
        for (const name of Object.keys(process.env)) if (!(name in original)) delete process.env[name];
        Object.assign(process.env, original);
    });

    after(() => {
        server.closeAllConnections();
        server.close();
    });

    for (const [what, { connect, environment }] of Object.entries(outgoing))
        it(`nothing is said to a false server: ${what} [C5]`, async () => {
            Object.assign(process.env, environment?.(url));
            // What tests the set-up reports, and the rest throws.
            await connect(url).catch(() => {});
            assert.ok(handshakes > 0, 'it was not tried');
            assert.deepEqual(heard, []);
        });

    it('there are no other connections that leave the host', () => {
        const opens =
            /createHttp\(|\btls\.connect\(|\bnew WebSocket\(|from '(node:)?https'|\bnet\.connect\(|\bnew Agent\(/;
        const files = ['lib', 'nodes']
            .flatMap(folder =>
                readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' }).map(file =>
                    join(folder, file).replaceAll('\\', '/'),
                ),
            )
            .filter(file => file.endsWith('.ts') && !/^lib\/simulator\/|^nodes\/editor\//.test(file))
            .filter(file => {
                const source = readFileSync(join(checkout, file), 'utf8');
                // A server of our own is none.
                return opens.test(source.replaceAll(/import \{ createServer[^\n]*/g, ''));
            });
        const listed = Object.values(outgoing).flatMap(({ files }) => files);
        assert.deepEqual([...new Set(files)].sort(), [...new Set(listed)].sort());
    });
});
