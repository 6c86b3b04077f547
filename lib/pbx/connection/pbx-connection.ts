import { EventEmitter } from 'node:events';
import { type Clock, pause } from '../../support/clock';
import type { ConnectionState } from '../../support/connection-state';
import { type SyncError, toSyncError } from '../../support/errors';
import { RetrySchedule } from '../../support/retry-schedule';
import type { Frame } from './frame';
import { OutageLog } from './outage-log';
import { PbxSession } from './pbx-session';
import { hostOf, type Log, type PbxSettings } from './pbx-settings';
import { PbxSocket } from './pbx-socket';

/** Waits between two attempts in milliseconds; the ceiling keeps a restarted PBX from waiting long for us. */
const retryPolicy = { first: 500, factor: 2, longest: 5_000, jitter: 0.2 };
/** Milliseconds until another attempt where an administrator must change something, perhaps on the PBX. */
const slowRetry = 60_000;
/** Milliseconds online after which a new outage starts with the first wait again. */
const stableAfter = 60_000;

/** What a connection is made for. */
export interface ConnectionUse {
    /** Everything that must be done after the login before the connection counts as online. */
    prepare(session: PbxSession): Promise<void>;
    /** The session is online; it ends before the next one is prepared. */
    online(session: PbxSession): void;
    /** A session that was prepared, perhaps not to the end, is over. */
    lost(): void;
    /** Something that the PBX tells unasked. */
    indication(frame: Frame): void;
}

/** Keeps one logged-in connection to the PBX for as long as it is wanted. */
export class PbxConnection extends EventEmitter<{ state: [ConnectionState] }> {
    readonly #settings: PbxSettings;
    readonly #use: ConnectionUse;
    readonly #clock: Clock;
    readonly #log: Log;
    readonly #retries: RetrySchedule;
    readonly #outages: OutageLog;
    #state: ConnectionState = { phase: 'stopped' };
    #wanted?: AbortController;
    #running: Promise<void> = Promise.resolve();

    constructor(options: {
        settings: PbxSettings;
        use: ConnectionUse;
        clock: Clock;
        random: () => number;
        log: Log;
    }) {
        super();
        this.#settings = options.settings;
        this.#use = options.use;
        this.#clock = options.clock;
        this.#log = options.log;
        this.#retries = new RetrySchedule(retryPolicy, options.random);
        this.#outages = new OutageLog(options.log, hostOf(options.settings));
    }

    get state(): ConnectionState {
        return this.#state;
    }

    start(): void {
        if (this.#wanted) return;
        this.#wanted = new AbortController();
        const { signal } = this.#wanted;
        this.#enter({ phase: 'connecting' });
        this.#running = this.#running.then(() => this.#run(signal));
    }

    /** Resolves when the socket is closed. */
    async stop(): Promise<void> {
        this.#wanted?.abort();
        this.#wanted = undefined;
        await this.#running;
        if (!this.#wanted) this.#enter({ phase: 'stopped' });
    }

    async #run(wanted: AbortSignal): Promise<void> {
        while (!wanted.aborted) {
            const error = await this.#connectOnce(wanted);
            if (wanted.aborted) return;
            this.#outages.began(error);
            this.#enter({ phase: error.retryable ? 'retrying' : 'failed', error });
            const wait = error.retryable ? this.#retries.next() : slowRetry;
            await pause(this.#clock, wait, wanted).catch(() => undefined);
        }
    }

    /** One connection from its first byte to its end, and why it ended. */
    async #connectOnce(wanted: AbortSignal): Promise<SyncError> {
        const socket = new PbxSocket(this.#settings, this.#clock, this.#log);
        const session = new PbxSession(socket, this.#settings, this.#clock);
        const hangUp = () => void socket.close();
        wanted.addEventListener('abort', hangUp, { once: true });
        try {
            if (wanted.aborted) hangUp();
            await socket.open();
            await session.login(frame => this.#use.indication(frame));
            return await this.#useSession(socket, session);
        } catch (thrown) {
            return toSyncError(thrown);
        } finally {
            wanted.removeEventListener('abort', hangUp);
            await socket.close();
        }
    }

    async #useSession(socket: PbxSocket, session: PbxSession): Promise<SyncError> {
        try {
            await this.#use.prepare(session);
            if (session.end) return session.end;
            this.#outages.over();
            this.#use.online(session);
            this.#enter({ phase: 'online' });
            const since = this.#clock.now();
            const reason = await socket.ended;
            if (this.#clock.now() - since >= stableAfter) this.#retries.reset();
            return reason;
        } finally {
            this.#use.lost();
        }
    }

    #enter(state: ConnectionState): void {
        this.#state = state;
        this.emit('state', state);
    }
}
