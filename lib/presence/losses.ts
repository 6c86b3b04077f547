/** Claims lost within this many ms, in one sweep or two, may all have gone for one reason. */
const sweep = 10_000;
/** So many of them, and as many as are still there, are no coincidence. */
const many = 3;
/** Of so many people it is known whether they have lost something, where there are as many, before it is concluded. */
const enough = 20;

/** Counts people who have lost something and who still have it, to tell a tenant that has forgotten from people who choose. */
export class Losses {
    #since = Number.NEGATIVE_INFINITY;
    readonly #kept = new Set<string>();
    readonly #lost = new Set<string>();
    /** Those of them that were not returned yet. */
    #news: string[] = [];
    /** Further people who were asked for and have not been read yet; absent as long as nobody was asked for. */
    #asked: Set<string> | undefined;
    #askedFor = 0;

    /**
     * @param ask has further people read, so many at most who hold something and are meant; returns their keys
     * @returns further people whose losses were no choices, once that is seen
     */
    note(
        key: string,
        what: 'lost' | 'kept' | 'none',
        now: number,
        ask: (isMeant: (key: string) => boolean, most: number) => readonly string[],
    ): string[] {
        if (now - this.#since > sweep) {
            this.#since = now;
            this.#kept.clear();
            this.#lost.clear();
            this.#news = [];
            this.#asked = undefined;
        }
        this.#asked?.delete(key);
        if (what === 'kept' && !this.#lost.has(key)) this.#kept.add(key);
        if (what === 'lost') {
            this.#lost.add(key);
            this.#kept.delete(key);
            this.#news.push(key);
        }
        const [lost, kept] = [this.#lost.size, this.#kept.size];
        if (lost < many || lost < kept) return [];
        const isKnown = (each: string): boolean => this.#lost.has(each) || this.#kept.has(each);
        if (!this.#asked) {
            this.#asked = new Set(ask(each => !isKnown(each), Math.max(0, enough - lost - kept)));
            this.#askedFor = this.#asked.size;
            this.#since = now;
        }
        // One or the other may never be answered.
        return this.#asked.size * 4 <= this.#askedFor ? this.#news.splice(0) : [];
    }
}
