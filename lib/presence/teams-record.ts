import * as v from 'valibot';
import type { Losses } from './losses';
import type { Part, Ruling, Side } from './next-step';
import {
    type Claim,
    isTrusted,
    liveClaims,
    type PartState,
    type PersonRecord,
    type Rule,
    recentClaims,
    settling,
    trustedFrom,
    type Writer,
} from './record';
import { isSamePair, pairText, rankOf, showsAs } from './teams-states';
import type { TeamsPair, TeamsPresence } from './vocabulary';

/** What a node that writes to Teams chooses of the table of conflicts. */
export interface TeamsWriter extends Writer {
    /** A status set by hand gives way when a call begins. */
    overridesChoice?: boolean;
    /** A setting of the PBX is written although the person shows as offline. */
    writesOffline?: boolean;
    /** A call of the PBX is not shown for a person who is signed out. */
    hidesCallsOffline?: boolean;
    /** The PBX leads: what was chosen in Teams since is replaced again. */
    leads?: boolean;
}

/** Why something that Teams has accepted does not show. */
export type HiddenReason = 'set-by-hand' | 'appears-offline' | 'do-not-disturb' | 'stronger' | 'unknown';

/** What Teams knows and what we want there, of one person. */
export interface TeamsRecord extends PersonRecord {
    /** A node follows the person, so changes are told. */
    isFollowed?: true;
    /**
     * The person's own state was seen in place of our session, so it ranks higher; our session shows only once that
     * has ended.
     */
    isAbove?: true;
    /** What the person's own sources said last, our parts left out; absent as long as they could not be told apart. */
    own?: TeamsPair;
    /** That was found at a start without a log, and it may be ours. */
    isFound?: true;
    /** What was told last was a choice by hand that our own write has replaced. */
    isReplaced?: true;
    /** The same as it was told last to those who follow. */
    told?: TeamsPresence;
    /** A notification has set off the next read, so what it finds is told as notified. */
    isNotified?: true;
    /** Why what we hold does not show. */
    hidden?: HiddenReason;
    /** What Teams showed last, our own writes included. */
    shown?: TeamsPair;
    /** Date since which it is known to show that, ms since the epoch. */
    shownSince?: number;
    /** The status message that the last read showed; ours included. */
    message?: string;
    /** The newest version that Graph has stamped on a presence, and when it came. */
    sequence?: string;
    sequencedAt?: number;
    /** What a notification has told and a read is to confirm first; where the answer lacks the person, it counts. */
    awaited?: TeamsPair;
    /** The number of the person's last notification; notifications are counted over all people. */
    notified?: number;
}

/** What the people of a tenant share. */
export interface TeamsSide extends Side {
    /** Whether there may be sessions of ours that no log knows: a start without one. */
    mayHaveSessions: boolean;
    /** The way that ends them. */
    way: string;
    losses: Losses;
}

/** Activity of a person who chose to appear offline. */
export const appearOffline = 'OffWork';

/** After a start what the log has told is held for so many ms, until its source speaks. */
export const grace = 5 * 60_000;

const never = Number.NEGATIVE_INFINITY;
/** A call waits so many ms for a first read that fails, and for one that is due after others that have failed. */
const patience = 3_000;

/** What a read has shown of a person who is not followed counts as known for so many ms. */
const believed = 60_000;

/** What a hand sets; presenting and focusing are no choice by hand. */
const doNotDisturb: TeamsPair = { availability: 'DoNotDisturb', activity: 'DoNotDisturb' };

/** What was read, or could not be, so many ms ago holds still. */
const fresh = 1_000;
/** A read is waited for so many ms after an interruption, and for one that is tried again within so many. */
const waiting = 10_000;
/** A call waits so many ms for a read that fails and is tried again soon, where nobody is served. */
const outage = 5 * 60_000;
/** What an outage keeps waiting for so many ms may be older than what the person has chosen. */
const outdated = 5_000;

/** What a hand sets in Teams and idling does not; Offline is never concluded from. */
const choices: readonly string[] = ['Busy/Busy', 'DoNotDisturb/DoNotDisturb', 'BeRightBack/BeRightBack'];

/** Pairs that count as equal in the table of conflicts: a user who has chosen one of them keeps it as their own. */
const settings: readonly string[] = ['Busy/Busy', 'DoNotDisturb/DoNotDisturb'];

export function sessionOf(record: PersonRecord): PartState<TeamsPair> | undefined {
    return record.parts.session as PartState<TeamsPair> | undefined;
}

export function preferredOf(record: PersonRecord): PartState<TeamsPair> | undefined {
    return record.parts.preferred as PartState<TeamsPair> | undefined;
}

export function messageOf(record: PersonRecord): PartState<string> | undefined {
    return record.parts.statusMessage as PartState<string> | undefined;
}

const storedPair = v.object({ availability: v.string(), activity: v.string() });

/** A line state: a session of the app, which ends by itself and never touches what the user chose. */
const session: Part<TeamsPair, TeamsRecord, TeamsSide> = {
    name: 'session',
    label: { en: 'Call', de: 'Anruf' },
    same: isSamePair,
    text: pairText,
    stored: { value: storedPair },
    isShared: false,
    rule(record, side, now) {
        const state = sessionOf(record)!;
        const { desired } = state;
        if (!desired) return untold(session, record, side, now, state.claims);
        if (isSuspected(record, now)) return { want: undefined, rule: 'whose call shows' };
        const { value, by } = desired;
        const shows: Ruling<TeamsPair> = { want: value, rule: 'call' };
        // It hides what the person's own sources say, so that is read before the first one.
        const isUnread = record.doubt?.why === 'start' || (record.isFollowed && record.readAt === never);
        const { readTrouble } = record;
        const isHopeless = readTrouble && (readTrouble.until > now + patience || now > by.at + patience);
        const soon = by.at + waiting;
        if (value && isUnread && !isHopeless && now < soon)
            return { read: 'nothing is known of the person', until: soon };
        // What has ended during an outage or a gap could not be seen any more beneath it.
        const interrupted = interruptedAt(state, side);
        const live = liveClaims(state, now);
        const isInForce = live.some(({ certainty, ends }) => certainty !== 'sent' && ends > now);
        // Nor does a read tell that may show what a try has done that had no answer.
        const tried = live[0]?.certainty === 'sent' ? live[0].from + settling : never;
        const from = Math.max(interrupted + 1, tried);
        const isOld = record.isFollowed && record.readBegunAt < from && !isInForce;
        // The next try may be minutes away.
        const isRetried = readTrouble && readTrouble.until < now + waiting;
        // In an outage a call would fail as well, and one that is tried just as it ends would hide what has not been read;
        // where others are served by now, it is this person who cannot be read.
        const isOutage = readTrouble && side.servedAt < interrupted + waiting;
        const longest = isOutage ? (isRetried ? outage : 2 * waiting) : waiting;
        // The outage may have ended since the last try.
        const isDue = isRetried && (now > readTrouble.at + fresh || side.servedAt > readTrouble.at);
        const until = Math.max(interrupted + longest, isDue ? readTrouble.until + patience : never);
        if (value && isOld && !readTrouble?.parked && now < until)
            return { read: 'nothing is known of the person', from, until };
        // Beneath our session it cannot be seen whether the person signs out: what shows stays until the call ends.
        const hidesOffline = (by.writer as TeamsWriter).hidesCallsOffline && live.length === 0;
        if (value && hidesOffline) {
            if (!isKnown(record, now) && !record.readTrouble) return { read: 'nothing is known of the person' };
            const waits = whileOffline(record, now);
            if (waits) return waits;
        }
        // Do not disturb by hand is never reset, so what was chosen must be known.
        if (overridesNow(record, now) && !isFresh(record, now) && !record.readTrouble)
            return { read: 'whose choice shows' };
        return shows;
    },
};

/** No log tells whether the call that shows is ours: who may end it finds out. */
function isSuspected(record: TeamsRecord, now: number): boolean {
    return liveClaims(sessionOf(record), now).some(({ certainty }) => certainty === 'suspected');
}

/** A call begins, by which a status set by hand gives way; nothing of ours is in its field. */
export function overridesNow(record: TeamsRecord, now: number): boolean {
    const { desired, hasBegun } = sessionOf(record) ?? {};
    const isChosen = (desired?.by.writer as TeamsWriter | undefined)?.overridesChoice === true;
    return isChosen && desired?.value !== undefined && !hasBegun && liveClaims(preferredOf(record), now).length === 0;
}

/** The user's setting in the PBX, in the field that the user's own choice in Teams lives in, too. */
const preferred: Part<TeamsPair, TeamsRecord, TeamsSide> = {
    name: 'preferred',
    label: { en: 'Status', de: 'Status' },
    same: isSamePair,
    text: pairText,
    stored: { value: storedPair },
    isShared: true,
    takeBack: (record, now, rule) => takeBackOf(record, liveClaims(preferredOf(record), now), rule),
    rule(record, side, now) {
        const state = preferredOf(record)!;
        const { desired, yields } = state;
        const live = liveClaims(state, now);
        if (!desired) return untold(preferred, record, side, now, state.claims);
        const { value } = desired;
        if (!value) return takeBackOf(record, live, 'setting');
        if (yields) return { keep: yields.rule };
        if (isSuspected(record, now)) return { waits: 'whose call shows' };
        const call = sessionOf(record)?.desired?.value;
        // A preferred presence hides the session: what ranks below the call waits until it has ended.
        if (call && rankOf(value.availability) < rankOf(call.availability))
            return live.length > 0 ? takeBackOf(record, live, 'beneath a call') : { keep: 'beneath a call' };
        // Who has chosen to appear offline is left alone, and what we hold ends with its lease.
        if (record.own?.activity === appearOffline && !(desired.by.writer as TeamsWriter).writesOffline)
            return untilOther(record, 'offline', now);
        const inForce = live.filter(({ certainty, ends }) => certainty !== 'sent' && ends > now);
        const shows: Ruling<TeamsPair> = { want: value, rule: 'setting' };
        if (inForce.some(claim => isSamePair(claim.value, value))) return shows;
        const conflict =
            conflictOf(record, value, side, inForce, now) ?? newerChoice(record, state, side, inForce, now);
        if (conflict) return conflict;
        // Who is followed by no node may have chosen something since the last read.
        const isTold = record.isFollowed || record.readTrouble || isSamePair(state.would?.value, value);
        return isTold || isFresh(record, now) ? shows : { read: 'whose choice shows' };
    },
};

/** What we hold is taken back only while it shows, for the user's own choice lives in the same field. */
function takeBackOf(record: TeamsRecord, live: readonly Claim<TeamsPair>[], rule: Rule): Ruling<TeamsPair> {
    const { shown } = record;
    const isRead = record.readIn === record.epoch;
    const isOurs = !shown || !isRead || live.some(claim => showsAs(claim.value, true, shown));
    // Without any session of the user a preferred presence is there but shows as offline.
    const isAbsent = shown?.availability === 'Offline' || shown?.availability === 'PresenceUnknown';
    // What no log tells may be the user's: it ends with its lease.
    if (live.length > 0 && live.every(({ certainty }) => certainty === 'suspected'))
        return { drop: 'its source has not spoken yet' };
    if (live.length === 0 || isOurs) return { want: undefined, rule };
    const isSeen = isRead && isTrusted(record, record.readBegunAt) && !isAbsent;
    if (shown.activity === appearOffline || isSeen) return { drop: 'chosen in Teams' };
    // A read that is too early may not show yet what we have set.
    return isAbsent ? { want: undefined, rule } : { read: 'whose choice shows', from: trustedFrom(record) };
}

/** The rows of the table of conflicts for a setting that is not in force. */
function conflictOf(
    record: TeamsRecord,
    value: TeamsPair,
    side: TeamsSide,
    inForce: readonly Claim<TeamsPair>[],
    now: number,
): Ruling<TeamsPair> | undefined {
    const { own } = record;
    const writer = preferredOf(record)!.desired!.by.writer as TeamsWriter;
    if (inForce.length === 0 && !isKnown(record, now) && !record.readTrouble)
        return { read: 'nothing is known of the person' };
    if (!own) return undefined;
    const waits = writer.writesOffline ? undefined : whileOffline(record, now);
    // What the PBX says no more ends all the same.
    if (waits && inForce.length > 0) return takeBackOf(record, inForce, 'offline');
    if (waits || inForce.length > 0) return waits;
    if (isSamePair(own, doNotDisturb) && rankOf(value.availability) < rankOf(own.availability))
        return untilOther(record, 'do not disturb by hand', now);
    // What was sent before may still take the place of what shows.
    const isAlone = liveClaims(preferredOf(record), now).length === 0;
    const isEqual = isAlone && isSamePair(own, value) && settings.includes(pairText(value));
    // What was found at a start and may be ours would end with its lease.
    if (!isEqual || (record.isFound && side.mayHaveSessions)) return undefined;
    // What was known before the setting, an outage or a gap need not be true any more: notifications come late.
    const state = preferredOf(record)!;
    const from = Math.max(interruptedAt(state, side) + 1, state.since ?? now);
    const isWaiting = now < from + waiting || !record.readTrouble;
    if (!writer.leads && record.readBegunAt < from && !record.readTrouble?.parked)
        return isWaiting ? { read: 'whose choice shows', from } : undefined;
    // Where the PBX leads it is set as soon as the person chooses something else.
    return writer.leads ? untilOther(record, 'equal', now) : { yields: 'equal' };
}

/** When an outage, or a gap, has kept this from being written last; negative and infinite for never. */
function interruptedAt(state: PartState<unknown>, side: TeamsSide): number {
    return Math.max(state.interruptedAt ?? never, side.interruptedAt ?? never);
}

/** What has waited through an outage, or was lost by one, or was held back, gives way to what the person has chosen meanwhile. */
function newerChoice(
    record: TeamsRecord,
    state: PartState<TeamsPair>,
    side: TeamsSide,
    inForce: readonly Claim<TeamsPair>[],
    now: number,
): Ruling<TeamsPair> | undefined {
    const { desired, since = now, before, hasBegun, heldAt } = state;
    const interrupted = interruptedAt(state, side);
    const isComparable = before !== undefined || hasBegun === true;
    const hasWaited = interrupted > since && since + outdated < now;
    const { leads } = desired!.by.writer as TeamsWriter;
    if (!isComparable || !(hasWaited || heldAt) || leads || inForce.length > 0) return undefined;
    if (record.readTrouble?.parked) return undefined;
    if (heldAt && !record.isFollowed && !isFresh(record, now) && !record.readTrouble)
        return { read: 'whose choice shows' };
    if (hasWaited && record.readBegunAt <= interrupted) return { read: 'whose choice shows', from: interrupted + 1 };
    const { own, shown } = record;
    const isOurs = shown && liveClaims(state, now).some(claim => showsAs(claim.value, true, shown));
    const then = before as TeamsPair | undefined;
    const isOther = own !== undefined && !(then && (isSamePair(then, own) || then.availability === 'Offline'));
    return isOther && !isOurs && isChoice(own) ? { yields: 'chosen in Teams' } : undefined;
}

/** What waits until the person appears in Teams. */
function whileOffline(record: TeamsRecord, now: number): Ruling<TeamsPair> | undefined {
    return isOffline(record) ? untilOther(record, 'offline', now) : undefined;
}

/** What waits until the person shows something else in Teams, which a read finds out where no node follows them. */
function untilOther(record: TeamsRecord, rule: Rule, now: number): Ruling<TeamsPair> {
    if (record.isFollowed) return { keep: rule };
    const until = record.readAt + believed;
    return until > now ? { keep: rule, until } : { read: rule };
}

/** The note of the PBX; never over a message that the user wrote. */
const statusMessage: Part<string, TeamsRecord, TeamsSide> = {
    name: 'statusMessage',
    label: { en: 'Status message', de: 'Statusmeldung' },
    isOptional: true,
    same: (one, other) => one === other,
    text: (value, isFull) => (isFull ? value : 'the status message'),
    stored: { value: v.string() },
    isShared: true,
    takeBack: (record, now, rule) =>
        isTheirMessage(record, now) ? { drop: 'written by hand' } : { want: undefined, rule },
    rule(record, side, now) {
        const state = messageOf(record)!;
        const { desired } = state;
        const live = liveClaims(state, now);
        const isTheirs = isTheirMessage(record, now);
        if (!desired) return untold(statusMessage, record, side, now, state.claims);
        const { value } = desired;
        if (isTheirs && live.length > 0) return { drop: 'written by hand' };
        if (!value) return { want: undefined, rule: 'note' };
        if (live.some(claim => claim.value === value)) return { want: value, rule: 'note' };
        if (!isFresh(record, now)) return { read: 'whose message shows' };
        return isTheirs || record.readTrouble ? { keep: 'written by hand' } : { want: value, rule: 'note' };
    },
};

function isTheirMessage(record: TeamsRecord, now: number): boolean {
    const state = messageOf(record);
    const { message } = record;
    return (
        message !== undefined &&
        ![...liveClaims(state, now), ...recentClaims(state, now)].some(({ value }) => value === message)
    );
}

/** In the order in which they are written: the setting hides the call, and the message may fail without harm. */
export const teamsParts: readonly Part[] = [preferred, session, statusMessage] as readonly Part[];

/** What is told where no source has spoken since the start. */
function untold<V>(
    { takeBack }: Part<V, TeamsRecord, TeamsSide>,
    record: TeamsRecord,
    side: TeamsSide,
    now: number,
    claims: readonly Claim<V>[],
): Ruling<V> {
    const isSuspected = claims.some(({ certainty }) => certainty === 'suspected');
    const until = isSuspected ? side.sourcesKnownBy : (record.restoredAt ?? Number.NEGATIVE_INFINITY) + grace;
    const rule = 'no source speaks of it';
    if (now >= until) return takeBack?.(record, now, rule) ?? { want: undefined, rule };
    return { keep: 'its source has not spoken yet', until, ...(isSuspected ? {} : { renews: true }) };
}

function isFresh(record: TeamsRecord, now: number): boolean {
    return record.readAt + fresh >= now;
}

/** Nothing more can be known of the person now: changes are told, or a read was made a short while ago. */
function isKnown({ own, isFollowed, readAt }: TeamsRecord, now: number): boolean {
    if (isFollowed) return own !== undefined || readAt > never;
    return readAt + believed >= now;
}

/** Signed out, or chosen by hand to look so. Beneath our session the person counts as before. */
function isOffline({ own }: TeamsRecord): boolean {
    return own?.availability === 'Offline';
}

/** What only a hand can set in Teams, and what therefore hides our session as long as it is there. */
export function isOnlyByHand({ availability, activity }: TeamsPair): boolean {
    return availability === 'BeRightBack' || activity === appearOffline;
}

/** What a hand sets in Teams, and idling does not. */
export function isChoice(pair: TeamsPair): boolean {
    return choices.includes(pairText(pair));
}
