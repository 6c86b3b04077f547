import type { Clock, Timer } from '../../lib/time/clock';

interface Pending {
    due: number;
    run: () => void;
}

/** Where the monotonic clock begins: early, as just after a start of the host, and unlike any date. */
const origin = 1_000;
/** Three thirds of a second may be a little more than a second, in ms. */
const rounding = 0.001;

/** The clock of one host, and of others. It stands still until {@link FakeClock.advance} moves it. */
export class FakeClock implements Clock {
    readonly #start: number;
    #monotonic = origin;
    /** What the monotonic clock has missed. */
    #slept = 0;
    /** By how much the date is wrong. */
    #stepped = 0;
    readonly #pending = new Set<Pending>();
    readonly #pendingElsewhere = new Set<Pending>();

    constructor(start = Date.parse('2026-01-05T08:00:00Z')) {
        this.#start = start;
    }

    monotonic(): number {
        return this.#monotonic;
    }

    date(): number {
        return this.#start - origin + this.#world + this.#stepped;
    }

    after(delay: number, run: () => void): Timer {
        return add(this.#pending, this.#monotonic, delay, run);
    }

    cancel(timer: Timer | undefined): void {
        if (timer) this.#pending.delete(timer as Pending);
    }

    /** Number of timers that wait: a leak shows here. */
    get waiting(): number {
        return this.#pending.size;
    }

    /** Number of timers of other hosts that wait. */
    get waitingElsewhere(): number {
        return this.#pendingElsewhere.size;
    }

    /** The clock of another host, such as a server: it goes on while this one sleeps, and its date is right. */
    get elsewhere(): Clock {
        return {
            monotonic: () => this.#world,
            date: () => this.#start - origin + this.#world,
            after: (delay, run) => add(this.#pendingElsewhere, this.#world, delay, run),
            cancel: timer => void (timer && this.#pendingElsewhere.delete(timer as Pending)),
        };
    }

    /** Moves time on, running what falls due in order and letting everything come to rest after each. */
    async advance(ms: number, rest: () => Promise<void> = settle): Promise<void> {
        await this.#pass(ms, 'awake', rest);
    }

    /** The date is set, by an administrator or a time service: `by` ms forward, or back where negative. */
    stepDate(by: number): void {
        this.#stepped += by;
    }

    /** The host sleeps: the date goes on; the monotonic clock, and with it all timers, stand still. */
    async sleep(ms: number): Promise<void> {
        await this.#pass(ms, 'asleep');
    }

    /** The process is stopped, as by SIGSTOP: both clocks go on, and what falls due meanwhile runs late. */
    async freeze(ms: number): Promise<void> {
        await this.#pass(ms, 'frozen');
    }

    /** What a clock shows that never stood still. */
    get #world(): number {
        return this.#monotonic + this.#slept;
    }

    async #pass(ms: number, how: 'awake' | 'asleep' | 'frozen', rest = settle): Promise<void> {
        const end = this.#world + ms;
        await rest();
        for (;;) {
            const elsewhere = nextOf(this.#pendingElsewhere, this.#world);
            const here = how === 'awake' ? nextOf(this.#pending, this.#monotonic) : undefined;
            const next = here && (!elsewhere || here.left <= elsewhere.left) ? here : elsewhere;
            if (!next || this.#world + next.left > end + rounding) break;
            this.#goOn(next.left, how === 'asleep');
            next.take();
            await rest();
        }
        this.#goOn(Math.max(0, end - this.#world), how === 'asleep');
    }

    #goOn(by: number, isAsleep: boolean): void {
        if (isAsleep) this.#slept += by;
        else this.#monotonic += by;
    }
}

function add(pending: Set<Pending>, now: number, delay: number, run: () => void): Pending {
    const timer = { due: now + Math.max(0, delay), run };
    pending.add(timer);
    return timer;
}

/** What falls due first, and in how many ms. */
function nextOf(pending: Set<Pending>, now: number): { left: number; take: () => void } | undefined {
    let next: Pending | undefined;
    for (const timer of pending) if (!next || timer.due < next.due) next = timer;
    if (!next) return undefined;
    const { due, run } = next;
    const take = (): void => {
        pending.delete(next);
        run();
    };
    return { left: Math.max(0, due - now), take };
}

/** Lets everything that needs no timer and no network finish. */
export async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve));
}
