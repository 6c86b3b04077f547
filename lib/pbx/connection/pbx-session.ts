import { EventEmitter } from 'node:events';
import { SyncError } from '../../errors/errors';
import type { Clock } from '../../time/clock';
import { type Frame, failureOf, type PbxInfo, pbxInfoOf, textOf } from './frame';
import { loginDigest } from './login';
import { Mux } from './mux';
import type { PbxSocket } from './pbx-socket';
import { PendingRequests } from './pending-requests';

/** Milliseconds that the PBX may take for an answer. */
const answerLimit = 10_000;

/**
 * The APIs of the PBX that we use; each must be ticked in the App object. One with a number, such as `PbxApi.0`, is an
 * instance that PbxImpersonation has made.
 */
export type PbxApiName =
    | 'PbxTableUsers'
    | 'PbxApi'
    | 'PbxAdminApi'
    | 'PbxImpersonation'
    | 'RCC'
    | `${'PbxApi' | 'PbxSignal' | 'EpSignal'}.${string}`;

/** The conversation with one PBX over one socket: requests with their results, and listeners to what the PBX tells later. */
export class PbxSession extends EventEmitter<{ info: []; ready: [] }> {
    /** Where the PBX is, as error sentences name it. */
    readonly host: string;
    readonly app: string;
    /** Asked before each frame: true if it may have waited through an interruption of the process, and is not to be believed. */
    isInterrupted: () => boolean = () => false;
    /** The listeners to what the PBX sends, results of {@link request} aside. */
    readonly mux = new Mux();
    /** Resolves with {@link end}; never rejects. */
    readonly ended: Promise<SyncError>;
    /** Why the conversation is over; absent while it goes on. */
    end?: SyncError;
    /** {@link ready} was called. */
    isReady = false;
    /** What the PBX says of itself. In the client role it arrives after `up`, and only where PbxAdminApi is ticked. */
    info: PbxInfo;
    readonly #socket: PbxSocket;
    readonly #pending: PendingRequests;
    readonly #looks: number;
    /** What has been found out about APIs: `answers` is one that has answered, with failures only. */
    readonly #found = new Map<string, 'asked' | 'allowed' | 'answers' | 'missing'>();

    /**
     * @param options.info what the PBX has told of itself so far
     * @param options.looks how often a request is looked at until the limit: an API that has never answered, though the
     *   PBX is alive, counts as not ticked then. Default: once
     */
    constructor(options: { socket: PbxSocket; app: string; clock: Clock; info?: PbxInfo; looks?: number }) {
        super();
        this.#socket = options.socket;
        this.ended = options.socket.ended;
        this.host = options.socket.host;
        this.app = options.app;
        this.info = options.info ?? {};
        this.#looks = options.looks ?? 1;
        this.#pending = new PendingRequests(options.clock, answerLimit / this.#looks);
        options.socket.on('frame', frame => this.#receive(frame));
        // A PBX that calls us has logged in by now.
        if (options.info) this.#beAsked();
        void this.ended.then(reason => {
            this.end = reason;
            this.#pending.fail(reason);
        });
    }

    /** Whether the App object may use an API; `undefined` as long as that has not been found out. */
    may(api: PbxApiName): boolean | undefined {
        const name = ticked(api);
        if (this.info.apis) return this.info.apis.includes(name);
        const found = this.#found.get(name);
        if (found === 'allowed') return true;
        return found === 'missing' ? false : undefined;
    }

    /**
     * Sends a request to an API of the PBX.
     * @param src comes back with the result and with everything that is told later, see {@link mux}; a new one where none
     *   is given
     * @param takeLate gets an answer that comes after the request has failed, see {@link Mux.awaitLate}
     * @returns the result, which may tell of a failure
     * @throws SyncError PBX_API_MISSING when the API is not ticked, or has never answered although the PBX is alive;
     *   PBX_SILENT when the PBX does not answer, or what ended the session
     * @throws RangeError when the request is longer than the PBX takes
     */
    async request(
        api: PbxApiName,
        mt: string,
        fields: Record<string, unknown>,
        src = this.newSource(),
        takeLate?: (answer: Frame) => void,
    ): Promise<Frame> {
        const name = ticked(api);
        if (this.info.apis && !this.info.apis.includes(name)) throw this.#apiMissing(name);
        const heard = this.#socket.heard;
        const answer = this.#ask({ mt, api, ...fields, src }, () => this.#isMissing(name, heard));
        if (!this.#found.has(name)) {
            this.#found.set(name, 'asked');
            this.#socket.ping();
        }
        const result = await answer.catch((thrown: unknown) => {
            if (takeLate && !this.end) this.mux.awaitLate(src, takeLate);
            throw thrown;
        });
        if (!failureOf(result)) this.#found.set(name, 'allowed');
        else if (this.#found.get(name) !== 'allowed') this.#found.set(name, 'answers');
        return result;
    }

    /** A `src` that this session has not used yet. */
    newSource(): string {
        return this.mux.newSource();
    }

    /** Everything that had to be done after `up` is done: from now on the link counts as online. */
    ready(): void {
        if (this.end) return;
        this.isReady = true;
        this.emit('ready');
    }

    /** Gives the session up for a reason that the link's state then tells. Without effect on one that has ended. */
    fail(reason: SyncError): void {
        this.#socket.fail(reason);
    }

    /**
     * For the link: logs in as the App object. As client nothing but name and password counts: domain, sip, GUID and dn
     * stay empty.
     * @throws SyncError PBX_LOGIN_REFUSED or what ended the socket
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
     */
    async login(password: string): Promise<void> {
        const challenge = textOf((await this.#ask({ mt: 'AppChallenge' })).challenge);
        const login = { app: this.app, domain: '', sip: '', guid: '', dn: '' };
        const digest = loginDigest(login, challenge, password);
        const result = await this.#ask({ mt: 'AppLogin', ...login, digest });
        if (result.ok !== true) throw new SyncError('PBX_LOGIN_REFUSED', { host: this.host, app: this.app });
        this.#beAsked();
    }

    /**
     * Whether a PBX answers pings is not documented; that it answers a subscription is, whichever user is named, and one of
     * the App object cannot disturb another.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
     */
    #beAsked(): void {
        this.#socket.question = () => void this.tryPresence(this.app).catch(() => undefined);
    }

    /**
     * For the link: asks the PBX what it says of itself; does not wait for it. Only PbxAdminApi tells a client, and that
     * need not be ticked. MonitorConfig tells everything, but perhaps not before something changes; the name is asked for.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm
     */
    identify(): void {
        const api = 'PbxAdminApi';
        const src = this.newSource();
        const learn = (frame: Frame) => frame.mt === 'MonitorConfigInfo' && this.learn(pbxInfoOf(frame));
        this.mux.listen(src, learn, { api, kinds: ['MonitorConfigInfo'] });
        this.request(api, 'MonitorConfig', {}, src)
            .then(result => failureOf(result) && this.#found.set(api, 'missing'))
            .catch(() => undefined)
            .finally(() => this.emit('info'));
        this.request(api, 'GetPbxConfig', {})
            .then(({ loc }) => this.info.pbx === undefined && textOf(loc) && this.learn({ pbx: textOf(loc) }))
            .catch(() => undefined);
    }

    /** Subscribes the presence of a user and unsubscribes it, which changes nothing. @returns the result of the subscription */
    async tryPresence(sip: string): Promise<Frame> {
        const src = this.newSource();
        const result = await this.request('PbxApi', 'SubscribePresence', { sip }, src);
        // Whether this is answered does not matter.
        if (!failureOf(result)) this.request('PbxApi', 'UnsubscribePresence', { sip }, src).catch(() => undefined);
        return result;
    }

    /** For the link: takes what the PBX says of itself. */
    learn(info: PbxInfo): void {
        const told = Object.entries(info).filter(([, value]) => value !== undefined);
        this.info = { ...this.info, ...Object.fromEntries(told) };
        this.emit('info');
    }

    #receive(frame: Frame): void {
        if (this.end || this.isInterrupted()) return;
        if (frame.mt.endsWith('Result') && this.#pending.settle(frame)) return;
        this.#hearFrom(frame);
        this.mux.route(frame);
    }

    /** An API that tells something may be used, however late its result is. */
    #hearFrom(frame: Frame): void {
        const name = frame.api && ticked(frame.api);
        if (name && this.#found.has(name) && !failureOf(frame)) this.#found.set(name, 'allowed');
    }

    async #ask(frame: Frame, isMissing = () => false): Promise<Frame> {
        if (this.end) throw this.end;
        this.#socket.send(frame);
        let looks = this.#looks;
        return this.#pending.wait(frame.mt, frame.src ?? '', () => {
            if (isMissing()) return this.#apiMissing(ticked(frame.api ?? ''));
            looks--;
            if (looks > 0) return undefined;
            return new SyncError('PBX_SILENT', { host: this.host, seconds: answerLimit / 1000 });
        });
    }

    /** An API that is not ticked in the App object answers nothing at all. */
    #isMissing(name: PbxApiName, heardBefore: number): boolean {
        const may = this.may(name);
        if (may !== undefined) return !may;
        const isAlive = this.#socket.heard > heardBefore;
        if (this.#found.get(name) === 'answers' || !isAlive) return false;
        this.#found.set(name, 'missing');
        return true;
    }

    #apiMissing(api: string): SyncError {
        return new SyncError('PBX_API_MISSING', { app: this.app, api });
    }
}

/** The name that is ticked in the App object: `PbxApi` for the instance `PbxApi.0`. */
function ticked(api: string): PbxApiName {
    return api.split('.')[0] as PbxApiName;
}
