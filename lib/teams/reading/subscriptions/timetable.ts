import type { Clock, Timer } from '../../../time/clock';

interface Entry {
    /** Monotonic. */
    at: number;
    run: () => void;
}

/**
 * Calls that fall due, one for each key, to the millisecond and on a single timer. Meant for some dozens of them; for
 * thousands of keys that fall due in batches there is the deadline queue in lib/time.
 */
export class Timetable {
    readonly #clock: Clock;
    readonly #entries = new Map<unknown, Entry>();
    #timer: Timer | undefined;
    #timerDue = Number.POSITIVE_INFINITY;

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    /** Runs at this monotonic time, in place of what the key stood for. `run` must not throw. */
    put(key: unknown, at: number, run: () => void): void {
        this.#entries.set(key, { at, run });
        this.#setTimer();
    }

    /** When the key's entry falls due; undefined if there is none. */
    dueAt(key: unknown): number | undefined {
        return this.#entries.get(key)?.at;
    }

    remove(key: unknown): void {
        if (this.#entries.delete(key)) this.#setTimer();
    }

    clear(): void {
        this.#entries.clear();
        this.#setTimer();
    }

    #setTimer(): void {
        const due = Math.min(...[...this.#entries.values()].map(({ at }) => at));
        if (due === this.#timerDue) return;
        this.#clock.cancel(this.#timer);
        this.#timerDue = due;
        this.#timer = Number.isFinite(due)
            ? this.#clock.after(due - this.#clock.monotonic(), () => this.#fire())
            : undefined;
    }

    #fire(): void {
        const now = this.#clock.monotonic();
        this.#timerDue = Number.POSITIVE_INFINITY;
        for (const [key, entry] of [...this.#entries]) {
            if (entry.at > now || this.#entries.get(key) !== entry) continue;
            this.#entries.delete(key);
            entry.run();
        }
        this.#setTimer();
    }
}
