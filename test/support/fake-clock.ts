import type { Clock, Timer } from '../../lib/time/clock';

interface Pending {
    due: number;
    run: () => void;
}

/** A clock that stands still until {@link FakeClock.advance} moves it. */
export class FakeClock implements Clock {
    #now: number;
    readonly #pending = new Set<Pending>();

    constructor(start = Date.parse('2026-01-05T08:00:00Z')) {
        this.#now = start;
    }

    now(): number {
        return this.#now;
    }

    monotonic(): number {
        return this.#now;
    }

    date(): number {
        return this.now();
    }

    after(delay: number, run: () => void): Timer {
        const timer = { due: this.#now + Math.max(0, delay), run };
        this.#pending.add(timer);
        return timer;
    }

    cancel(timer: Timer | undefined): void {
        if (timer) this.#pending.delete(timer as Pending);
    }

    /** Number of timers that wait: a leak shows here. */
    get waiting(): number {
        return this.#pending.size;
    }

    /** Moves time on, running what falls due in order and letting everything come to rest after each. */
    async advance(ms: number, rest: () => Promise<void> = settle): Promise<void> {
        const end = this.#now + ms;
        await rest();
        for (;;) {
            const next = [...this.#pending].filter(timer => timer.due <= end).sort((a, b) => a.due - b.due)[0];
            if (!next) break;
            this.#pending.delete(next);
            this.#now = Math.max(this.#now, next.due);
            next.run();
            await rest();
        }
        this.#now = end;
    }
}

/** Lets everything that needs no timer and no network finish. */
export async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve));
}
