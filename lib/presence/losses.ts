/** Claims lost within this many ms, in one sweep or two, may all have gone for one reason. */
const sweep = 10_000;
/** So many of them, and as many as are still there, are no coincidence. */
const many = 3;

/** Counts what is lost and what is still there, to tell a tenant that has forgotten from people who choose. */
export class Losses {
    #since = Number.NEGATIVE_INFINITY;
    #kept = 0;
    readonly #lost = new Set<string>();
    /** Those of them that were not returned yet. */
    #news: string[] = [];

    /** @returns further people whose losses were no choices, once that is seen */
    note(key: string, what: 'lost' | 'kept' | 'none', now: number): string[] {
        if (now - this.#since > sweep) {
            this.#since = now;
            this.#kept = 0;
            this.#lost.clear();
            this.#news = [];
        }
        if (what === 'kept') this.#kept += 1;
        if (what !== 'lost') return [];
        this.#lost.add(key);
        this.#news.push(key);
        return this.#lost.size >= many && this.#lost.size >= this.#kept ? this.#news.splice(0) : [];
    }
}
