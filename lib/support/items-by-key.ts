/** Items found by keys, which several of them may share; most keys have one item, which takes no set then. */
export class ItemsByKey<Item extends object | string> {
    readonly #items = new Map<string, Item | Set<Item>>();

    get isEmpty(): boolean {
        return this.#items.size === 0;
    }

    /** In the order in which they were added. */
    get(key: string): Iterable<Item> {
        const found = this.#items.get(key);
        if (found === undefined) return [];
        return found instanceof Set ? found : [found];
    }

    /** The keys that several items share, with these. */
    *shared(): Iterable<readonly [key: string, items: ReadonlySet<Item>]> {
        for (const [key, found] of this.#items) if (found instanceof Set && found.size > 1) yield [key, found];
    }

    add(key: string, item: Item): void {
        const found = this.#items.get(key);
        if (found === undefined) this.#items.set(key, item);
        else if (found instanceof Set) found.add(item);
        else this.#items.set(key, new Set([found, item]));
    }

    delete(key: string, item: Item): void {
        const found = this.#items.get(key);
        if (found instanceof Set) found.delete(item);
        if (found === item || (found instanceof Set && found.size === 0)) this.#items.delete(key);
    }
}
