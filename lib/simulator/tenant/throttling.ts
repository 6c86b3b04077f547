import type { Clock } from '../../time/clock';
import { GraphError } from './graph-error';
import { type Charge, type RequestClass, requestClasses } from './request-class';
import { SlidingWindow } from './sliding-window';

const second = 1_000;

/** At most `requests` (resource units for the directory) within `period` milliseconds. */
export interface Limit {
    requests: number;
    period: number;
}

/** A class without a limit is never refused. */
export type ThrottlingLimits = Partial<Record<RequestClass, Limit>>;

/** What one class of requests has come to. */
export interface ClassCounters {
    served: number;
    throttled: number;
    /** The most that one app ever used within one period, refused requests included. */
    peak: number;
}

/**
 * The rows per app and tenant, for a tenant of more than 500 users. Presence stands at 1,500 on its own pages and at
 * 10,000 in the table of limits.
 * @see https://learn.microsoft.com/graph/throttling-limits
 */
export const documentedLimits: Readonly<Record<Exclude<RequestClass, 'other'>, Limit>> = {
    presence: { requests: 1_500, period: 30 * second },
    subscriptionWrites: { requests: 500, period: 20 * second },
    subscriptionReauthorizations: { requests: 1_000, period: 20 * second },
    subscriptionReads: { requests: 500, period: 20 * second },
    subscriptionLists: { requests: 25, period: 20 * second },
    directory: { requests: 8_000, period: 10 * second },
};

/** The documented limits with another one for presence: the most requests within 30 seconds. */
export function throttleAt(presenceRequests: number): ThrottlingLimits {
    return { ...documentedLimits, presence: { requests: presenceRequests, period: 30 * second } };
}

/** Without a limit the peak is measured over this time. */
const usualPeriods: Record<RequestClass, number> = {
    ...(Object.fromEntries(Object.entries(documentedLimits).map(([kind, { period }]) => [kind, period])) as Record<
        keyof typeof documentedLimits,
        number
    >),
    other: 10 * second,
};

/**
 * Counts the requests of each app and refuses those beyond a limit with 429. A refused request counts like any other:
 * who does not wait stays shut out. Off until a limit is set; counts all the same.
 * @see https://learn.microsoft.com/graph/throttling
 */
export class Throttling {
    /** May be replaced at any time; what was counted stays counted while the period is the same. */
    limits: ThrottlingLimits;
    /** Whether a refusal says how long to wait; some services of Graph do not. */
    retryAfter: boolean;
    readonly counters: Record<RequestClass, ClassCounters>;
    readonly #clock: Clock;
    readonly #tenantId: string;
    readonly #windows = new Map<string, SlidingWindow>();

    constructor(
        options: { clock: Clock; tenantId: string },
        { retryAfter = true, ...limits }: ThrottlingLimits & { retryAfter?: boolean } = {},
    ) {
        this.#clock = options.clock;
        this.#tenantId = options.tenantId;
        this.limits = limits;
        this.retryAfter = retryAfter;
        this.counters = Object.fromEntries(
            requestClasses.map(kind => [kind, { served: 0, throttled: 0, peak: 0 }]),
        ) as Record<RequestClass, ClassCounters>;
    }

    /** Of all classes together. */
    get throttled(): number {
        return Object.values(this.counters).reduce((sum, { throttled }) => sum + throttled, 0);
    }

    /** Charges one request; returns the headers that its answer carries. Throws 429 beyond the limit. */
    charge(appId: string, { kind, cost }: Charge): Record<string, string> {
        const limit = this.limits[kind];
        const window = this.#windowOf(appId, kind, limit?.period ?? usualPeriods[kind]);
        const used = window.add(this.#clock.monotonic(), cost);
        const counters = this.counters[kind];
        counters.peak = Math.max(counters.peak, used);
        if (limit && used > limit.requests) {
            counters.throttled += 1;
            throw this.#refusal(appId, { kind, cost }, window, limit);
        }
        counters.served += 1;
        if (kind !== 'directory') return {};
        const share = limit ? used / limit.requests : 0;
        const near: Record<string, string> =
            share > 0.8 ? { 'x-ms-throttle-limit-percentage': String(Math.round(share * 100) / 100) } : {};
        return { 'x-ms-resource-unit': String(cost), ...near };
    }

    #refusal(appId: string, { kind, cost }: Charge, window: SlidingWindow, { requests }: Limit): GraphError {
        const wait = window.timeUntil(this.#clock.monotonic(), requests - cost);
        const seconds = Math.max(1, Math.ceil(wait / second));
        const after: Record<string, string> = this.retryAfter ? { 'retry-after': String(seconds) } : {};
        const scope: Record<string, string> =
            kind === 'directory'
                ? {
                      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${appId}/${this.#tenantId}`,
                      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
                  }
                : {};
        return new GraphError(429, 'TooManyRequests', 'Please retry again later.', { ...after, ...scope });
    }

    #windowOf(appId: string, kind: RequestClass, period: number): SlidingWindow {
        const key = `${appId} ${kind} ${period}`;
        const existing = this.#windows.get(key);
        if (existing) return existing;
        const created = new SlidingWindow(period);
        this.#windows.set(key, created);
        return created;
    }
}
