import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../time/clock';

/** Ends that are further apart than this many ms are no crowd. */
const crowdTime = 30_000;
/** So many must have been ended before anybody is told: a browser alone opens some that it does not use. */
const crowdSize = 20;

export interface RoomOptions {
    /** Connections at once. */
    most: number;
    clock: Clock;
    /** Some become WebSockets: whoever takes them over counts them from then on. */
    upgrades: boolean;
    /** Connections that ask for nothing take the room of those that do, or do so no more. */
    onCrowd?: (isCrowded: boolean) => void;
}

/**
 * Keeps room for whoever has something to ask: where there are too many connections, the one goes that has been without a
 * complete request for longest. No address counts, for everybody may come through one proxy.
 * @returns what ends it
 */
export function keepRoom(server: Server, { most, clock, upgrades, onCrowd }: RoomOptions): () => void {
    /** By remote end, the one that has waited longest first. With TLS a request has another socket than its connection. */
    const waiting = new Map<string, Socket>();
    const all = new Map<string, Socket>();
    let ended = 0;
    let isCrowded = false;
    let timer: Timer | undefined;

    const crowd = (): void => {
        ended += 1;
        clock.cancel(timer);
        timer = clock.after(crowdTime, () => {
            ended = 0;
            if (isCrowded) onCrowd?.(false);
            isCrowded = false;
        });
        if (isCrowded || ended < crowdSize) return;
        isCrowded = true;
        onCrowd?.(true);
    };
    server.on('connection', (socket: Socket) => {
        const key = endOf(socket);
        all.set(key, socket);
        waiting.set(key, socket);
        socket.once('close', () => {
            all.delete(key);
            waiting.delete(key);
        });
        if (all.size <= most) return;
        const [[oldest, victim] = [key, socket]] = waiting;
        all.delete(oldest);
        waiting.delete(oldest);
        victim.destroy();
        crowd();
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
    return () => clock.cancel(timer);
}

function endOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`;
}
