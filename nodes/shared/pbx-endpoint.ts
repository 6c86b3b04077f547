import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { NodeAPI } from 'node-red';
import type { PbxServer } from '../../lib/pbx/connection/pbx-server';
import { SyncError } from '../../lib/support/errors';
import { type Endpoint, endpoints } from './http-endpoints';
import type { CallPlace } from './pbx-fields';
import { serverTlsOptions } from './tls-options';

/** Takes calls of PBXs away again; may be called twice. */
type Close = () => Promise<void>;

/** Somebody who opens a socket and sends nothing is not kept, in ms. */
const timeLimits = { headersTimeout: 10_000, requestTimeout: 20_000 };
/** PBXs, and browsers that want the App's page or icon. */
const mostConnections = 500;

/**
 * Where PBXs call: on Node-RED's own web server, where other WebSockets are left alone, or on a port of its own. Made
 * once, before any node.
 */
export function pbxEndpoints(RED: NodeAPI): {
    /** @throws SyncError FIELD_INVALID, TEAMS_PORT_REFUSED */
    open(server: PbxServer, place: CallPlace, tls: string | undefined): Promise<Close>;
} {
    const routes = endpoints(RED);
    const live = new Map<string, PbxServer>();
    let listening: Server | undefined;

    // One listener for all nodes; what is for none of them is for others.
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        const path = pathOf(request);
        const root = String(RED.settings.httpNodeRoot || '/').replace(/\/*$/, '');
        const paths = path.startsWith(`${root}/`) ? [path, path.slice(root.length)] : [path];
        for (const [folder, server] of live) {
            if (paths.some(each => isBelow(folder, each))) return server.upgrade(request, socket, head);
        }
    };

    const onNodeRed = (server: PbxServer, { folder, app }: CallPlace): Close => {
        const web = RED.server as Server | undefined;
        if (!routes || !web)
            throw new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
        if (live.has(folder)) {
            const why = 'another PBX connection has this path';
            throw new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
        }
        live.set(folder, server);
        const page = pageOf(server);
        const ends = ['.htm', '.png'].map(ending => routes.add(`${folder}/${app}${ending}`, page));
        if (listening !== web) web.on('upgrade', onUpgrade);
        listening = web;
        return async () => {
            if (live.get(folder) === server) live.delete(folder);
            for (const end of ends) end();
            if (live.size > 0) return;
            web.off('upgrade', onUpgrade);
            listening = undefined;
        };
    };

    const onOwnPort = async (server: PbxServer, { folder, port }: CallPlace, tls: string | undefined) => {
        const web = createServer(pageOf(server), tls ? serverTlsOptions(RED, tls) : undefined);
        web.maxConnections = mostConnections;
        web.on('upgrade', (request, socket, head) => {
            if (isBelow(folder, pathOf(request))) server.upgrade(request, socket, head);
            else socket.destroy();
        });
        await new Promise<void>((resolve, reject) => {
            web.once('error', error => reject(portError(port, error)));
            web.listen(port, resolve);
        });
        // A client that breaks off a handshake or a request is its own affair.
        web.on('error', () => {});
        return async () => {
            const closed = new Promise(resolve => web.close(resolve));
            web.closeAllConnections();
            await closed;
        };
    };

    return {
        open: async (server, place, tls) =>
            place.listen === 'own-port' ? onOwnPort(server, place, tls) : onNodeRed(server, place),
    };
}

function pageOf(server: PbxServer): Endpoint {
    return (request, response) => {
        if (server.page(request, response)) return;
        request.resume();
        response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.');
    };
}

function createServer(listener: RequestListener, tls: ReturnType<typeof serverTlsOptions> | undefined): Server {
    if (!tls) return createHttpServer(timeLimits, listener);
    try {
        return createHttpsServer({ ...timeLimits, ...tls, minVersion: 'TLSv1.2' }, listener);
    } catch (error) {
        const why = 'certificate and private key do not fit each other or cannot be read';
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why }, error);
    }
}

function portError(port: number, error: NodeJS.ErrnoException): SyncError {
    const reasons: Record<string, string> = { EADDRINUSE: 'it is in use', EACCES: 'it needs more rights' };
    const why = reasons[error.code ?? ''] ?? error.message;
    return new SyncError('TEAMS_PORT_REFUSED', { port, why }, error);
}

function pathOf({ url = '' }: IncomingMessage): string {
    const [path = ''] = url.split('?');
    try {
        return decodeURIComponent(path);
    } catch {
        return path;
    }
}

function isBelow(folder: string, path: string): boolean {
    return path === folder || path.startsWith(`${folder}/`);
}
