import type { SyncError } from '../../errors/errors';
import { GraphRefusal } from '../connection/graph-error';

/** Faults that may concern one user only: the others go on. */
const personal: ReadonlySet<string> = new Set(['TEAMS_SERVICE_ERROR', 'TEAMS_THROTTLED']);
/** This many users who fail for the first time are no coincidence. */
const several = 3;
/** A service that asks to wait for so many ms or longer is told of at once. */
const longWait = 10_000;

/** True for a fault that may concern one user only. */
export function isPersonal({ code }: SyncError): boolean {
    return personal.has(code);
}

/**
 * Why wishes wait, and whether that is worth telling: what concerns everybody is, until somebody is served; what may
 * concern one user is once it has happened to the user twice or to several users, until that user is served.
 */
export class Troubles {
    readonly #onChange: (shown: SyncError | undefined) => void;
    readonly #common = new Map<string, SyncError>();
    readonly #lasting = new Map<string, SyncError>();
    readonly #first = new Map<string, SyncError>();
    #shown: SyncError | undefined;

    /** @param onChange told of what is to be shown from now on; undefined for nothing */
    constructor(onChange: (shown: SyncError | undefined) => void) {
        this.#onChange = onChange;
    }

    /** @param extent `first` and `again`: the user's wish fails, for the first time or not; `common`: it concerns everybody */
    add(userId: string, error: SyncError, extent: 'first' | 'again' | 'common'): void {
        if (extent === 'common' || !isPersonal(error)) this.#common.set(userId, error);
        else if (extent === 'again' || isLong(error)) {
            this.#first.delete(userId);
            this.#lasting.set(userId, error);
        } else this.#first.set(userId, error);
        this.#tell();
    }

    /** Something was written for the user. */
    served(userId: string): void {
        this.#common.clear();
        this.over(userId);
    }

    /** Nothing waits for the user any more. */
    over(userId: string): void {
        for (const each of [this.#common, this.#lasting, this.#first]) each.delete(userId);
        this.#tell();
    }

    #tell(): void {
        const shown = this.#worst();
        if (shown?.message === this.#shown?.message) return;
        this.#shown = shown;
        this.#onChange(shown);
    }

    #worst(): SyncError | undefined {
        const [common] = this.#common.values();
        const [lasting] = this.#lasting.values();
        const [first] = this.#first.size >= several ? this.#first.values() : [];
        return common ?? lasting ?? first;
    }
}

function isLong(error: SyncError): boolean {
    return error instanceof GraphRefusal && (error.retryAfter ?? 0) >= longWait;
}
