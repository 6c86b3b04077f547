import type { PresenceUser } from './message';

/** One person from what both sides know of them; the display name of `first` is kept. */
export function mergeUsers(first: PresenceUser, second: PresenceUser): PresenceUser {
    return {
        ...second,
        ...first,
        addresses: [...new Set([...first.addresses, ...second.addresses])],
    };
}

/** The topic of a person's messages: the mail address, else the PBX name or the Teams id. */
export function topicOf(user: PresenceUser): string {
    const mail = user.teams?.mail?.toLowerCase() || user.addresses[0];
    return mail ?? user.pbx?.name ?? user.teams?.id ?? '';
}

/** The Entra object id; empty for a person who is not known in Teams. */
export function teamsIdOf(user: PresenceUser): string {
    return user.teams?.id ?? '';
}

/** A person in words, for an error; a text is the address of one. */
export function nameOf(who: PresenceUser | string): string {
    return typeof who === 'object' ? (who.addresses[0] ?? who.displayName) : who;
}
