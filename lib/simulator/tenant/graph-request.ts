import type { Caller } from './caller';
import { badRequest } from './graph-error';
import type { HttpRequest, Reply } from './http-exchange';
import { notSimulated } from './not-simulated';

/** One request to Graph, or one item of a batch. */
export interface GraphRequest {
    method: string;
    /** The decoded segments after `/v1.0`, with `me` already replaced by the signed-in user. */
    segments: string[];
    query: URLSearchParams;
    /** Names in lower case; for an item of a batch its own ones. */
    headers: Record<string, string>;
    /** Parsed JSON; undefined if there is none. */
    body: unknown;
    caller: Caller;
}

/** Answers the requests of one route; `parameters` are the segments that the route leaves open, in order. */
export type GraphHandler = (request: GraphRequest, ...parameters: string[]) => Reply | Promise<Reply>;

/** A route: method and path below `/v1.0`, where `*` stands for one segment. */
export type GraphRoute = [method: string, path: string, handler: GraphHandler];

/** Prepares a request for the routes; throws 400 for what Graph cannot read. @param path below `/v1.0` */
export function toGraphRequest(http: HttpRequest, path: string, caller: Caller): GraphRequest {
    const segments = path
        .split('/')
        .filter(Boolean)
        .flatMap(segment => withoutKey(decode(segment)));
    if (segments[0]?.toLowerCase() === 'me') {
        if (!caller.userId) throw badRequest('/me request is only valid with delegated authentication flow.');
        segments.splice(0, 1, 'users', caller.userId);
    }
    const { method, headers } = http;
    return { method, segments, query: systemOptions(http.query), headers, body: parseBody(http), caller };
}

/** The body as an object; throws 400 for anything else. */
export function bodyObject(request: GraphRequest): Record<string, unknown> {
    const { body } = request;
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
    throw badRequest(unreadable);
}

/** `users('id')` is `users/id`. @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_CanonicalURL */
function withoutKey(segment: string): string[] {
    const [, name, key] = /^([\w.]+)\('((?:[^']|'')*)'\)$/.exec(segment) ?? [];
    return name === undefined ? [segment] : [name, key!.replaceAll("''", "'")];
}

const optionNames =
    'apply compute count deltatoken expand filter format orderby search select skip skiptoken top'.split(' ');

/**
 * The query. Some of Graph's requests take its options without their `$`, and it is not said which.
 * @see https://learn.microsoft.com/graph/query-parameters
 */
function systemOptions(query: URLSearchParams): URLSearchParams {
    for (const name of query.keys()) {
        const isOption = optionNames.includes(name.replace(/^\$/, '').toLowerCase());
        if (isOption && !optionNames.includes(name.slice(1))) throw notSimulated(`The option '${name}'`);
    }
    return query;
}

const unreadable =
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.';

function parseBody({ headers, text }: HttpRequest): unknown {
    if (text === '') return undefined;
    if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) throw badRequest(unreadable);
    try {
        return JSON.parse(text);
    } catch {
        throw badRequest(unreadable);
    }
}

function decode(segment: string): string {
    try {
        return decodeURIComponent(segment);
    } catch {
        throw badRequest('The request URI is not valid.');
    }
}
