import { cutText, readableText } from './foreign-text';
import type { TeamsPair, TeamsPresence } from './vocabulary';

/**
 * What we hold in Teams for a user: a session (line state), a preferred presence (the user's own PBX setting) and a
 * status message (the note in the PBX).
 */
export interface TeamsTarget {
    session?: TeamsPair;
    preferred?: TeamsPair;
    statusMessage?: string;
}

/**
 * Rank of an availability in Microsoft's aggregation; higher wins. Unknown values rank lowest.
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export function rankOf(availability: string): number {
    return ['Offline', 'Away', 'BeRightBack', 'Available', 'Busy', 'DoNotDisturb'].indexOf(familyOf(availability));
}

/** `BusyIdle` is `Busy` and so on; anything else is itself. */
function familyOf(availability: string): string {
    return availability.replace(/Idle$/, '');
}

/**
 * True if this pair of ours, set as preferred presence or as session, can be what Teams shows. Teams reports only the
 * aggregate and not who caused it, and the echo may come back as another activity of the same availability, so a set of
 * states is compared, not one.
 */
export function showsAs(ours: TeamsPair, preferred: boolean, shown: TeamsPair): boolean {
    return familyOf(shown.availability) === ours.availability && activitiesOf(ours, preferred).has(shown.activity);
}

/** Activities under which Teams may show a pair that we have set. */
function activitiesOf(pair: TeamsPair, preferred: boolean): Set<string> {
    const activities = new Set([pair.activity, pair.availability]);
    if (!preferred && pair.availability === 'Busy') {
        for (const activity of ['InACall', 'InAConferenceCall', 'InAMeeting']) activities.add(activity);
    }
    return activities;
}

/** Pairs that `setPresence` takes. @see https://learn.microsoft.com/graph/api/presence-setpresence */
export const sessionPairs = [
    'Available/Available',
    'Busy/InACall',
    'Busy/InAConferenceCall',
    'Away/Away',
    'DoNotDisturb/Presenting',
] as const;

/** Pairs that `setUserPreferredPresence` takes. @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence */
export const preferredPairs = [
    'Available/Available',
    'Busy/Busy',
    'DoNotDisturb/DoNotDisturb',
    'BeRightBack/BeRightBack',
    'Away/Away',
    'Offline/OffWork',
] as const;

/** True if both are the same pair, or both are absent. */
export function isSamePair(a: TeamsPair | undefined, b: TeamsPair | undefined): boolean {
    return a?.availability === b?.availability && a?.activity === b?.activity;
}

/** True if there is anything to take back. */
export function isHeld(target: TeamsTarget): boolean {
    return target.session !== undefined || target.preferred !== undefined || target.statusMessage !== undefined;
}

/** `Busy/InACall` as words. */
export function pairText(pair: TeamsPair): string {
    return `${pair.availability}/${pair.activity}`;
}

/** The two words of `Busy/InACall`; undefined for anything else. */
export function pairOf(text: string): TeamsPair | undefined {
    const [availability, activity, more] = text.split('/');
    return availability && activity && more === undefined ? { availability, activity } : undefined;
}

/** How much of a presence is written to Teams. */
export interface TargetChoice {
    /** Calls only: the preferred presence of the user is never touched. */
    callsOnly?: boolean;
    /** The note as status message. */
    statusMessage?: boolean;
}

/**
 * What a presence means for the writer: line states are sessions, so that they end by themselves and never touch what
 * the user chose; everything else is the user's own setting and becomes the preferred presence. Available is never a
 * session: Teams would let it fade after five minutes.
 * @returns undefined for a pair that Teams does not take.
 */
export function targetOf(presence: TeamsPresence, choice: TargetChoice = {}): TeamsTarget | undefined {
    const pair = { availability: presence.availability, activity: presence.activity };
    const target = pairsOf(pair, presence.preferred);
    if (!target) return undefined;
    const { preferred, ...lineState } = target;
    const statusMessage = choice.statusMessage ? messageOf(presence.statusMessage) : undefined;
    return { ...(choice.callsOnly ? lineState : target), ...(statusMessage ? { statusMessage } : {}) };
}

function pairsOf(pair: TeamsPair, preferred: TeamsPair | undefined): TeamsTarget | undefined {
    if (isPreferable(pair)) return { preferred: pair };
    if (!sessionPairs.some(known => known === pairText(pair))) return undefined;
    if (!preferred) return { session: pair };
    return isPreferable(preferred) ? { session: pair, preferred } : undefined;
}

/** As it is read again. */
function messageOf(note: string | undefined): string {
    return cutText(readableText(note ?? ''), longestStatusMessage, text => text.length);
}

/** Characters that a status message takes. @see https://learn.microsoft.com/graph/api/presence-setstatusmessage */
const longestStatusMessage = 280;

/** True for a pair that can be a user's preferred presence. */
export function isPreferable(pair: TeamsPair): boolean {
    return preferredPairs.some(known => known === pairText(pair));
}
