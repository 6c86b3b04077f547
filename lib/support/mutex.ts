/** A place that one holder has at a time; the others wait in the order in which they came. */
export class Mutex {
    readonly #waiting: (() => void)[] = [];
    #taken = false;

    /**
     * Resolves with the function that frees the place, once it is free.
     * @param options.onWait called at once if the place is taken
     * @param options.signal leaves the queue when it aborts: the promise then rejects with the signal's reason
     */
    take(options: { onWait: () => void; signal: AbortSignal }): Promise<() => void> {
        const { onWait, signal } = options;
        if (signal.aborted) return Promise.reject(signal.reason);
        if (!this.#taken) {
            this.#taken = true;
            return Promise.resolve(this.#releaser());
        }
        onWait();
        return new Promise((resolve, reject) => {
            const turn = (): void => {
                signal.removeEventListener('abort', leave);
                resolve(this.#releaser());
            };
            const leave = (): void => {
                this.#waiting.splice(this.#waiting.indexOf(turn), 1);
                reject(signal.reason);
            };
            this.#waiting.push(turn);
            signal.addEventListener('abort', leave, { once: true });
        });
    }

    #releaser(): () => void {
        let released = false;
        return () => {
            if (released) return;
            released = true;
            const next = this.#waiting.shift();
            if (next) next();
            else this.#taken = false;
        };
    }
}
