import { type ErrorCode, SyncError } from '../../errors/errors';
import type { PersonRecord } from '../../presence/record';
import type { Log } from '../connection/pbx-settings';

/** What the PBX does not do as it was asked to, and what is done instead; each is told once as long as it is so. */
export class WriteNotes {
    readonly #log: Log;
    readonly #changed: () => void;
    readonly #notes = new Map<ErrorCode, SyncError>();
    /** Users for whom the PBX refuses calls, by GUID: the status names the first, the log all. */
    readonly #withoutCalls = new Map<string, SyncError>();

    /** @param changed called when {@link all} is another list */
    constructor(log: Log, changed: () => void) {
        this.#log = log;
        this.#changed = changed;
    }

    get all(): SyncError[] {
        const [withoutCall] = this.#withoutCalls.values();
        return [...this.#notes.values(), ...(withoutCall ? [withoutCall] : [])];
    }

    add(code: ErrorCode, parameters: Record<string, string> = {}): void {
        if (this.#notes.has(code)) return;
        const note = new SyncError(code, parameters);
        this.#notes.set(code, note);
        this.#log('info', note.message);
        this.#changed();
    }

    drop(code: ErrorCode): void {
        if (this.#notes.delete(code)) this.#changed();
    }

    /** The PBX was asked for a call of the user. @param refusal `undefined`: it makes it */
    called({ key: guid, person: { displayName } }: PersonRecord, refusal: string | undefined): void {
        if ((refusal !== undefined) === this.#withoutCalls.has(guid)) return;
        const about = { user: displayName, detail: refusal };
        if (refusal === undefined) this.#withoutCalls.delete(guid);
        else {
            const note = new SyncError('PBX_CALL_NOT_SHOWN', about);
            const further = new SyncError('PBX_REQUEST_REFUSED', { ...about, what: 'show on-the-phone' });
            this.#log('info', (this.#withoutCalls.size === 0 ? note : further).message);
            this.#withoutCalls.set(guid, note);
        }
        this.#changed();
    }
}
