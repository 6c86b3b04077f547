import type { Reply } from './http-exchange';

/** A refusal of Graph: HTTP status, error code and message. */
export class GraphError extends Error {
    readonly status: number;
    readonly code: string;
    readonly headers: Record<string, string>;

    constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
        super(message);
        this.name = 'GraphError';
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    /**
     * The error response.
     * @param options.now milliseconds since the epoch
     * @see https://learn.microsoft.com/graph/errors
     */
    reply(options: { now: number; requestId: string; clientRequestId: string }): Reply {
        const innerError = {
            date: new Date(options.now).toISOString().slice(0, 19),
            'request-id': options.requestId,
            'client-request-id': options.clientRequestId,
        };
        const body = { error: { code: this.code, message: this.message, innerError } };
        return { status: this.status, headers: this.headers, body };
    }
}

export function badRequest(message: string): GraphError {
    return new GraphError(400, 'BadRequest', message);
}

/** What the presence service says of a wrong argument. */
export function invalidArgument(message: string): GraphError {
    return new GraphError(400, 'InvalidArgument', message);
}

/** What the subscription service says of a wrong field. */
export function invalidRequest(message: string): GraphError {
    return new GraphError(400, 'InvalidRequest', message);
}

/** What Graph passes on from the presence service about a subscription. */
export function extensionError(status: number, word: string, reason: string): GraphError {
    const message = `Operation: Create; Exception: [Status Code: ${word}; Reason: ${reason}]`;
    return new GraphError(status, 'ExtensionError', message);
}
