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
}

/** Which entries are meant; everything where nothing is said. */
export interface JournalQuery {
    side?: SideName;
    person?: string;
    /** Dates, ms since the epoch; both included. */
    since?: number;
    until?: number;
    /** At most so many, the newest. */
    limit?: number;
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

    get size(): number {
        return this.#entries.length;
    }

    add(entry: JournalEntry): void {
        this.#entries[this.#next] = entry;
        this.#next = (this.#next + 1) % this.#capacity;
    }

    /** The entries that are meant, the newest first. */
    *entries({
        side,
        person,
        since,
        until,
        limit = Number.POSITIVE_INFINITY,
    }: JournalQuery = {}): Iterable<JournalEntry> {
        let left = limit;
        for (let age = 1; age <= this.#entries.length && left > 0; age++) {
            const entry = this.#entries.at((this.#next - age) % this.#entries.length)!;
            if (side !== undefined && entry.side !== side) continue;
            if (person !== undefined && entry.person !== person) continue;
            // The date can be set back, so what is older may have a later one.
            if (entry.at < (since ?? entry.at) || entry.at > (until ?? entry.at)) continue;
            left -= 1;
            yield entry;
        }
    }
}
