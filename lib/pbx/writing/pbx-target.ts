import { nothing } from '../../presence/pbx-list';
import { fillNote, plainNote } from '../../presence/pbx-note';
import type { PbxEntry } from '../../presence/pbx-record';
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
    if (wish.activity !== onThePhone) return entryOf({ activity: wish.activity, note, contact });
    const activity = choice.call === 'dnd' ? 'dnd' : 'busy';
    const instead = { activity, note: note || plainNote(choice.callNote) };
    if (choice.call !== 'alien') return entryOf({ ...instead, contact });
    // The call shows no words of its own, so they go beneath it.
    const beneath = note ? { activity, note } : nothing;
    return { entry: { ...beneath, contact, instead }, call: true };
}

function entryOf(entry: PbxEntry): PbxTarget {
    return entry.activity || entry.note ? { entry } : {};
}

/** A user without an activity is available: a template that speaks of a meeting would be wrong. */
function noteOf({ activity, note, until }: Wish, choice: WriteChoice, { name, now }: { name: string; now: number }) {
    if (!choice.note || !activity) return plainNote(note);
    const end = until === undefined ? undefined : Date.parse(until);
    return plainNote(fillNote(choice.note, { activity, name, note, until: end, now }));
}
