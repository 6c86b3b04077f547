import type { SyncError } from '../../errors/errors';
import { type Clock, within } from '../../time/clock';
import type { Frame } from './frame';

interface Pending {
    mt: string;
    src: string;
    resolve(result: Frame): void;
    reject(error: SyncError): void;
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
    async wait(mt: string, src: string, late: () => SyncError | undefined): Promise<Frame> {
        const pending = { mt: `${mt}Result`, src } as Pending;
        const answer = new Promise<Frame>((resolve, reject) => Object.assign(pending, { resolve, reject }));
        this.#pending.add(pending);
        try {
            for (;;) {
                const result = await within(this.#clock, this.#limit, answer);
                if (result) return result;
                const error = late();
                if (error) throw error;
            }
        } finally {
            this.#pending.delete(pending);
        }
    }

    /** True if the frame answers a request. A result without `src` goes to the oldest request of its kind. */
    settle(frame: Frame): boolean {
        const { mt, src } = frame;
        for (const pending of this.#pending) {
            if (pending.mt !== mt || (src !== undefined && pending.src !== src)) continue;
            this.#pending.delete(pending);
            pending.resolve(frame);
            return true;
        }
        return false;
    }

    fail(error: SyncError): void {
        for (const { reject } of this.#pending) reject(error);
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
