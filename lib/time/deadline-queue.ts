import type { Clock, Timer } from './clock';

interface Entry {
    key: string;
    at: number;
}

/**
 * Keys, each with the time at which it is due, in one order and on one timer: ten thousand leases cost no more per tick
 * than one. Times are monotonic.
 */
export class DeadlineQueue {
    readonly #clock: Clock;
    readonly #onDue: (keys: string[]) => void;
    readonly #step: number;
    readonly #times = new Map<string, number>();
    /** A heap, the earliest on top; entries that no longer agree with `#times` are passed over. */
    #heap: Entry[] = [];
    #timer: Timer | undefined;
    #timerDue = 0;

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
        if (this.#times.get(key) === due) return;
        this.#times.set(key, due);
        push(this.#heap, { key, at: due });
        this.#tidy();
        this.#arm();
    }

    delete(key: string): void {
        this.#times.delete(key);
    }

    /** Forgets everything. May be called twice. */
    stop(): void {
        this.#times.clear();
        this.#heap = [];
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
    }

    #next(): Entry | undefined {
        while (this.#heap.length > 0 && this.#times.get(this.#heap[0]!.key) !== this.#heap[0]!.at) pop(this.#heap);
        return this.#heap[0];
    }

    #arm(): void {
        const next = this.#next();
        if (this.#timer && next && this.#timerDue <= next.at) return;
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        if (!next) return;
        this.#timerDue = next.at;
        this.#timer = this.#clock.after(Math.max(0, next.at - this.#clock.monotonic()), () => this.#wake());
    }

    #wake(): void {
        this.#timer = undefined;
        const now = this.#clock.monotonic();
        const due: string[] = [];
        for (let next = this.#next(); next && next.at <= now; next = this.#next()) {
            pop(this.#heap);
            this.#times.delete(next.key);
            due.push(next.key);
        }
        if (due.length > 0) this.#onDue(due);
        this.#arm();
    }

    #tidy(): void {
        if (this.#heap.length <= 2 * this.#times.size + 64) return;
        this.#heap = [];
        for (const [key, at] of this.#times) push(this.#heap, { key, at });
    }
}

function push(heap: Entry[], entry: Entry): void {
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
        const parent = (place - 1) >> 1;
        if (heap[parent]!.at <= entry.at) break;
        heap[place] = heap[parent]!;
        place = parent;
    }
    heap[place] = entry;
}

function pop(heap: Entry[]): void {
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
        if (heap[child]!.at >= last.at) break;
        heap[place] = heap[child]!;
        place = child;
    }
    heap[place] = last;
}
