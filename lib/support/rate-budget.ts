import type { Clock, Timer } from './clock';

/** Order in which waiting calls are served: an edge of a call before a renewal before a sweep. */
export type Priority = 'edge' | 'renewal' | 'sweep';

const order: Priority[] = ['edge', 'renewal', 'sweep'];

/** Number of requests allowed within a sliding window of `period` ms. */
export interface RateLimit {
    requests: number;
    period: number;
}

/**
 * One rate budget that all calls of an app registration in a tenant draw on. Spent capacity comes back evenly, so a
 * burst never exceeds the limit within any window: half may be taken at once, half flows in over the period.
 */
export class RateBudget {
    readonly #clock: Clock;
    readonly #capacity: number;
    readonly #refillPerMs: number;
    readonly #waiting: Record<Priority, (() => void)[]> = { edge: [], renewal: [], sweep: [] };
    #tokens: number;
    #updatedAt: number;
    #blockedUntil = 0;
    #timer: Timer | undefined;

    constructor(limit: RateLimit, clock: Clock) {
        this.#clock = clock;
        this.#capacity = Math.max(1, Math.floor(limit.requests / 2));
        this.#refillPerMs = limit.requests / 2 / limit.period;
        this.#tokens = this.#capacity;
        this.#updatedAt = clock.now();
    }

    /** Resolves when the call may be made. */
    take(priority: Priority): Promise<void> {
        return new Promise(resolve => {
            this.#waiting[priority].push(resolve);
            this.#serve();
        });
    }

    /** Nothing is served for `delay` ms: the service has asked for it (Retry-After). */
    holdOff(delay: number): void {
        this.#blockedUntil = Math.max(this.#blockedUntil, this.#clock.now() + delay);
    }

    #serve(): void {
        const now = this.#clock.now();
        const passed = now - this.#updatedAt;
        this.#tokens = Math.min(this.#capacity, this.#tokens + Math.max(0, passed) * this.#refillPerMs);
        // The clock was set back: nobody shall wait for it to come round again.
        if (passed < 0) this.#blockedUntil += passed;
        this.#updatedAt = now;
        while (this.#tokens >= 1 && now >= this.#blockedUntil) {
            const next = this.#shift();
            if (!next) return;
            this.#tokens -= 1;
            next();
        }
        this.#scheduleNext(now);
    }

    #shift(): (() => void) | undefined {
        for (const priority of order) {
            const next = this.#waiting[priority].shift();
            if (next) return next;
        }
        return undefined;
    }

    #scheduleNext(now: number): void {
        if (this.#timer || !order.some(priority => this.#waiting[priority].length > 0)) return;
        const refill = Math.ceil((1 - this.#tokens) / this.#refillPerMs);
        const wait = Math.max(refill, this.#blockedUntil - now, 1);
        this.#timer = this.#clock.after(wait, () => {
            this.#timer = undefined;
            this.#serve();
        });
    }
}
