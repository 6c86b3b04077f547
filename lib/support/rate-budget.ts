import { Alarm } from '../time/alarm';
import type { Clock } from '../time/clock';

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
    /** In the order in which they came. */
    readonly #waiting: Record<Priority, Set<Waiter>> = { edge: new Set(), renewal: new Set(), sweep: new Set() };
    /** When the answers of the last period came, oldest first. */
    readonly #answers: number[] = [];
    #underWay = 0;
    #blockedUntil = 0;
    readonly #next: Alarm;

    constructor(limit: RateLimit, clock: Clock) {
        this.#clock = clock;
        this.#limit = { ...limit, requests: Math.max(1, Math.floor(limit.requests)) };
        this.#next = new Alarm(clock, () => this.#serve());
    }

    /** Requests that count against the window now. */
    get used(): number {
        this.#forgetOld();
        return this.#underWay + this.#answers.length;
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
            this.#waiting[priority].add({ count, resolve });
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
        for (const priority of priorities) {
            for (const waiter of this.#waiting[priority]) {
                const free = this.#freeFor(priority);
                if (now < this.#blockedUntil || free < 1) return this.#serveLater(free < 1, now);
                this.#waiting[priority].delete(waiter);
                waiter.resolve(this.#grant(Math.min(waiter.count, free)));
            }
        }
    }

    #freeFor(priority: Priority): number {
        const kept = Math.floor(this.#limit.requests * reserve[priority]);
        return this.#limit.requests - kept - this.#underWay - this.#answers.length;
    }

    #grant(count: number): Grant {
        this.#underWay += count;
        let left = count;
        return {
            count,
            answered: () => {
                const now = this.#clock.monotonic();
                this.#underWay -= left;
                for (; left > 0; left--) this.#answers.push(now);
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

    #forgetOld(): void {
        const over = this.#clock.monotonic() - this.#limit.period;
        while (this.#answers[0]! <= over) this.#answers.shift();
    }

    /** The next answer that leaves the window makes room, where it is full; else the service has had its pause. */
    #serveLater(isFull: boolean, now: number): void {
        const [oldest] = this.#answers;
        // Requests under way serve the calls that wait themselves, when their answers come.
        if (isFull && oldest === undefined) return;
        const due = Math.max(isFull ? oldest! + this.#limit.period : now, this.#blockedUntil);
        this.#next.set(Math.max(1, due - now));
    }
}
