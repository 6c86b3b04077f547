import type { Held, HeldStore } from '../../../../lib/pbx/writing/held';

/** What a file would hold: only JSON goes in and comes out. */
export class Shelf implements HeldStore {
    readonly kept = new Map<string, string>();

    async load(): Promise<Held[]> {
        return [...this.kept.values()].map(text => JSON.parse(text) as Held);
    }

    put(held: Held): void {
        this.kept.set(held.guid, JSON.stringify(held));
    }

    remove(guid: string): void {
        this.kept.delete(guid);
    }

    /** As a later process finds it. */
    restarted(): Shelf {
        const later = new Shelf();
        for (const [guid, text] of this.kept) later.kept.set(guid, JSON.stringify({ ...JSON.parse(text), run: 'old' }));
        return later;
    }
}
