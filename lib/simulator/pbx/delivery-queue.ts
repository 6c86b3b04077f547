import type { Clock, Timer } from '../../time/clock';

interface Step {
    due: number;
    run(): void;
}

/** Runs steps late and in the order in which they came, with one timer for all of them. */
export class DeliveryQueue {
    readonly #clock: Clock;
    #steps: Step[] = [];
    /** Index of the next step in the list; those before it have run. */
    #next = 0;
    #timer: Timer | undefined;

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    /** Runs `run` after `delay` ms, and never before an earlier step; at once where nothing is to be waited for. */
    push(delay: number, run: () => void): void {
        const last = this.#steps.at(-1);
        if (delay <= 0 && !last) return run();
        this.#steps.push({ due: Math.max(this.#clock.monotonic() + delay, last?.due ?? 0), run });
        this.#wait();
    }

    /** Forgets every step that has not run; may be called twice. */
    clear(): void {
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        this.#steps = [];
        this.#next = 0;
    }

    #wait(): void {
        this.#timer ??= this.#clock.after(this.#steps[this.#next]!.due - this.#clock.monotonic(), () => {
            this.#timer = undefined;
            this.#run();
        });
    }

    #run(): void {
        const now = this.#clock.monotonic();
        while (this.#next < this.#steps.length && this.#steps[this.#next]!.due <= now) {
            this.#steps[this.#next++]!.run();
        }
        if (this.#next >= this.#steps.length) return this.clear();
        this.#steps = this.#steps.slice(this.#next);
        this.#next = 0;
        this.#wait();
    }
}
