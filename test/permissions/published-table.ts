/**
 * Microsoft's table of permissions, as far as it is used here: each permission with the calls that it allows.
 * @see https://github.com/microsoftgraph/kibali/blob/main/specs/permissions-schema.json
 */
export interface PublishedTable {
    permissions: Record<string, { schemes: Record<string, { privilegeLevel?: number }>; pathSets: PathSet[] }>;
}

interface PathSet {
    schemeKeys: string[];
    methods: string[];
    /** By path in lower case: "", or "least=DelegatedWork,Application". */
    paths: Record<string, string>;
}

/** The permissions of which any allows a call; the first is the one that allows least. */
export interface Row {
    application: string[];
    delegated: string[];
    /** Where the row does not stand in the table. */
    source?: string;
    date?: string;
}

/** What we ask of Graph, by method and path; parts of the path that name one thing are `{id}`. */
export const madeCalls = [
    'GET /groups',
    'GET /groups/{id}/transitiveMembers',
    'GET /me',
    'GET /users',
    'GET /users/delta',
    'POST /communications/getPresencesByUserId',
    'POST /users/{id}/presence/clearPresence',
    'POST /users/{id}/presence/clearUserPreferredPresence',
    'POST /users/{id}/presence/setPresence',
    'POST /users/{id}/presence/setStatusMessage',
    'POST /users/{id}/presence/setUserPreferredPresence',
];

/** The table leaves subscriptions out: what they take depends on the resource, here presence. */
const subscription: Row = {
    application: [],
    delegated: ['Presence.Read.All'],
    source: 'https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions',
    date: '2026-05-05',
};

export const documentedCalls: Record<string, Row> = {
    'DELETE /subscriptions/{id}': subscription,
    'GET /subscriptions': subscription,
    'GET /subscriptions/{id}': subscription,
    'PATCH /subscriptions/{id}': subscription,
    'POST /subscriptions': subscription,
};

/** The rows of these calls. @throws Error for a call that the table lacks, or allows under a condition unknown here */
export function rowsOf(table: PublishedTable, calls: readonly string[]): Record<string, Row> {
    const rows = calls.map(call => {
        const application = permissionsFor(table, call, 'Application');
        const delegated = permissionsFor(table, call, 'DelegatedWork');
        if (application.length + delegated.length === 0) throw new Error(`The table lacks ${call}`);
        return [call, { application, delegated }];
    });
    return Object.fromEntries(rows);
}

function permissionsFor({ permissions }: PublishedTable, call: string, scheme: string): string[] {
    const [method = '', path = ''] = call.split(' ');
    const found: { name: string; rank: number }[] = [];
    for (const [name, { schemes, pathSets }] of Object.entries(permissions)) {
        const allowing = pathSets.filter(set => set.schemeKeys.includes(scheme) && set.methods.includes(method));
        const terms = allowing.map(set => set.paths[path.toLowerCase()]).filter(term => term !== undefined);
        if (terms.length === 0) continue;
        const unknown = terms.find(term => term !== '' && !/^least=[\w,]*$/.test(term));
        if (unknown !== undefined) throw new Error(`${name} allows ${call} under a condition: ${unknown}`);
        const isLeast = terms.some(term => term.replace('least=', '').split(',').includes(scheme));
        // What is least among the methods of its row, and what writes, may be more than reading takes.
        const writes = method === 'GET' && name.includes('Write');
        const level = schemes[scheme]?.privilegeLevel ?? 9;
        found.push({ name, rank: (isLeast ? 0 : 100) + (writes ? 10 : 0) + level });
    }
    return found.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1)).map(({ name }) => name);
}
