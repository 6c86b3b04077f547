import type { HeldStore } from './held';
import type { WriteLedger } from './write-ledger';

/**
 * Knows for whom we hold what the ledger holds, and keeps a record of it, so that after a restart it is known what in the
 * PBX is ours. After a redeploy it goes on as if nothing had happened; after a restart it may no longer apply.
 */
export class HeldRecords {
    readonly #ledger: WriteLedger;
    readonly #run: string;
    readonly #owners = new Map<string, string>();
    #store?: HeldStore;

    /** @param run what tells this process from one before a restart */
    constructor(ledger: WriteLedger, run: string) {
        this.#ledger = ledger;
        this.#run = run;
        ledger.on('changed', guid => this.#keep(guid));
    }

    /** Reads what an earlier system held and keeps records from now on. Rejects as {@link HeldStore.load}. */
    async open(store: HeldStore): Promise<void> {
        for (const held of await store.load()) {
            this.#ledger.restore(held, held.run !== this.#run);
            this.#own(held.guid, held.owner);
        }
        this.#store = store;
    }

    /** Whoever asked last for what we hold for the user. */
    ownerOf(guid: string): string | undefined {
        return this.#owners.get(guid);
    }

    /** Somebody asks for something for the user. */
    own(guid: string, owner: string | undefined): void {
        if (owner === this.#owners.get(guid)) return;
        this.#own(guid, owner);
        this.#keep(guid);
    }

    #own(guid: string, owner: string | undefined): void {
        if (owner === undefined) this.#owners.delete(guid);
        else this.#owners.set(guid, owner);
    }

    #keep(guid: string): void {
        const held = this.#ledger.heldOf(guid, this.#run);
        const owner = this.ownerOf(guid);
        if (held) this.#store?.put({ ...held, ...(owner !== undefined && { owner }) });
        else this.#store?.remove(guid);
    }
}
