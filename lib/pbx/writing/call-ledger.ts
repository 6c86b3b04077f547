import type { PbxApiName, PbxSession } from '../connection/pbx-session';

/** Where an alien call was made. */
export interface CallPlace {
    session: PbxSession;
    /** The API that acts as the user. */
    api: PbxApiName;
}

/** An alien call of ours. */
export interface OwnCall {
    /** Its number in the PBX; `undefined` until the PBX has told it. */
    readonly id?: number;
    /** `undefined` for one of an earlier system. */
    readonly place?: CallPlace;
    /** `ended`: the PBX has ended it and may still show it for a moment. */
    readonly phase: 'beginning' | 'held' | 'ended';
    /** When it began, the user was in a call of their own, so a line state in the presence is theirs. */
    readonly isBeside: boolean;
    /** From before a restart; nobody has asked for it since. */
    readonly isDoubtful: boolean;
}

/** Our alien calls by GUID, and what they make of the line states that the PBX tells. */
export class CallLedger {
    readonly #calls = new Map<string, OwnCall>();
    readonly #changed: (guid: string) => void;

    /** @param changed called when a line state of the user means something else than before */
    constructor(changed: (guid: string) => void) {
        this.#changed = changed;
    }

    of(guid: string): OwnCall | undefined {
        return this.#calls.get(guid);
    }

    /** GUIDs of the users for whom we hold a call, or did before a restart. */
    held(): string[] {
        return [...this.#calls].filter(([, { phase }]) => phase === 'held').map(([guid]) => guid);
    }

    /**
     * Notes a call before it is asked for, for what it causes can overtake the answer.
     * @param inCall the presence shows the user in a call already
     * @returns how to undo it
     */
    begin(guid: string, inCall: boolean): () => void {
        const former = this.#calls.get(guid);
        const isBeside = former ? former.isBeside : inCall;
        this.#calls.set(guid, { ...former, phase: 'beginning', isBeside, isDoubtful: false });
        return () => {
            if (former && former.phase !== 'ended') this.#calls.set(guid, former);
            else this.#calls.delete(guid);
            this.#changed(guid);
        };
    }

    /** The PBX has made the call. */
    began(guid: string, id: number, place: CallPlace): void {
        const call = this.#calls.get(guid);
        if (call) this.#calls.set(guid, { ...call, id, place, phase: 'held' });
        this.#changed(guid);
    }

    /** The PBX has ended it. What it still shows is not told until {@link drop}. */
    ended(guid: string): void {
        const call = this.#calls.get(guid);
        if (call) this.#calls.set(guid, { phase: 'ended', isBeside: call.isBeside, isDoubtful: false });
        this.#changed(guid);
    }

    /** From now on a line state is the user's own. */
    drop(guid: string): void {
        if (this.#calls.delete(guid)) this.#changed(guid);
    }

    /** A call that an earlier system held. */
    restore(guid: string, id: number, isDoubtful: boolean): void {
        this.#calls.set(guid, { id, phase: 'held', isBeside: false, isDoubtful });
    }

    /** Nobody asks for the call any more. */
    doubt(guid: string): void {
        const call = this.#calls.get(guid);
        if (call) this.#calls.set(guid, { ...call, isDoubtful: true });
    }

    /** Somebody asks for the call. */
    confirm(guid: string): void {
        const call = this.#calls.get(guid);
        if (call?.isDoubtful) this.#calls.set(guid, { ...call, isDoubtful: false });
    }

    /** True while `on-the-phone` in the user's presence is that of our own call. */
    explains(guid: string): boolean {
        const call = this.#calls.get(guid);
        return call !== undefined && !call.isBeside;
    }

    /** True if the call of that number is ours, or may be, as long as the PBX has not told the number of ours. */
    isOwn(guid: string, id: number): boolean {
        return this.#calls.get(guid)?.id === id;
    }

    /** True as long as it is not known which of the user's calls is ours. */
    isUnsettled(guid: string): boolean {
        return this.#calls.get(guid)?.phase === 'beginning';
    }

    /** Learns from whether the presence shows the user in a call. */
    observe(guid: string, inCall: boolean): void {
        const call = this.#calls.get(guid);
        if (!call || inCall) return;
        if (call.phase === 'ended') this.#calls.delete(guid);
        else if (call.isBeside) this.#calls.set(guid, { ...call, isBeside: false });
    }
}
