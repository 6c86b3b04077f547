/** Work for keys, such as users: one run of a key at a time, after which there is one more if the key was put meanwhile. */
export class KeyedQueue {
    readonly #run: (key: string) => Promise<void>;
    readonly #parallel: number;
    readonly #waiting = new Set<string>();
    readonly #running = new Set<string>();

    /**
     * @param run what it rejects with is its own to report
     * @param parallel how many keys may be worked on at once
     */
    constructor(run: (key: string) => Promise<void>, parallel: number) {
        this.#run = run;
        this.#parallel = parallel;
    }

    put(key: string): void {
        this.#waiting.add(key);
        this.#pump();
    }

    #pump(): void {
        for (const key of this.#waiting) {
            if (this.#running.size >= this.#parallel) return;
            if (this.#running.has(key)) continue;
            this.#waiting.delete(key);
            this.#running.add(key);
            const over = (): void => {
                this.#running.delete(key);
                this.#pump();
            };
            this.#run(key).then(over, over);
        }
    }
}
