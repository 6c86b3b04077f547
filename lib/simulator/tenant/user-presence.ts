import type { TeamsPair } from '../../presence/vocabulary';

const minute = 60_000;

/** The fade of an app's Available: inactive after five minutes, away after five more. */
export const fadeToInactive = 5 * minute;
export const fadeToAway = 10 * minute;

export const offline: TeamsPair = { availability: 'Offline', activity: 'Offline' };
export const inACall: TeamsPair = { availability: 'Busy', activity: 'InACall' };

/** A state with the place it has in the order of all states: among equals the newest shows. */
interface Stated {
    pair: TeamsPair;
    order: number;
}

/** What an app has set: a lease. Times are monotonic. */
export interface AppSession extends Stated {
    since: number;
    expires: number;
}

/** As Graph shows it. @see https://learn.microsoft.com/graph/api/resources/outofofficesettings */
export interface OutOfOffice {
    isOutOfOffice: boolean;
    message: string | null;
}

export const workLocationTypes = ['unspecified', 'office', 'remote', 'timeOff'] as const;
export const workLocationSources = ['none', 'manual', 'scheduled', 'automatic'] as const;

/** As Graph shows it. @see https://learn.microsoft.com/graph/api/resources/userworklocation */
export interface WorkLocation {
    workLocationType: (typeof workLocationTypes)[number];
    source: (typeof workLocationSources)[number];
    placeId: string | null;
}

/** Everything that the service knows of one user's presence. */
export interface UserPresence {
    /** What the user's own Teams client says; absent when signed out. */
    client: Stated | undefined;
    /** Present while the client is in a call. */
    call: Stated | undefined;
    /** By the app's client id. */
    sessions: Map<string, AppSession>;
    preferred: { pair: TeamsPair; expires: number } | undefined;
    /** Its times are milliseconds since the epoch. */
    statusMessage: { content: string; published: number; expires: number | undefined } | undefined;
    outOfOffice: OutOfOffice;
    workLocation: WorkLocation;
    /** What was shown last. */
    shown: TeamsPair;
    /** Counts the changes of what is shown. */
    sequence: number;
}

/** DoNotDisturb > Busy > Available > Away; the words that the page leaves out stand next to their kin. */
const ranks: Record<string, number> = {
    DoNotDisturb: 5,
    Busy: 4,
    BusyIdle: 4,
    Available: 3,
    AvailableIdle: 3,
    BeRightBack: 2,
    Away: 2,
    Offline: 0,
};

/**
 * What everybody sees: the preferred presence while there is any session, else the strongest session.
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export function aggregate(user: UserPresence, now: number): TeamsPair {
    const states = statesOf(user, now);
    if (states.length === 0) return offline;
    if (user.preferred && user.preferred.expires > now) return user.preferred.pair;
    return states.reduce((best, state) => (outranks(state, best) ? state : best)).pair;
}

/** When the aggregate may next change by itself; undefined if it cannot. */
export function nextDeadline(user: UserPresence, now: number): number | undefined {
    const moments = [...user.sessions.values()].flatMap(session => [
        session.expires,
        ...(session.pair.availability === 'Available'
            ? [session.since + fadeToInactive, session.since + fadeToAway]
            : []),
    ]);
    if (user.preferred) moments.push(user.preferred.expires);
    const coming = moments.filter(moment => moment > now);
    return coming.length === 0 ? undefined : Math.min(...coming);
}

/** Removes what has ended. */
export function dropExpired(user: UserPresence, now: number): void {
    for (const [app, session] of user.sessions) if (session.expires <= now) user.sessions.delete(app);
    if (user.preferred && user.preferred.expires <= now) user.preferred = undefined;
}

function statesOf(user: UserPresence, now: number): Stated[] {
    const own = user.call ?? user.client;
    const apps = [...user.sessions.values()]
        .filter(session => session.expires > now)
        .map(session => ({ pair: faded(session, now), order: session.order }));
    return own ? [own, ...apps] : apps;
}

function faded(session: AppSession, now: number): TeamsPair {
    if (session.pair.availability !== 'Available') return session.pair;
    const age = now - session.since;
    if (age >= fadeToAway) return { availability: 'Away', activity: 'Away' };
    if (age >= fadeToInactive) return { availability: 'Available', activity: 'AvailableInactive' };
    return session.pair;
}

function outranks(one: Stated, other: Stated): boolean {
    const difference = rankOf(one.pair) - rankOf(other.pair);
    return difference > 0 || (difference === 0 && one.order > other.order);
}

function rankOf(pair: TeamsPair): number {
    return ranks[pair.availability] ?? 1;
}
