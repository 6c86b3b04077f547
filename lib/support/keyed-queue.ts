/**
 * Work keyed by user: at most one task of a key runs, at most one waits, and a newer one takes the place of the one
 * that waits. So the queue never holds more than the newest wish per user.
 */
export class KeyedQueue<Task> {
    readonly #run: (key: string, task: Task) => Promise<void>;
    readonly #parallel: number;
    readonly #waiting = new Map<string, Task>();
    readonly #running = new Set<string>();

    /**
     * @param run what it rejects with is its own to report: here it only ends the task
     * @param parallel how many keys may be worked on at once
     */
    constructor(run: (key: string, task: Task) => Promise<void>, parallel: number) {
        this.#run = run;
        this.#parallel = parallel;
    }

    /** Adds a task and returns the waiting one that it replaces. */
    put(key: string, task: Task): Task | undefined {
        const replaced = this.#waiting.get(key);
        this.#waiting.set(key, task);
        this.#pump();
        return replaced;
    }

    #pump(): void {
        for (const [key, task] of this.#waiting) {
            if (this.#running.size >= this.#parallel) return;
            if (this.#running.has(key)) continue;
            this.#waiting.delete(key);
            this.#running.add(key);
            const work = async (): Promise<void> => await this.#run(key, task);
            const over = (): void => {
                this.#running.delete(key);
                this.#pump();
            };
            work().then(over, over);
        }
    }
}
