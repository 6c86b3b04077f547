import { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import type { Frame } from './frame';

interface Pending {
    mt: string;
    src: string;
    end(result: Frame | SyncError): void;
}

/** Requests that wait for their `<mt>Result` with the same `src`. */
export class PendingRequests {
    readonly #clock: Clock;
    readonly #limit: number;
    /** In the order of asking, which is the order of answers. */
    readonly #pending = new Set<Pending>();

    /** @param limit milliseconds that an answer may take */
    constructor(clock: Clock, limit: number) {
        this.#clock = clock;
        this.#limit = limit;
    }

    /**
     * The result of the request `mt` with `src`.
     * @param late called when none comes in time: why the request is given up, or nothing where it may take as long again
     */
    wait(mt: string, src: string, late: () => SyncError | undefined): Promise<Frame> {
        return new Promise((resolve, reject) => {
            let timer: Timer | undefined;
            const end = (result: Frame | SyncError): void => {
                this.#pending.delete(pending);
                this.#clock.cancel(timer);
                if (result instanceof SyncError) reject(result);
                else resolve(result);
            };
            const pending: Pending = { mt: `${mt}Result`, src, end };
            const watch = (): void => {
                timer = this.#clock.after(this.#limit, () => {
                    const error = late();
                    if (error) end(error);
                    else watch();
                });
            };
            this.#pending.add(pending);
            watch();
        });
    }

    /** True if the frame answers a request. A result without `src` goes to the oldest request of its kind. */
    settle(frame: Frame): boolean {
        const { mt, src } = frame;
        for (const pending of this.#pending) {
            if (pending.mt !== mt || (src !== undefined && pending.src !== src)) continue;
            pending.end(frame);
            return true;
        }
        return false;
    }

    fail(error: SyncError): void {
        for (const { end } of this.#pending) end(error);
    }
}

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
