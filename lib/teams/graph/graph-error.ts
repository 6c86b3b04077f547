import { type ErrorCode, SyncError } from '../../support/errors';

/** A refusal of Graph: the HTTP status and Graph's own code stay readable for callers that know how to go on. */
export class GraphRefusal extends SyncError {
    /** 0 where no answer came. */
    readonly status: number;
    readonly graphCode: string;
    /** Milliseconds that the service asks to wait, where it does. */
    readonly retryAfter: number | undefined;

    constructor(
        code: ErrorCode,
        what: string,
        refusal: { status: number; code: string; message: string; retryAfter?: number },
    ) {
        super(code, { what, detail: refusal.message || refusal.code || `status ${refusal.status}` });
        this.status = refusal.status;
        this.graphCode = refusal.code;
        this.retryAfter = refusal.retryAfter;
    }
}

/**
 * The error for an answer that is no success.
 * @param what the request in words that follow "to": "read the users of the tenant".
 * @see https://learn.microsoft.com/graph/errors
 */
export function refusalOf(what: string, status: number, body: unknown, retryAfter?: number): GraphRefusal {
    const error = (body as { error?: { code?: string; message?: string } } | undefined)?.error;
    const refusal = { status, code: error?.code ?? '', message: (error?.message ?? '').slice(0, 300), retryAfter };
    return new GraphRefusal(codeOf(status), what, refusal);
}

/** A request that took too long, and one whose forerunner in a batch failed: either may well succeed the next time. */
const passing = new Set([408, 424]);

function codeOf(status: number): ErrorCode {
    if (status === 429) return 'TEAMS_THROTTLED';
    if (status === 403) return 'TEAMS_PERMISSION_MISSING';
    if (status >= 500 || passing.has(status)) return 'TEAMS_SERVICE_ERROR';
    return 'TEAMS_REQUEST_REFUSED';
}

/** Milliseconds of a Retry-After header, given in seconds or as a date. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
    if (!header) return undefined;
    const seconds = Number(header);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    const date = Date.parse(header);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
