import { randomBytes } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../support/clock';
import type { Behaviour } from './behaviour';
import { type Api, type Failure, type Frame, failures, parseFrame, resultOf, type Send, text } from './frame';
import { loginDigest } from './login-digest';
import { rawMember } from './raw-json';

/** An App object: who may connect, and the APIs ticked for it. */
export interface AppObject {
    name: string;
    password: string;
    /** Names as in `PbxInfo.apis`: `PbxApi`, `PbxTableUsers`, ... */
    apis: string[];
}

/** What a session needs of its PBX. */
export interface SessionHost {
    readonly app: Readonly<AppObject>;
    readonly behaviour: Readonly<Behaviour>;
    readonly clock: Clock;
    /** Receives and never answers. */
    readonly deaf: boolean;
    readonly counters: { messages: number };
    /** Makes an API for one session; undefined for one that the simulator does not have. */
    openApi(name: string, send: Send): Api | undefined;
}

/** Longest message in bytes. @see https://sdk.innovaphone.com/14r1/doc/javascript/PbxApi.htm */
export const longestMessage = 65_535;

/** WebSocket close codes (RFC 6455, section 7.4.1); which ones a real PBX sends is not documented. */
const closeCodes = { protocolError: 1002, unsupportedData: 1003, policyViolation: 1008 };

/**
 * One connection of an App: challenge and login, then the APIs ticked for the App object.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class AppSession {
    readonly #socket: WebSocket;
    readonly #host: SessionHost;
    readonly #apis = new Map<string, Api | undefined>();
    /** What waits for the latency to pass: messages, and perhaps the close at their end. */
    readonly #held: (() => void)[] = [];
    #challenge: string | undefined;
    #loggedIn = false;
    #closing = false;

    constructor(socket: WebSocket, host: SessionHost) {
        this.#socket = socket;
        this.#host = host;
    }

    /** Listens to the socket. @param ended called when the connection is gone */
    start(ended: () => void): void {
        this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
        this.#socket.on('ping', data => {
            if (!this.#host.deaf) this.#socket.pong(data);
        });
        // The close that follows every error is all there is to do.
        this.#socket.on('error', () => {});
        this.#socket.on('close', () => {
            this.drop();
            ended();
        });
    }

    /** Ends the connection without a word, as a power failure does; may be called twice. */
    drop(): void {
        this.#closing = true;
        this.#held.length = 0;
        for (const api of this.#apis.values()) api?.close();
        this.#apis.clear();
        this.#socket.terminate();
    }

    #receive(data: RawData, isBinary: boolean): void {
        if (this.#closing) return;
        this.#host.counters.messages++;
        if (this.#host.deaf) return;
        const json = String(data);
        const frame = parseFrame(json);
        if (isBinary) this.#close(closeCodes.unsupportedData);
        else if (!frame) this.#close(closeCodes.protocolError);
        else if (frame.api !== undefined) this.#handleApi(frame);
        else if (frame.mt === 'AppChallenge') this.#answerChallenge(frame);
        else if (frame.mt === 'AppLogin') this.#login(frame, json);
        // KeepAlive, and whatever is not known, gets no answer.
    }

    #answerChallenge(frame: Frame): void {
        this.#challenge = randomBytes(8).toString('hex');
        this.#send(resultOf(frame, { challenge: this.#challenge }));
    }

    #login(frame: Frame, json: string): void {
        const failure = this.#loginFailure(frame, json);
        this.#challenge = undefined;
        this.#loggedIn = !failure;
        this.#send(resultOf(frame, { app: frame.app, ...(failure ?? { ok: true }) }));
        if (failure) this.#close(closeCodes.policyViolation);
    }

    #loginFailure(frame: Frame, json: string): Failure | undefined {
        const { name, password } = this.#host.app;
        const [app, domain, sip, guid, dn] = [frame.app, frame.domain, frame.sip, frame.guid, frame.dn].map(text);
        const login = { app: app!, domain: domain!, sip: sip!, guid: guid!, dn: dn!, info: rawMember(json, 'info') };
        if (this.#challenge === undefined) return failures.noChallenge;
        if (app !== name) return failures.unknownApp;
        return frame.digest === loginDigest(login, this.#challenge, password) ? undefined : failures.wrongDigest;
    }

    #handleApi(frame: Frame): void {
        const name = text(frame.api);
        if (!this.#loggedIn) this.#close(closeCodes.policyViolation);
        else if (this.#host.app.apis.includes(name)) this.#api(name)?.handle(frame);
        // What a PBX does here is not documented; the default is silence.
        else if (this.#host.behaviour.untickedApi === 'error') this.#send(resultOf(frame, failures.apiNotTicked));
    }

    #api(name: string): Api | undefined {
        if (!this.#apis.has(name))
            this.#apis.set(
                name,
                this.#host.openApi(name, frame => this.#send(frame)),
            );
        return this.#apis.get(name);
    }

    #send(frame: Frame): void {
        this.#hold(() => {
            if (this.#host.deaf || this.#socket.readyState !== this.#socket.OPEN) return;
            this.#host.counters.messages++;
            this.#socket.send(JSON.stringify(frame));
        });
    }

    #close(code: number): void {
        this.#closing = true;
        this.#hold(() => this.#socket.close(code));
    }

    /** Runs `step` after the latency, and never before an earlier step. */
    #hold(step: () => void): void {
        const { latency } = this.#host.behaviour;
        if (latency <= 0 && this.#held.length === 0) {
            step();
        } else {
            this.#held.push(step);
            this.#host.clock.after(latency, () => this.#held.shift()?.());
        }
    }
}
