/** Words and tables of both systems as the oracle knows them: written down once more, and shared with no code of the product. */

/** An availability and an activity as one word: `Busy/InACall`. */
export type Pair = string;

/** Teams to PBX, as the mapping node's help says; what is missing is taken back. */
export const toPbx: Record<string, string> = {
    ...{ Away: 'away', BeRightBack: 'away', OutOfOffice: 'away', Busy: 'busy', InAMeeting: 'meeting' },
    ...{ DoNotDisturb: 'dnd', UrgentInterruptionsOnly: 'dnd', Focusing: 'dnd' },
    ...{ InACall: 'call', InAConferenceCall: 'call', Presenting: 'call' },
};

/** PBX to Teams, likewise. */
export const toTeams: Record<string, Pair> = {
    ...{ busy: 'Busy/Busy', meeting: 'Busy/Busy', dnd: 'DoNotDisturb/DoNotDisturb', away: 'Away/Away' },
};

/** @see facts/microsoft-graph.md, "Aggregation" */
const ranks: Record<string, number> = { DoNotDisturb: 5, Busy: 4, BusyIdle: 4, Available: 3, AvailableIdle: 3 };
export const rankOf = (pair: Pair): number => ranks[availabilityOf(pair)] ?? 2;
export const availabilityOf = (pair: Pair): string => pair.split('/')[0]!;
export const activityOf = (pair: Pair): string => pair.split('/')[1]!;

export const offline = 'Offline/Offline';
export const appearOffline = 'Offline/OffWork';
export const ourCall = 'Busy/InACall';
export const doNotDisturb = 'DoNotDisturb/DoNotDisturb';

/** States of which a hand in Teams cannot be told from the PBX setting. */
export const equals: readonly Pair[] = ['Busy/Busy', doNotDisturb];

/** What our call can look like in Teams, and so hides. */
export const likeOurCall: readonly string[] = ['InACall', 'InAConferenceCall', 'InAMeeting', 'Busy'];
