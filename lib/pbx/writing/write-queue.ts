import { SyncError, toSyncError } from '../../errors/errors';
import type { Outcome, PresenceUser } from '../../presence/message';
import { KeyedQueue } from '../../support/keyed-queue';
import type { Clock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import { replacedByNewer, stopped } from './outcomes';
import { isForAnybody, type Job, WaitingJobs } from './waiting-jobs';
import { WriteRetries } from './write-retries';

/** Users who may have a write on its way at once. */
const parallel = 32;

/** What a {@link WriteQueue} works with. */
export interface WriteQueueUse {
    directory: UserDirectory;
    clock: Clock;
    /** The user of the directory, or one who has left and for whom we still hold something. */
    userOf(guid: string): PbxUser | undefined;
    /** Where the user is written to; `undefined` while that PBX is not ready. */
    homeOf(user: PbxUser): PbxSession | undefined;
    work(session: PbxSession, user: PbxUser, job: Job): Promise<Outcome>;
    /** A job other than `keep` is over. */
    done(guid: string): void;
    /** True if the PBX shows what we do not hold, or not what we hold. */
    isLeft(guid: string): boolean;
    /** Puts a job `keep` if that is so. */
    keep(guid: string): void;
    /** The PBX goes on refusing; it is asked again over its next connection. */
    givenUp(guid: string, error: SyncError): void;
    /** The PBX does not answer, which is told once until it answers again. */
    silent(error: SyncError): void;
}

/**
 * What is to be done for each user, the newest only. A job waits until its user is known and the user's PBX is connected,
 * and is done again where the connection is lost on the way or the PBX does not answer; nobody waits for the PBX of
 * somebody else. What is refused is told at once, and what is left then is tried again for a while.
 */
export class WriteQueue {
    readonly #use: WriteQueueUse;
    readonly #queue = new KeyedQueue<Job>((guid, job) => this.#run(guid, job), parallel);
    /** Jobs for users who cannot be named before the user table has been read; by address. */
    readonly #early = new WaitingJobs();
    /** Jobs for users whose PBX is not connected or does not answer, by GUID. */
    readonly #parked = new WaitingJobs();
    readonly #running = new Map<string, Job>();
    readonly #retries: WriteRetries;
    #isSilent = false;
    #stopped = false;

    constructor(use: WriteQueueUse) {
        this.#use = use;
        this.#retries = new WriteRetries(use.clock, guid => this.#retry(guid));
    }

    /** Jobs that are on their way, by GUID. */
    get running(): ReadonlyMap<string, Job> {
        return this.#running;
    }

    /** True if a job of the user waits. */
    isWaiting(guid: string): boolean {
        return this.#waiting(guid) !== undefined;
    }

    /** True if somebody has asked for something for the user that is not done yet. */
    hasWish(guid: string): boolean {
        const jobs = [this.#running.get(guid), this.#waiting(guid)];
        return jobs.some(job => job !== undefined && job.target !== 'keep');
    }

    /** Adds a job in the place of one that waits. */
    put(job: Job): void {
        const { directory } = this.#use;
        const { user } = job;
        const guid = directory.find(user)?.pbx.guid;
        if (guid !== undefined) this.putFor(guid, job);
        else if (this.#stopped) job.resolve(stopped);
        else if (directory.loaded) job.reject(unknownUser(user));
        else this.#early.put(user.pbx?.guid || user.addresses[0] || user.displayName, job);
    }

    /** Adds a job in the place of one that waits, whether its user is in the directory or not. */
    putFor(guid: string, job: Job): void {
        if (this.#stopped) return job.resolve(stopped);
        this.#parked.replace(guid);
        this.#queue.put(guid, job)?.resolve(replacedByNewer);
    }

    /** Adds a job unless another one of the user waits that it does not take the place of. */
    putBack(guid: string, job: Job): void {
        if (this.#stopped) return job.resolve(stopped);
        if (this.#hasNewer(guid, job)) return job.resolve(replacedByNewer);
        this.putFor(guid, job);
    }

    /** There is a connection that was not there before, or more users are known. */
    resume(): void {
        for (const [, job] of this.#early.drain()) {
            const guid = this.#use.directory.find(job.user)?.pbx.guid;
            // Whatever came once the user could be named is newer.
            if (guid !== undefined) this.#park(guid, job);
            else this.put(job);
        }
        for (const [guid, job] of this.#parked.drain()) this.putBack(guid, job);
    }

    /** Takes out what waits and is meant. */
    drop(isMeant: (job: Job) => boolean, outcome: Outcome): void {
        for (const jobs of [this.#queue, this.#parked, this.#early])
            for (const job of jobs.remove(isMeant)) job.resolve(outcome);
    }

    start(): void {
        this.#stopped = false;
    }

    /** Nothing that waits will be done any more. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#retries.stop();
        this.drop(() => true, stopped);
    }

    async #run(guid: string, job: Job): Promise<void> {
        const user = isForAnybody(job) ? this.#use.userOf(guid) : this.#use.directory.find(guid);
        if (!user) {
            job.reject(unknownUser(job.user));
            return this.#use.done(guid);
        }
        const session = this.#use.homeOf(user);
        if (!session) return this.#park(guid, job);
        this.#running.set(guid, job);
        try {
            const outcome = await this.#use.work(session, user, job);
            this.#isSilent = false;
            this.#endRetries(guid);
            job.resolve(outcome);
        } catch (thrown) {
            this.#failed(guid, job, session, toSyncError(thrown));
        } finally {
            this.#running.delete(guid);
        }
        if (job.target !== 'keep') this.#use.done(guid);
    }

    #failed(guid: string, job: Job, session: PbxSession, error: SyncError): void {
        if (session.end) return this.#interrupted(guid, job);
        if (error.code === 'PBX_SILENT' && job.lasting) {
            if (!this.#isSilent && this.#retries.isFresh(guid)) this.#use.silent(error);
            this.#isSilent = true;
            this.#park(guid, job);
            return this.#retries.silent(guid);
        }
        job.reject(error);
        if (this.#stopped || !this.#use.isLeft(guid)) this.#endRetries(guid);
        else if (!this.#retries.refused(guid)) this.#use.givenUp(guid, error);
    }

    /** A wish that waits for another attempt goes on waiting for it, though something else of the user is done. */
    #endRetries(guid: string): void {
        if (!this.#parked.get(guid)) this.#retries.end(guid);
    }

    #interrupted(guid: string, job: Job): void {
        const user = this.#use.userOf(guid);
        // The next connection may be ready already.
        if (user && this.#use.homeOf(user) && job.lasting) this.putBack(guid, job);
        else this.#park(guid, job);
    }

    /** Lets a job wait, unless there is a newer one. */
    #park(guid: string, job: Job): void {
        if (this.#stopped || !job.lasting) job.resolve(stopped);
        else if (this.#hasNewer(guid, job)) job.resolve(replacedByNewer);
        else this.#parked.put(guid, job);
    }

    #waiting(guid: string): Job | undefined {
        return this.#parked.get(guid) ?? this.#queue.waiting(guid);
    }

    /** A job waits that came later; `keep` asks for nothing new, so a wish takes its place. */
    #hasNewer(guid: string, job: Job): boolean {
        const waiting = this.#waiting(guid);
        return waiting !== undefined && (waiting.target !== 'keep' || job.target === 'keep');
    }

    #retry(guid: string): void {
        const job = this.#parked.take(guid);
        if (job) this.putBack(guid, job);
        else this.#use.keep(guid);
    }
}

function unknownUser(user: PresenceUser): SyncError {
    return new SyncError('PBX_USER_UNKNOWN', { user: user.addresses[0] ?? user.pbx?.name ?? user.displayName });
}
