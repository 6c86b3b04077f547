/** A place that one holder has at a time; the others wait in the order in which they came. */
export class Mutex {
    /** The holder, then those who wait: each begins when it is the first. */
    #queue: (() => void)[] = [];

    /**
     * Resolves with the function that frees the place, once it is free.
     * @param options.onWait called at once if the place is taken
     * @param options.signal leaves the queue when it aborts: the promise then rejects with the signal's reason
     */
    async take({ onWait, signal }: { onWait: () => void; signal: AbortSignal }): Promise<() => void> {
        signal.throwIfAborted();
        let begin = (): void => {};
        const turn = new Promise<void>((resolve, reject) => {
            begin = resolve;
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
        const leave = (): void => {
            this.#queue = this.#queue.filter(each => each !== begin);
            this.#queue[0]?.();
        };
        this.#queue.push(begin);
        if (this.#queue[0] === begin) begin();
        else onWait();
        await turn.catch(reason => {
            leave();
            throw reason;
        });
        return leave;
    }
}
