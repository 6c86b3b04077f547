/** What was used within the last `period` milliseconds, exactly: nothing is rounded to a grid. */
export class SlidingWindow {
    readonly #period: number;
    /** Oldest first; those before `#first` have left the window. */
    #entries: { at: number; cost: number }[] = [];
    #first = 0;
    #used = 0;

    constructor(period: number) {
        this.#period = period;
    }

    /** Adds `cost` at `now` (monotonic); returns the use of the window with it. */
    add(now: number, cost: number): number {
        this.#leave(now);
        this.#entries.push({ at: now, cost });
        this.#used += cost;
        return this.#used;
    }

    /** Milliseconds from `now` until the use is at most `limit`; a whole period if it never can be. */
    timeUntil(now: number, limit: number): number {
        let used = this.#used;
        for (let index = this.#first; index < this.#entries.length && used > limit; index++) {
            const { at, cost } = this.#entries[index]!;
            used -= cost;
            if (used <= limit) return at + this.#period - now;
        }
        return used <= limit ? 0 : this.#period;
    }

    #leave(now: number): void {
        for (let oldest = this.#entries[this.#first]; oldest; oldest = this.#entries[this.#first]) {
            if (now - oldest.at < this.#period) break;
            this.#used -= oldest.cost;
            this.#first += 1;
        }
        if (this.#first < 1024 || this.#first < this.#entries.length / 2) return;
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
    }
}
