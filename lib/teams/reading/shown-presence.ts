import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';

/** Activities of a user in a call: they change soon. */
const inCall = new Set(['InACall', 'InAConferenceCall', 'Presenting']);

export function isInCall(presence: TeamsPair | undefined): boolean {
    return presence !== undefined && inCall.has(presence.activity);
}

/** Few pairs are shown by many people: each is kept once. */
const pairs = new Map<string, Map<string, TeamsPair>>();
/** Microsoft's words are a dozen; whatever else comes must not pile up. */
const mostWords = 50;

/** The one object for a pair of words: users who show the same share it. */
export function sharedPair({ availability, activity }: TeamsPair): TeamsPair {
    const known = pairs.get(availability)?.get(activity);
    if (known) return known;
    const pair = Object.freeze({ availability, activity });
    const ofAvailability = pairs.get(availability) ?? new Map<string, TeamsPair>();
    if (ofAvailability.size < mostWords) ofAvailability.set(activity, pair);
    if (pairs.size < mostWords) pairs.set(availability, ofAvailability);
    return pair;
}

/** The presence and nothing else; where there are only the two words, the shared object. */
export function cleanPresence({ availability, activity, statusMessage, outOfOffice }: TeamsPresence): TeamsPresence {
    if (!statusMessage && !outOfOffice) return sharedPair({ availability, activity });
    return {
        availability,
        activity,
        ...(statusMessage ? { statusMessage } : {}),
        ...(outOfOffice ? { outOfOffice } : {}),
    };
}

/** What is shown now, with what the words of a notification leave out as it was before. */
export function withExtrasOf(before: TeamsPresence | undefined, shown: TeamsPresence): TeamsPresence {
    const statusMessage = shown.statusMessage ?? before?.statusMessage;
    const outOfOffice = shown.outOfOffice ?? before?.outOfOffice;
    return { ...shown, ...(statusMessage ? { statusMessage } : {}), ...(outOfOffice ? { outOfOffice } : {}) };
}

/** True if both would be told in the same words. */
export function isSamePresence(a: TeamsPresence, b: TeamsPresence): boolean {
    return (
        a.availability === b.availability &&
        a.activity === b.activity &&
        a.statusMessage === b.statusMessage &&
        a.outOfOffice === b.outOfOffice
    );
}
