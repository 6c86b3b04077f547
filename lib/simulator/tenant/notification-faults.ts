import type { Clock, Timer } from '../../time/clock';

/** Notifications that wait to be told in another order do not wait longer than this. */
const longestReorder = 2_000;

/**
 * What happens to notifications between a change and its delivery. Every count is of single notifications, those of
 * all subscriptions together; the kinds are used up one after the other: lost first, then doubled, delayed, reordered.
 */
export class NotificationFaults {
    /** Nothing is delivered at all, and nothing later either. */
    silent = false;
    readonly #clock: Clock;
    #lose = 0;
    #duplicate = 0;
    #delay = { left: 0, ms: 0 };
    #reorder = 0;
    #held: (() => void)[] = [];
    #timer: Timer | undefined;

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    /** The next `count` are never delivered. */
    lose(count: number): void {
        this.#lose = count;
    }

    /** The next `count` are delivered twice. */
    duplicate(count: number): void {
        this.#duplicate = count;
    }

    /** The next `count` are delivered `ms` later than usual; others overtake them. */
    delay(count: number, ms: number): void {
        this.#delay = { left: count, ms };
    }

    /** The next `count` are held back until they are complete (two seconds at most), then told in reverse order. */
    reorder(count: number): void {
        this.#release();
        this.#reorder = count;
    }

    clear(): void {
        this.silent = false;
        this.#lose = 0;
        this.#duplicate = 0;
        this.#delay = { left: 0, ms: 0 };
        this.#release();
    }

    /** Takes one notification on its way: calls `send` never, once, twice, or later. */
    pass(send: () => void): void {
        if (this.silent) return;
        if (this.#lose > 0) {
            this.#lose -= 1;
        } else if (this.#duplicate > 0) {
            this.#duplicate -= 1;
            send();
            send();
        } else if (this.#delay.left > 0) {
            this.#delay.left -= 1;
            this.#clock.after(this.#delay.ms, send);
        } else if (this.#reorder > 0) {
            this.#hold(send);
        } else {
            send();
        }
    }

    #hold(send: () => void): void {
        if (this.#held.length === 0) this.#timer = this.#clock.after(longestReorder, () => this.#release());
        this.#held.push(send);
        this.#reorder -= 1;
        if (this.#reorder === 0) this.#release();
    }

    #release(): void {
        this.#reorder = 0;
        this.#clock.cancel(this.#timer);
        for (const send of this.#held.splice(0).reverse()) send();
    }
}
