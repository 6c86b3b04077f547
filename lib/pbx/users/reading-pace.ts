/** Requests that may wait for their answers at once. */
const most = 64;

/**
 * How many rows of the user table are asked for at once: one at first, twice as many each time that all of them have
 * been answered. Outlives connections, so that nothing is tried in vain again: where rows may be lost, the next read has
 * half as many at most. Lost once more before a read has gone well with as many: never as many again. So a PBX that
 * cannot bear two requests loses rows twice in all, and a single mishap costs one read.
 */
export class ReadingPace {
    /** True for a PBX that is known to leave unanswered what is asked for beyond the end. */
    endsSilently = false;
    /** True for a PBX that is known to give rows again where one is asked for at a time: a repeated row means nothing. */
    repeatsRows = false;
    #size = 1;
    /** The most for now, and the most for good. */
    #limit = most;
    #ceiling = most;
    /** The fewest with which rows were lost, as long as no read has gone well with as many. */
    #lostWith = Number.POSITIVE_INFINITY;
    /** The most that have all been answered in this read. */
    #proven = 0;
    #answered = 0;

    /** How many requests may wait for their answers now. */
    get size(): number {
        return this.#size;
    }

    /** True as long as more may be asked for once all have been answered. */
    get grows(): boolean {
        return this.#size < this.#limit;
    }

    begin(): void {
        this.#proven = 0;
        this.#size = 1;
        this.#answered = 0;
    }

    /** An answer has come as it should. */
    answered(): void {
        this.#answered++;
        if (this.#answered < this.#size) return;
        this.#answered = 0;
        this.#proven = Math.max(this.#proven, this.#size);
        this.#size = Math.min(2 * this.#size, this.#limit);
    }

    /** Something may have been lost because so many rows, two or more, were asked for together. */
    lost(together: number): void {
        if (together >= this.#lostWith) this.#ceiling = this.#lostWith / 2;
        this.#lostWith = Math.min(this.#lostWith, together);
        this.#limit = Math.min(this.#ceiling, together / 2);
    }

    complete(): void {
        this.#limit = this.#ceiling;
        if (this.#proven >= this.#lostWith) this.#lostWith = Number.POSITIVE_INFINITY;
    }

    /** What looked like a loss was none. */
    trustRepetition(): void {
        this.repeatsRows = true;
        this.#lostWith = Number.POSITIVE_INFINITY;
        this.#ceiling = most;
        this.#limit = most;
    }
}
