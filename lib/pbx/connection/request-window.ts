/** Lets only so many tasks run at once; the others wait in their order. */
export class RequestWindow {
    readonly #size: number;
    readonly #waiting: (() => void)[] = [];
    #running = 0;

    constructor(size: number) {
        this.#size = size;
    }

    /** Runs the task as soon as there is room; settles as it does. */
    async run<Result>(task: () => Promise<Result>): Promise<Result> {
        if (this.#running >= this.#size) await new Promise<void>(resolve => this.#waiting.push(resolve));
        else this.#running++;
        try {
            return await task();
        } finally {
            // The place goes to the task that has waited longest.
            const next = this.#waiting.shift();
            if (next) next();
            else this.#running--;
        }
    }
}
