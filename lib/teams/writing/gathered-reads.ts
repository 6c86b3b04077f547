import type { TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';

type Read = (ids: string[], priority: Priority) => Promise<Map<string, TeamsPresence>>;

/** Reads of single users; those that are asked for in the same turn of the event loop share one bulk read. */
export class GatheredReads {
    readonly #read: Read;
    readonly #gathering = new Map<Priority, { ids: Set<string>; answer: Promise<Map<string, TeamsPresence>> }>();

    constructor(read: Read) {
        this.#read = read;
    }

    /** What Teams shows for the user; undefined if it does not say. Rejects as the bulk read does. */
    async read(id: string, priority: Priority): Promise<TeamsPresence | undefined> {
        const { ids, answer } = this.#gathering.get(priority) ?? this.#begin(priority);
        ids.add(id);
        return (await answer).get(id);
    }

    #begin(priority: Priority): { ids: Set<string>; answer: Promise<Map<string, TeamsPresence>> } {
        const ids = new Set<string>();
        const answer = new Promise(resolve => setImmediate(resolve)).then(() => {
            this.#gathering.delete(priority);
            return this.#read([...ids], priority);
        });
        const gathered = { ids, answer };
        this.#gathering.set(priority, gathered);
        return gathered;
    }
}
