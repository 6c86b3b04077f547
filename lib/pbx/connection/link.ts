import type { SyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Clock } from '../../time/clock';
import { OutageLog } from './outage-log';
import type { PbxLink, PbxLinksEvents } from './pbx-links';
import type { PbxSession } from './pbx-session';
import type { Log } from './pbx-settings';

/** How a {@link Link} tells what happens; must not throw. */
export type Tell = <Name extends keyof PbxLinksEvents>(name: Name, ...values: PbxLinksEvents[Name]) => void;

/** What both roles know of one PBX: its name, its state, and its session while there is one. */
export class Link implements PbxLink {
    readonly role: 'master' | 'slave';
    readonly host: string;
    readonly #tell: Tell;
    readonly #clock: Clock;
    readonly #outages: OutageLog;
    #pbx?: string;
    #state: ConnectionState = { phase: 'stopped' };
    #session?: PbxSession;
    #onlineSince?: number;

    /**
     * @param options.host as error sentences name the PBX
     * @param options.pbx its PBX name, where it is known beforehand
     */
    constructor(options: {
        role: 'master' | 'slave';
        host: string;
        pbx?: string;
        tell: Tell;
        clock: Clock;
        log: Log;
    }) {
        this.role = options.role;
        this.host = options.host;
        this.#pbx = options.pbx;
        this.#tell = options.tell;
        this.#clock = options.clock;
        this.#outages = new OutageLog(options.log);
    }

    get pbx(): string | undefined {
        return this.#pbx;
    }

    get state(): ConnectionState {
        return this.#state;
    }

    get session(): PbxSession | undefined {
        return this.#session;
    }

    /**
     * Offers a session for use until it ends.
     * @returns why it ended, and for how many milliseconds it was online
     */
    async use(session: PbxSession): Promise<{ reason: SyncError; online: number }> {
        if (session.end) return { reason: session.end, online: 0 };
        this.#session = session;
        session.on('info', () => this.#learn(session));
        session.on('ready', () => this.#ready());
        this.#learn(session);
        this.#tell('up', session);
        const reason = await session.ended;
        const online = this.#clock.monotonic() - (this.#onlineSince ?? this.#clock.monotonic());
        this.#session = undefined;
        this.#onlineSince = undefined;
        this.#tell('down', session);
        return { reason, online };
    }

    enter(state: ConnectionState): void {
        this.#state = state;
        this.#tell('state');
    }

    failed(error: SyncError): void {
        this.#outages.began(error);
        this.enter({ phase: error.retryable ? 'retrying' : 'failed', error });
    }

    /**
     * Somebody was refused who may be this PBX or not: the log tells it once.
     * @param isShown whether the state tells it, too
     */
    refused(error: SyncError, isShown: boolean): void {
        const isNews = this.#outages.noted(error);
        if (isNews && isShown) this.enter({ phase: 'failed', error });
    }

    /** Takes over what the PBX is called; told as a change of state, since the state carries the name. */
    #learn(session: PbxSession): void {
        const { pbx } = session.info;
        if (pbx === undefined || pbx === this.#pbx) return;
        this.#pbx = pbx;
        this.#tell('state');
    }

    #ready(): void {
        if (this.#state.phase === 'online') return;
        this.#onlineSince = this.#clock.monotonic();
        this.#outages.over(this.#pbx ?? this.host);
        this.enter({ phase: 'online' });
    }
}
