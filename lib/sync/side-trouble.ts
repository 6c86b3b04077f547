import type { SyncError } from '../errors/errors';
import type { Trouble } from '../presence/record';

/** This many people who fail for the first time are no coincidence. */
const several = 3;
/** So many people find out at a time whether an administrator has changed something: one batch. */
const probes = 20;
/** Milliseconds after which further people may try. */
const probeAgain = 60_000;

/**
 * Why people wait, and whether that is worth telling. What concerns all people is told until one of them is served. What
 * may concern one person is told once it has happened to that person twice, or to several people.
 */
export class SideTrouble {
    readonly #onChange: (error: SyncError | undefined) => void;
    #common: SyncError | undefined;
    /** How many parts have failed once, and how many more often. */
    readonly #counts = { first: 0, again: 0 };
    #newest: SyncError | undefined;
    #told: string | undefined;
    #probes = 0;
    #probedSince = Number.NEGATIVE_INFINITY;

    constructor(onChange: (error: SyncError | undefined) => void) {
        this.#onChange = onChange;
    }

    /** The error concerns all people. */
    common(error: SyncError): void {
        this.#common = error;
        this.#tell();
    }

    /** One part of a person has got into trouble, has another one, or has none any more. */
    change(before: Trouble | undefined, after: Trouble | undefined): void {
        const [was, is] = [kindOf(before), kindOf(after)];
        if (was) this.#counts[was] -= 1;
        if (is) this.#counts[is] += 1;
        if (after) this.#newest = after.error;
        this.#tell();
    }

    /** A person was served. */
    served(): void {
        this.#common = undefined;
        this.#probes = 0;
        this.#tell();
    }

    /**
     * True for a few people in a minute, as long as none is served; for all once there is no trouble.
     * @param now monotonic
     */
    mayProbe(now: number): boolean {
        if (!this.#common) return true;
        if (now >= this.#probedSince + probeAgain) [this.#probedSince, this.#probes] = [now, 0];
        this.#probes += 1;
        return this.#probes <= probes;
    }

    #tell(): void {
        const isTold = this.#counts.again > 0 || this.#counts.first >= several;
        const error = this.#common ?? (isTold ? this.#newest : undefined);
        if (error?.message === this.#told) return;
        this.#told = error?.message;
        this.#onChange(error);
    }
}

function kindOf(trouble: Trouble | undefined): 'first' | 'again' | undefined {
    if (!trouble || trouble.parked) return undefined;
    return trouble.failures > 1 || trouble.isLong ? 'again' : 'first';
}
