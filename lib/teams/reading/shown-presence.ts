import { isDeepStrictEqual } from 'node:util';
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

/** What a presence tells beside its two words, and what the words of a notification leave out. */
const extras = ['statusMessage', 'outOfOffice', 'outOfOfficeMessage', 'workLocation'] as const;
type Extras = Pick<TeamsPresence, (typeof extras)[number]>;

function extrasOf(presence: TeamsPresence | undefined): Extras {
    return Object.fromEntries(extras.filter(name => presence?.[name]).map(name => [name, presence![name]]));
}

/** The presence and nothing else; where there are only the two words, the shared object. */
export function cleanPresence(presence: TeamsPresence): TeamsPresence {
    const { availability, activity } = presence;
    if (!extras.some(name => presence[name])) return sharedPair({ availability, activity });
    return { availability, activity, ...extrasOf(presence) };
}

/** What is shown now, with what the words of a notification leave out as it was before. */
export function withExtrasOf(before: TeamsPresence | undefined, shown: TeamsPresence): TeamsPresence {
    return { ...shown, ...extrasOf(before), ...extrasOf(shown) };
}

/** True if both would be told in the same words. */
export function isSamePresence(a: TeamsPresence, b: TeamsPresence): boolean {
    return (
        a.availability === b.availability &&
        a.activity === b.activity &&
        extras.every(name => a[name] === b[name] || isDeepStrictEqual(a[name], b[name]))
    );
}
