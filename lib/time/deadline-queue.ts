import type { Clock, Timer } from './clock';

/**
 * Keys, each with the time at which it is due, on one timer. Setting and deleting cost next to nothing; a wake looks once
 * at every key, which for ten thousand leases takes a fraction of a millisecond. Times are monotonic.
 */
export class DeadlineQueue {
    readonly #clock: Clock;
    readonly #onDue: (keys: string[]) => void;
    readonly #step: number;
    readonly #times = new Map<string, number>();
    #timer: Timer | undefined;
    /** Infinite without a timer. */
    #timerDue = Number.POSITIVE_INFINITY;

    /**
     * @param onDue called with the keys that are due, the earliest first
     * @param step whatever falls due within this many ms is due together, at its end
     */
    constructor(options: { clock: Clock; onDue: (keys: string[]) => void; step: number }) {
        this.#clock = options.clock;
        this.#onDue = options.onDue;
        this.#step = options.step;
    }

    /** The key is due then, and no longer when it was before. What lies in the past is due with the next step. */
    set(key: string, at: number): void {
        const next = Math.floor(this.#clock.monotonic() / this.#step) + 1;
        const due = Math.max(Math.ceil(at / this.#step), next) * this.#step;
        this.#times.set(key, due);
        if (due < this.#timerDue) this.#wait(due);
    }

    delete(key: string): void {
        this.#times.delete(key);
    }

    /** Forgets everything. May be called twice. */
    stop(): void {
        this.#times.clear();
        this.#wait(Number.POSITIVE_INFINITY);
    }

    #wait(due: number): void {
        this.#clock.cancel(this.#timer);
        this.#timerDue = due;
        if (Number.isFinite(due)) this.#timer = this.#clock.after(due - this.#clock.monotonic(), () => this.#wake());
    }

    #wake(): void {
        const now = this.#clock.monotonic();
        const due: { key: string; at: number }[] = [];
        let next = Number.POSITIVE_INFINITY;
        for (const [key, at] of this.#times) {
            if (at <= now) due.push({ key, at });
            else if (at < next) next = at;
        }
        for (const { key } of due) this.#times.delete(key);
        this.#wait(next);
        if (due.length > 0) this.#onDue(due.sort((one, other) => one.at - other.at).map(({ key }) => key));
    }
}
