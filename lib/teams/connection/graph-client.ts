import { Client, GraphError } from '@microsoft/microsoft-graph-client';
import { SyncError, toSyncError } from '../../errors/errors';
import type { Priority, RateBudget } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { type BatchAnswer, batchItem, outcomesOf } from './batch';
import { clockAheadOf, refusalOf, retryAfterOf } from './graph-error';
import type { GraphRequest } from './graph-request';
import type { Http } from './http';
import { HttpMiddleware, RequestNotes, RetryMiddleware, TokenMiddleware } from './middleware';
import type { TokenSource } from './sign-in/token-source';

/** Graph v1.0 in the name of one token source. */
export class GraphClient {
    /** What presence calls draw on. */
    readonly budget: RateBudget;
    readonly #client: Client;
    readonly #clock: Clock;
    readonly #origin: string;

    constructor(options: { graphUrl: string; tokens: TokenSource; http: Http; clock: Clock; budget: RateBudget }) {
        const token = new TokenMiddleware(options.tokens);
        const retry = new RetryMiddleware(options.clock, options.budget);
        token.setNext(retry);
        retry.setNext(new HttpMiddleware(options.http));
        this.budget = options.budget;
        this.#clock = options.clock;
        this.#origin = new URL(options.graphUrl).origin;
        this.#client = Client.initWithMiddleware({
            baseUrl: options.graphUrl,
            defaultVersion: 'v1.0',
            middleware: token,
        });
    }

    /**
     * @returns the parsed answer; undefined for an empty one.
     * @throws GraphRefusal when Graph answers with an error; SyncError when it cannot be reached or the sign-in fails.
     */
    async send<T>(request: GraphRequest): Promise<T> {
        const isElsewhere = URL.canParse(request.path) && new URL(request.path).origin !== this.#origin;
        // A token goes to Graph and to nobody else.
        if (isElsewhere) throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a link leads to another host' });
        return this.#exchange<T>(request, { priority: request.priority });
    }

    /**
     * As {@link send}, but without a repetition and without drawing on the rate budget: for callers that have taken
     * their places and repeat what failed in their own time.
     */
    sendOnce<T>(request: GraphRequest): Promise<T> {
        return this.#exchange<T>(request, { once: true });
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
            const answer = await this.sendOnce<BatchAnswer>({
                what,
                method: 'POST',
                path: '/$batch',
                body,
                repeatable,
            });
            return outcomesOf(requests, answer, this.#clock.date());
        } catch (error) {
            return requests.map(() => toSyncError(error));
        }
    }

    async #exchange<T>(request: GraphRequest, options: { priority?: Priority; once?: boolean }): Promise<T> {
        const notes = new RequestNotes({ ...options, repeatable: isRepeatable(request) });
        const call = this.#client
            .api(request.path)
            .headers(request.headers ?? {})
            .middlewareOptions([notes]);
        try {
            return (await this.#dispatch(call, request)) as T;
        } catch (error) {
            if (notes.failure) throw notes.failure;
            if (!(error instanceof GraphError) || error.statusCode <= 0) throw toSyncError(error);
            const now = this.#clock.date();
            const retryAfter = retryAfterOf(error.headers?.get('Retry-After') ?? null, now);
            const clockAhead = clockAheadOf(error.headers?.get('Date'), now);
            const body = { error: { code: error.code ?? '', message: error.message } };
            throw refusalOf(request.what, error.statusCode, body, retryAfter, clockAhead);
        }
    }

    #dispatch(call: ReturnType<Client['api']>, { method, body }: GraphRequest): Promise<unknown> {
        switch (method) {
            case 'GET':
                return call.get();
            case 'POST':
                return call.post(body ?? {});
            case 'PATCH':
                return call.patch(body);
            case 'DELETE':
                return call.delete();
        }
    }
}

function isRepeatable({ method, repeatable }: GraphRequest): boolean {
    return repeatable ?? method !== 'POST';
}
