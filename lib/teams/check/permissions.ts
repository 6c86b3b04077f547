/** What a registration is used for. */
export type Need = 'follow-app-only' | 'follow-delegated' | 'write' | 'groups';

/** A permission that is asked for, and others that serve as well. */
interface Requirement {
    permission: string;
    instead: readonly string[];
}

/** @see https://learn.microsoft.com/graph/permissions-reference */
const readUsers: Requirement = {
    permission: 'User.Read.All',
    instead: ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
};
const readPresence: Requirement = { permission: 'Presence.Read.All', instead: ['Presence.ReadWrite.All'] };
const writePresence: Requirement = { permission: 'Presence.ReadWrite.All', instead: [] };
const readGroups: Requirement = {
    permission: 'GroupMember.Read.All',
    instead: ['GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All', ...readUsers.instead.slice(1)],
};

const application: Record<Need, readonly Requirement[]> = {
    'follow-app-only': [readUsers, readPresence],
    'follow-delegated': [],
    write: [readUsers, writePresence],
    groups: [readGroups],
};

/**
 * For subscriptions. Only `Presence.Read.All` creates one: no permission to write takes its place.
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions
 */
const delegated: readonly Requirement[] = [
    { ...readUsers, instead: [...readUsers.instead, 'User.ReadBasic.All'] },
    { ...readPresence, instead: [] },
];

/** Whether a permission that is needed is there. */
export interface PermissionFound {
    permission: string;
    granted: boolean;
}

/** The application permissions that a need wants, against the `roles` of a token of the app. */
export function rolesFound(needs: readonly Need[], roles: readonly string[]): PermissionFound[] {
    const wanted = new Set(needs.flatMap(need => application[need]));
    const written = wanted.has(writePresence);
    // Writing includes reading: one line is enough.
    return [...wanted].filter(each => !(written && each === readPresence)).map(each => found(each, roles));
}

/** The delegated permissions that an account needs, against the `scp` of its token. */
export function scopesFound(scopes: readonly string[]): PermissionFound[] {
    return delegated.map(each => found(each, scopes));
}

function found({ permission, instead }: Requirement, granted: readonly string[]): PermissionFound {
    return { permission, granted: [permission, ...instead].some(each => granted.includes(each)) };
}
