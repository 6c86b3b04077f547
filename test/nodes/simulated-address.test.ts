import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { networkInterfaces } from 'node:os';
import type { NodeAPI } from 'node-red';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { createHttp as trusting } from '../../lib/teams/connection/http';
import { endpoints, simulatedPublicUrl } from '../../nodes/runtime/endpoints';

describe('the public address of the simulated office', () => {
    before(async () => (await simulatedOffice()).start());
    after(async () => (await simulatedOffice()).stop());

    /** What Node-RED's web server answers through that address, where it listens here and is set so. */
    async function answerOf(host: string, httpNodeRoot: string, isTls = false): Promise<string> {
        const middleware: ((...all: unknown[]) => void)[] = [];
        const listener: RequestListener = (request, response) => {
            // As Express does for an app below a root.
            const root = httpNodeRoot.replace(/\/$/, '');
            const [full = ''] = (request.url ?? '').split('?');
            if (!full.startsWith(`${root}/`)) return response.writeHead(404).end();
            Object.assign(request, { originalUrl: request.url, path: full.slice(root.length) });
            for (const use of middleware) use(request, response, () => response.writeHead(404).end());
            return undefined;
        };
        const identity = await (await CertificateAuthority.create()).issue(['localhost']);
        const server: Server = isTls ? createHttps(identity, listener) : createHttp(listener);
        const RED = {
            server,
            settings: { httpNodeRoot, ...(isTls ? { https: () => Promise.resolve({}) } : {}) },
            httpNode: { use: (each: (typeof middleware)[number]) => middleware.push(each) },
        } as unknown as NodeAPI;
        const { signal } = new AbortController();
        const serve = endpoints(RED);
        const published = simulatedPublicUrl(RED, '/teams-notifications/a', undefined, signal);
        server.listen(0, host);
        await once(server, 'listening');
        const url = await published;
        const end = serve(new URL(url).pathname, (_, response) => response.end('the receiver'));
        const office = await simulatedOffice();
        const http = trusting({ ca: office.identity.ca, extent: 'only' });
        try {
            return await (await http.fetch(url)).text();
        } finally {
            end();
            await http.close();
            server.closeAllConnections();
            server.close();
        }
    }

    const roots = ['/', '/red/', '/offices/red/'];
    const known = Object.values(networkInterfaces()).flatMap(each => each?.map(({ address }) => address) ?? []);
    const hosts = ['127.0.0.1', '127.0.0.2', '0.0.0.0', ...(known.includes('::1') ? ['::1', '::'] : [])];
    const cases = hosts.flatMap(host => roots.map(root => ({ host, root, isTls: false })));
    for (const { host, root, isTls } of [...cases, ...cases.map(each => ({ ...each, isTls: true }))])
        it(`leads to a Node-RED that listens at ${isTls ? 'https ' : ''}${host} below ${root} [A11]`, async () => {
            assert.equal(await answerOf(host, root, isTls), 'the receiver');
        });
});
