import type { Clock } from './clock';

/**
 * Milliseconds that go on from the time of day at the construction, and never back: a clock that is set back stops them
 * for no longer than until they are asked for again.
 */
export class SteadyTime {
    readonly #clock: Clock;
    #seenAt: number;
    #time: number;

    constructor(clock: Clock) {
        this.#clock = clock;
        this.#seenAt = this.#time = clock.monotonic();
    }

    /**
     * @param most what it can be at most, because a timer for then still waits: a clock that is set forward counts no
     *   further, and one that is set back as much
     */
    now(most?: number): number {
        const seen = this.#clock.monotonic();
        const passed = seen - this.#seenAt;
        this.#seenAt = seen;
        const counted = passed < 0 ? (most ?? this.#time) : Math.min(this.#time + passed, most ?? Infinity);
        this.#time = Math.max(this.#time, counted);
        return this.#time;
    }

    /** A timer for then has run: it is that time at least, whatever the clock says. */
    reach(time: number): void {
        this.#seenAt = this.#clock.monotonic();
        this.#time = Math.max(this.#time, time);
    }

    /** What a time of day is in it, by the clock as it was last seen. */
    of(timeOfDay: number): number {
        return timeOfDay - this.#seenAt + this.#time;
    }
}
