import type { SyncError } from '../../errors/errors';
import type { Outcome, PresenceUser } from '../../presence/message';
import { replacedByNewer } from './outcomes';
import { emptyTarget, type PbxTarget } from './pbx-target';

/** One thing to do for a user, and whom to tell what became of it. */
export interface Job {
    user: PresenceUser;
    /** What we are to hold, or `keep` to bring the PBX to what we hold: what is gone is made again, what is left ended. */
    target: PbxTarget | 'keep';
    /** False for a job that does not wait for another connection. */
    lasting: boolean;
    owner?: string;
    resolve: (outcome: Outcome) => void;
    reject: (error: SyncError) => void;
}

/** True for what is done also for users who take no part any more. */
export function isForAnybody({ target }: Job): boolean {
    return target === 'keep' || target === emptyTarget;
}

/** Jobs that wait, of each key the newest. */
export class WaitingJobs {
    readonly #jobs = new Map<string, Job>();

    get(key: string): Job | undefined {
        return this.#jobs.get(key);
    }

    /** Takes the place of an older job of that key. */
    put(key: string, job: Job): void {
        this.replace(key);
        this.#jobs.set(key, job);
    }

    /** There is a newer job of that key elsewhere. */
    replace(key: string): void {
        this.take(key)?.resolve(replacedByNewer);
    }

    /** Removes a job and returns it. */
    take(key: string): Job | undefined {
        const job = this.#jobs.get(key);
        this.#jobs.delete(key);
        return job;
    }

    /** Removes what is meant, and returns it. */
    remove(isMeant: (job: Job) => boolean): Job[] {
        const meant = [...this.#jobs].filter(([, job]) => isMeant(job));
        for (const [key] of meant) this.#jobs.delete(key);
        return meant.map(([, job]) => job);
    }

    /** Removes everything and returns it. */
    drain(): [key: string, job: Job][] {
        const jobs = [...this.#jobs];
        this.#jobs.clear();
        return jobs;
    }
}
