import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { SyncError } from '../../support/errors';

/** Where a server of its own listens, and with which certificate; without one it stands behind a proxy that has it. */
export interface ServerSettings {
    /** 1 to 65535; 0 takes a free one. */
    port: number;
    /** Address of the interface; all of them if absent. */
    host?: string;
    /** PEM; a passphrase for the key where it has one. */
    tls?: { key: string; cert: string; ca?: string; passphrase?: string };
}

/** What one request may take in ms; Microsoft itself waits for 10 s at most. */
const timeLimits = { headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 65_000 };
/** Nobody but Microsoft and a proxy calls here. */
const mostConnections = 500;

/**
 * A web server for notifications alone, so that the internet never faces the editor. It answers one path.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export class NotificationServer {
    readonly #settings: ServerSettings;
    readonly #path: string;
    readonly #endpoint: RequestListener;
    #server: Server | undefined;

    /** @param options.path of the public address; upper and lower case count */
    constructor(options: { settings: ServerSettings; path: string; endpoint: RequestListener }) {
        this.#settings = options.settings;
        this.#path = options.path;
        this.#endpoint = options.endpoint;
    }

    /** The port that it listens on; 0 before the start. */
    get port(): number {
        const address = this.#server?.address();
        return typeof address === 'object' && address ? address.port : 0;
    }

    /** @throws SyncError TEAMS_PORT_REFUSED; FIELD_INVALID for a certificate that cannot be used. */
    async start(): Promise<void> {
        const server = this.#create();
        server.maxConnections = mostConnections;
        const { port, host } = this.#settings;
        await new Promise<void>((resolve, reject) => {
            server.once('error', error => reject(portError(port, error)));
            server.listen(port, host, resolve);
        });
        // A client that breaks off a handshake or a request is its own affair.
        server.on('error', () => {});
        this.#server = server;
    }

    /** May be called twice. */
    async stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        if (!server) return;
        const closed = new Promise(resolve => server.close(resolve));
        server.closeAllConnections();
        await closed;
    }

    #create(): Server {
        const listener: RequestListener = (request, response) => {
            const [path] = (request.url ?? '').split('?');
            if (path === this.#path) return this.#endpoint(request, response);
            request.resume();
            response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.');
        };
        const { tls } = this.#settings;
        if (!tls) return createHttpServer(timeLimits, listener);
        try {
            return createHttpsServer({ ...timeLimits, ...tls, minVersion: 'TLSv1.2' }, listener);
        } catch (error) {
            const why = 'certificate and private key do not fit each other or cannot be read';
            throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why }, error);
        }
    }
}

function portError(port: number, error: NodeJS.ErrnoException): SyncError {
    const reasons: Record<string, string> = { EADDRINUSE: 'it is in use', EACCES: 'it needs more rights' };
    const why = reasons[error.code ?? ''] ?? error.message;
    return new SyncError('TEAMS_PORT_REFUSED', { port, why }, error);
}
