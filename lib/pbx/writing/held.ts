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

/** Who a user is, as far as it takes that to write for them. */
export interface HeldUser {
    /** The PBX name. */
    name: string;
    displayName: string;
    /** The PBX where the user is homed; absent for the master. */
    loc?: string;
}

/** What we hold for one user of the PBX, as it is kept across a restart. Plain JSON. */
export interface Held {
    guid: string;
    /** The process that holds it, and a redeploy is still the same one; `""` for what is held in doubt. */
    run: string;
    /** Whoever asked for it, see `PresenceWriter.clearAll`. */
    owner?: string;
    /** So that it can be taken back from who takes no part any more; absent in records of old. */
    user?: HeldUser;
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
    const { guid, run, owner, user, entry, call } = value;
    const areTexts = typeof guid === 'string' && guid !== '' && typeof run === 'string';
    const isOwner = owner === undefined || typeof owner === 'string';
    return (
        areTexts &&
        isOwner &&
        (user === undefined || isUser(user)) &&
        (entry === undefined || isEntry(entry)) &&
        (call === undefined || typeof call === 'number')
    );
}

function isUser(value: unknown): value is HeldUser {
    if (!isObject(value)) return false;
    const { name, displayName, loc = '' } = value;
    return [name, displayName, loc].every(text => typeof text === 'string');
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
