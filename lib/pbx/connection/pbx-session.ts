import type { Clock } from '../../support/clock';
import { SyncError } from '../../support/errors';
import { type Frame, textOf } from './frame';
import { loginDigest } from './login-digest';
import type { PbxSettings } from './pbx-settings';
import type { PbxSocket } from './pbx-socket';
import { PendingRequests } from './pending-requests';

/** Milliseconds that the PBX may take for an answer. */
const answerLimit = 10_000;

/** The APIs of the PBX that we use; each must be ticked in the App object. */
export type PbxApiName = 'PbxTableUsers' | 'PbxApi';

/** The conversation over one socket: login, then requests and their results. */
export class PbxSession {
    readonly #socket: PbxSocket;
    readonly #settings: PbxSettings;
    readonly #pending: PendingRequests;
    readonly #answering = new Set<string>();
    readonly #asked = new Set<string>();
    #count = 0;
    #end?: SyncError;
    #indicate: (frame: Frame) => void = () => undefined;

    constructor(socket: PbxSocket, settings: PbxSettings, clock: Clock) {
        this.#socket = socket;
        this.#settings = settings;
        this.#pending = new PendingRequests(clock, answerLimit);
    }

    /** Why the conversation is over; `undefined` while it goes on. */
    get end(): SyncError | undefined {
        return this.#end;
    }

    /**
     * Logs in as the App object. As client nothing but name and password counts: domain, sip, GUID and dn stay empty.
     * @param indicate receives whatever is no result
     * @throws SyncError PBX_LOGIN_REFUSED or what ended the socket
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
     */
    async login(indicate: (frame: Frame) => void): Promise<void> {
        const { appName: app, password } = this.#settings;
        this.#indicate = indicate;
        this.#socket.on('frame', frame => this.#receive(frame));
        void this.#socket.ended.then(reason => this.close(reason));
        const challenge = textOf((await this.#ask({ mt: 'AppChallenge' })).challenge);
        const login = { app, domain: '', sip: '', guid: '', dn: '' };
        const digest = loginDigest(login, challenge, password);
        const result = await this.#ask({ mt: 'AppLogin', ...login, digest });
        if (result.ok !== true) throw new SyncError('PBX_LOGIN_REFUSED', { host: this.#socket.host, app });
    }

    /**
     * Sends a request to an API of the PBX.
     * @param src comes back with the result and with every later indication; a new one where none is given
     * @returns the result, which may tell of a failure
     * @throws SyncError PBX_API_MISSING when the API has never answered although the PBX is alive, PBX_SILENT when the
     *   PBX does not answer, or what ended the socket
     * @throws RangeError when the request is longer than the PBX takes
     */
    async request(
        api: PbxApiName,
        mt: string,
        fields: Record<string, unknown>,
        src = this.newSource(),
    ): Promise<Frame> {
        const heard = this.#socket.heard;
        const answer = this.#ask({ mt, api, ...fields, src }, () => this.#unanswered(api, heard));
        if (!this.#asked.has(api)) this.#socket.ping();
        this.#asked.add(api);
        const result = await answer;
        this.#answering.add(api);
        return result;
    }

    /** A `src` that this session has not used yet. */
    newSource(): string {
        this.#count++;
        return `presence-${this.#count}`;
    }

    /** Whoever waits is told the reason, whoever asks later too. */
    close(reason: SyncError): void {
        this.#end ??= reason;
        this.#pending.fail(this.#end);
    }

    async #ask(frame: Frame, late = () => this.#silent()): Promise<Frame> {
        if (this.#end) throw this.#end;
        this.#socket.send(frame);
        return this.#pending.wait(frame.mt, frame.src ?? '', late);
    }

    #receive(frame: Frame): void {
        if (this.#end || this.#pending.settle(frame)) return;
        this.#indicate(frame);
    }

    /** An API that is not ticked in the App object answers nothing at all. */
    #unanswered(api: PbxApiName, heardBefore: number): SyncError {
        const alive = this.#socket.heard > heardBefore;
        if (this.#answering.has(api) || !alive) return this.#silent();
        return new SyncError('PBX_API_MISSING', { app: this.#settings.appName, api });
    }

    #silent(): SyncError {
        return new SyncError('PBX_SILENT', { host: this.#socket.host, seconds: answerLimit / 1000 });
    }
}
