import { pairOf } from './teams-states';
import { type ClearPresence, onThePhone, type PbxPresence, type TeamsPresence } from './vocabulary';

/** One row of the mapping table: what comes in and what becomes of it. `*` is anything else. */
export interface MappingRow {
    when: string;
    then: string;
}

/** Both tables of a presence-map. */
export interface MappingTables {
    /** `when`: Teams activity; `then`: PBX activity, `clear` or `leave`. */
    toPbx: MappingRow[];
    /** `when`: PBX activity, `available` for none; `then`: `Availability/Activity`, `clear` or `leave`. */
    toTeams: MappingRow[];
}

/** The name of the empty PBX activity in a table. */
export const availableRow = 'available';

/**
 * Teams -> PBX as the closed connector maps it; "online" there is `clear` here. PBX -> Teams is ours.
 * @see https://wiki.innovaphone.com/index.php?title=Reference13r3:Concept_App_Service_Connector_for_Microsoft_365
 */
export const defaultTables: MappingTables = {
    toPbx: [
        { when: 'Available', then: 'clear' },
        { when: 'Away', then: 'away' },
        { when: 'BeRightBack', then: 'away' },
        { when: 'Busy', then: 'busy' },
        { when: 'DoNotDisturb', then: 'dnd' },
        { when: 'UrgentInterruptionsOnly', then: 'dnd' },
        { when: 'Focusing', then: 'dnd' },
        { when: 'InACall', then: 'on-the-phone' },
        { when: 'InAConferenceCall', then: 'on-the-phone' },
        { when: 'InAMeeting', then: 'meeting' },
        { when: 'Presenting', then: 'on-the-phone' },
        { when: 'OutOfOffice', then: 'away' },
        { when: 'Offline', then: 'clear' },
        { when: 'OffWork', then: 'clear' },
        { when: 'Inactive', then: 'clear' },
        { when: 'PresenceUnknown', then: 'clear' },
        { when: '*', then: 'leave' },
    ],
    toTeams: [
        { when: 'on-the-phone', then: 'Busy/InACall' },
        { when: 'busy', then: 'Busy/Busy' },
        { when: 'meeting', then: 'Busy/Busy' },
        { when: 'dnd', then: 'DoNotDisturb/DoNotDisturb' },
        { when: 'away', then: 'Away/Away' },
        { when: availableRow, then: 'clear' },
        { when: '*', then: 'leave' },
    ],
};

/** What a table says: the other side's words, take back, or nothing at all (`leave`). */
export type Mapped<Words> = Words | ClearPresence | 'leave';

/** Teams words to PBX words. The note is the Teams status message, where there is one. */
export function mapToPbx(rows: readonly MappingRow[], presence: TeamsPresence): Mapped<PbxPresence> {
    const then = lookUp(rows, presence.activity);
    if (then === 'leave') return 'leave';
    if (then === 'clear') return { clear: true };
    return { activity: then, note: presence.statusMessage ?? '', onThePhone: then === onThePhone };
}

/**
 * PBX words to Teams words. The line state comes first; the user's own setting beneath it goes along as `preferred`,
 * so that it holds during the call and after it without a further write.
 */
export function mapToTeams(rows: readonly MappingRow[], presence: PbxPresence): Mapped<TeamsPresence> {
    const own = mapOne(rows, presence.activity);
    if (!presence.onThePhone) return own;
    const call = mapOne(rows, onThePhone);
    if (call === 'leave' || 'clear' in call) return own;
    return own !== 'leave' && !('clear' in own) ? { ...call, preferred: own } : call;
}

function mapOne(rows: readonly MappingRow[], activity: string): Mapped<TeamsPresence> {
    const then = lookUp(rows, activity === '' ? availableRow : activity);
    if (then === 'leave') return 'leave';
    if (then === 'clear') return { clear: true };
    return pairOf(then) ?? 'leave';
}

function lookUp(rows: readonly MappingRow[], value: string): string {
    const lower = value.toLowerCase();
    const row = rows.find(candidate => candidate.when.toLowerCase() === lower) ?? rows.find(({ when }) => when === '*');
    return row?.then ?? 'leave';
}
