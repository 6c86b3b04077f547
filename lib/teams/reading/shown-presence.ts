import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';

/** Activities of a user in a call: they change soon. */
const inCall = new Set(['InACall', 'InAConferenceCall', 'Presenting']);

export function isInCall(presence: TeamsPair | undefined): boolean {
    return presence !== undefined && inCall.has(presence.activity);
}

/** The two words and nothing else. */
export function pairOf({ availability, activity }: TeamsPair): TeamsPair {
    return { availability, activity };
}

/** The presence and nothing else. */
export function cleanPresence({ availability, activity, statusMessage, outOfOffice }: TeamsPresence): TeamsPresence {
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
