import type { Entity } from '@microsoft/microsoft-graph-types';
import { SyncError, toSyncError } from '../../errors/errors';
import type { PresenceUser } from '../../presence/message';
import type { Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import type { Sender } from '../connection/first-that-works';
import type { Page } from '../connection/graph-client';
import { GraphRefusal } from '../connection/graph-error';
import { attemptAfter } from '../connection/sign-in/sign-in-error';
import { Scope, type ScopeOptions } from './scope';

/** The members are read again this often, in ms. */
const interval = 5 * 60_000;

/** The members of an Entra group, those of groups in it too. Who they were stays while they cannot be read. */
export class GroupScope extends Scope {
    readonly #group: string;
    #members: ReadonlySet<string> = new Set();

    /** @param options.group its object id or its display name */
    constructor(options: ScopeOptions & { group: string }) {
        super(options);
        this.#group = options.group.trim();
        if (!this.#group) throw new SyncError('FIELD_MISSING', { field: 'Group' });
    }

    protected override begin(): void {
        const schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 });
        let timer: Timer | undefined;
        let isOver = false;
        const read = async (): Promise<void> => {
            const members = await readGroupMembers(this.directory.sender, this.#group).catch(toSyncError);
            if (isOver) return;
            const isRead = members instanceof Set;
            timer = this.clock.after(isRead ? interval : attemptAfter(members, schedule), read);
            if (!isRead)
                return this.setState({ phase: members.kind === 'outage' ? 'retrying' : 'failed', error: members });
            schedule.reset();
            this.#take(members);
        };
        const onUsed = (): void => void read();
        this.ends.push(() => {
            isOver = true;
            this.directory.off('state', onUsed);
            this.clock.cancel(timer);
        });
        this.setState({ phase: 'connecting' });
        // Until a registration uses the directory there is none in whose name to ask.
        if (this.directory.state.phase === 'stopped') this.directory.once('state', onUsed);
        else onUsed();
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.#members.has(user.teams!.id) ? user : undefined;
    }

    #take(members: ReadonlySet<string>): void {
        const former = this.#members;
        const changed = [...former].filter(id => !members.has(id));
        for (const id of members) if (!former.has(id)) changed.push(id);
        this.#members = members;
        this.setState({ phase: 'online' });
        this.reconsider(changed);
    }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The ids of the users who are members of a group, or of a group in it. The cast to users is an advanced query, which
 * needs its header and `$count`.
 * @param group its object id or its display name
 * @throws SyncError TEAMS_GROUP_UNKNOWN, TEAMS_GROUP_AMBIGUOUS, or what keeps Graph from answering
 * @see https://learn.microsoft.com/graph/api/group-list-transitivemembers
 */
async function readGroupMembers(graph: Sender, group: string): Promise<Set<string>> {
    const what = `read the members of the group ${group}`;
    const headers = { ConsistencyLevel: 'eventual' };
    const members = new Set<string>();
    const id = guid.test(group) ? group : await groupNamed(graph, group);
    let path: string | undefined =
        `/groups/${id}/transitiveMembers/microsoft.graph.user?$select=id&$count=true&$top=999`;
    while (path) {
        const request = { what, method: 'GET', path, headers } as const;
        const page: Page<Entity> = await graph.send<Page<Entity>>(request).catch(error => {
            if (!(error instanceof GraphRefusal) || error.status !== 404) throw error;
            throw new SyncError('TEAMS_GROUP_UNKNOWN', { group }, error);
        });
        for (const user of page.value ?? []) if (user.id) members.add(user.id);
        path = page['@odata.nextLink'];
    }
    return members;
}

/** @see https://learn.microsoft.com/graph/api/group-list */
async function groupNamed(graph: Sender, name: string): Promise<string> {
    const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
    const path = `/groups?$filter=${filter}&$select=id&$top=2`;
    const { value = [] } = await graph.send<Page<Entity>>({ what: `find the group ${name}`, method: 'GET', path });
    if (value.length > 1) throw new SyncError('TEAMS_GROUP_AMBIGUOUS', { group: name });
    const id = value[0]?.id;
    if (!id) throw new SyncError('TEAMS_GROUP_UNKNOWN', { group: name });
    return id;
}
