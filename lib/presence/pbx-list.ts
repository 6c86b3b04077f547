import * as v from 'valibot';
import { onThePhone, type PbxPresence } from './vocabulary';

/** What one entry says; both `""` is the same as no entry. */
export interface Setting {
    activity: string;
    note: string;
}

/**
 * One entry of a user's presence list. Each `contact` has at most one; the newest is the first of the list.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export interface Entry extends Setting {
    contact: string;
}

/** The contact of what the user sets on a phone or in myApps. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm */
export const userContact = 'tel:';

/**
 * The contacts of what a calendar says: `calendar:` in the descriptions of the interface, `cal:` in that of the
 * signalling.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Signal.htm
 */
const calendarContacts = ['calendar:', 'cal:'];

/** The contact of what we write. Contacts are free text; entries of different contacts live side by side. */
export const ourContact = 'teams:';

/** Nothing set: available, without a note. */
export const nothing: Setting = { activity: '', note: '' };

/** What is known of one user's presence. */
export interface KnownPresence {
    /** The user's own setting with its note as it is in the list, and the line state; never a setting that we wrote. */
    presence: PbxPresence;
    /** What `tel:` last said, written by the user or by us. */
    tel: Setting;
    /** What a calendar says; `undefined` where the list has no such entry. */
    calendar?: Setting;
    /** Our own entry; `undefined` where the list has none. */
    ours?: Setting;
    /** The PBX has shown a setting beside a line state, of this user or of another, so a call hides nothing. */
    besideCalls: boolean;
}

/**
 * The `presence` field of a PresenceUpdate. An absent one is an empty list, for the PBX leaves empty values out;
 * `undefined` is none at all: of a list that cannot be read in full it is not known what it hides.
 */
export function entriesOf(value: unknown): Entry[] | undefined {
    const { success, output } = v.safeParse(presenceList, value);
    return success ? output : undefined;
}

const text = v.optional(v.string(), '');
const entry = v.object({ contact: text, activity: text, note: text });
const noArray = v.check((value: unknown) => !Array.isArray(value));
const presenceList = v.optional(v.array(v.pipe(v.unknown(), noArray, entry)), []);

/**
 * A user's presence list as what it says about the user.
 *
 * - A line state of any contact but ours means a call.
 * - Only `tel:` is the user's own; `im:` flips with the client, and unknown ones are not. A calendar's is
 *   kept apart.
 * - Where a call takes the place of the `tel:` entry, the last own setting goes on.
 * - A new `tel:` value that we wrote ourselves leaves the own setting as it was.
 *
 * @param explains tells whether one of our writes accounts for a `tel:` value; asked only where our own contact is
 *   not in the list, for where it is, `tel:` is the user's.
 */
export function reducePresence(
    entries: readonly Entry[],
    last: KnownPresence | undefined,
    explains: (tel: Setting) => boolean,
): KnownPresence {
    const ours = entries.find(entry => entry.contact === ourContact);
    const ofUser = entries.filter(entry => entry.contact === userContact);
    const besideCalls = last?.besideCalls || (ofUser.some(isLineState) && !ofUser.every(isLineState));
    const isHidden = !besideCalls && ofUser.length > 0 && ofUser.every(isLineState);
    const tel = (isHidden ? last?.tel : ofUser.find(entry => !isLineState(entry))) ?? nothing;
    const own = !ours && explains(tel) ? (last?.presence ?? nothing) : tel;
    const inCall = entries.some(entry => entry.contact !== ourContact && isLineState(entry));
    const calendar = entries.find(entry => calendarContacts.includes(entry.contact) && !isLineState(entry));
    return {
        presence: { activity: own.activity, note: own.note, onThePhone: inCall },
        tel: settingOf(tel),
        ...(calendar && { calendar: settingOf(calendar) }),
        ...(ours && { ours: settingOf(ours) }),
        besideCalls,
    };
}

/** Both say the same. */
export function sameSetting(one: Setting, other: Setting): boolean {
    return one.activity === other.activity && one.note === other.note;
}

function isLineState({ activity }: Setting): boolean {
    return activity === onThePhone;
}

/** Most users have set nothing, so they share one object. */
export function settingOf({ activity, note }: Setting): Setting {
    return activity || note ? { activity, note } : nothing;
}
