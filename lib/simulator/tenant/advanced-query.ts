import { GraphError } from './graph-error';
import type { GraphRequest } from './graph-request';

/** `ConsistencyLevel: eventual`: the request may be answered from the index of the directory. */
export function isEventual({ headers }: GraphRequest): boolean {
    return headers.consistencylevel?.toLowerCase() === 'eventual';
}

/** Whether the number of all objects belongs in the answer; without the header `$count` is ignored without a word. */
export function wantsCount(request: GraphRequest): boolean {
    return isEventual(request) && request.query.get('$count') === 'true';
}

/**
 * Throws 400 unless the request has both advanced query parameters.
 * @param what as in the error message: "Operator 'any'"
 * @see https://learn.microsoft.com/graph/aad-advanced-queries#error-handling-for-advanced-queries-on-directory-objects
 */
export function demandAdvanced(request: GraphRequest, what: string): void {
    if (wantsCount(request)) return;
    const message = `${what} is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information`;
    throw new GraphError(400, 'Request_UnsupportedQuery', message);
}

/** Throws 400 unless the request for a `/$count` says that it may come from the index. */
export function demandEventual(request: GraphRequest): void {
    if (!isEventual(request)) throw new GraphError(400, 'Request_BadRequest', '$count is not currently supported.');
}
