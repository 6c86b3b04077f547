import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../../errors/errors';
import type { PresenceUser } from '../../presence/message';
import type { ConnectionState } from '../../support/connection-state';
import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { firstThatWorks, type Sender } from '../connection/graph-client';
import { attemptAfter } from '../connection/sign-in/sign-in-error';
import { type SharedAddress, type UserDifference, UserDirectory } from './user-directory';
import { UserFeed } from './user-feed';

interface Events {
    state: [ConnectionState];
    /** All users are known: once after the first use began, and again after a pause. */
    loaded: [];
    /** Users came, left, or changed in name, address, plans or kind; only after `loaded`. */
    change: [UserDifference];
    /** Addresses that several users have: all of them, whenever there is a new one. */
    shared: [SharedAddress[]];
}

/** What is known of the users of a tenant. */
export interface KnownUsers extends Pick<DirectoryReader, 'loaded'> {
    users: Pick<UserDirectory, 'byId' | 'plansOf'>;
}

/** Changes are read this often, and for an unknown user at most this often, in ms. */
const changesInterval = 5 * 60_000;
const unknownInterval = 60_000;

/**
 * Reads the users of a tenant, one reader for all its registrations, while it is used: all users at first, then
 * every 5 minutes what has changed. What was known stays while it cannot be read.
 */
export class DirectoryReader extends EventEmitter<Events> {
    /** Sends in the name of the first source that works. */
    readonly sender: Sender;
    /** As they were read last. */
    readonly users = new UserDirectory();
    readonly #clock: Clock;
    readonly #schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 });
    readonly #feed = new UserFeed(this.users);
    /** Where messages wait until the directory is read: of each key the newest. */
    readonly #waiting = new Map<string, (outcome: 'loaded' | 'replaced' | SyncError) => void>();
    readonly #sources: Sender[] = [];
    readonly #planWishes = new Set<object>();
    #state: ConnectionState = { phase: 'stopped' };
    #reading: Promise<void> | undefined;
    /** Counts starts and stops, so that an answer that comes too late is known. */
    #run = 0;
    #readAt = Number.NEGATIVE_INFINITY;
    #loaded = false;
    #toldShared = '';
    #timer: Timer | undefined;

    constructor({ clock }: { clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#clock = clock;
        this.sender = firstThatWorks(this.#sources);
    }

    get state(): ConnectionState {
        return this.#state;
    }

    /** True once all users are known, also while they cannot be read again. */
    get loaded(): boolean {
        return this.#loaded;
    }

    /** True where the users were read with their service plans. */
    get hasPlans(): boolean {
        return this.#feed.hasPlans;
    }

    /**
     * Reading begins with the first use and ends with the last; requests go through the first source that works.
     * @returns the function that ends this use; it may be called twice
     */
    use(source: Sender): () => void {
        // The same source may be used twice.
        const use: Sender = { send: request => source.send(request) };
        this.#sources.push(use);
        if (this.#sources.length === 1) this.#start();
        else if (this.#state.phase === 'failed') this.refresh();
        return () => {
            if (!this.#sources.includes(use)) return;
            this.#sources.splice(this.#sources.indexOf(use), 1);
            if (this.#sources.length === 0) this.#stop();
        };
    }

    /**
     * Reads the service plans of all users too, which makes the answers many times as long.
     * @returns the function that ends the wish
     */
    wantPlans(): () => void {
        const wish = {};
        this.#planWishes.add(wish);
        if (this.#loaded && this.#lacksPlans) this.refresh();
        return () => void this.#planWishes.delete(wish);
    }

    /** Reads what has changed. */
    refresh(): void {
        if (this.#state.phase !== 'stopped') this.#read().catch(() => {});
    }

    /**
     * What `find` finds once the directory has been read. Undefined if a newer call with the same `key` came while
     * waiting, or the last use has ended.
     * @param name names the user in an error
     * @throws SyncError TEAMS_USER_UNKNOWN, or what keeps the directory from being read if an administrator must act.
     */
    async findWhenLoaded(
        key: string,
        find: () => PresenceUser | undefined,
        name = key,
    ): Promise<PresenceUser | undefined> {
        if (!this.#loaded || this.#state.phase === 'stopped') {
            if (this.#state.phase === 'stopped') return undefined;
            if (this.#state.phase === 'failed') throw this.#state.error;
            this.#waiting.get(key)?.('replaced');
            const outcome = await new Promise(resolve => this.#waiting.set(key, resolve));
            if (outcome instanceof SyncError) throw outcome;
            if (outcome === 'replaced') return undefined;
        }
        const user = find();
        if (user) return user;
        // A directory that cannot be read has a timetable of its own; what it knew last is all there is to say.
        if (this.#state.phase === 'online' && this.#clock.monotonic() - this.#readAt > unknownInterval) {
            await this.#read().catch(() => {});
            const joined = find();
            if (joined) return joined;
        }
        throw new SyncError('TEAMS_USER_UNKNOWN', { user: name });
    }

    #release(outcome: 'loaded' | 'replaced' | SyncError): void {
        for (const resolve of this.#waiting.values()) resolve(outcome);
        this.#waiting.clear();
    }

    #start(): void {
        this.#run += 1;
        this.#reading = undefined;
        this.#schedule.reset();
        this.#setState({ phase: 'connecting' });
        this.refresh();
    }

    #stop(): void {
        this.#run += 1;
        this.#loaded = false;
        this.#clock.cancel(this.#timer);
        this.#setState({ phase: 'stopped' });
        this.#release('replaced');
    }

    #read(): Promise<void> {
        if (this.#reading) return this.#reading;
        const run = this.#run;
        const reading = this.#readOnce(run).finally(() => {
            if (this.#reading === reading) this.#reading = undefined;
        });
        this.#reading = reading;
        return reading;
    }

    async #readOnce(run: number): Promise<void> {
        this.#clock.cancel(this.#timer);
        const sources = [...this.#sources];
        try {
            const apply = await this.#feed.read(this.sender, this.#planWishes.size > 0);
            if (run === this.#run) this.#succeeded(apply());
        } catch (thrown) {
            // Another source has come meanwhile, and may work, or the one that has failed is none any more.
            const isChanged =
                sources.length !== this.#sources.length || sources.some(each => !this.#sources.includes(each));
            const error = toSyncError(thrown);
            // What was waited for so long in vain is told before anything else is tried.
            if (run === this.#run && isChanged && error.code !== 'TEAMS_TIMEOUT') return this.#readOnce(run);
            if (run === this.#run) this.#failed(error);
            throw error;
        }
        // A scope may have begun to want the plans while they were not read.
        if (run === this.#run && this.#lacksPlans) await this.#readOnce(run);
    }

    get #lacksPlans(): boolean {
        return this.#planWishes.size > 0 && !this.hasPlans;
    }

    #succeeded(difference: UserDifference): void {
        const isFirst = !this.#loaded;
        this.#readAt = this.#clock.monotonic();
        this.#loaded = true;
        this.#schedule.reset();
        this.#timer = this.#clock.after(changesInterval, () => this.refresh());
        this.#setState({ phase: 'online' });
        if (isFirst) this.emit('loaded');
        else if (Object.values(difference).some(users => users.length > 0)) this.emit('change', difference);
        this.#tellShared();
        this.#release('loaded');
    }

    #tellShared(): void {
        const shared = this.users.shared();
        const addresses = shared.map(({ address }) => address).join();
        if (addresses && addresses !== this.#toldShared) this.emit('shared', shared);
        this.#toldShared = addresses;
    }

    #failed(error: SyncError): void {
        const outage = error.kind === 'outage';
        this.#timer = this.#clock.after(attemptAfter(error, this.#schedule), () => this.refresh());
        this.#setState({ phase: outage ? 'retrying' : 'failed', error });
        if (!outage) this.#release(error);
    }

    #setState(state: ConnectionState): void {
        const isNews = state.phase !== this.#state.phase || 'error' in state;
        this.#state = state;
        if (isNews) this.emit('state', state);
    }
}
