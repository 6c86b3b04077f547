import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One change as it comes over the wire. */
export interface Notice {
    item: Record<string, unknown> & { encryptedContent: Record<string, string> };
    validationTokens: string[];
}

export interface Delivery {
    status: number;
    /** From the first byte to the end of the answer, in ms; infinite where there was none. */
    took: number;
}

/**
 * Stands between Microsoft and the receiver, as a proxy does that somebody else has got hold of: it has seen all that was
 * sent, and can hold it back.
 */
export class Relay {
    readonly deliveries: Delivery[] = [];
    readonly told: Notice[] = [];
    readonly held: Notice[] = [];
    /** Whether changes of this user are held back. */
    holds: (userId: string) => boolean = () => false;
    readonly #server: Server;
    readonly #target: number;

    /** @param target the port of the receiver */
    constructor(target: number) {
        this.#target = target;
        this.#server = createServer((incoming, response) => {
            this.#pass(incoming, response).catch(() => response.destroy());
        });
    }

    async start(): Promise<number> {
        this.#server.listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        return (this.#server.address() as AddressInfo).port;
    }

    async stop(): Promise<void> {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
        const body = await text(incoming);
        const path = incoming.url ?? '/';
        if (path.includes('validationToken')) {
            const { status, answer } = await post({ port: this.#target, path, body, type: 'text/plain' });
            response.writeHead(status, { 'content-type': 'text/plain' }).end(answer);
            return;
        }
        const { value, validationTokens } = JSON.parse(body) as { value: Notice['item'][]; validationTokens: string[] };
        const passed = value.filter(item => {
            const isHeld = item.encryptedContent && this.holds(userOf({ item, validationTokens }));
            if (item.encryptedContent) (isHeld ? this.held : this.told).push({ item, validationTokens });
            return !isHeld;
        });
        if (passed.length === 0) return void response.writeHead(202).end();
        const { status, took } = await post({
            ...{ port: this.#target, path },
            body: JSON.stringify({ value: passed, validationTokens }),
        });
        this.deliveries.push({ status, took });
        response.writeHead(status || 502).end();
    }
}

/** The Teams id of the user whom a notification names. */
export function userOf({ item }: Notice): string {
    return String((item.resourceData as { id?: unknown } | undefined)?.id).toLowerCase();
}

interface Post {
    port: number;
    path: string;
    body: string | Buffer;
    type?: string;
    localAddress?: string;
}

/** Over a connection of its own. Status 0 where nothing is answered. */
export function post({ port, path, body, type, localAddress = '127.0.0.1' }: Post) {
    const begin = performance.now();
    return new Promise<Delivery & { answer: string }>(resolve => {
        const unanswered = (): void => resolve({ status: 0, took: Number.POSITIVE_INFINITY, answer: '' });
        const headers = { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(body) };
        const place = { host: '127.0.0.1', port, path, localAddress, agent: false as const };
        const outgoing = request({ ...place, method: 'POST', headers }, response => {
            text(response).then(
                answer => resolve({ status: response.statusCode ?? 0, took: performance.now() - begin, answer }),
                unanswered,
            );
        });
        outgoing.setTimeout(30_000, () => outgoing.destroy());
        outgoing.on('error', unanswered).end(body);
    });
}
