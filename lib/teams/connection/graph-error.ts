import { type ErrorCode, SyncError } from '../../errors/errors';

/**
 * An answer of Graph that is no success: its HTTP status and Graph's own code stay readable for callers that know how to
 * go on.
 * @see https://learn.microsoft.com/graph/errors
 */
export class GraphRefusal extends SyncError {
    readonly status: number;
    readonly graphCode: string;
    /** Milliseconds that the service asks to wait, where it does. */
    readonly retryAfter: number | undefined;
    /** Milliseconds by which Graph's clock is ahead of ours, negative if behind; to the second, where it tells. */
    readonly clockAhead: number | undefined;

    /** @param what the request in words that follow "to": "read the users of the tenant" */
    constructor(what: string, status: number, body: unknown, retryAfter?: number, clockAhead?: number) {
        const error = (body as { error?: { code?: unknown; message?: unknown } | null } | undefined)?.error;
        const [code, message] = [textOf(error?.code), textOf(error?.message).slice(0, 300)];
        super(codeOf(status), { what, detail: message || code || `status ${status}` });
        this.status = status;
        this.graphCode = code;
        this.retryAfter = retryAfter;
        this.clockAhead = clockAhead;
    }
}

/** A gateway on the way may answer in a form of its own. */
function textOf(value: unknown): string {
    return typeof value === 'string' ? value : '';
}

/**
 * May well succeed the next time: it took too long, its forerunner in a batch failed, or another app is writing the
 * same thing just now (conflict, precondition failed, locked).
 */
const passing = new Set([408, 409, 412, 423, 424]);

function codeOf(status: number): ErrorCode {
    if (status === 429) return 'TEAMS_THROTTLED';
    // Not the user's fault: a fresh token was tried already.
    if (status === 401) return 'TEAMS_TOKEN_REFUSED';
    if (status === 403) return 'TEAMS_PERMISSION_MISSING';
    // Below 400 it is no answer of Graph's, but of something on the way.
    if (status < 400 || status >= 500 || passing.has(status)) return 'TEAMS_SERVICE_ERROR';
    return 'TEAMS_REQUEST_REFUSED';
}

/** However long the service asks to wait, it is asked again after this many ms. */
const longestRetryAfter = 5 * 60_000;

/** Milliseconds of a Retry-After header, given in seconds or as a date; 5 minutes at most. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
    if (!header) return undefined;
    const seconds = Number(header);
    const asked = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
    return Number.isNaN(asked) ? undefined : Math.min(longestRetryAfter, Math.max(0, asked));
}

/** Milliseconds by which the clock of an answer's Date header is ahead of ours. */
export function clockAheadOf(header: string | null | undefined, now: number): number | undefined {
    const time = Date.parse(header ?? '');
    return Number.isNaN(time) ? undefined : time - now;
}
