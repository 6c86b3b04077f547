import type { Failure } from './frame';

/** What becomes of a message that was received. */
export type Mishap = 'ignored' | 'dropped' | Failure;

interface Order {
    count: number;
    mishap: Mishap;
}

/** An error that says no more than that there is one. */
const anyFailure: Failure = { error: 1, errorText: 'Ordered by the test' };

/**
 * Trouble that one PBX makes with its messages. What is ordered for a number of messages applies to those with the
 * given `mt`, whoever sends them; a later order for the same `mt` waits for the end of the earlier one.
 */
export class PbxFaults {
    /** Messages are sent in WebSocket fragments of so many bytes, which may cut a character; 0: in one. */
    fragment = 0;
    readonly #orders = new Map<string, Order[]>();
    readonly #repeats = new Map<string, number>();

    /** The next requests are not executed and get an error as result. */
    failNext(mt: string, count = 1, failure: Failure = anyFailure): void {
        this.#order(mt, { count, mishap: failure });
    }

    /** The next requests are neither executed nor answered. */
    ignoreNext(mt: string, count = 1): void {
        this.#order(mt, { count, mishap: 'ignored' });
    }

    /** The connection breaks when the next such message comes, which is not executed. */
    dropAtNext(mt: string): void {
        this.#order(mt, { count: 1, mishap: 'dropped' });
    }

    /** The next messages of the PBX are sent twice. */
    repeatNext(mt: string, count = 1): void {
        this.#repeats.set(mt, (this.#repeats.get(mt) ?? 0) + count);
    }

    /** Takes everything back. */
    clear(): void {
        this.fragment = 0;
        this.#orders.clear();
        this.#repeats.clear();
    }

    /** For the connections: what becomes of a message that came in. */
    take(mt: string): Mishap | undefined {
        const orders = this.#orders.get(mt);
        const order = orders?.[0];
        if (!order) return undefined;
        order.count--;
        if (order.count <= 0) orders.shift();
        return order.mishap;
    }

    /** For the connections: how often a message goes out. */
    copiesOf(mt: string): number {
        const repeats = this.#repeats.get(mt) ?? 0;
        if (repeats > 0) this.#repeats.set(mt, repeats - 1);
        return repeats > 0 ? 2 : 1;
    }

    #order(mt: string, order: Order): void {
        if (order.count <= 0) return;
        this.#orders.set(mt, [...(this.#orders.get(mt) ?? []), order]);
    }
}
