import { EventEmitter } from 'node:events';
import { type SyncError, toSyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { longestBulk } from '../connection/read-presence';
import { attemptAfter } from '../connection/sign-in/recheck';
import type { Following } from './following';

interface Events {
    /** {@link SteadyReading.error} or {@link SteadyReading.complete} has changed. */
    state: [];
    /** Reading works again, and everybody has been read. */
    recovered: [];
}

/**
 * Reads that never reject. While nothing can be read one bulk is tried now and then; once that works, everybody is
 * read: whatever should have been read meanwhile is among them.
 */
export class SteadyReading extends EventEmitter<Events> {
    readonly #following: Following;
    readonly #clock: Clock;
    readonly #schedule: RetrySchedule;
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

    /** True once everybody has been read. */
    get complete(): boolean {
        return this.#complete;
    }

    stop(): void {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
    }

    /** @returns those who show something else than before; nobody while nothing can be read */
    async read(userIds: readonly string[]): Promise<readonly string[]> {
        if (this.#error || this.#stopped) return [];
        try {
            return await this.#following.readSome(userIds, this.#via);
        } catch (thrown) {
            this.#failed(toSyncError(thrown));
            return [];
        }
    }

    /** Reads everybody: at start, and after a gap. */
    async readEverybody(): Promise<void> {
        if (this.#error || this.#stopped) return;
        try {
            await this.#following.readAll(this.#via);
        } catch (thrown) {
            this.#failed(toSyncError(thrown));
            return;
        }
        this.#schedule.reset();
        if (this.#complete || this.#stopped) return;
        this.#complete = true;
        this.emit('state');
    }

    get #via(): 'snapshot' | 'poll' {
        return this.#complete ? 'poll' : 'snapshot';
    }

    #failed(error: SyncError): void {
        // Of many reads that fail together the first counts.
        if (this.#error || this.#stopped) return;
        this.#error = error;
        this.#wait(error);
        this.emit('state');
    }

    #wait(error: SyncError): void {
        this.#timer = this.#clock.after(attemptAfter(error, this.#schedule), () => {
            this.#probe().catch(() => {});
        });
    }

    async #probe(): Promise<void> {
        try {
            await this.#following.readSome(this.#oneBulk(), this.#via);
            if (this.#stopped) return;
            await this.#following.readAll(this.#via);
        } catch (thrown) {
            this.#stillFailing(toSyncError(thrown));
            return;
        }
        if (this.#stopped) return;
        this.#error = undefined;
        this.#complete = true;
        this.#schedule.reset();
        this.emit('state');
        this.emit('recovered');
    }

    #stillFailing(error: SyncError): void {
        if (this.#stopped) return;
        const isAnother = error.message !== this.#error?.message;
        this.#error = error;
        this.#wait(error);
        if (isAnother) this.emit('state');
    }

    #oneBulk(): string[] {
        const userIds: string[] = [];
        for (const id of this.#following.ids()) {
            if (userIds.push(id) === longestBulk) break;
        }
        return userIds;
    }
}
