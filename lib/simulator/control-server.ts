import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControl, type Middleware, servePage } from './control';
import type { SimulatedOffice } from './office';

const mountPath = '/presence-simulator';

/** The control API and the page of an office on an HTTP listener of their own, for an office without Node-RED. */
export class ControlServer {
    readonly #port: number;
    readonly #server: Server;

    /** @param options `port` 0 means any free one. */
    constructor(office: SimulatedOffice, options: { port: number }) {
        this.#port = options.port;
        const control = createControl(office);
        this.#server = createServer((request, response) =>
            mount(servePage, request, response, () => mount(control, request, response, () => notFound(response))),
        );
    }

    /** Listens on 127.0.0.1 and resolves with the address of the page, which is also that of the API. */
    start(): Promise<string> {
        return new Promise((resolve, reject) => {
            this.#server.once('error', reject);
            this.#server.listen(this.#port, '127.0.0.1', () => {
                const { port } = this.#server.address() as AddressInfo;
                resolve(`http://127.0.0.1:${port}${mountPath}/`);
            });
        });
    }

    /** Ends every request, streams too; may be called twice. */
    async stop(): Promise<void> {
        const closed = new Promise(resolve => this.#server.close(resolve));
        this.#server.closeAllConnections();
        await closed;
    }
}

/** What Express does with a middleware that has a path. */
function mount(
    middleware: Middleware,
    request: IncomingMessage & { originalUrl?: string },
    response: ServerResponse,
    next: () => void,
): void {
    const url = request.url ?? '/';
    const rest = url.slice(mountPath.length);
    if (!url.startsWith(mountPath) || !/^([/?]|$)/.test(rest)) {
        next();
        return;
    }
    request.originalUrl = url;
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
    middleware(request, response, () => {
        request.url = url;
        next();
    });
}

function notFound(response: ServerResponse): void {
    response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error: `Nothing here: the simulated office is at ${mountPath}/` }));
}
