import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { Clock, Timer } from '../../support/clock';
import type { ConnectionState } from '../../support/connection-state';
import { SyncError, toSyncError } from '../../support/errors';
import { RetrySchedule } from '../../support/retry-schedule';
import { recheckAfter } from '../sign-in/recheck';
import type { UserDirectory } from './user-directory';

/** How a message names its user. */
export type Who = Parameters<UserDirectory['find']>[0];

interface Waiting {
    resolve: (ready: 'ready' | 'replaced') => void;
    reject: (error: SyncError) => void;
}

/** The directory is read again this often, and for an unknown user at most this often, in ms. */
const refreshInterval = 15 * 60_000;
const unknownInterval = 60_000;

/** Finds Teams users by what a message says of them; keeps the directory up and waits while it cannot be read. */
export class UserLookup extends EventEmitter<{ state: [ConnectionState]; loaded: [] }> {
    readonly #directory: UserDirectory;
    readonly #clock: Clock;
    readonly #schedule: RetrySchedule;
    readonly #waiting = new Map<string, Waiting>();
    #state: ConnectionState = { phase: 'stopped' };
    #loading: Promise<void> | undefined;
    #loadedAt = 0;
    #timer: Timer | undefined;

    constructor(options: { directory: UserDirectory; clock: Clock; random?: () => number }) {
        super();
        this.#directory = options.directory;
        this.#clock = options.clock;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 }, options.random);
    }

    get state(): ConnectionState {
        return this.#state;
    }

    start(): void {
        this.#setState({ phase: 'connecting' });
        this.refresh();
    }

    stop(): void {
        this.#clock.cancel(this.#timer);
        this.#setState({ phase: 'stopped' });
        for (const { resolve } of this.#waiting.values()) resolve('replaced');
        this.#waiting.clear();
    }

    /** Reads the directory again. */
    refresh(): void {
        this.#load().catch(() => {});
    }

    /**
     * The user, once the directory has been read; undefined if a newer call with the same `key` came while waiting.
     * @throws SyncError TEAMS_USER_UNKNOWN, or what keeps the directory from being read if an administrator must act.
     */
    async find(key: string, who: Who): Promise<PresenceUser | undefined> {
        if (this.#loadedAt === 0 && (await this.#ready(key)) === 'replaced') return undefined;
        const user = this.#directory.find(who);
        if (user) return user;
        if (this.#clock.now() - this.#loadedAt > unknownInterval) {
            await this.#load();
            const joined = this.#directory.find(who);
            if (joined) return joined;
        }
        throw new SyncError('TEAMS_USER_UNKNOWN', { user: key });
    }

    #ready(key: string): Promise<'ready' | 'replaced'> {
        if (this.#state.phase === 'stopped') return Promise.resolve('replaced');
        if (this.#state.phase === 'failed') return Promise.reject(this.#state.error);
        this.#waiting.get(key)?.resolve('replaced');
        return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject }));
    }

    #load(): Promise<void> {
        this.#loading ??= this.#loadOnce().finally(() => {
            this.#loading = undefined;
        });
        return this.#loading;
    }

    async #loadOnce(): Promise<void> {
        this.#clock.cancel(this.#timer);
        try {
            await this.#directory.load();
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (this.#state.phase !== 'stopped') this.#failed(error);
            throw error;
        }
        if (this.#state.phase === 'stopped') return;
        this.#loadedAt = this.#clock.now();
        this.#schedule.reset();
        this.#setState({ phase: 'online' });
        this.emit('loaded');
        this.#timer = this.#clock.after(refreshInterval, () => this.refresh());
        for (const { resolve } of this.#waiting.values()) resolve('ready');
        this.#waiting.clear();
    }

    #failed(error: SyncError): void {
        const outage = error.kind === 'outage';
        this.#setState({ phase: outage ? 'retrying' : 'failed', error });
        this.#timer = this.#clock.after(outage ? this.#schedule.next() : recheckAfter(error), () => this.refresh());
        if (outage) return;
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
    }

    #setState(state: ConnectionState): void {
        this.#state = state;
        this.emit('state', state);
    }
}
