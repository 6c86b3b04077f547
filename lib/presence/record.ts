import { isDeepStrictEqual } from 'node:util';
import type { SyncError } from '../errors/errors';
import type { PresenceUser } from './message';
import type { Rule } from './rules';

export type { Rule } from './rules';

/** Where what is desired comes from. */
export type Source = 'pbx' | 'teams' | 'calendar';

/** Who asks: the node, as messages and the journal name it, and what it wants of the conflicts that it can choose. */
export interface Writer {
    node: string;
    /** Which way out of the side it takes, such as the client id of its app registration. */
    way: string;
    /** Milliseconds for which a leased part is set. */
    lease: number;
    /** Milliseconds within which changes that follow one another are gathered; absent or 0: each goes at once. */
    settle?: number;
    /** Everything is decided, and nothing is written: what is held ends with its lease. */
    dryRun?: boolean;
}

/** What one message states of a person. It stands until a message of the same source replaces it. */
export interface Statement {
    source: Source;
    writer: Writer;
    /** The person as the source knows them. */
    person: PresenceUser;
    /** Monotonic time. */
    at: number;
    /** The source does not know what holds: what was set ends, and a newer choice by hand stands as it did. */
    isSilence?: true;
    /** What the person's own sources on the side said then, as far as that is known. */
    own?: unknown;
}

/** What the newest statement of a source wants of one part; no value: nothing. */
export interface Desired<V> {
    value?: V;
    by: Statement;
}

/**
 * How sure it is that a claim is in force:
 * - `sent`: a request is on its way, or its answer was lost;
 * - `confirmed`: the side has accepted it;
 * - `restored`: the log of claims says so, from before this start;
 * - `suspected`: it shows what we might have set, and no log says whether we have;
 * - `ended`: it was taken back, replaced, lost or has run out. Kept for a while, since notifications come late.
 */
export type Certainty = 'sent' | 'confirmed' | 'restored' | 'suspected' | 'ended';

/** What may show for us. Times are monotonic; `ends` is infinite for what has no lease. */
export interface Claim<V> {
    value: V;
    from: number;
    /** When it is to be renewed; infinite for what has no lease. */
    renew: number;
    ends: number;
    /** It may be in force until then: time may not have been counted, or a renewal without an answer may have worked. */
    latest?: number;
    /** The same, of a renewal that is on its way. */
    renewed?: number;
    certainty: Certainty;
    /** What ends it: the way that it was set by, and what the side calls it. */
    way: string;
    /** Plain JSON, never changed. */
    handle?: unknown;
    /** It has been seen to show. */
    seen?: true;
    /** It is from before this start. */
    isFormer?: true;
    /** What it took the place of. */
    replaced?: unknown;
}

/** Why the last request for a part has failed, and when it is tried again. */
export interface Trouble {
    error: SyncError;
    failures: number;
    /** Monotonic time. */
    until: number;
    /** The side has asked for a long pause, which is told at once. */
    isLong?: true;
    /** An administrator must change something; a few people find out for all whether it was changed. */
    parked?: true;
}

/** One part of a person on one side. */
export interface PartState<V = unknown> {
    /** Absent: no source has spoken since the start. */
    desired?: Desired<V>;
    /** The newest value that a source has stated, silence aside. */
    stated?: V;
    /**
     * When this was wanted first, and what the person's own sources said then, as far as that was known; the latter only
     * until the side has accepted it. Monotonic.
     */
    since?: number;
    before?: unknown;
    /** It was held back or refused then, or taken back although it is wanted; {@link before} is of that time. Monotonic. */
    heldAt?: number;
    /** A request for it has failed then in passing, or a gap was found: something newer may have been chosen. Monotonic. */
    interruptedAt?: number;
    /** A newer choice by hand stands above what is desired; it ends only when the desired *setting* changes. */
    yields?: { since: number; rule: Rule; value: V };
    /** Newest first. */
    claims: Claim<V>[];
    trouble?: Trouble;
    /** What was decided last without a request, so that it is told once. */
    rule?: Rule;
    /** What showed at the start and no log explained was found out to be ours, or not. */
    isFoundOut?: true;
    /** What is desired has shown once: what comes after that renews or repairs it. */
    hasBegun?: true;
    /** It was missing and has been set again; should it be missing once more, it is set again from then on. Monotonic. */
    setAgainFrom?: number;
    /** What a dry run would show by now, or nothing. */
    would?: { value?: V };
}

/** One decision, as the journal keeps it. */
export interface Decision {
    /** Date, ms since the epoch. */
    at: number;
    part: string;
    /** In words of the side; empty for nothing. Texts of notes and messages only where that was chosen. */
    from: string;
    to: string;
    rule: Rule;
    outcome: 'accepted' | 'refused' | 'failed' | 'held' | 'observed' | 'dry run';
    /** Milliseconds from the statement to the answer; absent where no statement waits for it, as after a pause. */
    latency?: number;
    detail?: string;
}

/** The node that waits for the answer to its newest statement. */
export interface Waiter {
    by: Statement;
    /** Something was written since. */
    written: boolean;
    settle: (end: 'done' | 'replaced' | 'stopped' | 'set aside' | SyncError) => void;
}

/** The beginning or end of a call before a renewal before a sweep. */
export type Urgency = 'edge' | 'renewal' | 'sweep';

/** Since when what is claimed or observed may be untrue, and why: a read that began later ends it. */
export interface Doubt {
    why: 'start' | 'gap';
    since: number;
}

/** Changes that come quickly after one another: nothing is sent before `until`. Times are monotonic. */
export interface Settling {
    /** When the change went that the others follow. */
    first: number;
    until: number;
}

/** Our changes and those of the person's own sources on the same side, as far as they answer each other. */
export interface Volley {
    by: 'us' | 'others';
    /** Monotonic times, the newest last; no more than it takes to see that there are too many. */
    times: readonly number[];
}

/**
 * Everything that one side knows and wants of a person. Times are monotonic unless said otherwise. What is no more is set to
 * undefined and not deleted: V8 keeps an object with deleted properties as a hash table of five times the size.
 * @see https://v8.dev/blog/fast-properties
 */
export interface PersonRecord {
    key: string;
    /** As the side knows them, or as a source does where the side does not. */
    person: PresenceUser;
    /** By the name of the part; a side has typed names for its own. */
    parts: { [part: string]: PartState | undefined };
    /** A request is on its way; `abort` withdraws it as long as it has not left. */
    sending?: { part: string; abort: AbortController; asked?: Waiter };
    /** When the side accepted a write last. */
    writtenAt: number;
    /**
     * Counts writes that were accepted and statements that want something else: a read that began before tells
     * nothing of them.
     */
    epoch: number;
    /** When the last read was asked for and answered, also where the answer lacked the person. */
    readBegunAt: number;
    readAt: number;
    /** {@link epoch} when that read began. */
    readIn: number;
    /** The person is to be read at this time, and how urgent that is. */
    look?: { at: number; urgency: Urgency };
    /** `at`: when the last try has failed, monotonic. */
    readTrouble?: Trouble & { at: number };
    doubt?: Doubt;
    /** Left alone until then, since everything of this person is refused while others are served. */
    setAside?: { until: number; error: SyncError };
    refusals?: { status: number; count: number; servedBefore: number };
    /** An administrator has paused the person until then. */
    pausedUntil?: number;
    /** Nothing is written until then, since changes have answered each other too often. */
    restsUntil?: number;
    volley?: Volley;
    settle?: Settling;
    /** When what the log told was restored; absent once a source has spoken. */
    restoredAt?: number;
    /** The newest statement of a source. */
    spoken?: Statement;
    asked?: Waiter;
    /** The last three decisions, the newest last. */
    lately: Decision[];
}

/** Ended claims explain, for so many ms, what comes late: Microsoft names one minute at worst for a notification. */
export const memory = 90_000;
/** Once so many ms have passed since a write, a read is trusted to show its effect. */
export const settling = 1_500;

/** The record of a person of whom nothing is known yet. */
export function newRecord(key: string, person: PresenceUser): PersonRecord {
    return {
        key,
        person,
        parts: {},
        writtenAt: Number.NEGATIVE_INFINITY,
        epoch: 0,
        readIn: -1,
        readBegunAt: Number.NEGATIVE_INFINITY,
        readAt: Number.NEGATIVE_INFINITY,
        lately: [],
    };
}

/** True for a claim that is, or may be, in force. */
export function isLive(claim: Claim<unknown>, now: number): boolean {
    return claim.certainty !== 'ended' && endOf(claim) > now;
}

/** The person is to be read then, or earlier where that was asked for already. */
export function lookAt(record: PersonRecord, at: number, urgency: Urgency): void {
    const { look } = record;
    if (look && look.at <= at && look.urgency !== 'sweep') return;
    record.look = {
        at: Math.min(look?.at ?? at, at),
        urgency: look && (look.urgency === 'edge' || urgency === 'sweep') ? look.urgency : urgency,
    };
}

/** Claims of a part that are, or may be, in force; the newest first. */
export function liveClaims<V>(state: PartState<V> | undefined, now: number): Claim<V>[] {
    return state ? state.claims.filter(claim => isLive(claim, now)) : [];
}

/** Claims that have ended so short a time ago that they may still explain what arrives. */
export function recentClaims<V>(state: PartState<V> | undefined, now: number): Claim<V>[] {
    return state ? state.claims.filter(claim => !isLive(claim, now) && endOf(claim) + memory > now) : [];
}

/** True where something is desired, claimed or being done, so that the record must be kept. */
export function isInUse(record: PersonRecord, now: number): boolean {
    if (record.sending || record.asked || record.doubt || record.look || stopOf(record, now)) return true;
    const isMeant = (state: PartState | undefined): boolean =>
        state?.desired?.value !== undefined || state?.yields !== undefined;
    return Object.values(record.parts).some(isMeant) || forgottenAt(record) > now;
}

/** When what is claimed explains nothing any more and the record need not be kept for it. Monotonic. */
export function forgottenAt({ parts }: PersonRecord): number {
    const ends = Object.values(parts).flatMap(state => state?.claims.map(claim => endOf(claim) + memory) ?? []);
    return Math.max(Number.NEGATIVE_INFINITY, ...ends);
}

/** Why nothing of ours may show for the person now, whatever is desired, and until when. */
export function stopOf(
    { pausedUntil = Number.NEGATIVE_INFINITY, restsUntil = Number.NEGATIVE_INFINITY }: PersonRecord,
    now: number,
): { rule: 'paused' | 'resting'; until: number } | undefined {
    if (pausedUntil > now) return { rule: 'paused', until: pausedUntil };
    return restsUntil > now ? { rule: 'resting', until: restsUntil } : undefined;
}

/** From when on a read shows the effect of the last write, and nothing from before a gap. Monotonic. */
export function trustedFrom(record: PersonRecord): number {
    return Math.max(record.writtenAt + settling, record.doubt?.since ?? Number.NEGATIVE_INFINITY);
}

/** True if a read that began then shows the effect of the last write, and nothing from before a gap. */
export function isTrusted(record: PersonRecord, begun: number | undefined): boolean {
    return begun !== undefined && begun >= trustedFrom(record);
}

/** It is not known any more whether this is in force. */
export function unsure(claim: Claim<unknown>): void {
    if (claim.certainty !== 'suspected' && claim.certainty !== 'ended') claim.certainty = 'sent';
}

/**
 * Ends the claims of a part that are meant; forgets those that explain nothing any more.
 * @param way the way by which they have ended: what another way has set, and has a lease, may show until that ends
 */
export function endClaims<V>(
    state: PartState<V>,
    now: number,
    isMeant: (claim: Claim<V>) => boolean = () => true,
    way?: string,
): void {
    const end = (claim: Claim<V>): Claim<V> => {
        const isLeft = way !== undefined && claim.way !== way && claim.ends < Number.POSITIVE_INFINITY;
        return isLeft ? { ...claim, certainty: 'ended', renew: Number.POSITIVE_INFINITY } : ended(claim, now);
    };
    state.claims = state.claims
        .map(claim => (isLive(claim, now) && isMeant(claim) ? end(claim) : claim))
        .filter((claim, index, all) => {
            if (isLive(claim, now)) return true;
            return endOf(claim) + memory > now && !all.slice(0, index).some(newer => outlasts(newer, claim, now));
        });
}

/** Both have ended, and the newer one explains for longer all that the other does. */
function outlasts(newer: Claim<unknown>, claim: Claim<unknown>, now: number): boolean {
    const meaningOf = (each: Claim<unknown>) => [each.value, each.way, each.handle, each.replaced, each.isFormer];
    const isLater = !isLive(newer, now) && endOf(newer) >= endOf(claim);
    return isLater && isDeepStrictEqual(meaningOf(newer), meaningOf(claim));
}

function ended<V>({ latest: _, renewed: __, ...claim }: Claim<V>, now: number): Claim<V> {
    return { ...claim, certainty: 'ended', ends: now, renew: Number.POSITIVE_INFINITY };
}

/** When a claim ends by itself at the latest, or has ended. */
export function endOf({ ends, latest = ends, renewed = ends }: Claim<unknown>): number {
    return Math.max(ends, latest, renewed);
}
