/** Requests that may wait for their answers at once. */
const most = 64;

/**
 * How many rows of the user table are asked for at once: one at first, twice as many each time that all of them have
 * been answered in order, one again after a surprise. Outlives connections, so that nothing is tried in vain again.
 */
export class ReadingPace {
    #size = 1;
    #limit = most;
    #answered = 0;
    #endsSilently = false;

    /** How many requests may wait for their answers now. */
    get size(): number {
        return this.#size;
    }

    /** True for a PBX that is known to leave unanswered what is asked for beyond the end. */
    get endsSilently(): boolean {
        return this.#endsSilently;
    }

    /** A new read begins. */
    begin(): void {
        this.#size = 1;
        this.#answered = 0;
    }

    /** An answer has come as it should. */
    inOrder(): void {
        this.#answered++;
        if (this.#answered < this.#size) return;
        this.#answered = 0;
        this.#size = Math.min(2 * this.#size, this.#limit);
    }

    /** Answers have come in another order than asked for, but have come: more slowly from now on. */
    disorder(): void {
        this.#limit = Math.max(1, this.#limit / 2);
        this.begin();
    }

    /** Something may have been lost because more than one row was asked for: never again. */
    singly(): void {
        this.#limit = 1;
        this.begin();
    }

    /** What looked like a loss was none. */
    freely(): void {
        this.#limit = most;
    }

    /** Requests were left unanswered only because they were beyond the end. */
    trustEnd(): void {
        this.#endsSilently = true;
        this.freely();
    }
}
