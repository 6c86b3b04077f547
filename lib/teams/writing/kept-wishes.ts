import { teamsIdOf } from '../../presence/user-matching';
import type { Clock, Timer } from '../../time/clock';
import type { Task } from './task';

/** What must be changed by an administrator is looked at again after this many ms. */
export const slowRetry = 60_000;
/** So many are tried to find out whether it has been changed: one batch. */
const probes = 20;

/**
 * Wishes that fail until an administrator has changed something, the newest of each user. Every minute some are tried;
 * once Teams has accepted anything again, all are.
 */
export class KeptWishes {
    readonly #clock: Clock;
    readonly #onRetry: (task: Task) => void;
    readonly #tasks = new Map<string, Task>();
    #timer: Timer | undefined;
    #hasServed = false;

    constructor(options: { clock: Clock; onRetry: (task: Task) => void }) {
        this.#clock = options.clock;
        this.#onRetry = options.onRetry;
    }

    has(userId: string): boolean {
        return this.#tasks.has(userId);
    }

    /** The one that was tried last comes last. */
    keep(task: Task): void {
        const id = teamsIdOf(task.user);
        this.#tasks.delete(id);
        this.#tasks.set(id, task);
        this.#arm();
    }

    /** Removes and returns the wish of the user. */
    take(userId: string): Task | undefined {
        const task = this.#tasks.get(userId);
        this.#tasks.delete(userId);
        return task;
    }

    /** Removes everything and returns it. */
    drain(): Task[] {
        const tasks = [...this.#tasks.values()];
        this.#tasks.clear();
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        return tasks;
    }

    /** Somebody was served. */
    served(): void {
        this.#hasServed = true;
    }

    #arm(): void {
        if (this.#timer || this.#tasks.size === 0) return;
        this.#hasServed = false;
        this.#timer = this.#clock.after(slowRetry, () => {
            this.#timer = undefined;
            const tasks = [...this.#tasks.values()].slice(0, this.#hasServed ? undefined : probes);
            for (const task of tasks) {
                this.take(teamsIdOf(task.user));
                this.#onRetry(task);
            }
            this.#arm();
        });
    }
}
