import type { Outcome, PresenceUser } from '../../presence/message';
import type { SyncError } from '../../support/errors';
import { replacedByNewer } from './outcomes';
import type { PbxTarget } from './pbx-target';

/** One thing to do for a user, and whom to tell what became of it. */
export interface Job {
    user: PresenceUser;
    /** What we are to hold, or `keep` to make it again where it is gone. */
    target: PbxTarget | 'keep';
    /** False for a job that does not wait for another connection. */
    lasting: boolean;
    owner?: string;
    resolve: (outcome: Outcome) => void;
    reject: (error: SyncError) => void;
}

/** Jobs that wait, of each key the newest. */
export class WaitingJobs {
    readonly #jobs = new Map<string, Job>();

    has(key: string): boolean {
        return this.#jobs.has(key);
    }

    /** Takes the place of an older job of that key. */
    put(key: string, job: Job): void {
        this.replace(key);
        this.#jobs.set(key, job);
    }

    /** There is a newer job of that key elsewhere. */
    replace(key: string): void {
        this.#jobs.get(key)?.resolve(replacedByNewer);
        this.#jobs.delete(key);
    }

    /** Removes everything and returns it. */
    drain(): [key: string, job: Job][] {
        const jobs = [...this.#jobs];
        this.#jobs.clear();
        return jobs;
    }
}
