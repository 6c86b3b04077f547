import type { Clock, Timer } from '../../time/clock';

interface Entry {
    due: number;
    key: string;
}

/**
 * Deadlines of many things behind one timer, so that ten thousand leases do not mean ten thousand timers.
 * Each key has at most one deadline; `onDue` is called once it has passed, earliest first, and may set the next one.
 */
export class DeadlineQueue {
    readonly #clock: Clock;
    readonly #onDue: (key: string) => void;
    readonly #wanted = new Map<string, number>();
    /** Sorted by `due`. An entry may be older than what is wanted now; it is looked at when it comes up. */
    readonly #entries: Entry[] = [];
    readonly #queued = new Map<string, number>();
    #timer: Timer | undefined;
    #armedFor: number | undefined;
    #running = false;

    constructor(clock: Clock, onDue: (key: string) => void) {
        this.#clock = clock;
        this.#onDue = onDue;
    }

    /** Calls what fell due meanwhile, then what falls due from now on. */
    start(): void {
        this.#running = true;
        this.#run();
    }

    /** Keeps all deadlines, but calls nothing and holds no timer until the next start. */
    stop(): void {
        this.#running = false;
        this.#disarm();
    }

    /** Sets, moves or (`undefined`) removes the deadline of `key`; `due` is monotonic. */
    set(key: string, due: number | undefined): void {
        if (due === undefined) {
            this.#wanted.delete(key);
        } else {
            this.#wanted.set(key, due);
            this.#enqueue(key, due);
        }
        this.#arm();
    }

    #enqueue(key: string, due: number): void {
        const queued = this.#queued.get(key);
        if (queued !== undefined && queued <= due) return;
        this.#queued.set(key, due);
        let low = 0;
        let high = this.#entries.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (this.#entries[middle]!.due <= due) low = middle + 1;
            else high = middle;
        }
        this.#entries.splice(low, 0, { key, due });
    }

    #arm(): void {
        while (this.#entries.length > 0 && !this.#wanted.has(this.#entries[0]!.key)) this.#takeFirst();
        const due = this.#entries[0]?.due;
        if (this.#running && due !== undefined && due === this.#armedFor) return;
        this.#disarm();
        if (!this.#running || due === undefined) return;
        this.#armedFor = due;
        this.#timer = this.#clock.after(due - this.#clock.monotonic(), () => this.#run());
    }

    #disarm(): void {
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        this.#armedFor = undefined;
    }

    #run(): void {
        this.#disarm();
        const now = this.#clock.monotonic();
        while (this.#running && this.#entries.length > 0 && this.#entries[0]!.due <= now) {
            this.#settle(this.#takeFirst(), now);
        }
        this.#arm();
    }

    #takeFirst(): string {
        const { key, due } = this.#entries.shift()!;
        if (this.#queued.get(key) === due) this.#queued.delete(key);
        return key;
    }

    #settle(key: string, now: number): void {
        const wanted = this.#wanted.get(key);
        if (wanted === undefined) return;
        if (wanted > now) return this.#enqueue(key, wanted);
        this.#wanted.delete(key);
        this.#onDue(key);
    }
}
