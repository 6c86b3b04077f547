import type { Decision } from './record';

/** One of the systems that are kept in step. */
export type SideName = 'teams' | 'pbx';

/** A decision, and for which person of which system it was. */
export interface JournalEntry extends Decision {
    side: SideName;
    /** Which cloud and tenant, or which PBX. */
    system: string;
    /** Key of the person on that side: Entra object id, or GUID of the PBX. */
    person: string;
    name: string;
    /** User of the editor who has asked for it. */
    by?: string;
}

/** The last decisions of all people. It has room for so many entries and no more: each new one takes the place of the oldest. */
export class Journal {
    readonly #capacity: number;
    readonly #entries: JournalEntry[] = [];
    /** Where the next entry goes. */
    #next = 0;

    /** @param capacity entries, 1 or more */
    constructor(capacity = 20_000) {
        this.#capacity = capacity;
    }

    add(entry: JournalEntry): void {
        this.#entries[this.#next] = entry;
        this.#next = (this.#next + 1) % this.#capacity;
    }

    /** The newest first. */
    *entries(): Iterable<JournalEntry> {
        for (let age = 1; age <= this.#entries.length; age++)
            yield this.#entries.at((this.#next - age) % this.#entries.length)!;
    }
}
