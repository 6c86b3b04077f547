import { EventEmitter } from 'node:events';
import { type SyncError, toSyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { GraphRefusal } from '../connection/graph-error';
import { bulksOf, longestBulk } from '../connection/read-presence';
import { attemptAfter } from '../connection/sign-in/sign-in-error';
import type { Following } from './following';

interface Events {
    /** {@link SteadyReading.error} or {@link SteadyReading.complete} has changed. */
    state: [];
    /** Reading works again, and all users have been read. */
    recovered: [];
}

/**
 * Reads that never reject. A bulk that got no answer is read again at once, since most of what fails once is a lost
 * connection. What fails twice waits, with everything else that is to be read meanwhile, for a bulk that works; where
 * nothing could be read at all, all users are read then.
 */
export class SteadyReading extends EventEmitter<Events> {
    readonly #following: Following;
    readonly #clock: Clock;
    readonly #schedule: RetrySchedule;
    /** Ids of users who wait to be read; those whose read failed last are at the end. */
    readonly #unread = new Set<string>();
    #error: SyncError | undefined;
    #complete = false;
    #timer: Timer | undefined;
    #stopped = false;

    constructor(options: { following: Following; clock: Clock; random?: () => number }) {
        super();
        this.#following = options.following;
        this.#clock = options.clock;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 }, options.random);
    }

    /** What keeps presence from being read now. */
    get error(): SyncError | undefined {
        return this.#error;
    }

    /** True once all users have been read. */
    get complete(): boolean {
        return this.#complete;
    }

    stop(): void {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
    }

    /** @returns ids of users who show something else than before; none while nothing can be read */
    async read(userIds: Iterable<string>): Promise<readonly string[]> {
        if (this.#stopped) return [];
        for (const id of userIds) this.#unread.add(id);
        if (this.#error) return [];
        const { changed, failure, worked } = await this.#attempt();
        // Of many reads that fail together the first counts.
        if (failure && !this.#error) this.#failed(failure, worked);
        return changed;
    }

    /** At start, and after a gap. */
    async readAll(): Promise<void> {
        await this.read(this.#following.users.keys());
        if (this.#error || this.#stopped) return;
        this.#schedule.reset();
        if (this.#complete) return;
        this.#complete = true;
        this.emit('state');
    }

    /** Reads users who wait, `most` of them; a user who could not be read waits again. */
    async #attempt(most = this.#unread.size): Promise<Attempt> {
        const ids = [...this.#unread].slice(0, most);
        for (const id of ids) this.#unread.delete(id);
        const attempt: Attempt = { changed: [], failure: undefined, worked: false };
        const read = async (bulk: string[]): Promise<void> => {
            try {
                attempt.changed.push(...(await this.#readTwice(bulk)));
                attempt.worked = true;
            } catch (thrown) {
                attempt.failure ??= toSyncError(thrown);
                for (const id of bulk) this.#unread.add(id);
            }
        };
        await Promise.all(bulksOf(ids).map(read));
        return attempt;
    }

    /** What Graph has answered with an error was repeated already, as far as that makes sense. */
    async #readTwice(bulk: string[]): Promise<string[]> {
        const via = this.#complete ? 'poll' : 'snapshot';
        try {
            return await this.#following.readSome(bulk, via);
        } catch (thrown) {
            const { kind, code } = toSyncError(thrown);
            // Who has waited so long for a silent server has waited long enough.
            const isUnanswered = kind === 'outage' && code !== 'TEAMS_TIMEOUT' && !(thrown instanceof GraphRefusal);
            if (!isUnanswered || this.#stopped) throw thrown;
            return await this.#following.readSome(bulk, via);
        }
    }

    /** @param worked false: what was notified while nothing could be read may be lost, so all users wait */
    #failed(error: SyncError, worked: boolean): void {
        if (this.#stopped) return;
        const isNews = error.message !== this.#error?.message;
        this.#error = error;
        if (!worked) for (const id of this.#following.users.keys()) this.#unread.add(id);
        this.#timer = this.#clock.after(attemptAfter(error, this.#schedule), () => {
            this.#probe().catch(() => {});
        });
        if (isNews) this.emit('state');
    }

    async #probe(): Promise<void> {
        let { failure, worked } = await this.#attempt(longestBulk);
        while (!failure && this.#unread.size > 0 && !this.#stopped) ({ failure } = await this.#attempt());
        if (failure) return this.#failed(failure, worked);
        if (this.#stopped) return;
        this.#error = undefined;
        this.#complete = true;
        this.#schedule.reset();
        this.emit('state');
        this.emit('recovered');
    }
}

interface Attempt {
    /** Users who show something else than before. */
    changed: string[];
    /** What made the first of the bulks fail. */
    failure: SyncError | undefined;
    /** Whether any bulk has been read. */
    worked: boolean;
}
