import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { SyncError } from '../../../lib/errors/errors';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import { onlyAt, type ServerSettings, startWebServer, type WebServer } from '../../../lib/support/web-server';

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

    async function get(options: { port: number; path: string; ca?: string }): Promise<[number | undefined, string]> {
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
