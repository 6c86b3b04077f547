import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { PbxServer } from '../../lib/pbx/connection/pbx-server';
import { decoded, nothingHere, startWebServer } from '../../lib/support/web-server';
import { type Endpoint, endpoints } from './http-endpoints';
import type { CallPlace } from './pbx-fields';
import { serverTlsOptions } from './tls-options';

/** Takes calls of PBXs away again; may be called twice. */
type Close = () => Promise<void>;

/**
 * Where PBXs call: on Node-RED's own web server, where other WebSockets are left alone, or on a port of its own. Made
 * once, before any node. What it returns throws SyncError FIELD_INVALID, PORT_REFUSED.
 */
export function pbxEndpoints(
    RED: NodeAPI,
): (server: PbxServer, place: CallPlace, tls: string | undefined) => Promise<Close> {
    const serve = endpoints(RED);
    const live = new Map<string, PbxServer>();
    let listening: Server | undefined;

    // One listener for all nodes; what is for none of them is for others.
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        const path = decoded(request.url?.split('?')[0] ?? '');
        const root = String(RED.settings.httpNodeRoot || '/').replace(/\/*$/, '');
        const paths = path.startsWith(`${root}/`) ? [path, path.slice(root.length)] : [path];
        for (const [folder, server] of live) {
            if (paths.some(each => isBelow(folder, each))) return server.upgrade(request, socket, head);
        }
    };

    const onNodeRed = (server: PbxServer, { folder }: CallPlace): Close => {
        const web = RED.server as Server | undefined;
        if (!serve || !web)
            throw new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
        if (live.has(folder)) {
            const why = 'another PBX connection has this path';
            throw new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
        }
        live.set(folder, server);
        const page = pageOf(server);
        const ends = server.files.map(file => serve(`${folder}/${file}`, page));
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
        const web = await startWebServer({
            settings: tls ? { port, tls: serverTlsOptions(RED, tls) } : { port },
            listener: pageOf(server),
            onUpgrade: (request, socket, head) => {
                if (isBelow(folder, decoded(request.url?.split('?')[0] ?? ''))) server.upgrade(request, socket, head);
                else socket.destroy();
            },
        });
        return web.stop;
    };

    return async (server, place, tls) =>
        place.listen === 'own-port' ? onOwnPort(server, place, tls) : onNodeRed(server, place);
}

function pageOf(server: PbxServer): Endpoint {
    return (request, response) => {
        if (!server.page(request, response)) nothingHere(request, response);
    };
}

function isBelow(folder: string, path: string): boolean {
    return path === folder || path.startsWith(`${folder}/`);
}
