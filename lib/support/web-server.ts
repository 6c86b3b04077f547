import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SyncError } from '../errors/errors';
import { type Reason, verbatim } from '../errors/phrases';
import { systemClock } from '../time/clock';
import { Crowd, keepRoom } from './waiting-connections';

/** Where a server of its own listens, and with which certificate; without one it stands behind a proxy that has it. */
export interface ServerSettings {
    /** 1 to 65535; 0 takes a free one. */
    port: number;
    /** Address of the interface; all of them if absent. */
    host?: string;
    /** PEM; a passphrase for the key where it has one. */
    tls?: { key: string; cert: string; ca?: string; passphrase?: string };
}

/**
 * What one request may take in ms, how long a connection is kept for another one, and how often that is looked after: a
 * client that opens a connection and sends nothing is not kept.
 */
const timeLimits = {
    headersTimeout: 10_000,
    requestTimeout: 20_000,
    keepAliveTimeout: 15_000,
    connectionsCheckingInterval: 1_000,
};
/** Few call here: Microsoft, a proxy, a PBX. */
const mostConnections = 500;
/** So many may wait to be taken: who finds no place there tries again after a second only, as TCP does. */
const backlog = 4 * mostConnections;

interface WebServerOptions {
    settings: ServerSettings;
    listener: RequestListener;
    /** Takes over a connection that is to become a WebSocket, or destroys it. Where one has to make room, `crowd` grows. */
    onUpgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, crowd: Crowd): void;
    /** Called with PORT_CROWDED while connections are opened that ask for nothing, and with nothing once that is over. */
    onCrowd?(error?: SyncError): void;
}

/** A web server beside Node-RED's own, so that no caller from outside ever faces the editor. */
export interface WebServer {
    /** The port that it listens on. */
    port: number;
    /** May be called twice. */
    stop(): Promise<void>;
}

/** @throws SyncError PORT_REFUSED; FIELD_INVALID for a certificate that cannot be used. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
    const { settings, listener, onUpgrade, onCrowd } = options;
    const server = create(settings, listener);
    const crowd = new Crowd(systemClock, isCrowded =>
        onCrowd?.(isCrowded ? new SyncError('PORT_CROWDED', { port }) : undefined),
    );
    keepRoom(server, { most: mostConnections, upgrades: onUpgrade !== undefined, crowd });
    if (onUpgrade) server.on('upgrade', (request, socket, head) => onUpgrade(request, socket, head, crowd));
    server.listen({ port: settings.port, host: settings.host, backlog });
    await once(server, 'listening').catch(error => {
        throw portError(settings.port, error);
    });
    // A client that breaks off a handshake or a request is its own affair.
    server.on('error', () => {});
    const { port } = server.address() as AddressInfo;
    const stop = async (): Promise<void> => {
        crowd.stop();
        const closed = new Promise(resolve => server.close(resolve));
        server.closeAllConnections();
        await closed;
    };
    return { port, stop };
}

function create({ tls }: ServerSettings, listener: RequestListener): Server {
    if (!tls) return createHttpServer(timeLimits, listener);
    try {
        return createHttpsServer({ ...timeLimits, ...tls, minVersion: 'TLSv1.2' }, listener);
    } catch (error) {
        const why = 'certificate and private key do not fit each other or cannot be read';
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why }, error);
    }
}

function portError(port: number, error: NodeJS.ErrnoException): SyncError {
    const reasons: Record<string, Reason> = { EADDRINUSE: 'it is in use', EACCES: 'it needs more rights' };
    const why = reasons[error.code ?? ''] ?? verbatim(error.message);
    return new SyncError('PORT_REFUSED', { port, why }, error);
}

/** Serves one path, in which upper and lower case count, and says of all others that nothing is there. */
export function onlyAt(path: string, listener: RequestListener): RequestListener {
    return (request, response) => {
        const [asked] = (request.url ?? '').split('?');
        if (asked === path) listener(request, response);
        else nothingHere(request, response);
    };
}

/** The answer for a path that leads nowhere. */
export const nothingHere: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.');
};

/** A path, or a part of it, with its escapes resolved; as it stands where they cannot be. */
export function decoded(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        return path;
    }
}
