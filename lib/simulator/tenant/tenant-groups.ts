import type { TenantDirectory, TenantUser } from './tenant-directory';

/** A security group of the simulated tenant. */
export interface Group {
    /** Entra object id. */
    id: string;
    displayName: string;
    /** Object ids of users and of other groups. */
    members: string[];
    /** Who its members are is told only to those who may read hidden memberships; to others it looks empty. */
    visibility?: 'HiddenMembership';
}

/** A member of a group: a user or another group. */
export type Member = { user: TenantUser } | { group: Group };

/** The groups of the tenant. */
export class TenantGroups {
    readonly #directory: TenantDirectory;
    readonly #groups = new Map<string, Group>();

    constructor(directory: TenantDirectory) {
        this.#directory = directory;
    }

    /** Makes a group, or replaces it. */
    set({ id, members, ...rest }: Group): void {
        const group = { ...rest, id: id.toLowerCase(), members: members.map(each => each.toLowerCase()) };
        this.#groups.set(group.id, group);
    }

    /** Removing none is harmless. */
    remove(id: string): void {
        this.#groups.delete(id.toLowerCase());
    }

    all(): Group[] {
        return [...this.#groups.values()];
    }

    byId(id: string): Group | undefined {
        return this.#groups.get(id.toLowerCase());
    }

    /** The direct members that still exist. @see https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/1255 */
    members(group: Group, seesHidden: boolean): Member[] {
        if (group.visibility && !seesHidden) return [];
        return [...new Set(group.members)].flatMap(id => this.#member(id));
    }

    /** Members of members, too, each once; a group that contains itself is among them. */
    transitiveMembers(group: Group, seesHidden: boolean): Member[] {
        const found = new Map<string, Member>();
        const open = [group];
        for (let next = open.pop(); next; next = open.pop())
            for (const member of this.members(next, seesHidden)) {
                const { id } = 'user' in member ? member.user : member.group;
                if (found.has(id)) continue;
                found.set(id, member);
                if ('group' in member) open.push(member.group);
            }
        return [...found.values()];
    }

    #member(id: string): Member[] {
        const user = this.#directory.byId(id);
        const group = this.#groups.get(id);
        if (user) return [{ user }];
        return group ? [{ group }] : [];
    }
}
