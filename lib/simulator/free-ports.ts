import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * The ports to choose from lie below those that systems give to outgoing connections (from 32768 on Linux, 49152
 * elsewhere): a client that keeps trying to reach a stopped office must not be given the office's own port.
 * @see https://www.rfc-editor.org/rfc/rfc6335#section-6
 */
const first = 20_000;
const end = 32_000;
const attempts = 50;

/** `count` different ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
    const held: Server[] = [];
    try {
        while (held.length < count) held.push(await listenSomewhere());
        return held.map(portOf);
    } finally {
        await Promise.all(held.map(server => new Promise(resolve => server.close(resolve))));
    }
}

async function listenSomewhere(): Promise<Server> {
    for (let attempt = 0; attempt < attempts; attempt++) {
        const server = await listen(randomInt(first, end)).catch(() => undefined);
        if (server) return server;
    }
    return listen(0);
}

function listen(port: number): Promise<Server> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve(server));
    });
}

function portOf(server: Server): number {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
}
