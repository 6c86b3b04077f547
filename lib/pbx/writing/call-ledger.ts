import type { PbxApiName, PbxSession } from '../connection/pbx-session';

/** Where an alien call was made. */
export interface CallPlace {
    session: PbxSession;
    /** The API that acts as the user. */
    api: PbxApiName;
}

/** What we hold of alien calls for one user: at most one that is wanted, and what is left of others. */
export interface OwnCall {
    /** The number that the PBX has given it, good for the connection of {@link place} only. */
    readonly id?: number;
    /** `undefined` for one of an earlier system. */
    readonly place?: CallPlace;
    /** Numbers of further calls that may still be there and are to be ended. */
    readonly former: readonly number[];
    /**
     * `beginning`: it was asked for, and the PBX has not answered, so it may be there. `ended`: the PBX has ended
     * everything and may still show it for a moment.
     */
    readonly phase: 'beginning' | 'held' | 'ended';
    /** Numbers of the user's calls, as RCC tells them, that have begun together with it: one of them is ours. */
    readonly told: readonly number[];
    /** Calls that begin now may be ours. */
    readonly isOpen: boolean;
    /** Somebody asks for it; otherwise it is to be ended. */
    readonly isWanted: boolean;
    /** When it began, the user was in a call of their own, so a line state in the presence is theirs. */
    readonly isBeside: boolean;
    /** From before a restart; nobody has asked for it since. */
    readonly isDoubtful: boolean;
}

const fresh: OwnCall = {
    ...{ former: [], told: [], phase: 'held' },
    ...{ isOpen: false, isWanted: true, isBeside: false, isDoubtful: false },
};

/** Our alien calls by GUID, and what they make of the line states that the PBX tells. */
export class CallLedger {
    readonly #calls = new Map<string, OwnCall>();
    readonly #changed: (guid: string) => void;
    /** Those who wait for {@link over}, by GUID. */
    readonly #waiting = new Map<string, () => void>();

    /** @param changed called when a line state of the user means something else than before */
    constructor(changed: (guid: string) => void) {
        this.#changed = changed;
    }

    of(guid: string): OwnCall | undefined {
        return this.#calls.get(guid);
    }

    /** GUIDs of the users for whom there is a call of ours, or may be. */
    held(): string[] {
        return [...this.#calls.keys()].filter(guid => this.has(guid));
    }

    /** True if there is a call of ours, or may be. */
    has(guid: string): boolean {
        const call = this.#calls.get(guid);
        return call !== undefined && call.phase !== 'ended';
    }

    /** True if there is, or may be, a call that nobody wants. */
    isLeft(guid: string): boolean {
        const call = this.#calls.get(guid);
        if (!call || call.phase === 'ended' || call.isDoubtful) return false;
        return !call.isWanted || (call.former.length > 0 && call.id !== undefined);
    }

    /** Numbers to be ended before there is a new call: all but that of a call of this connection. */
    formerOf(guid: string, session: PbxSession): number[] {
        const call = this.#calls.get(guid);
        if (!call) return [];
        const isOfOther = call.id !== undefined && call.place?.session !== session;
        return [...call.former, ...(isOfOther ? [call.id!] : [])];
    }

    /**
     * Notes a call before it is asked for, for what it causes can overtake the answer.
     * @param inCall the presence shows the user in a call already
     */
    begin(guid: string, inCall: boolean, place: CallPlace): void {
        const { former = [], isBeside = inCall } = this.#calls.get(guid) ?? {};
        this.#calls.set(guid, { ...fresh, phase: 'beginning', isOpen: true, former, isBeside, place });
    }

    /** The PBX does not make the call. */
    refused(guid: string): void {
        const { former = [] } = this.#calls.get(guid) ?? {};
        if (former.length === 0) this.drop(guid);
        else this.#change(guid, call => ({ ...call, phase: 'held' }));
    }

    /** The PBX has made the call. */
    began(guid: string, id: number): void {
        this.#change(guid, call => ({ ...call, id, phase: 'held' }));
    }

    /** The number is that of a call which has ended. */
    gone(guid: string, id: number): void {
        this.#change(guid, ({ id: own, place, ...call }) => {
            const former = call.former.filter(each => each !== id);
            return own === undefined || own === id ? { ...call, former } : { ...call, former, id: own, place };
        });
    }

    /** Whether the call has ended is not known, or it is none of ours any more that can be held. */
    lose(guid: string): void {
        this.#change(guid, ({ id, place: _, former, ...call }) => {
            return { ...call, former: id === undefined ? former : [...former, id] };
        });
    }

    /** The PBX has made a call after all that was given up. */
    found(guid: string, id: number): void {
        const call = this.#calls.get(guid) ?? { ...fresh, isWanted: false };
        const phase = call.phase === 'ended' ? 'held' : call.phase;
        this.#calls.set(guid, { ...call, phase, former: [...call.former, id] });
        this.#changed(guid);
    }

    /** The PBX has ended everything. What it still shows is not told until {@link drop}. */
    ended(guid: string): void {
        this.#change(guid, ({ isBeside }) => ({ ...fresh, phase: 'ended', isWanted: false, isBeside }));
    }

    /** From now on a line state is the user's own. */
    drop(guid: string): void {
        if (this.#calls.delete(guid)) this.#changed(guid);
        this.#stopWaiting(guid);
    }

    /** Resolves when the PBX shows nothing any more of what has ended, or nobody waits for that any longer. */
    over(guid: string): Promise<void> {
        if (this.#calls.get(guid)?.phase !== 'ended') return Promise.resolve();
        return new Promise(resolve => this.#waiting.set(guid, resolve));
    }

    /** There is no time to wait. */
    stop(): void {
        for (const guid of [...this.#waiting.keys()]) this.#stopWaiting(guid);
    }

    /** A call that an earlier system held. */
    restore(guid: string, id: number, isDoubtful: boolean): void {
        this.#calls.set(guid, { ...fresh, id, isDoubtful });
    }

    /** Nobody asks for the call any more. */
    doubt(guid: string): void {
        this.#change(guid, call => ({ ...call, isDoubtful: true }));
    }

    /** Somebody asks for the call. */
    want(guid: string): void {
        if (this.has(guid)) this.#change(guid, call => ({ ...call, isWanted: true, isDoubtful: false }));
    }

    /** The call is to be ended. */
    release(guid: string): void {
        if (this.has(guid)) this.#change(guid, call => ({ ...call, isWanted: false, isDoubtful: false }));
    }

    /** True while `on-the-phone` in the user's presence is that of our own call. */
    explains(guid: string): boolean {
        const call = this.#calls.get(guid);
        return call !== undefined && !call.isBeside;
    }

    /**
     * True if a call that RCC tells under this number is ours. Whether RCC has the number that the PBX has given us is not
     * documented, so a call counts as well which has begun with ours.
     */
    isOwn(guid: string, number: number): boolean {
        const { id, told = [], former = [] } = this.#calls.get(guid) ?? {};
        const own = told.length === 0 || told.includes(id!) ? id : told[0];
        return number === own || former.includes(number);
    }

    /** RCC tells a call of the user, or no longer. */
    seen(guid: string, number: number, isThere: boolean): void {
        const call = this.#calls.get(guid);
        if (!call || (isThere ? !call.isOpen : !call.told.includes(number))) return;
        const others = call.told.filter(each => each !== number);
        this.#calls.set(guid, { ...call, told: isThere ? [...others, number] : others });
    }

    /** A call that begins from now on is the user's. */
    settle(guid: string): void {
        const call = this.#calls.get(guid);
        if (call) this.#calls.set(guid, { ...call, isOpen: false });
    }

    /** True as long as it is not known which of the user's calls is ours. */
    isUnsettled(guid: string): boolean {
        return this.#calls.get(guid)?.phase === 'beginning';
    }

    /** Learns from whether the presence shows the user in a call. */
    observe(guid: string, inCall: boolean): void {
        const call = this.#calls.get(guid);
        if (!call || inCall) return;
        if (call.phase === 'ended') {
            this.#calls.delete(guid);
            this.#stopWaiting(guid);
        } else if (call.isBeside) this.#calls.set(guid, { ...call, isBeside: false });
    }

    #stopWaiting(guid: string): void {
        this.#waiting.get(guid)?.();
        this.#waiting.delete(guid);
    }

    #change(guid: string, edit: (call: OwnCall) => OwnCall): void {
        const call = this.#calls.get(guid);
        if (!call) return;
        this.#calls.set(guid, edit(call));
        this.#changed(guid);
    }
}
