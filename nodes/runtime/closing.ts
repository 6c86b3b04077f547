/**
 * Lets a config node close last: Node-RED closes all nodes at the same time, but what uses a connection may still
 * have to take back over it what it has set.
 */
export class Closing {
    readonly #work = new Set<Promise<unknown>>();

    /** The config node stays open until this is done. */
    waitFor(work: Promise<unknown>): void {
        this.#work.add(work);
        const over = (): boolean => this.#work.delete(work);
        work.then(over, over);
    }

    /** Resolves when all work is done that was handed in up to the end of this turn. */
    async done(): Promise<void> {
        await new Promise(resolve => setImmediate(resolve));
        await Promise.allSettled(this.#work);
    }
}

/** What still talks to the simulated office while nodes close: the simulator node closes after it. */
export const officeClosing = new Closing();
