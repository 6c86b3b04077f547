import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** How often connections that have ended are opened again, in ms, and how many: the genuine ones leave this process, too. */
const interval = 50;
const atOnce = 150;

/** What a connection says, and no more: half a request, or a call in which nothing is said. */
export const halfRequest = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Slow: ';

export function silentCall(path: string): string {
    const key = randomBytes(16).toString('base64');
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`;
    return `GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\r\n`;
}

/** Many connections to a port that ask for nothing; those that end are opened again. */
export class Starving {
    /** How many have been opened. */
    opened = 0;
    readonly #sockets = new Set<Socket>();
    readonly #timer: NodeJS.Timeout;

    /** Begins at once. */
    constructor(options: { port: number; localAddress: string; count: number; says: (index: number) => string }) {
        const { port, localAddress, count, says } = options;
        const refill = (): void => {
            for (let room = atOnce; room > 0 && this.#sockets.size < count; room--) {
                const socket = connect({ host: '127.0.0.1', port, localAddress });
                this.#sockets.add(socket);
                socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
                socket.on('data', () => {}).write(says(this.opened));
                this.opened += 1;
            }
        };
        refill();
        this.#timer = setInterval(refill, interval);
    }

    end(): void {
        clearInterval(this.#timer);
        for (const socket of this.#sockets) socket.destroy();
    }
}
