import type { Entity } from '@microsoft/microsoft-graph-types';
import { UUID_REGEX } from 'valibot';
import { SyncError, toSyncError } from '../../errors/errors';
import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import type { UserMatches } from '../../presence/user-matches';
import type { Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { type Page, pagesOf, type Sender } from '../connection/graph-client';
import { GraphRefusal } from '../connection/graph-error';
import { attemptAfter } from '../connection/sign-in/sign-in-error';
import { introduce } from './introduction';
import { Scope, type ScopeOptions } from './scope';

/** Who is to be followed. */
export type ScopeDescription = {
    /** Only users with one of these service plans; none: whatever their plans. */
    plans?: readonly string[];
} & (
    | { kind: 'all' }
    /** Object id or display name. */
    | { kind: 'group'; group: string }
    /** Addresses or object ids. */
    | { kind: 'list'; entries: readonly string[] }
    | { kind: 'pbx'; pbx: PbxUsers }
);

/** The scope of this description. @throws SyncError FIELD_MISSING without a group */
export function scopeOf(description: ScopeDescription, use: Omit<ScopeOptions, 'plans'>): Scope {
    const options = { ...use, plans: description.plans };
    switch (description.kind) {
        case 'all':
            return new AllScope(options);
        case 'group':
            return new GroupScope({ ...options, group: description.group });
        case 'list': {
            const scope = new ListScope(options);
            scope.change('replace', description.entries);
            return scope;
        }
        case 'pbx':
            return new PbxScope({ ...options, pbx: description.pbx });
    }
}

/** All users of the tenant; no guests, and no accounts that may not sign in, such as rooms and shared mailboxes. */
class AllScope extends Scope {
    protected override begin(): void {
        this.setState({ phase: 'online' });
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.directory.users.isMember(user.teams!.id) ? user : undefined;
    }
}

/** What a new list does to the one there is. */
export const listActions = ['replace', 'add', 'remove'] as const;
export type ListAction = (typeof listActions)[number];

/**
 * The users whose address or id is in a list that comes from outside. A user whom the directory does not know is told
 * by name, and followed as soon as it does.
 */
export class ListScope extends Scope {
    readonly #entries = new Set<string>();

    /** The list as it is, lower case: it can be kept and given again. */
    get entries(): string[] {
        return [...this.#entries];
    }

    /** @param list addresses (mail, principal name, alias) or Entra object ids, in any case */
    change(action: ListAction, list: readonly string[]): void {
        const named = new Set(list.map(comparable).filter(Boolean));
        const affected: string[] = [];
        const put = (entry: string, isWanted: boolean): void => {
            if (this.#entries.has(entry) === isWanted) return;
            if (isWanted) this.#entries.add(entry);
            else this.#entries.delete(entry);
            const id = this.directory.users.find(entry)?.teams?.id;
            if (id) affected.push(id);
        };
        if (action === 'replace') for (const entry of this.entries) if (!named.has(entry)) put(entry, false);
        for (const entry of named) put(entry, action !== 'remove');
        if (action !== 'remove') this.#tellUnknown(named);
        this.reconsider(affected);
    }

    protected override begin(): void {
        const onLoaded = (): void => this.#tellUnknown(this.#entries);
        this.directory.on('loaded', onLoaded);
        this.ends.push(() => this.directory.off('loaded', onLoaded));
        onLoaded();
        this.setState({ phase: 'online' });
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        const isListed = this.#entries.has(user.teams!.id) || user.addresses.some(one => this.#entries.has(one));
        return isListed ? user : undefined;
    }

    #tellUnknown(entries: Iterable<string>): void {
        if (!this.directory.loaded) return;
        for (const entry of entries) if (!this.directory.users.find(entry)) this.emit('leftOut', entry, 'unknown');
    }
}

/** The users of a PBX, as this side sees them. */
export interface PbxUsers {
    /** Which of them is which Teams user; it is told the users of the tenant. */
    matches: UserMatches;
    /** True once the PBX has told its users. */
    loaded(): boolean;
    /** The person for a Teams user whom the PBX knows. */
    select(user: PresenceUser): PresenceUser | undefined;
    /** Calls back when the PBX has told its users, or other users; returns the function that ends it. */
    onChange(changed: () => void): () => void;
}

/** The users whom a PBX knows. */
export class PbxScope extends Scope {
    readonly #pbx: PbxUsers;

    constructor(options: ScopeOptions & { pbx: PbxUsers }) {
        super(options);
        this.#pbx = options.pbx;
    }

    protected override begin(): void {
        this.setState({ phase: 'connecting' });
        const { matches } = this.#pbx;
        const onChange = (): void => {
            if (!this.#pbx.loaded()) return;
            this.setState({ phase: 'online' });
            this.reconsider(undefined);
        };
        const end = (): unknown => matches.off('change', onChange);
        this.ends.push(end, introduce(this.directory, matches), this.#pbx.onChange(onChange));
        matches.on('change', onChange);
        onChange();
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.#pbx.select(user);
    }
}

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

    /** Nobody is followed then. */
    get isEmpty(): boolean {
        return this.ownState.phase === 'online' && this.#members.size === 0;
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.#members.has(user.teams!.id) ? user : undefined;
    }

    #take(members: ReadonlySet<string>): void {
        const former = this.#members;
        const changed = [...former].filter(id => !members.has(id));
        for (const id of members) if (!former.has(id)) changed.push(id);
        this.#members = members;
        if (members.size === 0) this.emit('leftOut', this.#group, 'empty');
        this.setState({ phase: 'online' });
        this.reconsider(changed);
    }
}

/** Whether a group is given by its object id, not by its name. */
export function isGroupId(group: string): boolean {
    return UUID_REGEX.test(group);
}

/**
 * The ids of the users who are members of a group, or of a group in it. The cast to users is an advanced query, which
 * needs its header and `$count`. Of a group whose membership is hidden there are none without `Member.Read.Hidden`.
 * @param group its object id or its display name
 * @throws SyncError TEAMS_GROUP_UNKNOWN, TEAMS_GROUP_AMBIGUOUS, or what keeps Graph from answering
 * @see https://learn.microsoft.com/graph/api/group-list-transitivemembers
 */
async function readGroupMembers(graph: Sender, group: string): Promise<Set<string>> {
    const what = `read the members of the group ${group}`;
    const headers = { ConsistencyLevel: 'eventual' };
    const members = new Set<string>();
    const id = isGroupId(group) ? group : await groupNamed(graph, group);
    const path = `/groups/${id}/transitiveMembers/microsoft.graph.user?$select=id&$count=true&$top=999`;
    const read = (path: string): Promise<Page<Entity>> =>
        graph.send<Page<Entity>>({ what, method: 'GET', path, headers }).catch(error => {
            if (!(error instanceof GraphRefusal) || error.status !== 404) throw error;
            throw new SyncError('TEAMS_GROUP_UNKNOWN', { group }, error);
        });
    for await (const { value = [] } of pagesOf(path, read)) for (const user of value) if (user.id) members.add(user.id);
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
