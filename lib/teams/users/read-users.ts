import { SyncError } from '../../errors/errors';
import type { Sender } from '../connection/first-that-works';
import { GraphRefusal } from '../connection/graph-error';
import type { UserRecord } from './user-record';

interface Page {
    value: UserRecord[];
    '@odata.nextLink'?: string;
    '@odata.deltaLink'?: string;
}

/** Called for each user of each page. */
export type TakeUser = (record: UserRecord & { id: string }) => void;

const what = 'read the users of the tenant';
/** The longest page that Graph gives. @see https://learn.microsoft.com/graph/api/user-list */
const longestPage = 999;

/**
 * Reads all users. The link for later changes is taken before the first page, so that nothing falls between.
 * @param properties for `$select`
 * @returns the link for {@link readChanges}
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview#use-delta-query-to-track-changes-in-a-resource-collection
 */
export async function readUsers(graph: Sender, properties: string, take: TakeUser): Promise<string> {
    const link = await readPages(graph, `/users/delta?$deltatoken=latest&$select=${properties}`, () => {});
    if (!link) throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'the answer lacks its delta link' });
    await readPages(graph, `/users?$select=${properties}&$top=${longestPage}`, take);
    return link;
}

/**
 * Reads what has changed; the same user may come several times, and changes that are known already may come again.
 * @returns the link for the next time; undefined where the service has forgotten this one: read all users
 */
export async function readChanges(graph: Sender, link: string, take: TakeUser): Promise<string | undefined> {
    try {
        return await readPages(graph, link, take);
    } catch (error) {
        if (error instanceof GraphRefusal && isForgotten(error)) return undefined;
        throw error;
    }
}

/** @returns the delta link of the last page, if it has one */
async function readPages(graph: Sender, first: string, take: TakeUser): Promise<string | undefined> {
    const seen = new Set<string>();
    let path = first;
    for (;;) {
        // A link that leads back would never end.
        if (seen.has(path))
            throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a list of users leads back to itself' });
        seen.add(path);
        const page = await graph.send<Page>({ what, method: 'GET', path });
        for (const record of page.value ?? []) if (record.id) take(record as UserRecord & { id: string });
        const next = page['@odata.nextLink'];
        if (!next) return page['@odata.deltaLink'];
        path = next;
    }
}

/**
 * A delta link lives 7 days. The end of it is 410 Gone, or a 40x with a code such as `syncStateNotFound`; whatever else
 * the link is refused for, a full read needs no link.
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview (Synchronization reset, Token duration)
 */
function isForgotten({ status }: GraphRefusal): boolean {
    return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
}
