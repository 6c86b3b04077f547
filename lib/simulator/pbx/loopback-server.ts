import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** Where a WebSocket server listens and what it accepts. */
export interface LoopbackServerOptions {
    /** 0: any free port. */
    port: number;
    /** The only path that is served; everything else is answered with 404. */
    path: string;
    /** Longest message in bytes; a longer one ends its connection with code 1009. */
    longestMessage: number;
    /** Key and certificate in PEM; absent: no TLS. */
    tls?: { key: string; cert: string };
    connected(socket: WebSocket): void;
}

/** A WebSocket server on 127.0.0.1. */
export class LoopbackServer {
    readonly #options: LoopbackServerOptions;
    readonly #server: ReturnType<typeof createServer>;
    readonly #webSockets: WebSocketServer;
    readonly #sockets = new Set<Socket>();

    constructor(options: LoopbackServerOptions) {
        this.#options = options;
        this.#server = options.tls ? createTlsServer(options.tls) : createServer();
        this.#webSockets = new WebSocketServer({
            noServer: true,
            maxPayload: options.longestMessage,
            perMessageDeflate: false,
            // A PBX that plays dead must not answer pings either, so the sessions answer them.
            autoPong: false,
        });
    }

    /**
     * @returns the port
     * @throws what listening throws, for example that the port is in use
     */
    async start(): Promise<number> {
        const server = this.#server;
        server.on('connection', (socket: Socket) => this.#remember(socket));
        server.on('request', (_request, response) => response.writeHead(404).end());
        server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
        await new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(this.#options.port, '127.0.0.1', resolve);
        });
        return (server.address() as AddressInfo).port;
    }

    /** Stops listening and breaks every connection; resolves when the port is free. */
    async stop(): Promise<void> {
        const closed = new Promise(resolve => this.#server.close(resolve));
        this.drop();
        await closed;
    }

    /** New connections see this certificate; without TLS it does nothing. Both in PEM. */
    useCertificate(tls: { key: string; cert: string }): void {
        if (this.#options.tls) (this.#server as TlsServer).setSecureContext(tls);
    }

    /** Breaks every connection. */
    drop(): void {
        for (const socket of this.#sockets) socket.destroy();
    }

    #remember(socket: Socket): void {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
    }

    #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
        socket.on('error', () => {});
        if (request.url?.split('?')[0] === this.#options.path) {
            this.#webSockets.handleUpgrade(request, socket, head, this.#options.connected);
        } else {
            socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        }
    }
}
