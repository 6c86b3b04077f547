import type { EventEmitter } from 'node:events';
import type { SyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Clock } from '../../time/clock';
import { OutageLog } from './outage-log';
import type { PbxSession } from './pbx-session';
import type { Log } from './pbx-settings';
import { tell } from './tell';

/** What the connections with PBXs tell. */
export interface LinkEvents {
    /**
     * A PBX can be asked. The system that prepares it calls {@link PbxSession.ready} afterwards, or
     * {@link PbxSession.fail}; until then its link counts as connecting.
     */
    up: [PbxSession];
    /** A session that was up is over, see {@link PbxSession.end}; told before the next one of that PBX is up. */
    down: [PbxSession];
    /** The name or the state of a link is another one. */
    state: [];
}

interface LinkOptions {
    role: 'master' | 'slave';
    /** Where the PBX is, as error sentences name it. */
    host: string;
    /** Its PBX name, where it is known beforehand. */
    pbx?: string | undefined;
    events: EventEmitter<LinkEvents>;
    clock: Clock;
    log: Log;
}

/** The connection with one PBX, whether it stands or not. */
export class Link {
    readonly role: 'master' | 'slave';
    readonly host: string;
    /** Its PBX name, as far as it is known; remembered while it is down. */
    pbx: string | undefined;
    state: ConnectionState = { phase: 'stopped' };
    /** From `up` to `down`. */
    session: PbxSession | undefined;
    readonly #options: LinkOptions;
    readonly #outages: OutageLog;
    #onlineSince?: number;

    constructor(options: LinkOptions) {
        this.role = options.role;
        this.host = options.host;
        this.pbx = options.pbx;
        this.#options = options;
        this.#outages = new OutageLog(options.log);
    }

    /**
     * Offers a session for use until it ends.
     * @returns why it ended, and for how many milliseconds it was online
     */
    async use(session: PbxSession): Promise<{ reason: SyncError; online: number }> {
        if (session.end) return { reason: session.end, online: 0 };
        this.session = session;
        session.on('info', () => this.#learn(session));
        session.on('ready', () => this.#ready());
        this.#learn(session);
        this.#tell('up', session);
        const reason = await session.ended;
        const now = this.#options.clock.monotonic();
        const online = now - (this.#onlineSince ?? now);
        this.session = undefined;
        this.#onlineSince = undefined;
        this.#tell('down', session);
        return { reason, online };
    }

    enter(state: ConnectionState): void {
        this.state = state;
        this.#tell('state');
    }

    failed(error: SyncError): void {
        this.#outages.began(error);
        this.enter({ phase: error.retryable ? 'retrying' : 'failed', error });
    }

    /**
     * A caller was refused that may be this PBX or not: the log tells it once.
     * @param isShown whether the state tells it, too
     */
    refused(error: SyncError, isShown: boolean): void {
        const isNews = this.#outages.noted(error);
        if (isNews && isShown) this.enter({ phase: 'failed', error });
    }

    /** Takes over what the PBX is called; told as a change of state, since the state carries the name. */
    #learn(session: PbxSession): void {
        const { pbx } = session.info;
        if (pbx === undefined || pbx === this.pbx) return;
        this.pbx = pbx;
        this.#tell('state');
    }

    #ready(): void {
        if (this.state.phase === 'online') return;
        this.#onlineSince = this.#options.clock.monotonic();
        this.#outages.over(this.pbx ?? this.host);
        this.enter({ phase: 'online' });
    }

    #tell<Name extends keyof LinkEvents>(name: Name, ...values: LinkEvents[Name]): void {
        tell(this.#options.events, this.#options.log, name, ...values);
    }
}
