import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type Failure, type Frame, failures, hasApi, resultOf, text } from './frame';
import { keepAliveAnswer } from './keep-alive';
import { loginDigest } from './login-digest';
import type { PbxUser } from './pbx-user';
import { rawMember } from './raw-json';
import { type ApiHost, SessionApis } from './session-apis';
import { closeCodes, Wire, type WireHost, type WireUser } from './wire';

/** An App object: who may connect, and the APIs ticked for it. */
export interface AppObject {
    name: string;
    /** Default: the name. */
    displayName?: string;
    password: string;
    /** Names as in `PbxInfo.apis`: `PbxApi`, `PbxTableUsers`, ... */
    apis: string[];
    /** Groups of which the App object is an active member. Default none. */
    groups?: string[];
}

/** What a session needs of its PBX. */
export interface SessionHost extends WireHost, ApiHost {
    readonly app: Readonly<AppObject>;
}

/** One App websocket of a PBX, whoever has opened it. */
export interface Session {
    /** @param ended called when the connection is gone */
    start(ended: () => void): void;
    /** Ends the connection without a word, as a power failure does; may be called twice. */
    drop(): void;
    /** Sends any text or bytes, as only something broken does. */
    sendRaw(data: string | Buffer): void;
    readonly loggedIn: boolean;
    /** Presence subscriptions that are alive. */
    readonly subscriptions: number;
}

/**
 * A connection that an App has opened: challenge and login, then the APIs ticked for the App object. A login that names
 * a user acts as that user, and reaches fewer of them.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class AppSession implements Session, WireUser {
    readonly #wire: Wire;
    readonly #host: SessionHost;
    #apis: SessionApis | undefined;
    #ended: () => void = () => {};
    #challenge: string | undefined;

    constructor(socket: WebSocket, host: SessionHost) {
        this.#wire = new Wire(socket, host);
        this.#host = host;
    }

    get loggedIn(): boolean {
        return this.#apis !== undefined;
    }

    get subscriptions(): number {
        return this.#apis?.subscriptions ?? 0;
    }

    start(ended: () => void): void {
        this.#ended = ended;
        this.#host.traffic.connections++;
        this.#wire.start(this);
    }

    drop(): void {
        this.#apis?.close();
        this.#wire.drop();
    }

    sendRaw(data: string | Buffer): void {
        this.#wire.sendRaw(data);
    }

    receive(frame: Frame, json: string): void {
        if (hasApi(frame)) this.#handleApi(frame);
        else if (frame.mt === 'AppChallenge') this.#answerChallenge(frame);
        else if (frame.mt === 'AppLogin') this.#login(frame, json);
        else if (frame.mt === 'KeepAlive') this.#answerKeepAlive(frame);
        // Whatever is not known gets no answer.
    }

    ended(): void {
        this.#apis?.close();
        this.#ended();
    }

    #answerChallenge(frame: Frame): void {
        this.#challenge = randomBytes(8).toString('hex');
        this.#wire.send(resultOf(frame, { challenge: this.#challenge }));
    }

    #login(frame: Frame, json: string): void {
        const failure = this.#loginFailure(frame, json);
        this.#challenge = undefined;
        this.#apis?.close();
        this.#apis = failure ? undefined : this.#apisFor(frame);
        // Clients read a text here. @see https://github.com/innovaphone/go-inno-appws, appws/client.go
        const outcome = failure ? { error: failure.errorText, errorText: failure.errorText } : { ok: true };
        this.#wire.send(resultOf(frame, { app: frame.app, ...outcome }));
        if (failure) this.#wire.close(closeCodes.policyViolation);
    }

    #loginFailure(frame: Frame, json: string): Failure | undefined {
        const { name, password } = this.#host.app;
        const [app, domain, sip, guid, dn] = [frame.app, frame.domain, frame.sip, frame.guid, frame.dn].map(text);
        const login = { app: app!, domain: domain!, sip: sip!, guid: guid!, dn: dn!, info: rawMember(json, 'info') };
        if (this.#challenge === undefined) return failures.noChallenge;
        if (app !== name) return failures.unknownApp;
        if (frame.digest !== loginDigest(login, this.#challenge, password)) return failures.wrongDigest;
        return this.#isApp(sip) || this.#userOf(frame) ? undefined : failures.unknownUser;
    }

    #apisFor(login: Frame): SessionApis {
        this.#host.traffic.logins++;
        return new SessionApis(this.#host, frame => this.#wire.send(frame), this.#userOf(login));
    }

    /** The user account of the login; undefined for the App object itself. */
    #userOf({ sip }: Frame): PbxUser | undefined {
        return this.#isApp(sip) ? undefined : this.#host.installation.users.bySip(text(sip));
    }

    #isApp(sip: unknown): boolean {
        return text(sip) === '' || sip === this.#host.app.name;
    }

    #handleApi(frame: Frame): void {
        if (this.#apis) this.#apis.handle(frame);
        else this.#wire.close(closeCodes.policyViolation);
    }

    #answerKeepAlive(frame: Frame): void {
        const answer = keepAliveAnswer(frame, this.#host.behaviour);
        if (answer) this.#wire.send(answer);
    }
}
