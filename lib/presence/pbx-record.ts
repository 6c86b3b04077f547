import * as v from 'valibot';
import type { Shown } from './explain';
import type { Part, Ruling, Side } from './next-step';
import { observeCall, type PbxRecord, type UserState } from './pbx-call';
import {
    type Entry,
    type KnownPresence,
    nothing,
    ourContact,
    reducePresence,
    type Setting,
    sameSetting,
    userContact,
} from './pbx-list';
import { plainNote } from './pbx-note';
import {
    type Claim,
    endClaims,
    isLive,
    liveClaims,
    memory,
    type PartState,
    type PersonRecord,
    recentClaims,
} from './record';
import { onThePhone } from './vocabulary';

export type { PbxRecord, UserState } from './pbx-call';

/** What the people who are homed at one PBX share. */
export interface PbxSide extends Side {
    /** Whether the PBX keeps an entry under a contact of our own; absent until that is known. */
    takesContact?: boolean;
    /** It shows a user's setting beside a line state: this has been seen of a user. */
    besideCalls?: boolean;
    /** Whether calls can be made there; absent until that is known. */
    takesCalls?: boolean;
    /** Activities that it does not take; busy stands for them. */
    untaken: Set<string>;
    /** Whose write finds out whether the contact is taken; the others wait. */
    probing?: string;
}

/** The entry that we want in a presence list. */
export interface PbxEntry extends Setting {
    /** Under a contact of our own, if the PBX takes one, or in the place of the user's own entry. */
    contact: 'own' | 'tel';
    /** The entry that stands for the call where none can be made. */
    instead?: Setting;
}

/** Who a user is, as far as it takes that to take something back from a user who has left. */
export interface HeldUser {
    /** The PBX name. */
    name: string;
    displayName: string;
    /** The PBX where the user is homed; absent for the master. */
    loc?: string;
}

/** What ends a call of ours after a start. */
export interface CallHandle {
    user: HeldUser;
    number?: number | undefined;
}

/** How an entry of ours is known again. */
interface EntryHandle {
    user?: HeldUser;
    /** The contact that it was written under, or has landed under. */
    contact: string;
    /** What was written back in its place. */
    back?: Setting;
    /** The PBX has shown what took its place, so the same value is the user's from now on. */
    isOver?: true;
}

/** After a start, what was found or is on record is held for so many ms, until its source speaks. */
export const grace = 5 * 60_000;

export function entryOf(record: PersonRecord): PartState<PbxEntry> | undefined {
    return record.parts.entry as PartState<PbxEntry> | undefined;
}

export function callOf(record: PersonRecord): PartState<true> | undefined {
    return record.parts.call as PartState<true> | undefined;
}

export function handleOf({ handle }: Claim<PbxEntry>): EntryHandle {
    return handle as EntryHandle;
}

/** Something has become known of an entry of ours. */
export function mark(claim: Claim<PbxEntry>, known: Partial<EntryHandle>): void {
    claim.handle = { ...handleOf(claim), ...known };
}

const storedSetting = v.object({ activity: v.string(), note: v.string() });
const storedUser = v.object({ name: v.string(), displayName: v.string(), loc: v.optional(v.string()) });

/** A call on behalf of the user, which the PBX shows as on-the-phone. */
const call: Part<true, PbxRecord, PbxSide> = {
    name: 'call',
    label: { en: 'Call', de: 'Anruf' },
    same: () => true,
    text: () => 'on-the-phone',
    stored: {
        value: v.literal(true),
        claim: v.object({ handle: v.object({ user: storedUser, number: v.optional(v.number()) }) }),
    },
    isShared: false,
    rule(record, side, now) {
        const { desired, trouble } = callOf(record)!;
        if (!record.isMember) return { want: undefined, rule: 'takes no part' };
        if (!desired) return untold(record, now);
        if (!desired.value) return { want: undefined, rule: 'call' };
        if (side.takesCalls === false) return { want: undefined, rule: 'calls cannot be made' };
        if (trouble && trouble.until > now && isCallRefused(record))
            return { keep: 'the call is refused', until: trouble.until };
        return { want: true, rule: 'call' };
    },
    claimOf: record => ({ handle: { user: heldUser(record) } satisfies CallHandle }),
};

/** An entry in the presence list. */
const entry: Part<PbxEntry, PbxRecord, PbxSide> = {
    name: 'entry',
    label: { en: 'Entry', de: 'Eintrag' },
    same: (one, other) => sameSetting(one, other) && sameSetting(one.instead ?? nothing, other.instead ?? nothing),
    text: ({ activity, note, instead }, isFull) =>
        (isFull && note) || activity || (note && 'a note') || instead?.activity || 'available',
    stored: {
        value: v.object({
            ...storedSetting.entries,
            contact: v.picklist(['own', 'tel']),
            instead: v.optional(storedSetting),
        }),
        claim: v.object({
            handle: v.object({
                contact: v.string(),
                user: v.optional(storedUser),
                back: v.optional(storedSetting),
                isOver: v.optional(v.literal(true)),
            }),
            replaced: v.optional(storedSetting),
        }),
    },
    isShared: false,
    rule(record, side, now) {
        const state = entryOf(record)!;
        const live = liveClaims(state, now);
        const isProbed = side.takesContact === undefined && side.probing !== undefined;
        if (isProbed && side.probing !== record.key) return { waits: 'it is found out which contact the PBX takes' };
        if (!record.isMember) return { want: undefined, rule: 'takes no part' };
        if (!state.desired) return untold(record, now);
        const want = wantedEntry(record, side);
        if (!want) return { want, rule: 'entry' };
        if (state.yields) return { keep: state.yields.rule };
        return inPlaceRuling(record, side, want, live) ?? { want, rule: 'entry' };
    },
    claimOf(record, side, { contact }) {
        const isInPlace = contact === 'tel' || side.takesContact === false;
        const handle: EntryHandle = { contact: isInPlace ? userContact : ourContact, user: heldUser(record) };
        return { replaced: ownSetting(record), handle };
    },
};

/** In the order in which they are written: where no call can be made, an entry stands for it. */
export const pbxParts: readonly Part[] = [call, entry] as readonly Part[];

/**
 * In the place of the user's setting we write only what gives way to it in the end. A PBX may show our call in that
 * place, too, and tells what the user has set meanwhile only after its end.
 */
function inPlaceRuling(
    record: PbxRecord,
    side: PbxSide,
    want: PbxEntry,
    live: readonly Claim<PbxEntry>[],
): Ruling<PbxEntry> | undefined {
    const isHere = live.some(claim => handleOf(claim).contact === userContact);
    if (want.contact !== 'tel' && side.takesContact !== false && !isHere) return undefined;
    const state = callOf(record);
    if (record.ownCall && !state?.desired?.value && !state?.trouble)
        return { waits: 'our call ends first', until: record.ownCall.settles };
    const isDnd = liftsDnd(record, want);
    if (isDnd && live.length > 0) return { want: undefined, rule: 'do not disturb by hand' };
    if (isDnd) return { keep: 'do not disturb by hand' };
    const isEqual = live.length === 0 && sameSetting(ownSetting(record), want) && record.state?.list !== undefined;
    return isEqual ? { yields: 'equal' } : undefined;
}

/** In the place of the user's own setting this would lift a do not disturb. */
export function liftsDnd(record: PbxRecord, { activity }: Setting): boolean {
    return ownSetting(record).activity === 'dnd' && activity !== 'dnd';
}

function heldUser({ person: { displayName, pbx } }: PbxRecord): HeldUser {
    return { name: pbx?.name ?? '', displayName, ...(pbx?.loc ? { loc: pbx.loc } : {}) };
}

/** What stands in the list for what is desired; undefined for nothing. */
function wantedEntry(record: PbxRecord, side: PbxSide): PbxEntry | undefined {
    const value = entryOf(record)?.desired?.value;
    if (!value) return undefined;
    const { instead, contact } = value;
    const isCall = side.takesCalls !== false && !isCallRefused(record);
    const { activity, note } = instead && !isCall ? instead : value;
    if (!activity && !note) return undefined;
    return side.untaken.has(activity) ? { ...standIn({ activity, note }), contact } : { activity, note, contact };
}

/** Busy stands for an activity that the PBX does not take; the note names the activity. */
export function standIn({ activity, note }: Setting): Setting {
    return { activity: 'busy', note: note || plainNote(activity) };
}

/** The PBX has refused the last call on behalf of this user. */
function isCallRefused(record: PbxRecord): boolean {
    return callOf(record)?.trouble?.error.retryable === false;
}

/** What the user has set, ours left out. */
export function ownSetting(record: PbxRecord): Setting {
    const { list } = record.state ?? {};
    if (list) return { activity: list.presence.activity, note: list.presence.note };
    return (entryOf(record)?.claims[0]?.replaced as Setting | undefined) ?? nothing;
}

/** What the PBX shows, and whether it is ours; notes are left out. */
export function shownInPbx({ state, parts }: PbxRecord, now: number): Shown | undefined {
    if (!state?.list || state.isStale) return undefined;
    const { presence, ours = nothing } = state.list;
    const own = activityText(presence);
    const since = { since: state.at };
    if (presence.onThePhone && !state.isEcho) return { text: onThePhone, ...since };
    if (presence.onThePhone) return { text: onThePhone, ...since, part: call.name, own };
    const inPlace = liveClaims(parts.entry as PartState<PbxEntry> | undefined, now).find(
        claim => claim.seen && handleOf(claim).contact === userContact,
    );
    const entryText = inPlace ? activityText(inPlace.value) : activityText(ours);
    const isOurs = inPlace !== undefined || !sameSetting(ours, nothing);
    return isOurs ? { text: entryText, ...since, part: entry.name, own } : { text: own, ...since };
}

function activityText({ activity }: Setting): string {
    return activity || 'available';
}

/** What is told where no source has spoken since the start. */
function untold<V>({ restoredAt }: PbxRecord, now: number): Ruling<V> {
    if (restoredAt === undefined) return { keep: 'its source has not spoken yet' };
    if (now >= restoredAt + grace) return { want: undefined, rule: 'no source speaks of it' };
    return { keep: 'its source has not spoken yet', until: restoredAt + grace };
}

/** What is concluded from a presence list. */
interface PbxVerdict {
    list: KnownPresence;
    /** Found out about the PBX: whether it keeps our contact. */
    takesContact?: boolean;
    /** The claim whose value the list shows. */
    seen?: Claim<PbxEntry>;
    /** Claims that explain nothing from now on, since the PBX has shown what took their place. */
    over: readonly Claim<PbxEntry>[];
    /** Our entry is there no more: the PBX has lost it, or the user has chosen another setting in its place. */
    ended?: 'gone' | 'chosen in the PBX';
}

/**
 * What a user's own sources say. What carries our contact is ours, whatever it says. A `tel:` entry is ours as long as a
 * claim is in force that was made there and has this value, until a frame shows what took its place: afterwards the same
 * value is the user's, for frames of a PBX come in order.
 * @param isFirst it is the first list of a subscription, so there may have been a gap before it
 */
export function judgePbx(
    record: PbxRecord,
    entries: readonly Entry[],
    isFirst: boolean,
    side: PbxSide,
    now: number,
): PbxVerdict {
    const state = entryOf(record);
    const isApart = side.takesContact || entries.some(({ contact }) => contact === ourContact);
    const open = [...liveClaims(state, now), ...recentClaims(state, now)].filter(claim => {
        const { contact, isOver } = handleOf(claim);
        // Where an earlier process had its entry it has written down; only of what it was just sending it may not have known.
        const isKnown = claim.isFormer && claim.certainty !== 'sent';
        return !isOver && (contact === userContact || (!isApart && !isKnown));
    });
    const last = record.state?.list ?? beneath(liveClaims(state, now)[0]);
    const before = last && side.besideCalls ? { ...last, besideCalls: true } : last;
    const list = reducePresence(entries, before, tel => open.some(({ value }) => sameSetting(value, tel)));
    const verdict: PbxVerdict = { list, over: [], ...(list.ours ? { takesContact: true } : {}) };
    if (!sameSetting(list.tel, before?.tel ?? nothing)) Object.assign(verdict, judgeInPlace(open, list.tel, side, now));
    const [held] = liveClaims(state, now);
    if (!held || !isFirst || held.certainty === 'sent' || verdict.ended || verdict.seen) return verdict;
    const isOwn = handleOf(held).contact === ourContact && side.takesContact !== false;
    return isOwn && !sameSetting(list.ours ?? nothing, held.value) ? { ...verdict, ended: 'gone' } : verdict;
}

/** A new `tel:` value is one that we have written, or what we have written back, or the user's own. */
function judgeInPlace(open: readonly Claim<PbxEntry>[], tel: Setting, side: PbxSide, now: number): Partial<PbxVerdict> {
    const [newest] = open;
    if (!newest) return {};
    const { back } = handleOf(newest);
    if (back && sameSetting(back, tel)) return { over: open };
    const index = open.findIndex(({ value }) => sameSetting(value, tel));
    const seen = open[index];
    if (seen) {
        // Before the PBX has answered, the user may just have set the same.
        const hasLanded = handleOf(seen).contact === ourContact && seen.certainty !== 'sent';
        return { seen, over: open.slice(index + 1), ...(hasLanded ? { takesContact: false } : {}) };
    }
    // A write that is on its way may still replace what the user has set.
    const isSure = newest.certainty !== 'sent';
    const over = open.filter(
        claim => claim.certainty !== 'sent' && (handleOf(claim).contact === userContact || side.takesContact === false),
    );
    const isEnded = isSure && isLive(newest, now) && over.includes(newest);
    return { over, ...(isEnded ? { ended: 'chosen in the PBX' as const } : {}) };
}

/** What the PBX showed of a user before the first list, where we have written by then, or before this start. */
function beneath(claim: Claim<PbxEntry> | undefined): KnownPresence | undefined {
    if (!claim) return undefined;
    const setting = (claim.replaced as Setting | undefined) ?? nothing;
    const isInPlace = claim.certainty === 'restored' && handleOf(claim).contact === userContact;
    const { activity, note } = isInPlace ? claim.value : setting;
    return { presence: { ...setting, onThePhone: false }, tel: { activity, note }, besideCalls: false };
}

/** Takes in what was concluded of a list. @returns the state that is to be told */
export function conclude(record: PbxRecord, verdict: PbxVerdict, side: PbxSide, now: number): UserState {
    const { list, seen, over, ended } = verdict;
    if (verdict.takesContact !== undefined) side.takesContact = verdict.takesContact;
    if (list.besideCalls) side.besideCalls = true;
    for (const claim of over) mark(claim, { isOver: true });
    if (seen) seen.seen = true;
    if (seen && verdict.takesContact === false) mark(seen, { contact: userContact });
    const state = entryOf(record);
    if (state && ended) endClaims(state, now);
    if (state?.desired?.value && ended === 'chosen in the PBX')
        state.yields = { since: now, rule: ended, value: state.desired.value };
    observeCall(record, list.presence.onThePhone);
    const { isStale: _, ...last } = record.state ?? {};
    return { at: 0, ...last, list, isEcho: false };
}

/** Holds an entry that has our contact and that no claim explains: it is from before this start. */
export function adoptEntry(record: PbxRecord, now: number): void {
    const { ours } = record.state?.list ?? {};
    if (!ours || sameSetting(ours, nothing)) return;
    const state = entryOf(record);
    if (state?.claims.some(({ ends }) => ends + memory > now)) return;
    const ends = Number.POSITIVE_INFINITY;
    const claim: Claim<PbxEntry> = {
        ...{ value: { ...ours, contact: 'own' }, from: now, renew: ends, ends, certainty: 'restored', way: '' },
        handle: { contact: ourContact },
    };
    const by = state?.desired?.by ?? record.spoken;
    record.parts.entry = { ...(by ? { desired: { by } } : {}), ...state, claims: [claim] } as PartState;
    if (!by) record.restoredAt ??= now;
}
