import { EventEmitter } from 'node:events';
import { SyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Clock } from '../../time/clock';
import { isSameName } from './frame';
import type { PbxServer } from './pbx-server';
import type { PbxSession } from './pbx-session';
import type { Log, PbxSettings } from './pbx-settings';

/** Sentences that are told of one outage: each stranger who calls may have one of his own. */
const mostSentences = 10;

/** What the connections with PBXs tell. */
export interface LinkEvents {
    /**
     * A PBX can be asked. The system that prepares it calls {@link PbxSession.ready} afterwards, or
     * {@link PbxSession.fail}; until then its link counts as connecting.
     */
    up: [PbxSession];
    /** A session that was up is over, see {@link PbxSession.end}; told before the next one of that PBX is up. */
    down: [PbxSession];
    /** The name of a link is another one, so other users are homed there than before. */
    named: [];
    /** The name or the state of a link is another one. */
    state: [];
}

/** What the connections with the PBXs of a system need. */
export interface LinksOptions {
    settings: PbxSettings;
    clock: Clock;
    random: () => number;
    log: Log;
}

interface LinkOptions extends Pick<LinksOptions, 'log'> {
    role: 'master' | 'slave';
    /** Where the PBX is, as error sentences name it. */
    host: string;
    /** Its PBX name, where it is known beforehand. */
    pbx?: string | undefined;
    events: EventEmitter<LinkEvents>;
}

/**
 * The connection with one PBX, whether it stands or not. The log has one line per outage and one when it is over, and a
 * further one for each sentence that is the administrator's.
 */
export class Link {
    readonly role: 'master' | 'slave';
    readonly host: string;
    /** Its PBX name, as far as it is known; remembered while it is down. */
    pbx: string | undefined;
    state: ConnectionState = { phase: 'stopped' };
    /** From `up` to `down`. */
    session: PbxSession | undefined;
    readonly #options: LinkOptions;
    #isOut = false;
    /** What the administrator was told of this outage. */
    readonly #blamed = new Set<string>();

    constructor(options: LinkOptions) {
        this.role = options.role;
        this.host = options.host;
        this.pbx = options.pbx;
        this.#options = options;
    }

    /** Offers a session for use until it ends. @returns why it ended */
    async use(session: PbxSession): Promise<SyncError> {
        if (session.end) return session.end;
        this.session = session;
        session.on('info', () => this.#learn(session));
        session.on('ready', () => this.#ready());
        this.#learn(session);
        this.#tell('up', session);
        const reason = await session.ended;
        this.session = undefined;
        this.#tell('down', session);
        return reason;
    }

    enter(state: ConnectionState): void {
        this.state = state;
        this.#tell('state');
    }

    /** An attempt has failed, or a connection has ended. */
    failed(error: SyncError): void {
        const isNews = !this.#isOut;
        this.#isOut = true;
        this.#log(error, isNews);
        this.enter({ phase: error.retryable ? 'retrying' : 'failed', error });
    }

    /**
     * A caller was refused that may be this PBX or not: the log tells it once.
     * @param isShown whether the state tells it, too
     */
    refused(error: SyncError, isShown: boolean): void {
        const isNews = this.#log(error, false);
        if (isNews && isShown) this.enter({ phase: 'failed', error });
    }

    /** Takes over what the PBX is called; told as a change of state, since the state carries the name. */
    #learn(session: PbxSession): void {
        const { pbx } = session.info;
        if (pbx === undefined || pbx === this.pbx) return;
        this.pbx = pbx;
        this.#tell('named');
        this.#tell('state');
    }

    #ready(): void {
        if (this.state.phase === 'online') return;
        const wasTold = this.#isOut || this.#blamed.size > 0;
        if (wasTold) this.#options.log('info', `PBX ${this.pbx ?? this.host} is connected again`);
        this.#isOut = false;
        this.#blamed.clear();
        this.enter({ phase: 'online' });
    }

    /** @returns whether it is news */
    #log(error: SyncError, isFirst: boolean): boolean {
        const isBlame = !error.retryable && !this.#blamed.has(error.message) && this.#blamed.size < mostSentences;
        if (isBlame) this.#blamed.add(error.message);
        const isNews = isFirst || isBlame;
        this.#options.log(isNews ? 'warn' : 'debug', error.message);
        return isNews;
    }

    #tell<Name extends keyof LinkEvents>(name: Name, ...values: LinkEvents[Name]): void {
        tell(this.#options.events, this.#options.log, name, ...values);
    }
}

/** A link as a status shows it. */
export interface PbxLinkState {
    /** The PBX name, or the host where it is not known. */
    name: string;
    role: 'master' | 'slave';
    state: ConnectionState;
}

/** The connections with the PBXs of one system. */
export abstract class PbxLinks extends EventEmitter<LinkEvents> {
    /** The endpoint that PBXs call; in the server role only. */
    readonly server?: PbxServer;

    abstract start(): void;

    /** Resolves when all sockets are closed; may be called twice. */
    abstract stop(): Promise<void>;

    /** Gives up every session, dead or not; the PBXs are connected anew. */
    drop(): void {
        for (const { session, host } of this.links) session?.fail(new SyncError('PBX_CONNECTION_LOST', { host }));
    }

    /** The master first. */
    protected abstract get links(): readonly Link[];

    /** The session of the master; `undefined` while there is none. */
    get master(): PbxSession | undefined {
        return this.links.find(({ role }) => role === 'master')?.session;
    }

    /**
     * The session of the PBX where a user is homed: the master's where `loc` is empty; `undefined` while that PBX is not
     * connected, or does not tell its name. As long as the master's name is not known, any user may be homed there.
     */
    home(loc: string | undefined): PbxSession | undefined {
        if (!loc) return this.master;
        const link = this.links.find(({ pbx }) => pbx !== undefined && isSameName(pbx, loc));
        if (link) return link.session;
        const isMasterNamed = this.links.some(({ role, pbx }) => role === 'master' && pbx !== undefined);
        return isMasterNamed ? undefined : this.master;
    }

    /** All links, the master first. */
    states(): PbxLinkState[] {
        return this.links.map(({ pbx, host, role, state }) => ({ name: pbx ?? host, role, state }));
    }
}

/** Emits an event. A listener that throws must not end a connection, let alone the process. */
export function tell<Events extends Record<keyof Events, unknown[]>, Name extends keyof Events & string>(
    emitter: EventEmitter<Events>,
    log: Log,
    name: Name,
    ...values: Events[Name]
): void {
    try {
        (emitter as EventEmitter).emit(name, ...values);
    } catch (thrown) {
        log('warn', `A listener of '${name}' has failed: ${String(thrown)}`);
    }
}
