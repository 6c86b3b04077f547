/** The texts that were added last: so many, and none that is older. */
export class RecentTexts {
    readonly #most: number;
    readonly #texts = new Set<string>();

    constructor(most: number) {
        this.#most = most;
    }

    has(text: string): boolean {
        return this.#texts.has(text);
    }

    add(text: string): void {
        this.#texts.add(text);
        const [oldest] = this.#texts;
        if (this.#texts.size > this.#most) this.#texts.delete(oldest!);
    }
}
