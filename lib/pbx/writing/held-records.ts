import type { PbxUser } from '../users/user-row';
import type { HeldStore, HeldUser } from './held';
import type { WriteLedger } from './write-ledger';

/** What {@link HeldRecords} are made of. */
export interface HeldRecordsUse {
    ledger: WriteLedger;
    /** A user who takes part. */
    find(guid: string): PbxUser | undefined;
    /** What tells this process from one before a restart. */
    run: string;
}

/**
 * Knows for whom we hold what the ledger holds, and keeps a record of it, so that after a restart it is known what in the
 * PBX is ours. After a redeploy it goes on as if nothing had happened; after a restart it may no longer apply.
 */
export class HeldRecords {
    readonly #use: HeldRecordsUse;
    readonly #owners = new Map<string, string>();
    /** Those who took part when we wrote for them, and may do so no longer. */
    readonly #users = new Map<string, PbxUser>();
    #store?: HeldStore;

    constructor(use: HeldRecordsUse) {
        this.#use = use;
        use.ledger.on('changed', guid => this.#keep(guid));
    }

    /** Reads what an earlier system held and keeps records from now on. Rejects as {@link HeldStore.load}. */
    async open(store: HeldStore): Promise<void> {
        for (const held of await store.load()) {
            this.#use.ledger.restore(held, held.run !== this.#use.run);
            this.#own(held.guid, held.owner);
            this.#users.set(held.guid, userOf(held.guid, held.user));
        }
        this.#store = store;
    }

    /** Whoever asked last for what we hold for the user. */
    ownerOf(guid: string): string | undefined {
        return this.#owners.get(guid);
    }

    /** The user, also one who takes no part any more, as long as we hold something for them. */
    userOf(guid: string): PbxUser | undefined {
        return this.#use.find(guid) ?? this.#users.get(guid);
    }

    /** Somebody asks for something for the user. */
    own(guid: string, owner: string | undefined): void {
        if (owner === this.#owners.get(guid)) return;
        this.#own(guid, owner);
        this.#keep(guid);
    }

    /** The user takes no part any more. */
    remember(user: PbxUser): void {
        this.#users.set(user.pbx.guid, user);
    }

    /** We hold nothing for the user, who takes no part. */
    forget(guid: string): void {
        this.#owners.delete(guid);
        this.#users.delete(guid);
    }

    #own(guid: string, owner: string | undefined): void {
        if (owner === undefined) this.#owners.delete(guid);
        else this.#owners.set(guid, owner);
    }

    #keep(guid: string): void {
        const held = this.#use.ledger.heldOf(guid, this.#use.run);
        if (!held) return this.#store?.remove(guid);
        const owner = this.ownerOf(guid);
        const user = this.userOf(guid);
        this.#store?.put({ ...held, ...(owner !== undefined && { owner }), ...(user && { user: heldUserOf(user) }) });
    }
}

function heldUserOf({ displayName, pbx: { name, loc } }: PbxUser): HeldUser {
    return { name, displayName, ...(loc && { loc }) };
}

/** Enough of a user to take something back. Of old records only the GUID is known, which does for an entry. */
function userOf(guid: string, { name, displayName, loc }: HeldUser = { name: '', displayName: guid }): PbxUser {
    const pbx = { guid, name, longName: '', displayName, number: '', node: '', ...(loc && { loc }) };
    return { addresses: [], displayName, pbx };
}
