import type { KnownPresence } from './pbx-list';
import { lookAt, type PersonRecord } from './record';

/** Where an alien call was made: the connection, and the API that acts as the user. */
export interface CallPlace {
    session: object;
    api: string;
}

/** What there is of alien calls for one user: at most one that is wanted, and what is left of others. */
interface OwnCall {
    /** The number that the PBX has given it, good for the connection of {@link place} only. */
    id?: number;
    /** Absent for one from before this start. */
    place?: CallPlace;
    /** Numbers of further calls that may still be there and are to be ended. */
    former: readonly number[];
    /**
     * `beginning`: it was asked for, and the PBX has not answered, so it may be there. `ended`: the PBX has ended
     * everything and may still show it for a moment.
     */
    phase: 'beginning' | 'held' | 'ended';
    /** Numbers of the user's calls, as RCC tells them, that have begun together with it: one of them is ours. */
    told: readonly number[];
    /** Calls that begin now may be ours. */
    isOpen: boolean;
    /** When it began, the user was in a call of their own, so a line state in the presence is theirs. */
    isBeside: boolean;
    /** Whether there is one is not known: no log tells it, and the user is on the phone. */
    isUnclear?: true;
    /** Monotonic time: a call that begins later is the user's, and what is shown later is not what has ended. */
    settles?: number;
}

/** What is known of one user from all sources. */
export interface UserState {
    /** Absent as long as the PBX has told no presence. */
    list?: KnownPresence;
    /** RCC tells a call; absent as long as it has told none of this user. */
    inCall?: boolean;
    /** The line state in the presence is that of a call that we have made ourselves, so it says nothing of the user. */
    isEcho: boolean;
    /** Whether the line state is that of such a call is not known yet, so nothing is told. */
    isUnclear?: true;
    /** What the user has set is what another product copies there from Teams, so it says nothing of the user. */
    isCopied?: true;
    /** The PBX does not tell the presence any more, so it counts as nothing: what is not known is not claimed. */
    isStale?: true;
    /** Date at which it was seen, ms since the epoch. */
    at: number;
}

/** What the user has set last, and how often running that has followed what shows in Teams. */
export interface Copying {
    activity: string;
    /** When it was set. Monotonic. */
    at: number;
    times: number;
    isCopy: boolean;
}

/** What one PBX shows of a user, and what we want there. The key is the GUID. */
export interface PbxRecord extends PersonRecord {
    /** The user takes part. */
    isMember?: true;
    /** What was told last to the nodes that follow. */
    state?: UserState;
    ownCall?: OwnCall;
    copying?: Copying;
}

const fresh: OwnCall = { former: [], told: [], phase: 'held', isOpen: false, isBeside: false };

/** Numbers to be ended before there is a new call: all but that of a call of this connection. */
export function formerCalls({ ownCall: call }: PbxRecord, session: object): readonly number[] {
    if (!call) return [];
    const isOfOther = call.id !== undefined && call.place?.session !== session;
    return isOfOther ? [...call.former, call.id!] : call.former;
}

/** True if the user's call was made over this connection. */
export function holdsCall({ ownCall: call }: PbxRecord, session: object | undefined): boolean {
    return call?.phase === 'held' && call.id !== undefined && call.place?.session === session;
}

/** Notes a call before it is asked for, for what it causes can overtake the answer. */
export function beginCall(record: PbxRecord, place: CallPlace): void {
    const inCall = record.state?.list?.presence.onThePhone ?? false;
    const { former = [], isBeside = inCall } = record.ownCall ?? {};
    record.ownCall = { ...fresh, phase: 'beginning', isOpen: true, former, isBeside, place };
}

/** The PBX does not make the call. */
export function refuseCall(record: PbxRecord): void {
    if (record.ownCall?.former.length) record.ownCall.phase = 'held';
    else record.ownCall = undefined;
}

/** The PBX has made the call. @param settles RCC has told by then which of the user's calls it is */
export function beganCall({ ownCall: call }: PbxRecord, id: number, settles: number): void {
    if (call) Object.assign(call, { id, phase: 'held', settles });
}

/** The number is that of a call which has ended. */
export function endedCall({ ownCall: call }: PbxRecord, id: number): void {
    if (!call) return;
    call.former = call.former.filter(each => each !== id);
    if (call.id !== id) return;
    delete call.id;
    delete call.place;
}

/** Whether the call has ended is not known. */
export function loseCall({ ownCall: call }: PbxRecord): void {
    if (!call) return;
    if (call.id !== undefined) call.former = [...call.former, call.id];
    delete call.id;
    delete call.place;
}

/** There is a further call of ours: one from before this start, or one that the PBX has made after it was given up. */
export function foundCall(record: PbxRecord, id: number): void {
    const call = record.ownCall ?? { ...fresh };
    const phase = call.phase === 'ended' ? 'held' : call.phase;
    record.ownCall = { ...call, phase, former: [...call.former, id] };
}

/** The PBX has ended everything. What it still shows is not told until then. */
export function endAllCalls(record: PbxRecord, settles: number): void {
    const { isBeside = false } = record.ownCall ?? {};
    record.ownCall = { ...fresh, phase: 'ended', isBeside, settles };
}

/** The user is on the phone at the start, perhaps in a call of ours that no log knows. */
export function suspectCall(record: PbxRecord, settles: number): void {
    record.ownCall = { ...fresh, phase: 'ended', isUnclear: true, settles };
    lookAt(record, settles, 'renewal');
}

/** Takes in that time has passed. A user who is still on the phone after the end of our call is so in one of their own. */
export function settleCall(record: PbxRecord, now: number): void {
    const { ownCall: call } = record;
    if (call?.settles === undefined) return;
    if (call.settles > now) return lookAt(record, call.settles, 'renewal');
    if (call.phase === 'ended') record.ownCall = undefined;
    else {
        call.isOpen = false;
        delete call.settles;
    }
}

/** Learns from whether the presence shows the user in a call. */
export function observeCall(record: PbxRecord, inCall: boolean): void {
    const { ownCall: call } = record;
    if (!call || inCall) return;
    if (call.phase === 'ended') record.ownCall = undefined;
    else call.isBeside = false;
}

/** True if `on-the-phone` in the user's presence is that of our own call; where RCC tells of the user, that decides. */
export function isEchoOfCall({ ownCall: call, state }: PbxRecord): boolean {
    return call !== undefined && (!call.isBeside || state?.inCall !== undefined);
}

/**
 * True if a call that RCC tells under this number is ours. Whether RCC has the number that the PBX has given us is not
 * documented, so a call counts as well which has begun with ours.
 */
export function isOwnCall(record: PbxRecord | undefined, number: number): boolean {
    const { id, told = [], former = [] } = record?.ownCall ?? {};
    const own = told.length === 0 || told.includes(id!) ? id : told[0];
    return number === own || former.includes(number);
}

/** RCC tells a call of the user, or no longer. */
export function seeCall(record: PbxRecord | undefined, number: number, isThere: boolean): void {
    const call = record?.ownCall;
    if (!call || (isThere ? !call.isOpen : !call.told.includes(number))) return;
    const others = call.told.filter(each => each !== number);
    call.told = isThere ? [...others, number] : others;
}
