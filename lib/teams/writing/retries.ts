import type { SyncError } from '../../errors/errors';
import { teamsIdOf } from '../../presence/user-matching';
import type { KeyedQueue } from '../../support/keyed-queue';
import type { Clock, Timer } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';
import { RetrySchedule } from '../../time/retry-schedule';
import { GraphRefusal } from '../connection/graph-error';
import type { Task } from './task';
import { isPersonal } from './troubles';

/** The longest pause of one user who is not told how long to wait, in ms. */
const longestPause = 5_000;

/**
 * Wishes that met an outage, the newest of each user, and when they are tried again. Where nobody can be served all
 * wait together instead of failing one by one; a fault that may be one user's own makes only that user wait.
 */
export class Retries {
    readonly #clock: Clock;
    readonly #random: () => number;
    readonly #queue: KeyedQueue<Task>;
    readonly #onReplaced: (task: Task) => void;
    readonly #tasks = new Map<string, Task>();
    readonly #deadlines: DeadlineQueue;
    readonly #schedule: RetrySchedule;
    #outage: Timer | undefined;

    /** @param options.onReplaced a newer wish of the user has come meanwhile */
    constructor(options: {
        clock: Clock;
        random: () => number;
        queue: KeyedQueue<Task>;
        onReplaced: (task: Task) => void;
    }) {
        this.#clock = options.clock;
        this.#random = options.random;
        this.#queue = options.queue;
        this.#onReplaced = options.onReplaced;
        this.#deadlines = new DeadlineQueue({ clock: options.clock, onDue: () => this.#resumeDue(), step: 100 });
        this.#schedule = new RetrySchedule({ first: 500, factor: 2, longest: 5_000, jitter: 0.2 }, options.random);
    }

    has(userId: string): boolean {
        return this.#tasks.has(userId);
    }

    /** Removes and returns the wish of the user that waits here. */
    take(userId: string): Task | undefined {
        const task = this.#tasks.get(userId);
        this.#tasks.delete(userId);
        this.#deadlines.delete(userId);
        return task;
    }

    /** Removes everything and returns it. */
    drain(): Task[] {
        const tasks = [...this.#tasks.values()];
        this.#tasks.clear();
        this.#deadlines.stop();
        this.#clock.cancel(this.#outage);
        this.#outage = undefined;
        this.#queue.resume();
        return tasks;
    }

    /** Tries the wish again later. */
    add(task: Task, error: SyncError): void {
        const id = teamsIdOf(task.user);
        const retried = { ...task, failures: task.failures + 1 };
        if (this.#queue.isWaiting(id)) this.#onReplaced(task);
        else this.#tasks.set(id, retried);
        if (!isPersonal(error)) {
            this.#queue.pause();
            this.#outage ??= this.#clock.after(this.#schedule.next(), () => this.#resumeAll());
        } else if (this.#tasks.has(id))
            this.#deadlines.set(id, this.#clock.monotonic() + this.#pauseOf(retried, error));
    }

    /** Somebody was served. */
    succeeded(): void {
        this.#schedule.reset();
    }

    #pauseOf({ failures }: Task, error: SyncError): number {
        const asked = error instanceof GraphRefusal ? error.retryAfter : undefined;
        const usual = Math.min(longestPause, 250 * 2 ** failures);
        return asked ?? usual * (0.9 + 0.2 * this.#random());
    }

    #resumeAll(): void {
        this.#outage = undefined;
        for (const id of [...this.#tasks.keys()]) if (!this.#deadlines.has(id)) this.#resume(id);
        this.#queue.resume();
    }

    #resumeDue(): void {
        for (const id of this.#deadlines.takeDue()) this.#resume(id);
    }

    #resume(id: string): void {
        const task = this.take(id);
        if (task && !this.#queue.putBack(id, task)) this.#onReplaced(task);
    }
}
