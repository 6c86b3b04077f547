import type { Priority } from '../../support/rate-budget';

/** One Graph request. */
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
