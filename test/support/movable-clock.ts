import { type Clock, systemClock, type Timer } from '../../lib/time/clock';

/** What can be done to the time of a process; all in milliseconds. */
export type Move =
    /** Time goes by, in no time: both clocks go on, and what falls due runs. */
    | { pass: number }
    /** The date is set, back where negative. */
    | { stepDate: number }
    /**
     * The host sleeps: the date goes on, the monotonic clock and all timers stand still. The process is stopped until
     * it gets SIGCONT, whenever that is.
     */
    | { sleep: number };

interface Waiting {
    due: number;
    run: () => void;
    timeout?: NodeJS.Timeout;
}

const longestDelay = 2 ** 31 - 1;
/** The clock of the process jumps by more than this many ms once it goes on after a stop. */
const shortestStop = 50;

/** A clock that goes on as the system's does, and can be moved besides. */
export class MovableClock implements Clock {
    readonly #realDate = Date.now;
    readonly #waiting = new Set<Waiting>();
    #passed = 0;
    #dateAhead: number;

    /** @param dateAhead by how many ms the date is ahead of the machine's own */
    constructor(dateAhead = 0) {
        this.#dateAhead = dateAhead;
    }

    monotonic(): number {
        return performance.now() + this.#passed;
    }

    date(): number {
        return this.#realDate.call(Date) + this.#dateAhead;
    }

    after(delay: number, run: () => void): Timer {
        const waiting: Waiting = { due: this.monotonic() + Math.max(0, delay), run };
        this.#waiting.add(waiting);
        this.#wait(waiting);
        return waiting;
    }

    cancel(timer: Timer | undefined): void {
        if (!timer) return;
        clearTimeout((timer as Waiting).timeout);
        this.#waiting.delete(timer as Waiting);
    }

    /** Takes the place of the system's clock in this process: that of the library, and the date of everything else. */
    install(): void {
        Object.assign(systemClock, {
            monotonic: () => this.monotonic(),
            date: () => this.date(),
            after: (delay, run) => this.after(delay, run),
            cancel: timer => this.cancel(timer),
        } satisfies Clock);
        Date.now = () => this.date();
        globalThis.Date = new Proxy(Date, {
            construct: (target, args, newTarget) =>
                Reflect.construct(target, args.length === 0 ? [this.date()] : args, newTarget),
        });
    }

    /** @param fallingAsleep called just before the process stops */
    move(move: Move, fallingAsleep: () => void): void {
        if ('stepDate' in move) {
            this.#dateAhead += move.stepDate;
        } else if ('pass' in move) {
            this.#passed += move.pass;
            this.#dateAhead += move.pass;
        } else {
            fallingAsleep();
            const stopped = stopUntilContinued();
            this.#passed -= stopped;
            this.#dateAhead += move.sleep - stopped;
        }
        for (const waiting of [...this.#waiting].sort((a, b) => a.due - b.due)) this.#wait(waiting);
    }

    #wait(waiting: Waiting): void {
        clearTimeout(waiting.timeout);
        const left = Math.min(Math.max(0, Math.ceil(waiting.due - this.monotonic())), longestDelay);
        waiting.timeout = setTimeout(() => {
            this.#waiting.delete(waiting);
            waiting.run();
        }, left).unref();
    }
}

/** Returns how long this process was stopped, in ms. A stop takes a moment to come: other threads may go first. */
function stopUntilContinued(): number {
    const begin = performance.now();
    process.kill(process.pid, 'SIGSTOP');
    for (let last = begin; ; ) {
        const now = performance.now();
        if (now - last > shortestStop) return now - begin;
        last = now;
    }
}
