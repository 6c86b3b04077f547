import { SyncError } from '../../errors/errors';
import type { Sender } from '../connection/first-that-works';
import { GraphRefusal } from '../connection/graph-error';

interface Page {
    value: { id?: string }[];
    '@odata.nextLink'?: string;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The ids of the users who are members of a group, or of a group in it. The cast to users is an advanced query, which
 * needs its header and `$count`.
 * @param group its object id or its display name
 * @throws SyncError TEAMS_GROUP_UNKNOWN, TEAMS_GROUP_AMBIGUOUS, or what keeps Graph from answering
 * @see https://learn.microsoft.com/graph/api/group-list-transitivemembers
 */
export async function readGroupMembers(graph: Sender, group: string): Promise<Set<string>> {
    const what = `read the members of the group ${group}`;
    const headers = { ConsistencyLevel: 'eventual' };
    const members = new Set<string>();
    const id = guid.test(group) ? group : await groupNamed(graph, group);
    let path: string | undefined =
        `/groups/${id}/transitiveMembers/microsoft.graph.user?$select=id&$count=true&$top=999`;
    while (path) {
        const page: Page = await graph.send<Page>({ what, method: 'GET', path, headers }).catch(error => {
            if (!(error instanceof GraphRefusal) || error.status !== 404) throw error;
            throw new SyncError('TEAMS_GROUP_UNKNOWN', { group }, error);
        });
        for (const user of page.value) if (user.id) members.add(user.id);
        path = page['@odata.nextLink'];
    }
    return members;
}

/** @see https://learn.microsoft.com/graph/api/group-list */
async function groupNamed(graph: Sender, name: string): Promise<string> {
    const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
    const path = `/groups?$filter=${filter}&$select=id&$top=2`;
    const page = await graph.send<Page>({ what: `find the group ${name}`, method: 'GET', path });
    if (page.value.length > 1) throw new SyncError('TEAMS_GROUP_AMBIGUOUS', { group: name });
    const id = page.value[0]?.id;
    if (!id) throw new SyncError('TEAMS_GROUP_UNKNOWN', { group: name });
    return id;
}
