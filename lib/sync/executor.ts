import type { SyncError } from '../errors/errors';
import type { Part, Request, Side } from '../presence/next-step';
import type { PersonRecord, Urgency } from '../presence/record';

/** What has become of a request that has not failed. */
export type Answer = 'accepted' | 'absent' | 'left';

/**
 * How a failure is treated:
 * - `side`: no person can be served now; all wait together, with back-off;
 * - `person`: it may concern this person only, and passes by itself; `after` ms where the side says how long;
 * - `administrator`: an administrator must change something; a few requests find out now and then whether it was changed;
 * - `refused`: the side does not take this; it is tried again more and more seldom.
 */
export interface Treatment {
    as: 'side' | 'person' | 'administrator' | 'refused';
    after?: number;
    /** A status that may mean that the person is gone or not allowed: several in a row set the person aside. */
    status?: number;
    /** Another part shows in its place, so what was asked for has not failed. */
    isCovered?: true;
}

/** One side's way to do things; what it does is decided by the rules in lib/presence. */
export interface Executor<R extends PersonRecord> {
    parts: readonly Part[];
    /** What people share: on the whole side, or at the place where this person is homed. */
    sideOf(record: R): Side;
    /**
     * Sends one request.
     * @returns `absent` where there was nothing to be taken back; `left` where nothing can end or renew it now
     * @throws Withdrawn; SyncError, see {@link treat}
     */
    perform(record: R, step: Request, signal: AbortSignal): Promise<Answer>;
    /** Reads these people and takes in what they show. @throws SyncError */
    read(records: readonly R[], urgency: Urgency): Promise<void>;
    treat(error: SyncError, record: R): Treatment;
    /** What the person's own sources on this side said last, as far as that is known. */
    ownOf(record: R): unknown;
    /** Whether the side is known to have this person, so that a 404 does not mean that the person is gone. */
    exists(record: R): boolean;
    /** True for a person who is followed: the record is kept although nothing is wanted or held. */
    isFollowed(record: R): boolean;
}
