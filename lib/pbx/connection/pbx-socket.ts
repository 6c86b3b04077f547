import { EventEmitter } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { connectError } from './dial';
import { type Frame, longestFrame, parseFrame } from './frame';
import type { Log } from './pbx-settings';

/** WebSocket close codes. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const closeCodes = {
    goingAway: 1001,
    /** For a caller that may not be here. */
    policyViolation: 1008,
    messageTooBig: 1009,
    tryAgainLater: 1013,
};

/** Milliseconds until the websocket must stand. */
const handshakeLimit = 10_000;
/**
 * Milliseconds between two pings; from a ping to a question that the PBX cannot leave unanswered; and from that to the
 * end. A dead connection is noticed within their sum.
 */
const heartbeat = { every: 15_000, ping: 5_000, question: 5_000 };
/** Milliseconds that the PBX has to answer our farewell. */
const farewellLimit = 1_000;
/** Bytes that may wait for a peer to read them. We never have as much under way: a peer with more does not read. */
const mostUnread = 4 * 1_048_576;
/**
 * What a caller may do that has not logged in. A PBX does so with its second message, and a browser asks for little
 * before; no PBX sends or takes longer messages.
 */
const stranger = { messages: 10, length: longestFrame, unread: longestFrame };

/** One websocket with a PBX, watched by a heartbeat: it emits what arrives and says once why it ended. */
export class PbxSocket extends EventEmitter<{ frame: [Frame, string] }> {
    /** Where the PBX is, as error sentences name it; its name takes this place once it is known. */
    host: string;
    /** Resolves with the reason as soon as the socket is of no more use; never rejects. */
    readonly ended: Promise<SyncError>;
    /** Asks something that a living PBX answers, for one that answers no pings. */
    question: () => void = () => undefined;
    /** The peer has called us and not logged in, and may do little. */
    isStranger: boolean;
    /** Counts everything that the PBX lets us hear, answers to pings too. */
    heard = 0;
    readonly #clock: Clock;
    readonly #log: Log;
    #end!: (reason: SyncError) => void;
    #webSocket?: WebSocket;
    #reason?: SyncError;
    #timer?: Timer;
    #stands = false;
    /** Messages of a stranger. */
    #received = 0;
    #closed: Promise<void> = Promise.resolve();

    constructor(options: { host: string; clock: Clock; log: Log; isStranger?: boolean }) {
        super();
        this.isStranger = options.isStranger ?? false;
        this.host = options.host;
        this.#clock = options.clock;
        this.#log = options.log;
        this.ended = new Promise(resolve => {
            this.#end = resolve;
        });
    }

    /**
     * Takes a websocket, one that stands or one that is being dialled; listens to it at once.
     * @param make is not called when the socket is closed already
     * @throws SyncError what `make` throws, PBX_UNREACHABLE, PBX_CERTIFICATE_UNTRUSTED or PBX_CERTIFICATE_CHANGED
     */
    async open(make: () => WebSocket): Promise<void> {
        if (this.#reason) throw this.#reason;
        const webSocket = make();
        this.#listen(webSocket);
        if (webSocket.readyState !== WebSocket.OPEN) await this.#opened(webSocket);
        this.#stands = true;
        this.#waitToPing(heartbeat.every);
    }

    /**
     * Sends one message; on a socket that has ended it does nothing, for {@link ended} tells. A peer that does not read
     * what is sent is given up.
     * @throws RangeError when the message is longer than the PBX takes.
     */
    send(frame: Frame): void {
        const text = JSON.stringify(frame);
        if (Buffer.byteLength(text) > longestFrame) throw new RangeError(`longer than ${longestFrame} bytes`);
        if (this.#webSocket?.readyState !== WebSocket.OPEN) return;
        this.#webSocket.send(text, () => undefined);
        const most = this.isStranger ? stranger.unread : mostUnread;
        if (this.#webSocket.bufferedAmount > most) this.fail(new SyncError('PBX_NOT_READING', { host: this.host }));
    }

    /** Asks the PBX for a sign of life, so that a silent API can be told from a silent PBX. */
    ping(): void {
        if (this.#webSocket?.readyState === WebSocket.OPEN) this.#webSocket.ping('', undefined, () => undefined);
    }

    /** Gives the socket up at once. Without effect on one that has ended. */
    fail(reason: SyncError): void {
        if (this.#reason) return;
        this.#finish(reason);
        this.#webSocket?.terminate();
    }

    /**
     * Ends the connection; resolves when it is gone, after a second at the latest.
     * @param code of RFC 6455, section 7.4.1
     */
    async close(code = 1000, reason = this.#lost()): Promise<void> {
        this.#finish(reason);
        const webSocket = this.#webSocket;
        if (!webSocket || webSocket.readyState === WebSocket.CLOSED) return;
        webSocket.close(code);
        const timer = this.#clock.after(farewellLimit, () => webSocket.terminate());
        await this.#closed;
        this.#clock.cancel(timer);
    }

    #listen(webSocket: WebSocket): void {
        this.#webSocket = webSocket;
        this.#closed = new Promise(resolve => webSocket.once('close', () => resolve()));
        webSocket.on('error', error => this.fail(this.#stands ? this.#lost(error) : connectError(this.host, error)));
        webSocket.on('close', () => this.fail(this.#lost()));
        webSocket.on('pong', () => this.heard++);
        webSocket.on('ping', () => this.heard++);
        webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    }

    async #opened(webSocket: WebSocket): Promise<void> {
        this.#timer = this.#clock.after(handshakeLimit, () =>
            this.fail(new SyncError('PBX_UNREACHABLE', { host: this.host, detail: 'no answer within 10 s' })),
        );
        const opened = new Promise<void>(resolve => webSocket.once('open', () => resolve()));
        const failure = await Promise.race([opened, this.ended]);
        if (failure) throw failure;
        this.#clock.cancel(this.#timer);
    }

    #receive(data: RawData, isBinary: boolean): void {
        this.heard++;
        if (this.#reason) return;
        if (this.isStranger) this.#limit((data as Buffer).length);
        if (this.#reason) return;
        const text = isBinary ? '' : data.toString();
        const frame = parseFrame(text);
        if (!frame) return this.#log('debug', 'The PBX sent a message that is no JSON object with "mt"; it is ignored');
        try {
            this.emit('frame', frame, text);
        } catch (thrown) {
            const level = this.isStranger ? 'debug' : 'warn';
            const mt = frame.mt.slice(0, 50);
            this.#log(level, `A message of the PBX (${mt}) could not be worked on: ${String(thrown)}`);
        }
    }

    #limit(length: number): void {
        this.#received++;
        const isTooLong = length > stranger.length;
        if (!isTooLong && this.#received <= stranger.messages) return;
        this.#log('debug', `${this.host} has said too much without logging in`);
        void this.close(isTooLong ? closeCodes.messageTooBig : closeCodes.policyViolation);
    }

    #lost(cause?: Error): SyncError {
        return new SyncError('PBX_CONNECTION_LOST', { host: this.host }, cause);
    }

    #waitToPing(delay: number): void {
        this.#timer = this.#clock.after(delay, () => {
            this.ping();
            this.#listenFor(heartbeat.ping, () => {
                this.question();
                this.#listenFor(heartbeat.question, () => {
                    const seconds = (heartbeat.ping + heartbeat.question) / 1000;
                    this.fail(new SyncError('PBX_SILENT', { host: this.host, seconds }));
                });
            });
        });
    }

    /** Goes on with the heartbeat if anything is heard in time. */
    #listenFor(time: number, silent: () => void): void {
        const heard = this.heard;
        this.#timer = this.#clock.after(time, () => {
            if (this.heard > heard) this.#waitToPing(heartbeat.every - time);
            else silent();
        });
    }

    #finish(reason: SyncError): void {
        if (this.#reason) return;
        this.#reason = reason;
        this.#clock.cancel(this.#timer);
        this.#end(reason);
    }
}
