import type { Clock, Timer } from '../../lib/time/clock';

interface Pending {
    due: number;
    run: () => void;
}

/** Where the monotonic clock begins: early, as just after a start of the host, and unlike any date. */
const origin = 1_000;

/** The clock of one host. It stands still until {@link FakeClock.advance} moves it. */
export class FakeClock implements Clock {
    #monotonic = origin;
    /** By how much the date is ahead of the monotonic clock. */
    #ahead: number;
    readonly #pending = new Set<Pending>();

    constructor(start = Date.parse('2026-01-05T08:00:00Z')) {
        this.#ahead = start - origin;
    }

    monotonic(): number {
        return this.#monotonic;
    }

    date(): number {
        return this.#monotonic + this.#ahead;
    }

    after(delay: number, run: () => void): Timer {
        const due = this.#monotonic + Math.max(0, delay);
        // To the microsecond, so that thirds of a second add up.
        const timer = { due: Math.round(due * 1_000) / 1_000, run };
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
        const end = this.#monotonic + ms;
        await rest();
        for (;;) {
            const next = [...this.#pending].filter(timer => timer.due <= end).sort((a, b) => a.due - b.due)[0];
            if (!next) break;
            this.#pending.delete(next);
            this.#monotonic = Math.max(this.#monotonic, next.due);
            next.run();
            await rest();
        }
        this.#monotonic = end;
    }

    /** The date is set, by an administrator or a time service: `by` ms forward, or back where negative. */
    stepDate(by: number): void {
        this.#ahead += by;
    }

    /** The host sleeps: the date goes on; the monotonic clock, and with it all timers, stand still. */
    sleep(ms: number): void {
        this.#ahead += ms;
    }

    /** The process is stopped, as by SIGSTOP: both clocks go on, and what falls due meanwhile runs late. */
    freeze(ms: number): void {
        this.#monotonic += ms;
    }
}

/** Lets everything that needs no timer and no network finish. */
export async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve));
}
