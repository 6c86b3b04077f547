import type { SyncError } from '../../../errors/errors';
import type { Clock } from '../../../time/clock';
import { RetrySchedule } from '../../../time/retry-schedule';
import { attemptAfter } from '../../connection/sign-in/sign-in-error';

/** Graph refuses a create for a while after the delete of its predecessor: no cause to alarm an administrator. In ms. */
const settlingTime = 15_000;
/** Pause after a refused create that proves nothing yet, in ms. */
const doubtfulPause = 1_000;

/** When the next request for a subscription may be made. Times are monotonic. */
export class Attempts {
    readonly #clock: Clock;
    readonly #schedule: RetrySchedule;
    #notBefore = 0;
    #deletedAt = Number.NEGATIVE_INFINITY;

    constructor(clock: Clock, random: () => number) {
        this.#clock = clock;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 }, random);
    }

    /** No request before this time. */
    get notBefore(): number {
        return this.#notBefore;
    }

    /** A subscription was deleted just now: Graph may still stumble over it. */
    get isSettling(): boolean {
        return this.#clock.monotonic() - this.#deletedAt < settlingTime;
    }

    failed(error: SyncError): void {
        this.#notBefore = this.#clock.monotonic() + attemptAfter(error, this.#schedule);
    }

    /** A create was refused for a reason that proves nothing yet. */
    refused({ isSearching }: { isSearching: boolean }): void {
        const now = this.#clock.monotonic();
        if (!this.isSettling) this.#notBefore = now + doubtfulPause;
        // In a search every refusal counts, so it had better be one.
        else if (isSearching) this.#notBefore = this.#deletedAt + settlingTime;
        else this.#notBefore = now + this.#schedule.next();
    }

    worked(): void {
        this.atOnce();
        this.#schedule.reset();
    }

    /** Waits no longer. */
    atOnce(): void {
        this.#notBefore = 0;
    }

    deleted(): void {
        this.#deletedAt = this.#clock.monotonic();
    }
}
