/** Lets only so many tasks run at once; the others wait in their order. */
export class RequestWindow {
    readonly #size: number;
    readonly #waiting: (() => void)[] = [];
    #next = 0;
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
            this.#leave();
        }
    }

    /** The place goes to whoever waits longest. */
    #leave(): void {
        const next = this.#waiting[this.#next];
        if (!next) {
            this.#running--;
            this.#waiting.length = 0;
            this.#next = 0;
            return;
        }
        this.#next++;
        next();
    }
}
