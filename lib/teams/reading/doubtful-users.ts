import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';

/** Reads of doubtful users are made in steps of this many ms, so that many users share one. */
const usualGathering = 250;
/** Reads that may be under way at the same time: when answers stay out, users gather instead. */
const mostReads = 4;

/**
 * Users whose presence is to be read again, and from when on the answer can be trusted. One timer for all; a read that
 * fails is made again with back-off.
 */
export class DoubtfulUsers {
    readonly #clock: Clock;
    readonly #read: (userIds: string[]) => Promise<void>;
    /** When (monotonic) each is due. */
    readonly #due = new Map<string, number>();
    readonly #schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 });
    #reads = 0;
    #timer: Timer | undefined;
    #timerDue = 0;
    /** Reads that began before the last {@link clear} are nobody's business any more. */
    #generation = 0;

    constructor(options: { clock: Clock; read: (userIds: string[]) => Promise<void> }) {
        this.#clock = options.clock;
        this.#read = options.read;
    }

    /** Reads the user at `from` (monotonic) or a little later, in steps of `gathering` ms. */
    add(userId: string, from: number, gathering = usualGathering): void {
        const due = Math.ceil(from / gathering) * gathering;
        this.#due.set(userId, due);
        this.#wakeAt(due);
    }

    has(userId: string): boolean {
        return this.#due.has(userId);
    }

    delete(userId: string): void {
        this.#due.delete(userId);
    }

    clear(): void {
        this.#generation += 1;
        this.#due.clear();
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
    }

    /** One timer for all: it goes off for whoever is due first. */
    #wakeAt(due: number): void {
        if (this.#timer && this.#timerDue <= due) return;
        this.#clock.cancel(this.#timer);
        this.#timerDue = due;
        this.#timer = this.#clock.after(due - this.#clock.monotonic(), () => {
            this.#timer = undefined;
            this.#readDue();
        });
    }

    #readDue(): void {
        // The next read to end goes on.
        if (this.#reads >= mostReads) return;
        const now = this.#clock.monotonic();
        const ids = [...this.#due].filter(([, due]) => due <= now).map(([id]) => id);
        for (const id of ids) this.#due.delete(id);
        this.#wakeForNext();
        if (ids.length === 0) return;
        const generation = this.#generation;
        this.#reads += 1;
        this.#read(ids)
            .then(
                () => this.#schedule.reset(),
                () => this.#readLater(ids, generation),
            )
            .finally(() => {
                this.#reads -= 1;
                this.#wakeForNext();
            });
    }

    #wakeForNext(): void {
        let first = Number.POSITIVE_INFINITY;
        for (const due of this.#due.values()) first = Math.min(first, due);
        if (first < Number.POSITIVE_INFINITY) this.#wakeAt(first);
    }

    #readLater(userIds: string[], generation: number): void {
        if (generation !== this.#generation) return;
        const due = this.#clock.monotonic() + this.#schedule.next();
        for (const id of userIds) if (!this.#due.has(id)) this.#due.set(id, due);
    }
}
