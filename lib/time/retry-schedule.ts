/** A retry policy as data; durations in milliseconds. */
export interface RetryPolicy {
    /** The first wait. */
    first: number;
    /** Each wait is this many times the one before. */
    factor: number;
    /** No wait is longer than this, jitter aside. */
    longest: number;
    /** Share of each wait that is random, 0 to 1: peers that failed together must not come back together. */
    jitter: number;
}

/** Waits between attempts: grows to a ceiling and never gives up. */
export class RetrySchedule {
    readonly #policy: RetryPolicy;
    readonly #random: () => number;
    #wait: number;

    constructor(policy: RetryPolicy, random: () => number = Math.random) {
        this.#policy = policy;
        this.#random = random;
        this.#wait = policy.first;
    }

    /** Milliseconds to wait before the next attempt. */
    next(): number {
        const { factor, longest, jitter } = this.#policy;
        const wait = this.#wait;
        this.#wait = Math.min(longest, wait * factor);
        return Math.round(wait * (1 - jitter / 2 + jitter * this.#random()));
    }

    /** To be called once the connection has been stable, not as soon as it stands. */
    reset(): void {
        this.#wait = this.#policy.first;
    }
}
