import type { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import type { Frame } from './frame';

interface Pending {
    mt: string;
    src: string;
    due: number;
    resolve: (result: Frame) => void;
    reject: (error: SyncError) => void;
    late: () => SyncError | undefined;
}

/** Requests that wait for their `<mt>Result` with the same `src`. All have the same limit, so one timer serves them. */
export class PendingRequests {
    readonly #clock: Clock;
    readonly #limit: number;
    /** In the order of asking, which is the order of answers and of falling due. */
    readonly #pending = new Set<Pending>();
    #timer?: Timer;

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
            const due = this.#clock.monotonic() + this.#limit;
            this.#pending.add({ mt: `${mt}Result`, src, due, resolve, reject, late });
            this.#watch();
        });
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
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        const all = [...this.#pending];
        this.#pending.clear();
        for (const { reject } of all) reject(error);
    }

    #watch(): void {
        const [first] = this.#pending;
        if (this.#timer || !first) return;
        this.#timer = this.#clock.after(first.due - this.#clock.monotonic(), () => {
            this.#timer = undefined;
            this.#expire(this.#clock.monotonic());
            this.#watch();
        });
    }

    #expire(now: number): void {
        for (const pending of this.#pending) {
            if (pending.due > now) return;
            this.#pending.delete(pending);
            const error = pending.late();
            if (error) pending.reject(error);
            else this.#pending.add({ ...pending, due: now + this.#limit });
        }
    }
}
