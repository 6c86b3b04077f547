import { badRequest, GraphError } from './graph-error';
import { notSimulated } from './not-simulated';

const defaultPage = 100;
const largestPage = 999;

const documented = ['$count', '$expand', '$filter', '$format', '$orderby', '$search', '$select', '$top'];

/**
 * Throws for query options that the request does not take here: 501 for those that Graph documents, 400 for others.
 * @see https://learn.microsoft.com/graph/query-parameters
 */
export function refuseOptions(query: URLSearchParams, known: readonly string[]): void {
    for (const name of query.keys()) {
        if (name === '$skip')
            throw new GraphError(400, 'Request_BadRequest', "'$skip' is not supported by the service.");
        if (!name.startsWith('$') || known.includes(name)) continue;
        if (documented.includes(name)) throw notSimulated(`the query option ${name} of this request`);
        throw new GraphError(400, 'Request_UnsupportedQuery', `The query option '${name}' is not supported.`);
    }
}

/** The size of a page: 100, or `$top` from 1 to 999; throws 400 for anything else. */
export function pageSize(query: URLSearchParams): number {
    const top = query.get('$top');
    if (top === null) return defaultPage;
    const size = Number(top);
    if (Number.isInteger(size) && size >= 1 && size <= largestPage) return size;
    const message = `Invalid page size specified: '${top}'. Must be between 1 and ${largestPage} inclusive.`;
    throw new GraphError(400, 'Request_UnsupportedQuery', message);
}

/** Where the page of a request begins: after this place, 0 for the first page. Throws 400 for a damaged token. */
export function pageStart(query: URLSearchParams): number {
    const token = query.get('$skiptoken');
    if (token === null) return 0;
    const place = /^after (\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
    if (place === undefined) throw badRequest('The specified page token is not valid.');
    return Number(place);
}

/**
 * The address of the page after `place`. The client must follow it as it is: where the page starts is nobody else's
 * business.
 * @param address of the collection, without query
 */
export function nextLink(address: string, query: URLSearchParams, place: number): string {
    const kept = [...query].filter(([name]) => name !== '$skiptoken');
    const options = [...kept, ['$skiptoken', Buffer.from(`after ${place}`).toString('base64url')] as const];
    return `${address}?${options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
