import { isObject } from '../connection/frame';
import type { Setting } from '../reading/reduce-presence';

/** The entry that we hold for a user. */
export interface HeldEntry {
    wanted: Setting;
    /** The contact that it was written under. */
    contact: string;
    /** What we wrote and may still come back, in order. */
    sent: Setting[];
    /** What the user had set before; absent for nothing. */
    beneath?: Setting;
}

/** What we hold for one user of the PBX, as it is kept across a restart. Plain JSON. */
export interface Held {
    guid: string;
    /** The process that holds it, and a redeploy is still the same one; `""` for what is held in doubt. */
    run: string;
    /** Whoever asked for it, see `PresenceWriter.clearAll`. */
    owner?: string;
    entry?: HeldEntry;
    /** The number of the alien call. */
    call?: number;
}

/** Keeps what is held across a restart. Neither `put` nor `remove` may throw. */
export interface HeldStore {
    load(): Promise<Held[]>;
    put(held: Held): void;
    remove(guid: string): void;
}

/** True for what {@link HeldStore.put} was given: what is kept can be edited by hand, and by an older version. */
export function isHeld(value: unknown): value is Held {
    if (!isObject(value)) return false;
    const { guid, run, owner, entry, call } = value;
    const areTexts = typeof guid === 'string' && guid !== '' && typeof run === 'string';
    const isOwner = owner === undefined || typeof owner === 'string';
    return (
        areTexts &&
        isOwner &&
        (entry === undefined || isEntry(entry)) &&
        (call === undefined || typeof call === 'number')
    );
}

function isEntry(value: unknown): value is HeldEntry {
    if (!isObject(value)) return false;
    const { wanted, contact, sent, beneath } = value;
    const areSettings =
        Array.isArray(sent) && [wanted, ...sent, ...(beneath === undefined ? [] : [beneath])].every(isSetting);
    return areSettings && typeof contact === 'string' && contact !== '';
}

function isSetting(value: unknown): value is Setting {
    return isObject(value) && typeof value.activity === 'string' && typeof value.note === 'string';
}
