import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { PbxServer } from '../../lib/pbx/connection/pbx-server';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { Crowd } from '../../lib/support/waiting-connections';
import { decoded, nothingHere, type ServerSettings, startWebServer } from '../../lib/support/web-server';
import { systemClock } from '../../lib/time/clock';

type OnCrowd = (error?: SyncError) => void;

/** Answers a request on Node-RED's web server. */
type Endpoint = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * One route for all nodes of a kind, registered once: a route of a node that is gone would go on answering. What it
 * returns answers at a path, as it stands in the public URL, until the function is called that it gives; it throws
 * SyncError FIELD_INVALID where the administrator has switched off the web server for nodes.
 */
export function endpoints(RED: NodeAPI): (path: string, endpoint: Endpoint) => () => void {
    const live = new Map<string, Endpoint>();
    const isOff = RED.settings.httpNodeRoot === false || !RED.httpNode;
    if (!isOff)
        RED.httpNode.use((request, response, next) => {
            const [full] = request.originalUrl.split('?');
            const endpoint = live.get(full ?? '') ?? live.get(request.path);
            if (endpoint) endpoint(request, response);
            else next();
        });
    return (path, endpoint) => {
        if (isOff) throw noWebServer();
        const why = 'another node has this path';
        if (live.has(path)) throw new SyncError('FIELD_INVALID', { field: 'Public address', why });
        live.set(path, endpoint);
        return () => {
            if (live.get(path) === endpoint) live.delete(path);
        };
    };
}

function noWebServer(): SyncError {
    return new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
}

/**
 * Where PBXs call: on Node-RED's own web server, where other WebSockets are left alone, or on a port of its own. Made
 * once, before any node. What it returns gives the function that ends it, which may be called twice, and throws
 * SyncError FIELD_INVALID, PORT_REFUSED.
 */
export function pbxEndpoints(RED: NodeAPI) {
    const serve = endpoints(RED);
    const live = new Map<string, { server: PbxServer; crowd: Crowd }>();

    // One listener for all nodes; what is for none of them is for others.
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        const path = pathOf(request);
        const root = rootOf(RED);
        const paths = path.startsWith(`${root}/`) ? [path, path.slice(root.length)] : [path];
        for (const [folder, { server, crowd }] of live) {
            if (paths.some(each => isBelow(folder, each))) return server.upgrade(request, socket, head, crowd);
        }
    };

    const onNodeRed = (server: PbxServer, folder: string, onCrowd: OnCrowd) => {
        const web = RED.server as Server | undefined;
        if (!web) throw noWebServer();
        if (live.has(folder)) {
            const why = 'another PBX connection has this path';
            throw new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
        }
        const ends = server.files.map(file => serve(`${folder}/${file}`, pageOf(server)));
        if (live.size === 0) web.on('upgrade', onUpgrade);
        const port = (web.address() as AddressInfo | null)?.port ?? RED.settings.uiPort ?? '';
        const crowd = new Crowd(systemClock, isCrowded =>
            onCrowd(isCrowded ? new SyncError('PORT_CROWDED', { port }) : undefined),
        );
        live.set(folder, { server, crowd });
        return async () => {
            crowd.stop();
            if (live.get(folder)?.server === server) live.delete(folder);
            for (const end of ends) end();
            if (live.size === 0) web.off('upgrade', onUpgrade);
        };
    };

    const onOwnPort = async (server: PbxServer, folder: string, settings: ServerSettings, onCrowd: OnCrowd) => {
        const { stop } = await startWebServer({
            settings,
            listener: pageOf(server),
            onUpgrade: (request, socket, head, crowd) => {
                if (isBelow(folder, pathOf(request))) server.upgrade(request, socket, head, crowd);
                else socket.destroy();
            },
            onCrowd,
        });
        return stop;
    };

    return async (server: PbxServer, folder: string, onCrowd: OnCrowd, own?: ServerSettings) =>
        own ? onOwnPort(server, folder, own, onCrowd) : onNodeRed(server, folder, onCrowd);
}

function pageOf(server: PbxServer): Endpoint {
    return (request, response) => {
        if (!server.page(request, response)) nothingHere(request, response);
    };
}

/** An address at the proxy of the simulated office that leads to a path of this machine, on a server of its own or Node-RED's. */
export async function simulatedPublicUrl(
    RED: NodeAPI,
    path: string,
    own: ServerSettings | undefined,
    closing: AbortSignal,
): Promise<string> {
    const office = await simulatedOffice();
    if (own) return office.publish(`${own.tls ? 'https' : 'http'}://127.0.0.1:${own.port}${path}`);
    const server = RED.server as Server;
    // Nodes start before Node-RED listens.
    if (!server.listening) await once(server, 'listening', { signal: closing });
    const { address, port } = server.address() as AddressInfo;
    // What listens everywhere is reached by the loopback; else there and nowhere else.
    const host = ['::', '0.0.0.0'].includes(address) ? '127.0.0.1' : isIPv6(address) ? `[${address}]` : address;
    const protocol = server instanceof TlsServer ? 'https' : 'http';
    return office.publish(`${protocol}://${host}:${port}${rootOf(RED)}${path}`);
}

function rootOf(RED: NodeAPI): string {
    return String(RED.settings.httpNodeRoot || '/').replace(/\/*$/, '');
}

function pathOf(request: IncomingMessage): string {
    return decoded(request.url?.split('?')[0] ?? '');
}

function isBelow(folder: string, path: string): boolean {
    return path === folder || path.startsWith(`${folder}/`);
}
