import { Alarm } from './alarm';
import type { Clock } from './clock';

/** Does one thing again and again and never twice at the same time: what takes longer than the interval slows it down. */
export class Interval {
    readonly #clock: Clock;
    readonly #interval: () => number;
    readonly #run: () => Promise<void>;
    readonly #next: Alarm;
    #running = false;
    #stopped = true;

    /** @param options.interval ms from one start to the next; @param options.run must not reject */
    constructor(options: { clock: Clock; interval: () => number; run: () => Promise<void> }) {
        this.#clock = options.clock;
        this.#interval = options.interval;
        this.#run = options.run;
        this.#next = new Alarm(options.clock, () => void this.#once());
    }

    /** Begins, or begins anew: the first time is one interval from now. */
    start(): void {
        this.#stopped = false;
        this.#next.stop();
        if (!this.#running) this.#next.set(this.#interval());
    }

    /** What is under way goes on to its end. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#next.stop();
    }

    async #once(): Promise<void> {
        const startedAt = this.#clock.monotonic();
        this.#running = true;
        await this.#run().catch(() => {});
        this.#running = false;
        if (!this.#stopped) this.#next.set(startedAt + this.#interval() - this.#clock.monotonic());
    }
}
