import { EventEmitter } from 'node:events';
import type { Clock } from '../../support/clock';
import { SyncError } from '../../support/errors';
import { type Frame, failureOf, textOf } from './frame';
import { loginDigest } from './login-digest';
import { type PbxInfo, pbxInfoOf } from './pbx-info';
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

/** The conversation with one PBX over one socket: requests with their results, and what the PBX tells unasked. */
export class PbxSession extends EventEmitter<{ indication: [Frame]; info: []; ready: [] }> {
    /** Where the PBX is, as error sentences name it. */
    readonly host: string;
    readonly #socket: PbxSocket;
    readonly #app: string;
    readonly #pending: PendingRequests;
    readonly #asked = new Set<string>();
    /** What has been found out about APIs: `answers` is one that has answered, with failures only. */
    readonly #found = new Map<string, 'allowed' | 'answers' | 'missing'>();
    #info: PbxInfo;
    #count = 0;
    #end?: SyncError;

    /**
     * @param options.app name of the App object, for error sentences
     * @param options.info what the PBX has told of itself so far
     */
    constructor(options: { socket: PbxSocket; app: string; clock: Clock; info?: PbxInfo }) {
        super();
        this.#socket = options.socket;
        this.host = options.socket.host;
        this.#app = options.app;
        this.#info = options.info ?? {};
        this.#pending = new PendingRequests(options.clock, answerLimit);
        void this.#socket.ended.then(reason => this.#close(reason));
    }

    /** Resolves with {@link end}; never rejects. */
    get ended(): Promise<SyncError> {
        return this.#socket.ended;
    }

    /** Why the conversation is over; `undefined` while it goes on. */
    get end(): SyncError | undefined {
        return this.#end;
    }

    /** What the PBX says of itself. In the client role it arrives after `up`, and only where PbxAdminApi is ticked. */
    get info(): PbxInfo {
        return this.#info;
    }

    /** Whether the App object may use an API; `undefined` as long as that has not been found out. */
    may(api: PbxApiName): boolean | undefined {
        const name = ticked(api);
        if (this.#info.apis) return this.#info.apis.includes(name);
        const found = this.#found.get(name);
        return found === undefined || found === 'answers' ? undefined : found === 'allowed';
    }

    /**
     * Sends a request to an API of the PBX.
     * @param src comes back with the result and with every later indication; a new one where none is given
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
    ): Promise<Frame> {
        const name = ticked(api);
        if (this.#info.apis && !this.#info.apis.includes(name)) throw this.#apiMissing(name);
        const heard = this.#socket.heard;
        const answer = this.#ask({ mt, api, ...fields, src }, () => this.#unanswered(name, heard));
        if (!this.#asked.has(name)) this.#socket.ping();
        this.#asked.add(name);
        const result = await answer;
        if (!failureOf(result)) this.#found.set(name, 'allowed');
        else if (this.#found.get(name) !== 'allowed') this.#found.set(name, 'answers');
        return result;
    }

    /** A `src` that this session has not used yet. */
    newSource(): string {
        this.#count++;
        return `presence-${this.#count}`;
    }

    /** Everything that had to be done after `up` is done: from now on the link counts as online. */
    ready(): void {
        if (!this.#end) this.emit('ready');
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
        const login = { app: this.#app, domain: '', sip: '', guid: '', dn: '' };
        const digest = loginDigest(login, challenge, password);
        const result = await this.#ask({ mt: 'AppLogin', ...login, digest });
        if (result.ok !== true) throw new SyncError('PBX_LOGIN_REFUSED', { host: this.host, app: this.#app });
    }

    /**
     * For the link: asks the PBX what it says of itself; does not wait for it. Only PbxAdminApi tells a client, and that
     * need not be ticked. MonitorConfig tells everything, but perhaps not before something changes; the name is asked for.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm
     */
    identify(): void {
        const api = 'PbxAdminApi';
        this.request(api, 'MonitorConfig', {}, 'identify')
            .then(result => failureOf(result) && this.#found.set(api, 'missing'))
            .catch(() => undefined)
            .finally(() => this.emit('info'));
        this.request(api, 'GetPbxConfig', {})
            .then(({ loc }) => this.#info.pbx === undefined && textOf(loc) && this.learn({ pbx: textOf(loc) }))
            .catch(() => undefined);
    }

    /**
     * For the link: from now on a PBX that leaves pings unanswered is asked something before it is given up. Whether a
     * PBX answers pings is not documented.
     */
    watch(): void {
        this.#socket.question = () => {
            this.request('PbxApi', 'UnsubscribePresence', {}).catch(() => undefined);
        };
    }

    /** For the link: takes what the PBX says of itself. */
    learn(info: PbxInfo): void {
        this.#info = { ...this.#info, ...definedOf(info) };
        this.emit('info');
    }

    /** For the link: takes what the PBX sends. */
    receive(frame: Frame): void {
        if (this.#end || this.#pending.settle(frame)) return;
        if (frame.mt === 'MonitorConfigInfo') return this.learn(pbxInfoOf(frame));
        this.emit('indication', frame);
    }

    #close(reason: SyncError): void {
        this.#end ??= reason;
        this.#pending.fail(this.#end);
    }

    async #ask(frame: Frame, late = () => this.#silent()): Promise<Frame> {
        if (this.#end) throw this.#end;
        this.#socket.send(frame);
        return this.#pending.wait(frame.mt, frame.src ?? '', late);
    }

    /** An API that is not ticked in the App object answers nothing at all. */
    #unanswered(name: string, heardBefore: number): SyncError {
        const alive = this.#socket.heard > heardBefore;
        if (this.#found.get(name) === 'missing') return this.#apiMissing(name);
        const answers = ['allowed', 'answers'].includes(this.#found.get(name) ?? '');
        if (answers || !alive) return this.#silent();
        this.#found.set(name, 'missing');
        return this.#apiMissing(name);
    }

    #apiMissing(api: string): SyncError {
        return new SyncError('PBX_API_MISSING', { app: this.#app, api });
    }

    #silent(): SyncError {
        return new SyncError('PBX_SILENT', { host: this.host, seconds: answerLimit / 1000 });
    }
}

/** The name that is ticked in the App object: `PbxApi` for the instance `PbxApi.0`. */
function ticked(api: string): string {
    return api.split('.')[0]!;
}

function definedOf(info: PbxInfo): PbxInfo {
    return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
}
