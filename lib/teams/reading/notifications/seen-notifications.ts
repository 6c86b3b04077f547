/** Characters of a signature that are kept: enough to tell notifications apart, and little memory. */
const kept = 16;

/**
 * The notifications that were believed last, known again by the signature of their content: each has a key of its own,
 * so no two signatures are the same. A copy is the same notification again, whoever sends it.
 */
export class SeenNotifications {
    readonly #most: number;
    #recent = new Set<string>();
    #earlier = new Set<string>();

    /** @param most at least so many are remembered, and at most twice as many */
    constructor(most: number) {
        this.#most = most;
    }

    has(signature: string): boolean {
        const short = signature.slice(0, kept);
        return this.#recent.has(short) || this.#earlier.has(short);
    }

    add(signature: string): void {
        this.#recent.add(signature.slice(0, kept));
        if (this.#recent.size < this.#most) return;
        this.#earlier = this.#recent;
        this.#recent = new Set();
    }
}
