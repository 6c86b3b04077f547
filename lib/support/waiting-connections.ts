import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../time/clock';

/** Ends that are further apart than this many ms are no crowd. */
const crowdTime = 30_000;
/** So many must have been ended before anybody is told: a browser alone opens some that it does not use. */
const crowdSize = 20;

/** Tells when connections that ask for nothing have to make room again and again, and when that is over. */
export class Crowd {
    readonly #clock: Clock;
    readonly #onChange: (isCrowded: boolean) => void;
    #ended = 0;
    #isCrowded = false;
    #timer: Timer | undefined;

    constructor(clock: Clock, onChange: (isCrowded: boolean) => void) {
        this.#clock = clock;
        this.#onChange = onChange;
    }

    /** A connection had to make room. */
    grow(): void {
        this.#ended += 1;
        this.stop();
        this.#timer = this.#clock.after(crowdTime, () => {
            this.#ended = 0;
            if (this.#isCrowded) this.#onChange(false);
            this.#isCrowded = false;
        });
        if (this.#isCrowded || this.#ended < crowdSize) return;
        this.#isCrowded = true;
        this.#onChange(true);
    }

    /** Tells nothing any more. */
    stop(): void {
        this.#clock.cancel(this.#timer);
    }
}

export interface RoomOptions {
    /** Connections at once. */
    most: number;
    /** Some become WebSockets: whoever takes them over counts them from then on. */
    upgrades: boolean;
    crowd: Crowd;
}

/**
 * Keeps room for whoever has something to ask: where there are too many connections, the one goes that has been without a
 * complete request for longest. No address counts, for everybody may come through one proxy.
 */
export function keepRoom(server: Server, { most, upgrades, crowd }: RoomOptions): void {
    /** By remote end, the one that has waited longest first. With TLS a request has another socket than its connection. */
    const waiting = new Map<string, Socket>();
    const all = new Map<string, Socket>();

    let isTrimming = false;
    const trim = (size: number): void => {
        for (const [key, socket] of waiting) {
            if (all.size <= size) return;
            all.delete(key);
            waiting.delete(key);
            socket.destroy();
            crowd.grow();
        }
    };
    server.on('connection', (socket: Socket) => {
        const key = endOf(socket);
        all.set(key, socket);
        waiting.set(key, socket);
        socket.once('close', () => {
            all.delete(key);
            waiting.delete(key);
        });
        if (all.size > 2 * most) trim(2 * most);
        // Many may be taken at once after a moment of no time, and the requests of some wait to be read.
        else if (all.size > most && !isTrimming) {
            isTrimming = true;
            setImmediate(() =>
                setImmediate(() => {
                    isTrimming = false;
                    trim(most);
                }),
            );
        }
    });
    server.on('request', (request, response) => {
        const key = endOf(request.socket);
        let isAnswered = false;
        // What nobody reads may end only after its answer.
        request.once('end', () => isAnswered || waiting.delete(key));
        response.once('close', () => {
            isAnswered = true;
            const socket = all.get(key);
            if (socket) waiting.set(key, socket);
        });
    });
    // Without this listener an upgrade is an ordinary request.
    if (upgrades)
        server.on('upgrade', request => {
            const key = endOf(request.socket);
            all.delete(key);
            waiting.delete(key);
        });
}

function endOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`;
}
