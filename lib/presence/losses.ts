/** Claims lost within this many ms, in one sweep or two, may all have gone for one reason. */
const sweep = 10_000;
/** So many of them, and as many as are still there, are no coincidence. */
const many = 3;
/** Of so many people it is known whether they have lost something, where there are as many, before it is concluded. */
const enough = 20;
/** Those who were asked for are waited for so many ms: reads may be held off. */
const patience = 60_000;

/** Counts people who have lost something and who still have it, to tell a tenant that has forgotten from people who choose. */
export class Losses {
    /** When it was seen last, the oldest first. */
    readonly #kept = new Map<string, number>();
    readonly #lost = new Map<string, number>();
    /** Those of them that were not returned yet. */
    readonly #news = new Set<string>();
    /** Further people who were asked for and have not been read yet; absent as long as nobody was asked for. */
    #asked: Set<string> | undefined;
    #askedFor = 0;
    #askedAt = 0;

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
        this.#forgetOld(now);
        this.#asked?.delete(key);
        if (what === 'kept' && !this.#lost.has(key)) setLast(this.#kept, key, now);
        if (what === 'lost') {
            this.#kept.delete(key);
            setLast(this.#lost, key, now);
            this.#news.add(key);
        }
        const [lost, kept] = [this.#lost.size, this.#kept.size];
        if (lost < many || lost < kept) return [];
        const isKnown = (each: string): boolean => this.#lost.has(each) || this.#kept.has(each);
        if (!this.#asked) {
            this.#asked = new Set(ask(each => !isKnown(each), Math.max(0, enough - lost - kept)));
            this.#askedFor = this.#asked.size;
            this.#askedAt = now;
        }
        // One or the other may never be answered.
        if (this.#asked.size * 4 > this.#askedFor) return [];
        const news = [...this.#news];
        this.#news.clear();
        return news;
    }

    #forgetOld(now: number): void {
        const isAwaited = this.#asked !== undefined && this.#asked.size * 4 > this.#askedFor;
        if (isAwaited && now <= this.#askedAt + patience) return;
        for (const seen of [this.#kept, this.#lost])
            for (const [key, at] of seen) {
                if (at >= now - sweep) break;
                seen.delete(key);
                if (seen === this.#lost) this.#news.delete(key);
            }
        if (this.#lost.size === 0) this.#asked = undefined;
    }
}

function setLast(seen: Map<string, number>, key: string, now: number): void {
    seen.delete(key);
    seen.set(key, now);
}
