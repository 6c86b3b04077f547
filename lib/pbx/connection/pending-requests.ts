import type { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import type { Frame } from './frame';

interface Pending {
    key: string;
    due: number;
    resolve: (result: Frame) => void;
    reject: (error: SyncError) => void;
    late: () => SyncError | undefined;
}

/** Requests that wait for their `<mt>Result` with the same `src`. All have the same limit, so one timer serves them. */
export class PendingRequests {
    readonly #clock: Clock;
    readonly #limit: number;
    /** In the order of asking, which is the order of falling due. */
    readonly #pending = new Set<Pending>();
    /** The same by kind and `src`; those that are alike are answered in the order of asking. */
    readonly #byKey = new Map<string, Set<Pending>>();
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
            const key = keyOf(`${mt}Result`, src);
            const pending = { key, due: this.#clock.monotonic() + this.#limit, resolve, reject, late };
            this.#pending.add(pending);
            const alike = this.#byKey.get(key);
            if (alike) alike.add(pending);
            else this.#byKey.set(key, new Set([pending]));
            this.#watch();
        });
    }

    /** True if the frame answers a request. A result without `src` goes to the oldest request of its kind. */
    settle(frame: Frame): boolean {
        const found = frame.src === undefined ? this.#oldest(frame.mt) : this.#first(keyOf(frame.mt, frame.src));
        if (!found) return false;
        this.#forget(found);
        found.resolve(frame);
        return true;
    }

    /** Rejects everything that waits. */
    fail(error: SyncError): void {
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        const all = [...this.#pending];
        this.#pending.clear();
        this.#byKey.clear();
        for (const pending of all) pending.reject(error);
    }

    #first(key: string): Pending | undefined {
        const [first] = this.#byKey.get(key) ?? [];
        return first;
    }

    #oldest(mt: string): Pending | undefined {
        for (const pending of this.#pending) if (pending.key.startsWith(keyOf(mt, ''))) return pending;
        return undefined;
    }

    #forget(pending: Pending): void {
        this.#pending.delete(pending);
        const alike = this.#byKey.get(pending.key);
        alike?.delete(pending);
        if (alike?.size === 0) this.#byKey.delete(pending.key);
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
            const error = pending.late();
            if (error) this.#giveUp(pending, error);
            else this.#wait(pending, now);
        }
    }

    #giveUp(pending: Pending, error: SyncError): void {
        this.#forget(pending);
        pending.reject(error);
    }

    /** It is the last to fall due again. */
    #wait(pending: Pending, now: number): void {
        pending.due = now + this.#limit;
        this.#pending.delete(pending);
        this.#pending.add(pending);
    }
}

function keyOf(mt: string, src: string): string {
    return `${mt}|${src}`;
}
