import { isPreferable, pairOf } from './teams-states';
import { type ClearPresence, onThePhone, type PbxPresence, type TeamsPresence } from './vocabulary';

/** One row of the mapping table: what comes in and what becomes of it. `*` is anything else. */
export interface MappingRow {
    when: string;
    set: string;
}

/** Both tables of a presence-map. */
export interface MappingTables {
    /** `when`: Teams activity; `set`: PBX activity, `clear` or `leave`. */
    toPbx: MappingRow[];
    /** `when`: PBX activity, `available` for none; `set`: `Availability/Activity`, `clear` or `leave`. */
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
        { when: 'Available', set: 'clear' },
        { when: 'Away', set: 'away' },
        { when: 'BeRightBack', set: 'away' },
        { when: 'Busy', set: 'busy' },
        { when: 'DoNotDisturb', set: 'dnd' },
        { when: 'UrgentInterruptionsOnly', set: 'dnd' },
        { when: 'Focusing', set: 'dnd' },
        { when: 'InACall', set: 'on-the-phone' },
        { when: 'InAConferenceCall', set: 'on-the-phone' },
        { when: 'InAMeeting', set: 'meeting' },
        { when: 'Presenting', set: 'on-the-phone' },
        { when: 'OutOfOffice', set: 'away' },
        { when: 'Offline', set: 'clear' },
        { when: 'OffWork', set: 'clear' },
        { when: 'Inactive', set: 'clear' },
        { when: 'PresenceUnknown', set: 'clear' },
        { when: '*', set: 'clear' },
    ],
    toTeams: [
        { when: 'on-the-phone', set: 'Busy/InACall' },
        { when: 'busy', set: 'Busy/Busy' },
        { when: 'meeting', set: 'Busy/Busy' },
        { when: 'dnd', set: 'DoNotDisturb/DoNotDisturb' },
        { when: 'away', set: 'Away/Away' },
        { when: availableRow, set: 'clear' },
        { when: '*', set: 'clear' },
    ],
};

/** What a table says: the other side's words, take back, or nothing at all (`leave`). */
export type Mapped<Words> = Words | ClearPresence | 'leave';

/**
 * Teams words to PBX words. The note is the Teams status message, where there is one.
 * @param previous what was shown before: "leave as it is" never keeps a call that has ended
 */
export function mapToPbx(
    rows: readonly MappingRow[],
    presence: TeamsPresence,
    previous?: TeamsPresence,
): Mapped<PbxPresence> {
    const set = lookUp(rows, presence.activity);
    if (set === 'leave') return previous && lookUp(rows, previous.activity) === onThePhone ? { clear: true } : 'leave';
    if (set === 'clear') return { clear: true };
    return { activity: set, note: presence.statusMessage ?? '', onThePhone: set === onThePhone };
}

/**
 * PBX words to Teams words, the note along with them as status message. The line state comes first. The user's own
 * setting beneath it goes along as `preferred`, so that the writer knows that it has not changed: what would hide the
 * call waits there until the call has ended.
 * @param previous what was shown before: "leave as it is" never keeps a call that has ended
 */
export function mapToTeams(
    rows: readonly MappingRow[],
    presence: PbxPresence,
    previous?: PbxPresence,
): Mapped<TeamsPresence> {
    const mapped = mapPairs(rows, presence, previous);
    if (mapped === 'leave' || 'clear' in mapped || !presence.note) return mapped;
    return { ...mapped, statusMessage: presence.note };
}

function mapPairs(
    rows: readonly MappingRow[],
    presence: PbxPresence,
    previous: PbxPresence | undefined,
): Mapped<TeamsPresence> {
    const own = mapOne(rows, presence.activity);
    if (!presence.onThePhone) return own === 'leave' && previous?.onThePhone ? { clear: true } : own;
    const call = mapOne(rows, onThePhone);
    if (call === 'leave' || 'clear' in call) return own;
    return own === 'leave' || 'clear' in own || !isPreferable(own) ? call : { ...call, preferred: own };
}

function mapOne(rows: readonly MappingRow[], activity: string): Mapped<TeamsPresence> {
    const set = lookUp(rows, activity === '' ? availableRow : activity);
    if (set === 'leave') return 'leave';
    if (set === 'clear') return { clear: true };
    return pairOf(set) ?? 'leave';
}

function lookUp(rows: readonly MappingRow[], value: string): string {
    const lower = value.toLowerCase();
    const row = rows.find(candidate => candidate.when.toLowerCase() === lower) ?? rows.find(({ when }) => when === '*');
    return row?.set ?? 'leave';
}
