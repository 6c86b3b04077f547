import type * as v from 'valibot';
import type { SyncError } from '../errors/errors';
import type { Sentence } from '../errors/sentence';
import { type Claim, liveClaims, type PartState, type PersonRecord, type Rule, stopOf, type Urgency } from './record';

/** What a part's row in the table of conflicts says now. */
export type Ruling<V> =
    /** This is to show for us; nothing: what we hold is to be taken back. */
    | { want: V | undefined; rule: Rule }
    /** The same as `want` in a dry run: nothing is sent. */
    | { would: V | undefined; rule: Rule }
    /** What stands is left as it is, and looked at again at `until`. With `renews` it is kept alive meanwhile. */
    | { keep: Rule; until?: number; renews?: true | undefined }
    /** Something else must happen first: nothing is done before, and what was asked for counts as not done yet. */
    | { waits: Rule; until?: number }
    /** A newer choice by hand stands above it. */
    | { yields: Rule }
    /** What we hold is the user's by now: it is forgotten, without a request. */
    | { drop: Rule }
    /** The person must be read first, at `from` or later; at `until` it is decided without. */
    | { read: Rule; from?: number; until?: number };

/** One part of a side: how it shows, whether it is leased, and what keeps it from being written. */
export interface Part<V = unknown, R extends PersonRecord = PersonRecord, S extends Side = Side> {
    name: string;
    /** What it is called in sentences. */
    label: Sentence;
    /** Both are the same to the side. */
    same(one: V, other: V): boolean;
    /** In words of the side, for journal and sentences. @param isFull with the text of notes and messages */
    text(value: V, isFull?: boolean): string;
    /** What a log may tell of a value, and of a claim beside it: another version may have written it. */
    stored: { value: v.GenericSchema; claim?: v.GenericSchema };
    /** The field is also that of the user's own choice: it is read before it is taken back or renewed. */
    isShared: boolean;
    /** It may fail without harm to the rest. */
    isOptional?: true;
    /** What the table of conflicts says. Pure. */
    rule(record: R, side: S, now: number): Ruling<V>;
    /** How it is taken back where the user's own choice may have taken its place; absent: at once. Pure. */
    takeBack?(record: R, now: number, rule: Rule): Ruling<V>;
    /** What is to be known of a claim before its request leaves, beside the value. Pure. */
    claimOf?(record: R, side: S, value: V): Pick<Claim<V>, 'replaced' | 'handle'>;
}

/** What people of a side share, as plain data. Times are monotonic. */
export interface Side {
    /** Nothing is sent before: an outage, or the side has asked for it. Infinite while it cannot be reached. */
    heldOffUntil: number;
    /** Why, as far as that is known. */
    heldOffBy?: SyncError;
    /** All who write there make a dry run: what an earlier process has set is left alone. */
    isDry?: boolean;
    /** When a request has failed last that kept everybody waiting. */
    interruptedAt?: number;
    /** How many writes the side has accepted, and when the last. */
    served: number;
    servedAt: number;
    /** After a start the sources are given until then to speak. */
    sourcesKnownBy: number;
}

/** The next thing to be done for a person. */
export type Step =
    | { do: 'write' | 'renew'; part: string; value: unknown; rule: Rule }
    | { do: 'clear'; part: string; claim: Claim<unknown>; rule: Rule }
    | { do: 'yield' | 'drop' | 'hold'; part: string; rule: Rule }
    | { do: 'pretend'; part: string; value: unknown; rule: Rule }
    | { do: 'read'; urgency: Urgency; rule: Rule }
    | { do: 'wait'; until: number }
    | { do: 'nothing' };

/** A step that needs the side. */
export type Request = Extract<Step, { do: 'write' | 'renew' | 'clear' }>;

/** A read that was answered within so many ms is not made again. */
const freshness = 1_000;

const nothing: Step = { do: 'nothing' };

interface Judged {
    part: Part;
    state: PartState;
    live: Claim<unknown>[];
    ruling: Ruling<unknown>;
}

/**
 * What comes next for a person: one step, or a time to look again. Pure: the same record, side and time give the same
 * step. In this order: what is on its way · what the side cannot take now · pauses · what shows more, before what shows
 * less, so that there is no gap between · reads that something waits for · renewals · reads that can wait.
 * @param parts in the order in which they are written
 */
export function nextStep(record: PersonRecord, side: Side, now: number, parts: readonly Part[]): Step {
    if (record.sending) return nothing;
    const judged = judgeParts(record, side, now, parts);
    if (judged.length === 0 && !record.look && !record.doubt) return nothing;
    return silentStep(judged) ?? requestOrWait(record, judged, side, now);
}

/** What is sent next, or a time to look again, whatever is decided without a request until then. Pure. */
export function nextRequest(record: PersonRecord, side: Side, now: number, parts: readonly Part[]): Step {
    return record.sending ? nothing : requestOrWait(record, judgeParts(record, side, now, parts), side, now);
}

function requestOrWait(record: PersonRecord, judged: readonly Judged[], side: Side, now: number): Step {
    const heldOffUntil = Math.max(side.heldOffUntil, record.setAside?.until ?? side.heldOffUntil);
    return requestOf(record, judged, now, heldOffUntil) ?? waitUntil(nextLook(record, judged, now, heldOffUntil));
}

function judgeParts(record: PersonRecord, side: Side, now: number, parts: readonly Part[]): Judged[] {
    const judged: Judged[] = [];
    for (const part of parts) {
        const state = record.parts[part.name];
        if (!state) continue;
        const live = liveClaims(state, now);
        if (!state.desired && live.length === 0) continue;
        judged.push({ part, state, live, ruling: rulingOf(record, part, side, now) });
    }
    return judged;
}

/** What is said of a part now: by a pause, by its row in the table of conflicts, or by a dry run. */
export function rulingOf(record: PersonRecord, part: Part, side: Side, now: number): Ruling<unknown> {
    const state = record.parts[part.name];
    const isDry = state?.desired ? state.desired.by.writer.dryRun === true : side.isDry === true;
    const stop = stopOf(record, now);
    if (stop && (isDry || liveClaims(state, now).length === 0)) return { keep: stop.rule, until: stop.until };
    if (stop) return part.takeBack?.(record, now, stop.rule) ?? { want: undefined, rule: stop.rule };
    const ruling = part.rule(record, side, now);
    if (isDry && 'keep' in ruling) return { ...ruling, renews: undefined };
    return isDry && 'want' in ruling ? { would: ruling.want, rule: ruling.rule } : ruling;
}

/** What is decided without a request. */
function silentStep(judged: readonly Judged[]): Step | undefined {
    for (const { part, state, live, ruling } of judged) {
        if ('yields' in ruling) return { do: 'yield', part: part.name, rule: ruling.yields };
        if ('drop' in ruling && live.length > 0) return { do: 'drop', part: part.name, rule: ruling.drop };
        if ('would' in ruling && isNews(part, state, live, ruling.would))
            return { do: 'pretend', part: part.name, value: ruling.would, rule: ruling.rule };
        if ('keep' in ruling && state.rule !== ruling.keep) return { do: 'hold', part: part.name, rule: ruling.keep };
    }
    return undefined;
}

/** A dry run would change what is there, or what it would have made of it. */
function isNews(part: Part, state: PartState, live: readonly Claim<unknown>[], would: unknown): boolean {
    const before = state.would ? state.would.value : live[0]?.value;
    return before === undefined || would === undefined ? before !== would : !part.same(before, would);
}

function requestOf(
    record: PersonRecord,
    judged: readonly Judged[],
    now: number,
    heldOffUntil: number,
): Step | undefined {
    const isDoubtful = record.doubt !== undefined;
    const isSettling = (record.settle?.until ?? 0) > now;
    const isHeldOff = now < heldOffUntil;
    const ready = isHeldOff ? [] : judged.filter(({ state }) => !state.trouble || state.trouble.until <= now);
    const mayRead = !record.readTrouble || record.readTrouble.until <= now;
    const isRead = record.readAt + freshness >= now && record.readIn === record.epoch;
    const read = (rule: Rule, urgency: Urgency): Step | undefined =>
        mayRead ? { do: 'read', urgency, rule } : undefined;
    const changes = isSettling ? [] : ready;
    for (const { part, ruling, live } of changes) {
        if (!('want' in ruling) || ruling.want === undefined || isSatisfied(part, live, ruling.want, now)) continue;
        // It is read first what was chosen by hand. A call, which leaves that alone, shows at once.
        if (isDoubtful && part.isShared) continue;
        return { do: 'write', part: part.name, value: ruling.want, rule: ruling.rule };
    }
    // A read that was too early has set `look` to the time at which the next one can be trusted.
    const isTooEarly = record.look && record.look.at > now && record.look.urgency !== 'sweep';
    // Nor is it asked again at once where the answer was older than what is known.
    const isLagging = isTooEarly && record.look?.urgency === 'edge';
    // While the person cannot be read, what leaves their choice alone ends and lasts as ever.
    const isMeant = ({ part }: Judged): boolean =>
        isDoubtful ? !part.isShared && record.readTrouble !== undefined : !part.isShared || !isLagging;
    for (const { ruling } of isDoubtful || isLagging ? [] : changes) {
        if (!('read' in ruling) || (ruling.from ?? now) > now) continue;
        const isAsked = !isRead || record.readBegunAt < (ruling.from ?? record.readBegunAt);
        // What cannot be read holds up nothing else.
        if (isAsked && mayRead) return read(ruling.read, 'edge');
    }
    for (const { part, ruling, live } of changes.filter(isMeant)) {
        const claim = 'want' in ruling && ruling.want === undefined ? live[0] : undefined;
        if (!claim) continue;
        if (part.isShared && !isRead && mayRead) return read('before it is taken back', 'edge');
        return { do: 'clear', part: part.name, claim, rule: (ruling as { rule: Rule }).rule };
    }
    for (const { part, ruling, live } of ready.filter(isMeant)) {
        const claim = live[0];
        if (!claim || claim.renew > now || !isRenewed(ruling)) continue;
        if (part.isShared && !isRead && mayRead) return read('before it is renewed', 'renewal');
        return { do: 'renew', part: part.name, value: claim.value, rule: 'lease' };
    }
    if (isDoubtful) return isTooEarly ? undefined : read('doubt', 'edge');
    return record.look && record.look.at <= now ? read('look', record.look.urgency) : undefined;
}

function isRenewed(ruling: Ruling<unknown>): boolean {
    return 'want' in ruling ? ruling.want !== undefined : 'keep' in ruling && ruling.renews === true;
}

/** Exactly this is in force, as far as we know. */
export function isSatisfied(part: Part, live: readonly Claim<unknown>[], want: unknown, now: number): boolean {
    const [claim, ...others] = live;
    if (!claim || others.length > 0 || claim.ends <= now) return false;
    return (claim.certainty === 'confirmed' || claim.certainty === 'restored') && part.same(claim.value, want);
}

/** True once nothing is to be sent any more for what was asked last, whether or not it shows. */
export function isDone(record: PersonRecord, side: Side, now: number, parts: readonly Part[]): boolean {
    if (record.sending) return false;
    return judgeParts(record, side, now, parts).every(({ part, state, live, ruling }) => {
        if (part.isOptional && state.trouble) return true;
        if ('read' in ruling || 'waits' in ruling || 'yields' in ruling || 'drop' in ruling) return false;
        if ('keep' in ruling) return true;
        if ('would' in ruling) return !isNews(part, state, live, ruling.would);
        return ruling.want === undefined ? live.length === 0 : isSatisfied(part, live, ruling.want, now);
    });
}

/** The earliest time at which the step may be another one without anything coming in. */
function nextLook(record: PersonRecord, judged: readonly Judged[], now: number, heldOffUntil: number): number {
    const times = [record.look?.at, record.settle?.until, stopOf(record, now)?.until, heldOffUntil];
    times.push(record.readTrouble?.until);
    for (const { state, live, ruling } of judged) {
        times.push(state.trouble?.until);
        if ('keep' in ruling || 'waits' in ruling || 'read' in ruling) times.push(ruling.until);
        if ('read' in ruling) times.push(ruling.from);
        for (const claim of live) times.push(isRenewed(ruling) ? claim.renew : undefined, claim.ends);
    }
    return Math.min(...times.filter(time => time !== undefined && time > now).map(Number));
}

function waitUntil(until: number): Step {
    return until < Number.POSITIVE_INFINITY ? { do: 'wait', until } : nothing;
}
