import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../time/clock';
import type { Behaviour } from './behaviour';
import { DeliveryQueue } from './delivery-queue';
import { type Frame, hasApi, parseFrame, resultOf, text } from './frame';
import type { PbxFaults } from './pbx-faults';
import type { Traffic } from './traffic';

/** Longest message in bytes. @see https://sdk.innovaphone.com/14r1/doc/javascript/PbxApi.htm */
export const longestMessage = 65_535;

/** WebSocket close codes (RFC 6455, section 7.4.1); which ones a real PBX sends is not documented. */
export const closeCodes = { protocolError: 1002, unsupportedData: 1003, policyViolation: 1008 };

/** What a connection needs of its PBX. */
export interface WireHost {
    readonly behaviour: Readonly<Behaviour>;
    readonly clock: Clock;
    /** Receives and never answers. */
    readonly deaf: boolean;
    readonly counters: { messages: number };
    readonly traffic: Traffic;
    readonly faults: PbxFaults;
}

/** Whoever speaks over a connection. */
export interface WireUser {
    /** A message that is well-formed. @param json its text */
    receive(frame: Frame, json: string): void;
    /** The connection is gone. */
    ended(): void;
}

/**
 * One App websocket, whoever has opened it: takes well-formed messages only, sends with the latency and the faults of
 * its PBX, and counts.
 */
export class Wire {
    readonly #socket: WebSocket;
    readonly #host: WireHost;
    readonly #queue: DeliveryQueue;
    #user: WireUser | undefined;
    #closing = false;

    /** @param socket made without automatic answers to pings */
    constructor(socket: WebSocket, host: WireHost) {
        this.#socket = socket;
        this.#host = host;
        this.#queue = new DeliveryQueue(host.clock);
    }

    /** Listens to the socket. */
    start(user: WireUser): void {
        this.#user = user;
        this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
        this.#socket.on('ping', data => {
            if (!this.#host.deaf && this.#host.behaviour.pings === 'answered') this.#socket.pong(data);
        });
        // The close that follows every error is all there is to do.
        this.#socket.on('error', () => {});
        this.#socket.on('close', () => {
            this.drop();
            user.ended();
        });
    }

    /** @param sent called when the latency is over and the message is on its way */
    send(frame: Frame, sent?: () => void): void {
        const mt = text(frame.mt);
        for (let copies = this.#host.faults.copiesOf(mt); copies > 0; copies--) {
            this.#deliver(() => JSON.stringify(this.#withSuccess(frame)), mt, sent);
        }
    }

    /** Sends a text or bytes as they are. @param mt what the message counts as */
    sendRaw(data: string | Buffer, mt = ''): void {
        this.#deliver(() => data, mt);
    }

    /** Takes no further message and ends the connection once everything is sent. */
    close(code: number, reason = ''): void {
        this.#closing = true;
        this.#queue.push(this.#host.behaviour.latency, () => this.#socket.close(code, reason));
    }

    /** Ends the connection without a word, as a power failure does; may be called twice. */
    drop(): void {
        this.#closing = true;
        this.#queue.clear();
        this.#socket.terminate();
    }

    #receive(data: RawData, isBinary: boolean): void {
        if (this.#closing) return;
        const json = String(data);
        const frame = isBinary ? undefined : parseFrame(json);
        this.#host.counters.messages++;
        this.#host.traffic.received.count(text(frame?.mt));
        if (this.#host.deaf) return;
        if (isBinary) this.close(closeCodes.unsupportedData);
        else if (!frame) this.close(closeCodes.protocolError);
        else this.#accept(frame, json);
    }

    #accept(frame: Frame, json: string): void {
        const mishap = this.#host.faults.take(text(frame.mt));
        if (!mishap) this.#user?.receive(frame, json);
        else if (mishap === 'dropped') this.drop();
        else if (mishap !== 'ignored') this.send(resultOf(frame, { ...mishap }));
    }

    #withSuccess(frame: Frame): Frame {
        const isTold = hasApi(frame) && this.#host.behaviour.success === 'error-0' && /Result$/.test(text(frame.mt));
        return isTold ? { error: 0, errorText: '', ...frame } : frame;
    }

    #deliver(data: () => string | Buffer, mt: string, sent?: () => void): void {
        this.#queue.push(this.#host.behaviour.latency, () => {
            if (this.#host.deaf || this.#socket.readyState !== this.#socket.OPEN) return;
            this.#host.counters.messages++;
            this.#host.traffic.sent.count(mt);
            this.#write(data());
            sent?.();
        });
    }

    #write(data: string | Buffer): void {
        const { fragment } = this.#host.faults;
        if (fragment <= 0) return this.#socket.send(data);
        const binary = typeof data !== 'string';
        const bytes = Buffer.from(data as string);
        let at = 0;
        for (; at + fragment < bytes.length; at += fragment) {
            this.#socket.send(bytes.subarray(at, at + fragment), { binary, fin: false });
        }
        this.#socket.send(bytes.subarray(at), { binary, fin: true });
    }
}
