import type { SyncError } from '../errors/errors';
import { lookAt, type PartState, type PersonRecord, type Trouble } from '../presence/record';
import type { Clock, Timer } from '../time/clock';
import { RetrySchedule } from '../time/retry-schedule';
import type { Executor, Treatment } from './executor';

/** After so many refusals in a row a person is set aside. */
const patience = 3;
/** A person who was set aside is tried again after this many ms. */
const rest = 24 * 3_600_000;
/** What an administrator must change is looked at again after this many ms. */
const slowRetry = 60_000;
/** So many people find out at a time whether it was changed: one batch. */
const probes = 20;
/** This many people who fail for the first time are no coincidence. */
const several = 3;
/** The longest pause after a fault that concerns one person and passes by itself, in ms. */
const longestPause = 5_000;
/** A pause of so many ms or more is told at once. */
const longPause = 10_000;
/** Refused parts are tried again after 1, 2, 4 s and so on, up to this many ms. */
const longestRefusal = 15 * 60_000;

/** What {@link Failures} work with. */
export interface FailuresUse<R extends PersonRecord> {
    executor: Pick<Executor<R>, 'treat' | 'sideOf' | 'exists'>;
    clock: Clock;
    random: () => number;
    records: ReadonlyMap<string, R>;
    touch(key: string): void;
    touchAll(): void;
    /** Why people wait, worth telling; undefined once that is over. */
    trouble(error: SyncError | undefined): void;
    /** A person was set aside. */
    setAside(record: R, error: SyncError): void;
}

/** True for a failure that passes by itself; what the side has done of the request is not known then. */
export function isPassing({ as }: Treatment): boolean {
    return as === 'side' || as === 'person';
}

/**
 * The one place that says when a failed request is tried again, for which people, and whether that is worth telling. What
 * concerns all people is told until one of them is served. What may concern one person is told once it has happened to
 * that person twice, or to several people.
 */
export class Failures<R extends PersonRecord> {
    readonly #use: FailuresUse<R>;
    readonly #outage: RetrySchedule;
    #held: Timer | undefined;
    /** What concerns all people. */
    #common: SyncError | undefined;
    /** How many parts have failed once, and how many more often. */
    readonly #counts = { first: 0, again: 0 };
    #newest: SyncError | undefined;
    #told: string | undefined;
    #probes = 0;
    #probedSince = Number.NEGATIVE_INFINITY;

    constructor(use: FailuresUse<R>) {
        this.#use = use;
        this.#outage = new RetrySchedule({ first: 500, factor: 2, longest: 5_000, jitter: 0.2 }, use.random);
    }

    stop(): void {
        this.#use.clock.cancel(this.#held);
    }

    /** All people have to wait, for this reason. */
    waits(error: SyncError): void {
        this.#common = error;
        this.#tell();
    }

    /** A request for this part has failed. @returns how that is treated */
    failed(record: R, part: string, error: SyncError): Treatment {
        const { executor, clock, random } = this.#use;
        const now = clock.monotonic();
        const state = record.parts[part]!;
        const treatment = executor.treat(error, record);
        const { as, after, status } = treatment;
        const failures = (state.trouble?.failures ?? 0) + 1;
        if (isPassing(treatment)) state.interruptedAt = now;
        if (as === 'side') this.#holdOff(record, error, now);
        else if (as === 'person') {
            const pause = after ?? Math.min(longestPause, 250 * 2 ** (failures - 1)) * (0.9 + 0.2 * random());
            const isLong = pause >= longPause ? { isLong: true as const } : {};
            this.#troubled(state, { error, failures, until: now + pause, ...isLong });
        } else if (as === 'administrator') {
            this.#troubled(state, { error, failures, until: now + slowRetry, parked: true });
            // It concerns all people: a few of them find out for all whether it was changed.
            this.waits(error);
        } else {
            const pause = Math.min(longestRefusal, 1_000 * 2 ** (failures - 1));
            this.#troubled(state, { error, failures, until: now + pause });
        }
        if (!isPassing(treatment)) this.#countRefusal(record, status, error, now);
        return treatment;
    }

    /** This person could not be read. */
    readFailed(record: R, error: SyncError): void {
        const treatment = this.#use.executor.treat(error, record);
        const failures = (record.readTrouble?.failures ?? 0) + 1;
        // What is wanted, or is to be taken back, may wait for it.
        const isMeant = (state: PartState | undefined): boolean =>
            state !== undefined && (state.desired?.value !== undefined || state.claims.length > 0);
        const isWaiting = record.doubt !== undefined || Object.values(record.parts).some(isMeant);
        const longest = isWaiting ? longestPause : 30_000;
        const wait = treatment.after ?? Math.min(longest, 1_000 * 2 ** (failures - 1));
        const at = this.#use.clock.monotonic();
        const until = at + (isPassing(treatment) ? wait : slowRetry);
        record.readTrouble = { error, failures, at, until, ...(isPassing(treatment) ? {} : { parked: true }) };
        // A person who cannot be read is written to all the same.
        if (!isPassing(treatment)) record.doubt = undefined;
        lookAt(record, until, 'renewal');
    }

    /** The side has done what was asked. */
    served(record: R, state: PartState): void {
        this.forget(state);
        record.refusals = undefined;
        if (record.setAside) this.#takeBackIn(record);
        this.#outage.reset();
        const side = this.#use.executor.sideOf(record);
        side.served += 1;
        side.servedAt = this.#use.clock.monotonic();
        delete side.heldOffBy;
        this.#common = undefined;
        this.#probes = 0;
        this.#tell();
    }

    /** Forgets the failure: the next try comes at once. */
    forget(state: PartState): void {
        this.#troubled(state, undefined);
    }

    /**
     * A few people find out for all whether an administrator has changed something.
     * @returns true for one of the others, who wait another minute
     */
    mustWait({ trouble }: PartState): boolean {
        const now = this.#use.clock.monotonic();
        if (!trouble?.parked || this.#mayProbe(now)) return false;
        trouble.until = now + slowRetry;
        return true;
    }

    /** True for a few people in a minute, as long as none is served; for all once there is no trouble. */
    #mayProbe(now: number): boolean {
        if (!this.#common) return true;
        if (now >= this.#probedSince + slowRetry) [this.#probedSince, this.#probes] = [now, 0];
        this.#probes += 1;
        return this.#probes <= probes;
    }

    /** All wait together instead of failing one by one. */
    #holdOff(record: R, error: SyncError, now: number): void {
        const { clock, executor, touchAll } = this.#use;
        const side = executor.sideOf(record);
        side.interruptedAt = now;
        if (side.heldOffUntil <= now) {
            side.heldOffUntil = now + this.#outage.next();
            side.heldOffBy = error;
            clock.cancel(this.#held);
            this.#held = clock.after(side.heldOffUntil - now, touchAll);
        }
        this.waits(error);
    }

    /** A person who was set aside is served after all, so the others who are set aside are tried again, too. */
    #takeBackIn(record: R): void {
        record.setAside = undefined;
        for (const each of this.#use.records.values()) {
            if (!each.setAside) continue;
            each.setAside = undefined;
            this.#use.touch(each.key);
        }
    }

    #countRefusal(record: R, status: number | undefined, error: SyncError, now: number): void {
        if (status === undefined) return;
        const { executor, setAside } = this.#use;
        const { served } = executor.sideOf(record);
        const known = record.refusals?.status === status ? record.refusals : { status, count: 0, servedBefore: served };
        record.refusals = { ...known, count: known.count + 1 };
        const isPersonal = served > known.servedBefore && !(status === 404 && executor.exists(record));
        if (record.refusals.count < patience || !isPersonal) return;
        record.setAside = { until: now + rest, error };
        setAside(record, error);
    }

    /** The part has got into trouble, has another one, or has none any more. */
    #troubled(state: PartState, trouble: Trouble | undefined): void {
        const [was, is] = [kindOf(state.trouble), kindOf(trouble)];
        if (was) this.#counts[was] -= 1;
        if (is) this.#counts[is] += 1;
        if (trouble) this.#newest = trouble.error;
        state.trouble = trouble;
        this.#tell();
    }

    #tell(): void {
        const isTold = this.#counts.again > 0 || this.#counts.first >= several;
        const error = this.#common ?? (isTold ? this.#newest : undefined);
        if (error?.message === this.#told) return;
        this.#told = error?.message;
        this.#use.trouble(error);
    }
}

function kindOf(trouble: Trouble | undefined): 'first' | 'again' | undefined {
    if (!trouble || trouble.parked) return undefined;
    return trouble.failures > 1 || trouble.isLong ? 'again' : 'first';
}
