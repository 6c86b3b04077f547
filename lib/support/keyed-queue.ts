/**
 * Work keyed by user: at most one task of a key runs, at most one waits, and a newer one takes the place of the one
 * that waits. So the queue never holds more than the newest wish per user.
 */
export class KeyedQueue<Task> {
    readonly #run: (key: string, task: Task) => Promise<void>;
    readonly #parallel: number;
    readonly #waiting = new Map<string, Task>();
    readonly #running = new Map<string, Promise<void>>();
    #paused = false;

    /**
     * @param run what it rejects with is its own to report: here it only ends the task
     * @param parallel how many keys may be worked on at once
     */
    constructor(run: (key: string, task: Task) => Promise<void>, parallel: number) {
        this.#run = run;
        this.#parallel = parallel;
    }

    /** Number of keys that wait or run. */
    get size(): number {
        return this.#waiting.size + this.#running.size;
    }

    /** The task of this key that waits for its turn. */
    waiting(key: string): Task | undefined {
        return this.#waiting.get(key);
    }

    /** True if a task of this key waits for its turn. */
    isWaiting(key: string): boolean {
        return this.#waiting.has(key);
    }

    /** Adds a task and returns the waiting one that it replaces. */
    put(key: string, task: Task): Task | undefined {
        const replaced = this.#waiting.get(key);
        this.#waiting.set(key, task);
        this.#pump();
        return replaced;
    }

    /** Adds a task unless a newer one already waits; returns whether it was added. */
    putBack(key: string, task: Task): boolean {
        if (this.#waiting.has(key)) return false;
        this.put(key, task);
        return true;
    }

    /** Removes what waits and is meant, and returns it. */
    remove(isMeant: (task: Task) => boolean): Task[] {
        const meant = [...this.#waiting].filter(([, task]) => isMeant(task));
        for (const [key] of meant) this.#waiting.delete(key);
        return meant.map(([, task]) => task);
    }

    /** Removes everything that waits and returns it. */
    drain(): Task[] {
        const tasks = [...this.#waiting.values()];
        this.#waiting.clear();
        return tasks;
    }

    pause(): void {
        this.#paused = true;
    }

    resume(): void {
        this.#paused = false;
        this.#pump();
    }

    /** Resolves when nothing waits or runs. */
    async idle(): Promise<void> {
        while (this.#running.size > 0) await Promise.all(this.#running.values());
    }

    #pump(): void {
        if (this.#paused) return;
        for (const [key, task] of this.#waiting) {
            if (this.#running.size >= this.#parallel) return;
            if (this.#running.has(key)) continue;
            this.#waiting.delete(key);
            const done = this.#runSafely(key, task).then(() => {
                this.#running.delete(key);
                this.#pump();
            });
            this.#running.set(key, done);
        }
    }

    /** Never rejects: a rejection that nobody handles would end the whole process. */
    async #runSafely(key: string, task: Task): Promise<void> {
        try {
            await this.#run(key, task);
        } catch {}
    }
}
