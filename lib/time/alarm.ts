import type { Clock, Timer } from './clock';

/** Something that is to be done later, once: at the earliest of the times that it was asked for. */
export class Alarm {
    readonly #clock: Clock;
    readonly #run: () => void;
    #timer: Timer | undefined;
    /** Monotonic. */
    #due = 0;

    constructor(clock: Clock, run: () => void) {
        this.#clock = clock;
        this.#run = run;
    }

    get isSet(): boolean {
        return this.#timer !== undefined;
    }

    /** It is done in so many ms, or sooner where that was asked for before. */
    set(delay: number): void {
        const due = this.#clock.monotonic() + delay;
        if (this.#timer && this.#due <= due) return;
        this.stop();
        this.#due = due;
        this.#timer = this.#clock.after(Math.max(0, delay), () => {
            this.#timer = undefined;
            this.#run();
        });
    }

    /** It is not done. May be called twice, and set again. */
    stop(): void {
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
    }
}
