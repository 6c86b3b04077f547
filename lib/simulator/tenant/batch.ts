import { badRequest } from './graph-error';
import { bodyObject, type GraphRequest } from './graph-request';
import { type HttpRequest, type Reply, splitOnce, toHeaders } from './http-exchange';

const mostItems = 20;

interface Item {
    id: string;
    dependsOn: string[];
    http: HttpRequest;
}

/**
 * Runs the items of a `$batch`, each with a status of its own; the answers come in no particular order.
 * @param serve answers one item; never rejects
 * @see https://learn.microsoft.com/graph/json-batching
 */
export async function runBatch(
    request: GraphRequest,
    headers: Record<string, string>,
    serve: (item: HttpRequest) => Promise<Reply>,
): Promise<Reply> {
    const items = parseItems(request, headers);
    const results = new Map<string, Promise<Reply>>();
    for (const item of items) results.set(item.id, runItem(item, results, serve));
    const responses = await Promise.all([...results].map(async ([id, reply]) => toResponse(id, await reply)));
    return { status: 200, body: { responses: responses.reverse() } };
}

async function runItem(
    item: Item,
    results: Map<string, Promise<Reply>>,
    serve: (item: HttpRequest) => Promise<Reply>,
): Promise<Reply> {
    const needed = await Promise.all(item.dependsOn.map(id => results.get(id)));
    if (needed.every(reply => reply && reply.status < 400)) return serve(item.http);
    const error = { code: 'FailedDependency', message: 'A request that this one depends on has failed.' };
    return { status: 424, body: { error } };
}

function toResponse(id: string, { status, headers = {}, body }: Reply): object {
    const type: Record<string, string> = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
    const named = Object.entries({ ...type, ...headers }).map(([name, value]) => [headerCase(name), value]);
    return { id, status, headers: Object.fromEntries(named), ...(body === undefined ? {} : { body }) };
}

/** "retry-after" -> "Retry-After", as Graph writes them in JSON. */
function headerCase(name: string): string {
    return name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase());
}

function parseItems(request: GraphRequest, headers: Record<string, string>): Item[] {
    const { requests } = bodyObject(request);
    if (!Array.isArray(requests) || requests.length === 0) throw badRequest('Invalid batch payload format.');
    if (requests.length > mostItems)
        throw badRequest(`Number of batch request steps exceeds the maximum value of ${mostItems}.`);
    const items = requests.map(item => parseItem(item, headers));
    const seen = new Set<string>();
    for (const { id, dependsOn } of items) {
        if (seen.has(id.toLowerCase())) throw badRequest(`Request id '${id}' is not unique.`);
        const wrong = dependsOn.find(other => !seen.has(other.toLowerCase()));
        if (wrong !== undefined) throw badRequest(`Request '${id}' depends on '${wrong}', which is not before it.`);
        seen.add(id.toLowerCase());
    }
    return items;
}

function parseItem(value: unknown, outer: Record<string, string>): Item {
    const item = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const { id, method, url, body, dependsOn = [] } = item;
    if (typeof id !== 'string' || id === '') throw badRequest('Every request of a batch needs an id.');
    if (typeof method !== 'string') throw badRequest(`Request '${id}' has no method.`);
    if (typeof url !== 'string' || /^[a-z]+:|^\/\//i.test(url) || /\$batch/i.test(url))
        throw badRequest(`Request '${id}' needs a relative url.`);
    if (!Array.isArray(dependsOn)) throw badRequest(`Request '${id}': dependsOn must be a list.`);
    const own = toHeaders(Object.entries((item.headers ?? {}) as object));
    if (body !== undefined && body !== null && !own['content-type'])
        throw badRequest(`Request '${id}' has a body, but no Content-Type header.`);
    const [path, query = ''] = splitOnce(url.startsWith('/') ? url : `/${url}`, '?');
    return {
        id,
        dependsOn: dependsOn.map(String),
        http: {
            method: method.toUpperCase(),
            path: `/v1.0${path}`,
            query: new URLSearchParams(query),
            headers: { ...own, authorization: own.authorization ?? outer.authorization ?? '' },
            text: body === undefined || body === null ? '' : JSON.stringify(body),
        },
    };
}
