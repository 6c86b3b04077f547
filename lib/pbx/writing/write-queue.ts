import type { Outcome, PresenceUser } from '../../presence/message';
import { SyncError, toSyncError } from '../../support/errors';
import { KeyedQueue } from '../../support/keyed-queue';
import type { PbxSession } from '../connection/pbx-session';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import { replacedByNewer, stopped } from './outcomes';
import { type Job, WaitingJobs } from './waiting-jobs';

/** Users who may have a write on its way at once. */
const parallel = 32;

/** What a {@link WriteQueue} works with. */
export interface WriteQueueUse {
    directory: UserDirectory;
    /** Where the user is written to; `undefined` while that PBX is not ready. */
    homeOf(user: PbxUser): PbxSession | undefined;
    work(session: PbxSession, user: PbxUser, job: Job): Promise<Outcome>;
}

/**
 * What is to be done for each user, the newest only. A job waits until its user is known and the user's PBX is connected,
 * and is done again where the connection is lost on the way; nobody waits for the PBX of somebody else.
 */
export class WriteQueue {
    readonly #use: WriteQueueUse;
    readonly #queue = new KeyedQueue<Job>((guid, job) => this.#run(guid, job), parallel);
    /** Jobs for users who cannot be named before the user table has been read; by address. */
    readonly #early = new WaitingJobs();
    /** Jobs for users whose PBX is not connected, by GUID. */
    readonly #parked = new WaitingJobs();
    readonly #running = new Map<string, Job>();
    #stopped = false;

    constructor(use: WriteQueueUse) {
        this.#use = use;
    }

    /** Jobs that are on their way, by GUID. */
    get running(): ReadonlyMap<string, Job> {
        return this.#running;
    }

    /** Adds a job in the place of one that waits. */
    put(job: Job): void {
        const { directory } = this.#use;
        const { user } = job;
        const guid = directory.find(user)?.pbx.guid;
        if (this.#stopped) job.resolve(stopped);
        else if (guid !== undefined) this.#put(guid, job);
        else if (directory.loaded) job.reject(unknownUser(user));
        else this.#early.put(user.pbx?.guid || user.addresses[0] || user.displayName, job);
    }

    /** Adds a job unless another one of the user waits. */
    putBack(guid: string, job: Job): void {
        if (this.#stopped) return job.resolve(stopped);
        if (this.#parked.has(guid) || !this.#queue.putBack(guid, job)) job.resolve(replacedByNewer);
    }

    /** There is a connection that was not there before, or more users are known. */
    resume(): void {
        for (const [, job] of this.#early.drain()) this.put(job);
        for (const [guid, job] of this.#parked.drain()) this.putBack(guid, job);
    }

    /** Takes out what waits; the others go on waiting. */
    drop(isMeant: (job: Job) => boolean, outcome: Outcome): void {
        const waiting = [...this.#queue.drain(), ...this.#parked.drain().map(([, job]) => job)];
        for (const job of [...waiting, ...this.#early.drain().map(([, early]) => early)]) {
            if (isMeant(job)) job.resolve(outcome);
            else this.put(job);
        }
    }

    start(): void {
        this.#stopped = false;
    }

    /** Nothing that waits will be done any more. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.drop(() => true, stopped);
    }

    #put(guid: string, job: Job): void {
        this.#parked.replace(guid);
        this.#queue.put(guid, job)?.resolve(replacedByNewer);
    }

    async #run(guid: string, job: Job): Promise<void> {
        const user = this.#use.directory.find(guid);
        if (!user) return job.reject(unknownUser(job.user));
        const session = this.#use.homeOf(user);
        if (!session) return this.#interrupted(guid, job);
        this.#running.set(guid, job);
        try {
            job.resolve(await this.#use.work(session, user, job));
        } catch (thrown) {
            if (session.end) this.#interrupted(guid, job);
            else job.reject(toSyncError(thrown));
        } finally {
            this.#running.delete(guid);
        }
    }

    #interrupted(guid: string, job: Job): void {
        if (this.#stopped || !job.lasting) return job.resolve(stopped);
        if (this.#queue.isWaiting(guid) || this.#parked.has(guid)) return job.resolve(replacedByNewer);
        const user = this.#use.directory.find(guid);
        // The next connection may be ready already.
        if (user && this.#use.homeOf(user)) this.#queue.put(guid, job);
        else this.#parked.put(guid, job);
    }
}

function unknownUser(user: PresenceUser): SyncError {
    return new SyncError('PBX_USER_UNKNOWN', { user: user.addresses[0] ?? user.pbx?.name ?? user.displayName });
}
