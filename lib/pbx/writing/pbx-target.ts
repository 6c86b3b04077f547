import { type Outcome, replacedByNewer } from '../../presence/message';
import { nothing } from '../../presence/pbx-list';
import { fillNote, plainNote } from '../../presence/pbx-note';
import { callOf, entryOf, type PbxEntry, type PbxRecord } from '../../presence/pbx-record';
import { liveClaims, stopOf } from '../../presence/record';
import { type Rule, rules } from '../../presence/rules';
import { onThePhone, type PbxPresence } from '../../presence/vocabulary';

/** How a wish is shown in the PBX. */
export interface WriteChoice {
    /** Where the entry goes: to a contact of our own, if the PBX takes one, or in the place of the user's own entry. */
    contact: 'own' | 'tel';
    /**
     * What stands for `on-the-phone`, which the PBX itself makes from calls: an alien call, where the PBX
     * lets us make one and else busy; busy; or dnd, which suppresses second calls where the user has it so.
     */
    call: 'alien' | 'busy' | 'dnd';
    /** Template of the note, see `fillNote`; `""`: the note of the presence itself. */
    note: string;
    /** The note of a call that is shown as busy or dnd and has none. */
    callNote: string;
}

/** What most administrators want; alien calls need a right, so they must be chosen. */
export const defaultChoice: Readonly<WriteChoice> = {
    ...{ contact: 'own', call: 'busy', note: '', callNote: 'On a Teams call' },
};

/** A presence that is to be shown; `until` is an ISO time. */
export type Wish = Pick<PbxPresence, 'activity' | 'note' | 'until'>;

/** What we are to show for a user, by part; nothing where nothing of ours is to show. */
export interface PbxTarget {
    entry?: PbxEntry;
    call?: true;
}

/**
 * What a wish means here.
 * @param about the user's display name, and now in milliseconds since the Unix epoch
 */
export function targetOf(wish: Wish, choice: WriteChoice, about: { name: string; now: number }): PbxTarget {
    const note = noteOf(wish, choice, about);
    const { contact } = choice;
    if (wish.activity !== onThePhone) return entryAlone({ activity: wish.activity, note, contact });
    const activity = choice.call === 'dnd' ? 'dnd' : 'busy';
    const instead = { activity, note: note || plainNote(choice.callNote) };
    if (choice.call !== 'alien') return entryAlone({ ...instead, contact });
    // The call shows no words of its own, so they go beneath it.
    const beneath = note ? { activity, note } : nothing;
    return { entry: { ...beneath, contact, instead }, call: true };
}

function entryAlone(entry: PbxEntry): PbxTarget {
    return entry.activity || entry.note ? { entry } : {};
}

/** A user without an activity is available: a template that speaks of a meeting would be wrong. */
function noteOf({ activity, note, until }: Wish, choice: WriteChoice, { name, now }: { name: string; now: number }) {
    if (!choice.note || !activity) return plainNote(note);
    const end = until === undefined ? undefined : Date.parse(until);
    return plainNote(fillNote(choice.note, { activity, name, note, until: end, now }));
}

export const stopped: Outcome = { written: false, reason: 'The connection to the PBX was closed' };

/** What became of a statement: how it ended, and whether the PBX has accepted something for it. */
export function outcomeOf(end: string, written: boolean, record: PbxRecord, now: number): Outcome {
    if (end === 'replaced') return { ...replacedByNewer, written };
    if (end === 'stopped') return stopped;
    const stop = stopOf(record, now);
    if (stop) return { written: false, reason: `Not shown in the PBX: ${rules[stop.rule].en}` };
    if (record.spoken?.writer.dryRun) return { written: false, reason: `Dry run: ${dryReason(record, now)}` };
    const [call] = liveClaims(callOf(record), now);
    const [entry] = liveClaims(entryOf(record), now);
    const activity = call ? onThePhone : entry && (entry.value.activity || 'available');
    if (written) return { written, reason: activity ? `Shown in the PBX as ${activity}` : 'Taken back in the PBX' };
    const rule = leftBy(record, now);
    if (rule && rule !== 'equal') return { written, reason: `Left as it is in the PBX: ${rule}` };
    return { written, reason: activity || rule ? 'Already shown in the PBX' : 'Nothing to take back' };
}

/** Why what is wanted is not shown. */
function leftBy(record: PbxRecord, now: number): Rule | undefined {
    const state = entryOf(record);
    if (!state?.desired?.value || liveClaims(state, now).length > 0) return undefined;
    return state.yields?.rule ?? state.rule;
}

function dryReason(record: PbxRecord, now: number): string {
    const [call, entry] = [callOf(record), entryOf(record)];
    const rule = leftBy(record, now);
    if (rule) return `would be left as it is in the PBX: ${rule}`;
    if (!call?.would && !entry?.would) return 'nothing would be written to the PBX';
    if (call?.would?.value) return `would be shown in the PBX as ${onThePhone}`;
    const { value } = entry?.would ?? {};
    return value ? `would be shown in the PBX as ${value.activity || 'available'}` : 'would be taken back in the PBX';
}
