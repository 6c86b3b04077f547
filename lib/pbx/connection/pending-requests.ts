import type { Clock, Timer } from '../../support/clock';
import type { SyncError } from '../../support/errors';
import type { Frame } from './frame';

interface Pending {
    due: number;
    resolve: (result: Frame) => void;
    reject: (error: SyncError) => void;
    late: () => SyncError;
}

/** Requests that wait for their `<mt>Result` with the same `src`. All have the same limit, so one timer serves them. */
export class PendingRequests {
    readonly #clock: Clock;
    readonly #limit: number;
    /** In the order of asking, which is the order of falling due. */
    readonly #pending = new Map<string, Pending>();
    #timer?: Timer;

    /** @param limit milliseconds that an answer may take */
    constructor(clock: Clock, limit: number) {
        this.#clock = clock;
        this.#limit = limit;
    }

    /** The result of the request `mt` with `src`; rejects with `late()` when none comes in time. */
    wait(mt: string, src: string, late: () => SyncError): Promise<Frame> {
        return new Promise((resolve, reject) => {
            this.#pending.set(key(`${mt}Result`, src), { due: this.#clock.now() + this.#limit, resolve, reject, late });
            this.#watch();
        });
    }

    /** True if the frame answers a request. A result without `src` goes to the oldest request of its kind. */
    settle(frame: Frame): boolean {
        const found = frame.src === undefined ? this.#oldest(frame.mt) : key(frame.mt, frame.src);
        const pending = found === undefined ? undefined : this.#pending.get(found);
        if (found === undefined || !pending) return false;
        this.#pending.delete(found);
        pending.resolve(frame);
        return true;
    }

    /** Rejects everything that waits. */
    fail(error: SyncError): void {
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        const all = [...this.#pending.values()];
        this.#pending.clear();
        for (const pending of all) pending.reject(error);
    }

    #oldest(mt: string): string | undefined {
        for (const found of this.#pending.keys()) if (found.startsWith(key(mt, ''))) return found;
        return undefined;
    }

    #watch(): void {
        const [first] = this.#pending.values();
        if (this.#timer || !first) return;
        this.#timer = this.#clock.after(first.due - this.#clock.now(), () => {
            this.#timer = undefined;
            this.#expire();
            this.#watch();
        });
    }

    #expire(): void {
        const now = this.#clock.now();
        for (const [found, pending] of this.#pending) {
            if (pending.due > now) return;
            this.#pending.delete(found);
            pending.reject(pending.late());
        }
    }
}

function key(mt: string, src: string): string {
    return `${mt}|${src}`;
}
