import { digitsOf } from '../random';

/** How far a call is. */
export type CallState = 'setup' | 'ringing' | 'connected' | 'parked';

/** What can be said about a call; everything has a default. */
export interface CallOptions {
    /** Default `connected`. */
    state?: CallState;
    /** The user holds the other side. */
    hold?: boolean;
    /** The other side holds the user. */
    held?: boolean;
    /** Whether the PBX calls the user's phone (the default) or the phone has called. */
    direction?: 'to-phone' | 'from-phone';
    /** The other side. */
    peer?: { h323?: string; e164?: string };
}

/** What an App has made for a call somewhere else. */
export interface AlienMark {
    /** What the App knows it by. */
    readonly id: number;
    /** The API and the connection through which it was made. */
    readonly api: object;
    readonly connection: object;
}

/** One call of one user. */
export interface Call extends Required<CallOptions> {
    /** Number of the call in this system. */
    readonly handle: number;
    readonly guid: string;
    /** Identity of the call, and of the conversation to which all its legs belong; 32 hexadecimal digits each. */
    readonly id: string;
    readonly conference: string;
    /** Undefined for a call of this PBX. */
    readonly alien: AlienMark | undefined;
}

/** Somebody who is told about every call. */
export interface CallObserver {
    /** @param message the signalling that caused it, `r-` received and `x-` sent by the phone */
    callChanged(call: Readonly<Call>, event: 'added' | 'updated' | 'removed', message: string): void;
}

/** Where the numbers begin that alien calls have of their own: far from the handles, so that none is taken for the other. */
const firstAlienNumber = 1_000_001;

/** The calls of all users. */
export class Calls {
    readonly #byHandle = new Map<number, Call>();
    readonly #byUser = new Map<string, Set<Call>>();
    readonly #changed: (guid: string) => void;
    readonly observers = new Set<CallObserver>();
    #lastHandle = 0;
    #nextAlienNumber = firstAlienNumber;

    /** @param changed called after every change of a user's calls */
    constructor(changed: (guid: string) => void) {
        this.#changed = changed;
    }

    of(guid: string): readonly Readonly<Call>[] {
        return [...(this.#byUser.get(guid) ?? [])];
    }

    all(): readonly Readonly<Call>[] {
        return [...this.#byHandle.values()];
    }

    /** @param markOf says what an App has made of the call with this handle; absent: nothing */
    add(guid: string, options: CallOptions = {}, markOf?: (handle: number) => AlienMark): Readonly<Call> {
        const handle = ++this.#lastHandle;
        const alien = markOf?.(handle);
        const { state = 'connected', hold = false, held = false, direction = 'to-phone', peer = {} } = options;
        const call: Call = {
            ...{ handle, guid, state, hold, held, direction, peer, alien },
            id: digitsOf(`call ${handle}`, 32),
            conference: digitsOf(`conference ${handle}`, 32),
        };
        this.#byHandle.set(handle, call);
        this.#byUser.set(guid, (this.#byUser.get(guid) ?? new Set()).add(call));
        this.#tell(call, 'added', direction === 'to-phone' ? 'r-setup' : 'x-setup');
        return call;
    }

    /** @throws Error if there is no such call */
    update(handle: number, options: CallOptions): void {
        const call = this.#get(handle);
        const state = call.state;
        Object.assign(call, options);
        this.#tell(call, 'updated', call.state === state ? 'update' : messageOf(call));
    }

    /** @returns whether there was such a call */
    remove(handle: number): boolean {
        const call = this.#byHandle.get(handle);
        if (!call) return false;
        this.#byHandle.delete(handle);
        const calls = this.#byUser.get(call.guid)!;
        calls.delete(call);
        if (calls.size === 0) this.#byUser.delete(call.guid);
        this.#tell(call, 'removed', 'x-rel');
        return true;
    }

    /** Ends what an API or a connection has made. */
    removeMadeBy(maker: object): void {
        for (const { handle, alien } of this.all()) {
            if (alien?.api === maker || alien?.connection === maker) this.remove(handle);
        }
    }

    /** A number that no other call of the system has. */
    nextAlienNumber(): number {
        return this.#nextAlienNumber++;
    }

    #get(handle: number): Call {
        const call = this.#byHandle.get(handle);
        if (!call) throw new Error(`The simulated PBX has no call ${handle}`);
        return call;
    }

    #tell(call: Call, event: 'added' | 'updated' | 'removed', message: string): void {
        for (const observer of this.observers) observer.callChanged(call, event, message);
        this.#changed(call.guid);
    }
}

/** The message that brings a call to its state; who calls does not send what the called side answers. */
function messageOf({ state, direction }: Call): string {
    const words = { setup: 'setup', ringing: 'alert', connected: 'conn', parked: 'rel' };
    const isSent = (direction === 'to-phone') !== (state === 'setup');
    return `${isSent ? 'x' : 'r'}-${words[state]}`;
}
