import published from '../../lib/published/graph-permissions.json';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The row of Microsoft's table that a request to Graph is about, such as "GET /users/delta"; undefined for one to Entra, and
 * for a look at the root, which only asks the time. A cast of a list stands in the row of the list.
 * @param request method and path, "GET /v1.0/groups/<id>/transitiveMembers/microsoft.graph.user"
 */
export function callOf(request: string): string | undefined {
    const [, method, path] = /^([A-Z]+) \/v1\.0(\/[^?]+)/.exec(request) ?? [];
    if (!method || !path) return undefined;
    const isId = (part: string, before: string | undefined) =>
        before === 'subscriptions' || guid.test(decodeURIComponent(part));
    const parts = path.split('/').map((part, index, all) => (isId(part, all[index - 1]) ? '{id}' : part));
    return `${method} ${parts.filter(part => !part.startsWith('microsoft.graph.')).join('/')}`;
}

/** Of these requests the calls that Microsoft's table, as we keep it, lacks. */
export function unlisted(requests: readonly string[]): string[] {
    const calls = requests.map(callOf).filter(call => call !== undefined);
    return [...new Set(calls)].filter(call => !(call in published.calls));
}
