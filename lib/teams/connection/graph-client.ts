import { SyncError, toSyncError } from '../../errors/errors';
import { parseJson } from '../../support/parse-json';
import type { Priority, RateBudget } from '../../support/rate-budget';
import { type Clock, pause } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { clockAheadOf, GraphRefusal, retryAfterOf } from './graph-error';
import type { Http } from './http';
import type { TokenSource } from './sign-in/token-source';

export interface GraphRequest {
    /** The request in words that follow "to", for the error: "read the users of the tenant". */
    what: string;
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
    /** Below `/v1.0`, with a leading slash, or a complete `@odata.nextLink`. */
    path: string;
    body?: unknown;
    headers?: Record<string, string>;
    /** For presence calls, which share the rate budget. */
    priority?: Priority;
    /** Arriving twice it does no more than once: see {@link HttpRequest}. Default: true for all but POST */
    repeatable?: boolean;
}

/** A part of a list, and where it goes on or later changes are told. @see https://learn.microsoft.com/graph/paging */
export interface Page<Item> {
    value?: Item[];
    '@odata.nextLink'?: string;
    '@odata.deltaLink'?: string;
}

/**
 * The pages of a list, one after the other.
 * @param read gives the page at a path
 * @throws SyncError TEAMS_SERVICE_ERROR for a link that leads back, which would never end; what `read` throws
 */
export async function* pagesOf<Item>(
    first: string,
    read: (path: string) => Promise<Page<Item>>,
): AsyncGenerator<Page<Item>> {
    const seen = new Set<string>();
    for (let path: string | undefined = first; path; ) {
        if (seen.has(path)) throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a list leads back to itself' });
        seen.add(path);
        const page: Page<Item> = await read(path);
        yield page;
        path = page['@odata.nextLink'];
    }
}

/** Requests that one `$batch` takes. @see https://learn.microsoft.com/graph/json-batching */
export const longestBatch = 20;

/** What `$batch` answers: the items in no particular order; bodies of empty answers may be absent. */
interface BatchAnswer {
    responses?: { id: string; status: number; headers?: Record<string, string> | null; body?: unknown }[];
}

type Answer = Awaited<ReturnType<Http['fetch']>>;

const attempts = 3;
const transient = new Set([429, 500, 502, 503, 504]);
/** A service that asks for more patience than this gets the caller's: it keeps the newest state and comes back. */
const longestWait = 20_000;

/** Graph v1.0 in the name of one token source. */
export class GraphClient {
    /** What presence calls draw on. */
    readonly budget: RateBudget;
    readonly #graphUrl: string;
    readonly #tokens: TokenSource;
    readonly #http: Http;
    readonly #clock: Clock;

    constructor(options: { graphUrl: string; tokens: TokenSource; http: Http; clock: Clock; budget: RateBudget }) {
        this.budget = options.budget;
        this.#graphUrl = options.graphUrl;
        this.#tokens = options.tokens;
        this.#http = options.http;
        this.#clock = options.clock;
    }

    /**
     * @returns the parsed answer; undefined for an empty one.
     * @throws GraphRefusal when Graph answers with an error; SyncError when it cannot be reached or the sign-in fails.
     */
    async send<T>(request: GraphRequest): Promise<T> {
        const { path } = request;
        const isElsewhere = URL.canParse(path) && new URL(path).origin !== new URL(this.#graphUrl).origin;
        // A token goes to no host but Graph.
        if (isElsewhere) throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a link leads to another host' });
        return this.#exchange<T>(request, token => this.#repeated(request, token));
    }

    /**
     * As {@link send}, but without a repetition and without drawing on the rate budget: for callers that have taken
     * their places and repeat what failed in their own time.
     */
    sendOnce<T>(request: GraphRequest): Promise<T> {
        return this.#exchange<T>(request, token => this.#fetch(request, token));
    }

    /**
     * 1 to 20 requests in one round trip, each with an outcome of its own, in their order: the parsed answer, or the
     * error with which it failed. Like {@link sendOnce} without a repetition and without drawing on the rate budget.
     * @see https://learn.microsoft.com/graph/json-batching
     */
    async batch(requests: readonly GraphRequest[]): Promise<unknown[]> {
        const what = requests[0]?.what ?? '';
        const body = { requests: requests.map(batchItem) };
        const repeatable = requests.every(isRepeatable);
        try {
            const batch = { what, method: 'POST', path: '/$batch', body, repeatable } as const;
            return outcomesOf(requests, await this.sendOnce<BatchAnswer>(batch), this.#clock.date());
        } catch (error) {
            return requests.map(() => toSyncError(error));
        }
    }

    /** Sends once more with a fresh token when Graph answers 401. */
    async #exchange<T>(request: GraphRequest, send: (token: string) => Promise<Answer>): Promise<T> {
        const token = await this.#tokens.token();
        let answer = await send(token);
        if (answer.status === 403) this.#tokens.doubt(token);
        if (answer.status === 401) {
            this.#tokens.invalidate(token);
            answer = await send(await this.#tokens.token());
        }
        return (await contentOf(request, answer, this.#clock.date())) as T;
    }

    /**
     * Draws on the rate budget and repeats what was throttled or met a passing fault, as the service asks (Retry-After)
     * or with back-off.
     * @see https://learn.microsoft.com/graph/throttling
     */
    async #repeated(request: GraphRequest, token: string): Promise<Answer> {
        const { priority } = request;
        const schedule = new RetrySchedule({ first: 500, factor: 2, longest: 10_000, jitter: 0.2 });
        for (let attempt = 1; ; attempt++) {
            const grant = priority && (await this.budget.take(priority));
            const answer = await this.#fetch(request, token).finally(() => grant?.answered());
            if (!transient.has(answer.status)) return answer;
            const asked = retryAfterOf(answer.headers.get('Retry-After'), this.#clock.date());
            if (answer.status === 429 && priority && asked) this.budget.holdOff(asked);
            const wait = asked ?? schedule.next();
            if (attempt === attempts || wait > longestWait) return answer;
            await pause(this.#clock, wait);
        }
    }

    #fetch(request: GraphRequest, token: string): Promise<Answer> {
        const { method, path, body, headers } = request;
        const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
        return this.#http.fetch(URL.canParse(path) ? path : `${this.#graphUrl}/v1.0${path}`, {
            method,
            headers: { ...content, ...headers, authorization: `Bearer ${token}` },
            body: body === undefined ? undefined : JSON.stringify(body),
            repeatable: isRepeatable(request),
        });
    }
}

/** Whatever sends Graph requests. */
export type Sender = Pick<GraphClient, 'send'>;

/**
 * Sends in the name of one of several accounts: the same one until an administrator must change something about it,
 * then the next. Only what all of them fail at fails.
 * @param senders may come and go
 */
export function firstThatWorks(senders: readonly Sender[]): Sender {
    let current = 0;
    return {
        send: async <T>(request: GraphRequest): Promise<T> => {
            let failure: unknown;
            const first = current;
            // Whoever comes or goes meanwhile concerns the next request.
            const all = [...senders];
            for (let tries = 0; tries < all.length; tries++) {
                const index = (first + tries) % all.length;
                try {
                    return await all[index]!.send<T>(request);
                } catch (error) {
                    if (toSyncError(error).kind !== 'configuration') throw error;
                    failure ??= error;
                    // Others may have failed at the same time and moved on already.
                    if (current === index) current = (index + 1) % all.length;
                }
            }
            throw failure ?? new SyncError('NODE_STOPPED');
        },
    };
}

function isRepeatable({ method, repeatable }: GraphRequest): boolean {
    return repeatable ?? method !== 'POST';
}

async function contentOf({ what }: GraphRequest, answer: Answer, now: number): Promise<unknown> {
    const { status, headers, ok } = answer;
    const text = await answer.text();
    if (ok && text === '') return undefined;
    const content = parseJson(text);
    if (ok && content !== undefined) return content;
    const body = typeof content === 'object' ? content : { error: { code: `status ${status}`, message: '' } };
    const retryAfter = retryAfterOf(headers.get('Retry-After'), now);
    throw new GraphRefusal(what, status, body, retryAfter, clockAheadOf(headers.get('Date'), now));
}

/** A request as an item of a batch; its place in the batch is its id. */
function batchItem({ method, path, body, headers }: GraphRequest, place: number): object {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return { id: String(place), method, url: path, headers: { ...type, ...headers }, ...(body ? { body } : {}) };
}

/** What became of each request of a batch: the parsed answer, undefined for an empty one, or the error. */
export function outcomesOf(requests: readonly GraphRequest[], { responses = [] }: BatchAnswer, now: number): unknown[] {
    const byId = new Map(responses.map(response => [response.id, response]));
    return requests.map(({ what }, place) => {
        const response = byId.get(String(place));
        if (!response) return new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a batch was answered in part' });
        const { status, body } = response;
        if (status < 300) return body ?? undefined;
        const headers = Object.entries(response.headers ?? {});
        const retryAfter = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? null;
        return new GraphRefusal(what, status, body, retryAfterOf(retryAfter, now));
    });
}
