import type { Context, Middleware, MiddlewareOptions } from '@microsoft/microsoft-graph-client';
import type { Response as UndiciResponse } from 'undici';
import { type SyncError, toSyncError } from '../../errors/errors';
import type { Priority, RateBudget } from '../../support/rate-budget';
import { type Clock, pause } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { retryAfterOf } from './graph-error';
import type { Http } from './http';
import type { TokenSource } from './sign-in/token-source';

/** What travels with one request through the chain; the SDK would wrap an error beyond recognition. */
export class RequestNotes implements MiddlewareOptions {
    failure: SyncError | undefined;
    readonly priority: Priority | undefined;
    readonly once: boolean;
    readonly repeatable: boolean;

    /**
     * @param options.priority set for presence calls, which draw on the rate budget
     * @param options.once true if the caller repeats what was throttled or met a passing fault
     * @param options.repeatable see {@link HttpRequest}
     */
    constructor({ priority, once, repeatable }: { priority?: Priority; once?: boolean; repeatable: boolean }) {
        this.priority = priority;
        this.once = once ?? false;
        this.repeatable = repeatable;
    }
}

abstract class Link implements Middleware {
    protected next!: Middleware;
    setNext(next: Middleware): void {
        this.next = next;
    }
    abstract execute(context: Context): Promise<void>;
}

/** Adds the bearer token, and tries once with a fresh one when Graph answers 401. */
export class TokenMiddleware extends Link {
    readonly #tokens: TokenSource;

    constructor(tokens: TokenSource) {
        super();
        this.#tokens = tokens;
    }

    async execute(context: Context): Promise<void> {
        const token = await this.#attempt(context);
        if (context.response?.status === 403) this.#tokens.doubt(token);
        if (context.response?.status !== 401) return;
        this.#tokens.invalidate(token);
        await this.#attempt(context);
    }

    /** @returns the token that was used */
    async #attempt(context: Context): Promise<string> {
        try {
            const token = await this.#tokens.token();
            const headers = new Headers(context.options?.headers);
            headers.set('Authorization', `Bearer ${token}`);
            context.options = { ...context.options, headers };
            await this.next.execute(context);
            return token;
        } catch (error) {
            const notes = notesOf(context);
            notes.failure = toSyncError(error);
            throw notes.failure;
        }
    }
}

const attempts = 3;
const transient = new Set([429, 500, 502, 503, 504]);
/** A service that asks for more patience than this gets the caller's: it keeps the newest state and comes back. */
const longestWait = 20_000;

/**
 * Draws on the rate budget and repeats what was throttled or met a passing fault, as the service asks (Retry-After)
 * or with back-off.
 * @see https://learn.microsoft.com/graph/throttling
 */
export class RetryMiddleware extends Link {
    readonly #clock: Clock;
    readonly #budget: RateBudget;

    constructor(clock: Clock, budget: RateBudget) {
        super();
        this.#clock = clock;
        this.#budget = budget;
    }

    async execute(context: Context): Promise<void> {
        const { priority, once } = notesOf(context);
        const schedule = new RetrySchedule({ first: 500, factor: 2, longest: 10_000, jitter: 0.2 });
        for (let attempt = 1; ; attempt++) {
            await this.#withinBudget(priority, context);
            const response = context.response;
            if (once || !response || !transient.has(response.status)) return;
            const asked = retryAfterOf(response.headers.get('Retry-After'), this.#clock.date());
            if (response.status === 429 && priority && asked) this.#budget.holdOff(asked);
            const wait = asked ?? schedule.next();
            if (attempt === attempts || wait > longestWait) return;
            await pause(this.#clock, wait);
        }
    }

    async #withinBudget(priority: Priority | undefined, context: Context): Promise<void> {
        const grant = priority && (await this.#budget.take(priority));
        try {
            await this.next.execute(context);
        } finally {
            grant?.answered();
        }
    }
}

/**
 * Ends the chain with HTTP. The SDK fails on an empty body labelled JSON, which the presence actions answer, and on
 * an error page in HTML: both become what it can read.
 */
export class HttpMiddleware implements Middleware {
    readonly #http: Http;

    constructor(http: Http) {
        this.#http = http;
    }

    async execute(context: Context): Promise<void> {
        const { method, headers, body } = context.options ?? {};
        const response = await this.#http.fetch(String(context.request), {
            method,
            headers: Object.fromEntries(new Headers(headers)),
            body: typeof body === 'string' ? body : undefined,
            repeatable: notesOf(context).repeatable,
        });
        context.response = await readable(response);
    }
}

async function readable(response: UndiciResponse): Promise<Response> {
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    if (response.ok && text === '') return new Response(null, { status: 204, headers });
    if (response.ok || isJson(text)) {
        return new Response(text, {
            status: response.status,
            headers: { ...headers, 'content-type': 'application/json' },
        });
    }
    const error = { code: `status ${response.status}`, message: '' };
    return new Response(JSON.stringify({ error }), {
        status: response.status,
        headers: { ...headers, 'content-type': 'application/json' },
    });
}

function isJson(text: string): boolean {
    try {
        return typeof JSON.parse(text) === 'object';
    } catch {
        return false;
    }
}

function notesOf(context: Context): RequestNotes {
    return context.middlewareControl?.getMiddlewareOptions(RequestNotes) as RequestNotes;
}
