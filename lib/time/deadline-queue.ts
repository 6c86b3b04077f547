import { Alarm } from './alarm';
import type { Clock } from './clock';

/**
 * Keys, each with the time at which it is due, in one order and on one timer: ten thousand leases cost little more per
 * tick than one. Times are monotonic.
 */
export class DeadlineQueue {
    readonly #clock: Clock;
    readonly #onDue: (keys: string[]) => void;
    readonly #step: number;
    readonly #times = new Map<string, number>();
    /** The keys that are due at a time. Times are whole steps, so there are few of them. */
    readonly #keys = new Map<number, Set<string>>();
    /** It may come for a key that is due later by now, which costs nothing. */
    readonly #next: Alarm;

    /**
     * @param onDue called with the keys that are due, the earliest first
     * @param step whatever falls due within this many ms is due together, at its end
     */
    constructor(options: { clock: Clock; onDue: (keys: string[]) => void; step: number }) {
        this.#clock = options.clock;
        this.#onDue = options.onDue;
        this.#step = options.step;
        this.#next = new Alarm(options.clock, () => this.#wake());
    }

    /** The key is due then, and no longer when it was before. What lies in the past is due with the next step. */
    set(key: string, at: number): void {
        const next = Math.floor(this.#clock.monotonic() / this.#step) + 1;
        const due = Math.max(Math.ceil(at / this.#step), next) * this.#step;
        if (this.#times.get(key) === due) return;
        this.delete(key);
        this.#times.set(key, due);
        const keys = this.#keys.get(due) ?? new Set();
        this.#keys.set(due, keys.add(key));
        this.#next.set(due - this.#clock.monotonic());
    }

    has(key: string): boolean {
        return this.#times.has(key);
    }

    delete(key: string): void {
        const due = this.#times.get(key);
        if (due === undefined) return;
        this.#times.delete(key);
        const keys = this.#keys.get(due)!;
        keys.delete(key);
        if (keys.size === 0) this.#keys.delete(due);
    }

    /** Forgets everything. May be called twice. */
    stop(): void {
        this.#times.clear();
        this.#keys.clear();
        this.#next.stop();
    }

    #wake(): void {
        const now = this.#clock.monotonic();
        const times = [...this.#keys.keys()].filter(time => time <= now).sort((a, b) => a - b);
        const due = times.flatMap(time => [...this.#keys.get(time)!]);
        for (const key of due) this.delete(key);
        if (due.length > 0) this.#onDue(due);
        let next = Number.POSITIVE_INFINITY;
        for (const time of this.#keys.keys()) next = Math.min(next, time);
        if (next < Number.POSITIVE_INFINITY) this.#next.set(next - this.#clock.monotonic());
    }
}
