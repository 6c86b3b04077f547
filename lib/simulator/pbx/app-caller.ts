import type { Timer } from '../../time/clock';
import type { Session } from './app-session';
import { type AppTarget, appSocket } from './app-socket';
import { appUrl } from './app-url';
import { type CallingHost, CallingSession } from './calling-session';
import type { Frame } from './frame';

/** How the PBX gets on with the URL of its App object. */
export interface AppCall {
    /** `waiting`: it will be called again. */
    phase: 'connecting' | 'up' | 'waiting';
    /** Why the last attempt or connection has ended; absent where none has. */
    problem?: string;
    /** The AppInfoResult of the service; absent until it comes. */
    appInfo?: Frame;
}

/** Lets a PBX call the URL of its App object for as long as the tick "Websocket" is set, again and again. */
export class AppCaller {
    readonly #host: CallingHost;
    readonly #keep: (session: Session, ended: () => void) => void;
    #target: AppTarget | undefined;
    #isRunning = false;
    #session: CallingSession | undefined;
    #timer: Timer | undefined;
    #problem: string | undefined;

    /** @param keep starts a session and keeps it among those of the PBX */
    constructor(host: CallingHost, keep: (session: Session, ended: () => void) => void) {
        this.#host = host;
        this.#keep = keep;
    }

    /** Undefined while no URL is to be called, or the PBX does not run. */
    get state(): AppCall | undefined {
        if (!this.#target || !this.#isRunning) return undefined;
        const running = this.#session?.loggedIn ? 'up' : 'connecting';
        const { problem = this.#problem, appInfo } = this.#session ?? {};
        return { phase: this.#session ? running : 'waiting', ...(problem && { problem }), ...(appInfo && { appInfo }) };
    }

    /** Whom it calls while the PBX runs. */
    get target(): Readonly<AppTarget> | undefined {
        return this.#target;
    }

    /**
     * Calls this URL from now on, and hangs up on an earlier one.
     * @param url undefined: calls nobody
     * @param ca PEM of the authority that must have signed the service's certificate; absent: any certificate will do
     * @throws Error for a URL that is no http: or https: address of this machine, or lacks the app's name
     */
    dial(url: string | undefined, ca?: string): void {
        const target = url === undefined ? undefined : { url: appUrl(url), ca };
        const wasRunning = this.#isRunning;
        this.stop();
        this.#target = target;
        this.#problem = undefined;
        if (wasRunning) this.start();
    }

    start(): void {
        if (this.#isRunning) return;
        this.#isRunning = true;
        this.#call();
    }

    /** Hangs up and calls no more; may be called twice. */
    stop(): void {
        this.#isRunning = false;
        this.#host.clock.cancel(this.#timer);
        this.#timer = undefined;
        const session = this.#session;
        this.#session = undefined;
        session?.drop();
    }

    #call(): void {
        this.#timer = undefined;
        if (!this.#target) return;
        const session = new CallingSession(appSocket(this.#target), this.#target.url, this.#host);
        this.#session = session;
        this.#keep(session, () => this.#ended(session));
    }

    #ended(session: CallingSession): void {
        if (session !== this.#session) return;
        this.#session = undefined;
        this.#problem = session.problem ?? 'The connection has ended';
        this.#timer = this.#host.clock.after(this.#host.behaviour.redialAfter, () => this.#call());
    }
}
