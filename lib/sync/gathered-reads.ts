import type { Urgency } from '../presence/record';

/** So many reads may be under way at once; four times as many where a change waits for them. */
const mostReads = 4;

/** Reads people: those who are asked for in the same turn of the event loop share a request. */
export class GatheredReads {
    readonly #read: (keys: readonly string[], urgency: Urgency) => Promise<void>;
    #waiting = new Map<string, Urgency>();
    #isGathering = false;
    #underWay = 0;

    /** @param read must not reject */
    constructor(read: (keys: readonly string[], urgency: Urgency) => Promise<void>) {
        this.#read = read;
    }

    put(key: string, urgency: Urgency): void {
        this.#waiting.set(key, urgency);
        if (this.#isGathering) return;
        this.#isGathering = true;
        setImmediate(() => {
            this.#isGathering = false;
            this.#begin();
        });
    }

    /** What waits is not read any more. */
    stop(): void {
        this.#waiting.clear();
    }

    #begin(): void {
        const waiting = this.#waiting;
        this.#waiting = new Map();
        for (const urgency of new Set(waiting.values())) {
            const keys = [...waiting].filter(([, each]) => each === urgency).map(([key]) => key);
            if (this.#underWay >= (urgency === 'edge' ? 4 : 1) * mostReads)
                for (const key of keys) this.#waiting.set(key, urgency);
            else void this.#run(keys, urgency);
        }
    }

    async #run(keys: readonly string[], urgency: Urgency): Promise<void> {
        this.#underWay += 1;
        await this.#read(keys, urgency);
        this.#underWay -= 1;
        if (this.#waiting.size > 0 && !this.#isGathering) this.#begin();
    }
}
