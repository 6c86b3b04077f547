/** Items found by keys, which several of them may share. */
export class ItemsByKey<Item> {
    readonly #items = new Map<string, Item[]>();

    get isEmpty(): boolean {
        return this.#items.size === 0;
    }

    /** In the order in which they were added. */
    get(key: string): readonly Item[] {
        return this.#items.get(key) ?? [];
    }

    add(key: string, item: Item): void {
        const items = this.#items.get(key);
        if (items) items.push(item);
        else this.#items.set(key, [item]);
    }

    delete(key: string, item: Item): void {
        const left = this.get(key).filter(other => other !== item);
        if (left.length > 0) this.#items.set(key, left);
        else this.#items.delete(key);
    }
}
