import type { Clock, Timer } from '../time/clock';

/** Order in which waiting calls are served: an edge of a call before a renewal before a sweep. */
export type Priority = 'edge' | 'renewal' | 'sweep';

/** The most urgent first. */
export const priorities: readonly Priority[] = ['edge', 'renewal', 'sweep'];

/** Number of requests allowed within a sliding window of `period` ms. */
export interface RateLimit {
    requests: number;
    period: number;
}

/** Leave to send requests. */
export interface Grant {
    /** How many may be sent. */
    readonly count: number;
    /** To be called when the answers are in, or will never come: the places are free one period later. */
    answered(): void;
    /** Frees places at once whose requests were not sent after all. */
    giveBack(count: number): void;
}

/** Share of the window that a priority leaves free, so that nothing more urgent ever waits behind it. */
const reserve: Record<Priority, number> = { edge: 0, renewal: 0.1, sweep: 0.2 };

interface Waiter {
    count: number;
    resolve: (grant: Grant) => void;
}

/**
 * One rate budget that all presence calls of an app registration in a tenant draw on: an exact sliding window. A place
 * is taken before a request is sent and free again one period after its answer. Wherever between the two the service
 * has counted the request, none of its own windows ever holds more than the limit, whatever the latency.
 */
export class RateBudget {
    readonly #clock: Clock;
    readonly #limit: RateLimit;
    readonly #waiting: Record<Priority, Line<Waiter>> = { edge: new Line(), renewal: new Line(), sweep: new Line() };
    /** When the answers of the last period came, oldest first, in a ring. */
    readonly #answers: Float64Array;
    #oldest = 0;
    #answered = 0;
    #underWay = 0;
    #blockedUntil = 0;
    #timer: Timer | undefined;
    #timerDue = 0;

    constructor(limit: RateLimit, clock: Clock) {
        this.#clock = clock;
        this.#limit = { ...limit, requests: Math.max(1, Math.floor(limit.requests)) };
        this.#answers = new Float64Array(this.#limit.requests);
    }

    /** Requests that count against the window now. */
    get used(): number {
        this.#forgetOld();
        return this.#underWay + this.#answered;
    }

    /** Requests that the window holds. */
    get size(): number {
        return this.#limit.requests;
    }

    /**
     * Resolves as soon as at least one request may be sent, with leave for as many as fit, `count` at most.
     * {@link Grant.answered} must be called in every case.
     */
    take(priority: Priority, count = 1): Promise<Grant> {
        return new Promise(resolve => {
            this.#waiting[priority].push({ count, resolve });
            this.#serve();
        });
    }

    /** Milliseconds for which nothing is served any more because the service has asked for it. */
    get heldOff(): number {
        return Math.max(0, this.#blockedUntil - this.#clock.monotonic());
    }

    /** Nothing is served for `delay` ms: the service has asked for it (Retry-After). */
    holdOff(delay: number): void {
        this.#blockedUntil = Math.max(this.#blockedUntil, this.#clock.monotonic() + delay);
    }

    #serve(): void {
        const now = this.#clock.monotonic();
        this.#forgetOld();
        while (now >= this.#blockedUntil) {
            const priority = priorities.find(each => this.#waiting[each].length > 0);
            if (!priority) return;
            const free = this.#freeFor(priority);
            if (free < 1) break;
            const { count, resolve } = this.#waiting[priority].shift()!;
            resolve(this.#grant(Math.min(count, free)));
        }
        this.#scheduleNext(now);
    }

    #freeFor(priority: Priority): number {
        const kept = Math.floor(this.#limit.requests * reserve[priority]);
        return this.#limit.requests - kept - this.#underWay - this.#answered;
    }

    #grant(count: number): Grant {
        this.#underWay += count;
        let left = count;
        return {
            count,
            answered: () => {
                const now = this.#clock.monotonic();
                this.#forgetOld();
                for (; left > 0; left--) this.#noteAnswer(now);
                this.#serve();
            },
            giveBack: unused => {
                const freed = Math.min(unused, left);
                left -= freed;
                this.#underWay -= freed;
                this.#serve();
            },
        };
    }

    #noteAnswer(now: number): void {
        this.#underWay -= 1;
        this.#answers[(this.#oldest + this.#answered) % this.#answers.length] = now;
        this.#answered += 1;
    }

    #forgetOld(): void {
        const over = this.#clock.monotonic() - this.#limit.period;
        while (this.#answered > 0 && this.#answers[this.#oldest]! <= over) {
            this.#oldest = (this.#oldest + 1) % this.#answers.length;
            this.#answered -= 1;
        }
    }

    /** Whoever waits is served by the next answer that leaves the window, or once the service has had its pause. */
    #scheduleNext(now: number): void {
        const first = priorities.find(priority => this.#waiting[priority].length > 0);
        if (!first) return;
        const isFull = this.#freeFor(first) < 1;
        // Requests under way serve those who wait themselves, when their answers come.
        if (isFull && this.#answered === 0) return;
        const freed = isFull ? this.#answers[this.#oldest]! + this.#limit.period : now;
        const due = Math.max(freed, this.#blockedUntil);
        if (this.#timer && this.#timerDue <= due) return;
        this.#clock.cancel(this.#timer);
        this.#timerDue = due;
        this.#timer = this.#clock.after(Math.max(1, due - now), () => {
            this.#timer = undefined;
            this.#serve();
        });
    }
}

/** First in, first out; a long line costs no more per step than a short one. */
class Line<Item> {
    #items: Item[] = [];
    #head = 0;

    get length(): number {
        return this.#items.length - this.#head;
    }

    push(item: Item): void {
        this.#items.push(item);
    }

    shift(): Item | undefined {
        if (this.length === 0) return undefined;
        const item = this.#items[this.#head++];
        if (this.#head > 1_000 && this.#head * 2 > this.#items.length) {
            this.#items = this.#items.slice(this.#head);
            this.#head = 0;
        }
        return item;
    }
}
