import type { Clock, Timer } from './clock';

/** Does one thing again and again and never twice at the same time: what takes longer than the interval slows it down. */
export class Interval {
    readonly #clock: Clock;
    readonly #interval: () => number;
    readonly #run: () => Promise<void>;
    #timer: Timer | undefined;
    #running = false;
    #stopped = true;

    /** @param options.interval ms from one start to the next; @param options.run must not reject */
    constructor(options: { clock: Clock; interval: () => number; run: () => Promise<void> }) {
        this.#clock = options.clock;
        this.#interval = options.interval;
        this.#run = options.run;
    }

    /** Begins, or begins anew: the first time is one interval from now. */
    start(): void {
        this.#stopped = false;
        this.#clock.cancel(this.#timer);
        if (!this.#running) this.#wait(this.#interval());
    }

    /** What is under way goes on to its end. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
    }

    #wait(delay: number): void {
        this.#timer = this.#clock.after(delay, () => void this.#once());
    }

    async #once(): Promise<void> {
        const startedAt = this.#clock.monotonic();
        this.#running = true;
        await this.#run().catch(() => {});
        this.#running = false;
        if (!this.#stopped) this.#wait(startedAt + this.#interval() - this.#clock.monotonic());
    }
}
