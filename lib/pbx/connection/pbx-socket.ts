import { EventEmitter } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import type { Clock, Timer } from '../../support/clock';
import { SyncError } from '../../support/errors';
import { connectError } from './connect-error';
import { type Frame, longestFrame, parseFrame } from './frame';
import { hostOf, type Log, type PbxSettings } from './pbx-settings';
import { tlsOptions } from './trust';

/** Milliseconds until the websocket must stand. */
const handshakeLimit = 10_000;
/** Milliseconds between two pings, and within which the PBX must be heard after one. */
const heartbeat = { every: 15_000, answer: 10_000 };
/** Milliseconds that the PBX has to answer our farewell. */
const farewellLimit = 1_000;
/** Bytes; the PBX itself says 65,535, so anything near this is no PBX. */
const longestReceived = 1_048_576;

/** One websocket to the PBX, watched by a heartbeat: it emits what arrives and says once why it ended. */
export class PbxSocket extends EventEmitter<{ frame: [Frame] }> {
    readonly host: string;
    /** Resolves with the reason as soon as the socket is of no more use; never rejects. */
    readonly ended: Promise<SyncError>;
    readonly #settings: PbxSettings;
    readonly #clock: Clock;
    readonly #log: Log;
    #end!: (reason: SyncError) => void;
    #webSocket?: WebSocket;
    #reason?: SyncError;
    #timer?: Timer;
    #heard = 0;
    #closed: Promise<void> = Promise.resolve();

    constructor(settings: PbxSettings, clock: Clock, log: Log) {
        super();
        this.#settings = settings;
        this.#clock = clock;
        this.#log = log;
        this.host = hostOf(settings);
        this.ended = new Promise(resolve => {
            this.#end = resolve;
        });
    }

    /** Counts everything that the PBX lets us hear, answers to pings too. */
    get heard(): number {
        return this.#heard;
    }

    /**
     * Connects.
     * @throws SyncError FIELD_INVALID, PBX_UNREACHABLE or PBX_CERTIFICATE_UNTRUSTED.
     */
    async open(): Promise<void> {
        if (this.#reason) throw this.#reason;
        const webSocket = this.#dial();
        this.#webSocket = webSocket;
        this.#closed = new Promise(resolve => webSocket.once('close', () => resolve()));
        this.#timer = this.#clock.after(handshakeLimit, () =>
            this.#fail(new SyncError('PBX_UNREACHABLE', { host: this.host, detail: 'no answer within 10 s' })),
        );
        webSocket.on('error', error => this.#fail(connectError(this.host, error)));
        webSocket.on('close', () => this.#fail(new SyncError('PBX_CONNECTION_LOST', { host: this.host })));
        webSocket.on('pong', () => this.#hear());
        webSocket.on('ping', () => this.#hear());
        webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary));
        const opened = new Promise<void>(resolve => webSocket.once('open', () => resolve()));
        const failure = await Promise.race([opened, this.ended]);
        if (failure) throw failure;
        this.#clock.cancel(this.#timer);
        this.#waitToPing(heartbeat.every);
    }

    /**
     * Sends one message; on a socket that has ended it does nothing, for {@link ended} tells.
     * @throws RangeError when the message is longer than the PBX takes.
     */
    send(frame: Frame): void {
        const text = JSON.stringify(frame);
        if (Buffer.byteLength(text) > longestFrame) throw new RangeError(`longer than ${longestFrame} bytes`);
        if (this.#webSocket?.readyState === WebSocket.OPEN) this.#webSocket.send(text, () => undefined);
    }

    /** Asks the PBX for a sign of life, so that a silent API can be told from a silent PBX. */
    ping(): void {
        if (this.#webSocket?.readyState === WebSocket.OPEN) this.#webSocket.ping('', undefined, () => undefined);
    }

    /** Ends the connection; resolves when it is gone, after a second at the latest. */
    async close(): Promise<void> {
        this.#finish(new SyncError('PBX_CONNECTION_LOST', { host: this.host }));
        const webSocket = this.#webSocket;
        if (!webSocket || webSocket.readyState === WebSocket.CLOSED) return;
        webSocket.close(1000);
        const timer = this.#clock.after(farewellLimit, () => webSocket.terminate());
        await this.#closed;
        this.#clock.cancel(timer);
    }

    #dial(): WebSocket {
        const url = webSocketUrl(this.#settings.url);
        return new WebSocket(url, {
            ...tlsOptions(this.#settings),
            perMessageDeflate: false,
            maxPayload: longestReceived,
        });
    }

    #receive(data: RawData, isBinary: boolean): void {
        this.#hear();
        if (this.#reason) return;
        const frame = isBinary ? undefined : parseFrame(data.toString());
        if (!frame) return this.#log('debug', 'The PBX sent a message that is no JSON object with "mt"; it is ignored');
        try {
            this.emit('frame', frame);
        } catch (thrown) {
            this.#log('warn', `A message of the PBX (${frame.mt}) could not be worked on: ${String(thrown)}`);
        }
    }

    #hear(): void {
        this.#heard++;
    }

    #waitToPing(delay: number): void {
        this.#timer = this.#clock.after(delay, () => {
            const heard = this.#heard;
            this.ping();
            this.#timer = this.#clock.after(heartbeat.answer, () => {
                if (this.#heard > heard) return this.#waitToPing(heartbeat.every - heartbeat.answer);
                this.#fail(new SyncError('PBX_SILENT', { host: this.host, seconds: heartbeat.answer / 1000 }));
            });
        });
    }

    #fail(reason: SyncError): void {
        this.#finish(reason);
        this.#webSocket?.terminate();
    }

    #finish(reason: SyncError): void {
        if (this.#reason) return;
        this.#reason = reason;
        this.#clock.cancel(this.#timer);
        this.#end(reason);
    }
}

function webSocketUrl(text: string): URL {
    const invalid = (why: string) => new SyncError('FIELD_INVALID', { field: 'Address of the PBX', why });
    if (!text) throw new SyncError('FIELD_MISSING', { field: 'Address of the PBX' });
    if (!URL.canParse(text)) throw invalid('it is not an address');
    const url = new URL(text);
    if (!['ws:', 'wss:'].includes(url.protocol)) throw invalid('it must start with wss:// or ws://');
    if (url.hash) throw invalid('it must not contain "#"');
    return url;
}
