import { SyncError, toSyncError } from '../../errors/errors';
import type { Grant, Priority } from '../../support/rate-budget';
import { Withdrawn } from '../../support/withdrawn';
import { RetrySchedule } from '../../time/retry-schedule';
import { type GraphClient, type GraphRequest, longestBatch } from './graph-client';
import { GraphRefusal } from './graph-error';

/** A request that draws on the rate budget. */
export interface PresenceRequest extends GraphRequest {
    priority: Priority;
}

interface Waiting {
    request: PresenceRequest;
    /** @param outcome the answer, or a SyncError */
    settle: (outcome: unknown) => void;
}

/**
 * Sends what is asked for at the same moment together, 20 requests in one round trip; a request that comes alone goes
 * out alone and at once. While the rate budget is short requests wait here and can be withdrawn. Each is tried once.
 */
export class GatheredRequests {
    readonly graph: GraphClient;
    readonly #waiting: Record<Priority, Set<Waiting>> = { edge: new Set(), renewal: new Set(), sweep: new Set() };
    /** Priorities whose requests are about to be sent. */
    readonly #sending = new Set<Priority>();
    /** For a service that throttles everything and does not say for how long. */
    readonly #patience = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 });

    constructor(graph: GraphClient) {
        this.graph = graph;
    }

    /**
     * @param signal withdraws the request as long as it waits
     * @returns the parsed answer, undefined for an empty one
     * @throws Withdrawn; GraphRefusal when Graph answers with an error; SyncError when it cannot be reached.
     */
    send<T>(request: PresenceRequest, signal?: AbortSignal): Promise<T> {
        if (signal?.aborted) return Promise.reject(new Withdrawn());
        const waiting = this.#waiting[request.priority];
        return new Promise<T>((resolve, reject) => {
            const withdraw = (): void => {
                if (waiting.delete(item)) reject(new Withdrawn());
            };
            const item: Waiting = {
                request,
                settle: outcome => {
                    signal?.removeEventListener('abort', withdraw);
                    if (outcome instanceof SyncError) reject(outcome);
                    else resolve(outcome as T);
                },
            };
            signal?.addEventListener('abort', withdraw, { once: true });
            waiting.add(item);
            this.#sendSoon(request.priority);
        });
    }

    /** Everything that is asked for in this turn of the event loop goes together. */
    #sendSoon(priority: Priority): void {
        if (this.#sending.has(priority)) return;
        this.#sending.add(priority);
        setImmediate(() => void this.#sendAll(priority));
    }

    /** Never rejects. */
    async #sendAll(priority: Priority): Promise<void> {
        const waiting = this.#waiting[priority];
        while (waiting.size > 0) {
            const grant = await this.graph.budget.take(priority, Math.min(longestBatch, waiting.size));
            // Only now it is settled who goes: newer wishes have taken the place of older ones meanwhile.
            const items = [...waiting].slice(0, grant.count);
            for (const item of items) waiting.delete(item);
            grant.giveBack(grant.count - items.length);
            if (items.length > 0) void this.#exchange(items, grant);
        }
        this.#sending.delete(priority);
    }

    /** Never rejects: every item is told for itself. */
    async #exchange(items: Waiting[], grant: Grant): Promise<void> {
        const requests = items.map(({ request }) => request);
        const outcomes =
            requests.length > 1
                ? await this.graph.batch(requests)
                : [await this.graph.sendOnce(requests[0]!).catch(toSyncError)];
        this.#heed(outcomes);
        grant.answered();
        for (const [place, { settle }] of items.entries()) settle(outcomes[place]);
    }

    /**
     * Where some requests of several were throttled only these have to wait; where all were, all requests have, as
     * long as the service says. A single one says it of all only if it says for how long.
     */
    #heed(outcomes: unknown[]): void {
        const throttled = outcomes.filter(
            (outcome): outcome is GraphRefusal => outcome instanceof GraphRefusal && outcome.status === 429,
        );
        if (throttled.length < outcomes.length) {
            this.#patience.reset();
            return;
        }
        const asked = Math.max(0, ...throttled.map(({ retryAfter }) => retryAfter ?? 0));
        if (asked > 0) this.graph.budget.holdOff(asked);
        else if (throttled.length > 1) this.graph.budget.holdOff(this.#patience.next());
    }
}
