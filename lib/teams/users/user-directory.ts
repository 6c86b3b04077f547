import { isDeepStrictEqual } from 'node:util';
import type { PresenceUser } from '../../presence/message';

/** How a message names its user: by Teams id and addresses, or a bare text that is either. */
export type Who = Pick<PresenceUser, 'addresses' | 'teams'> | string;

/** What is known of one user of the tenant. Never changed: a newer one takes its place. */
export interface Row {
    /** With all addresses that the directory names, shared ones too. */
    readonly user: PresenceUser;
    /** Milliseconds since the epoch; 0 where the directory does not say. */
    readonly createdAt: number;
    readonly isGuest: boolean;
    /** False for accounts that may not sign in: rooms, shared mailboxes, leavers. */
    readonly isEnabled: boolean;
    /** Service plans in force; undefined unless the directory was read with them. Equal sets are one array. */
    readonly plans: readonly string[] | undefined;
}

/** How the users differ from before. */
export interface UserDifference {
    added: PresenceUser[];
    removed: PresenceUser[];
    changed: PresenceUser[];
}

/** An address that several users have; it counts for `owner` only. */
export interface SharedAddress {
    address: string;
    owner: PresenceUser;
    others: PresenceUser[];
}

interface Entry {
    row: Row;
    /** The user without the addresses that are another's. */
    shown: PresenceUser;
}

/**
 * The users of a tenant in memory, by id and by address. An address that several users have belongs to the oldest
 * account, whatever the order in which they became known; the others are shown without it.
 */
export class UserDirectory {
    readonly #byId = new Map<string, Entry>();
    /** The users who have an address: one, or several with the owner first. */
    readonly #claims = new Map<string, Entry | Entry[]>();
    readonly #shared = new Set<string>();

    get size(): number {
        return this.#byId.size;
    }

    /** The users as they are shown. */
    *all(): Iterable<PresenceUser> {
        for (const { shown } of this.#byId.values()) yield shown;
    }

    ids(): Iterable<string> {
        return this.#byId.keys();
    }

    row(id: string): Row | undefined {
        return this.#byId.get(id)?.row;
    }

    byId(id: string): PresenceUser | undefined {
        return this.#byId.get(id)?.shown;
    }

    /** @param address lower case */
    byAddress(address: string): PresenceUser | undefined {
        return ownerOf(this.#claims.get(address))?.shown;
    }

    /** By Teams id, else by the first address that is known here. */
    find(who: Who): PresenceUser | undefined {
        if (typeof who === 'string') return this.byId(who) ?? this.byAddress(who.toLowerCase());
        const byId = who.teams && this.byId(who.teams.id);
        if (byId) return byId;
        for (const address of who.addresses) {
            const user = this.byAddress(address.toLowerCase());
            if (user) return user;
        }
        return undefined;
    }

    /** The addresses that several users have. */
    shared(): SharedAddress[] {
        return [...this.#shared].map(address => {
            const [owner, ...others] = this.#claims.get(address) as Entry[];
            return { address, owner: owner!.row.user, others: others.map(({ row }) => row.user) };
        });
    }

    /** Takes in what the directory says now; undefined removes a user. Users that stay the same make no difference. */
    apply(changes: Iterable<readonly [id: string, row: Row | undefined]>): UserDifference {
        const before = new Map<string, PresenceUser | undefined>();
        const replanned = new Set<string>();
        const touched = new Set<string>();
        for (const [id, row] of changes) {
            const old = this.#byId.get(id);
            if (old && row && old.row.plans === row.plans && isDeepStrictEqual(old.row, row)) continue;
            if (!before.has(id)) before.set(id, old?.shown);
            if (
                old?.row.plans !== row?.plans ||
                old?.row.isGuest !== row?.isGuest ||
                old?.row.isEnabled !== row?.isEnabled
            )
                replanned.add(id);
            if (old) this.#release(old, touched);
            if (row) this.#claim({ row, shown: row.user }, touched);
            else this.#byId.delete(id);
        }
        for (const address of touched) this.#share(address, before);
        return this.#difference(before, replanned);
    }

    #claim(entry: Entry, touched: Set<string>): void {
        this.#byId.set(entry.row.user.teams!.id, entry);
        for (const address of entry.row.user.addresses) {
            const held = this.#claims.get(address);
            if (!held) {
                this.#claims.set(address, entry);
                continue;
            }
            const all = Array.isArray(held) ? [...held, entry] : [held, entry];
            this.#claims.set(address, all.sort(bySeniority));
            touched.add(address);
        }
    }

    #release(entry: Entry, touched: Set<string>): void {
        for (const address of entry.row.user.addresses) {
            const held = this.#claims.get(address);
            if (!Array.isArray(held)) {
                this.#claims.delete(address);
                continue;
            }
            const rest = held.filter(other => other !== entry);
            this.#claims.set(address, rest.length === 1 ? rest[0]! : rest);
            touched.add(address);
        }
    }

    /** Shows the users who have this address with it or without. */
    #share(address: string, before: Map<string, PresenceUser | undefined>): void {
        const held = this.#claims.get(address);
        if (Array.isArray(held)) this.#shared.add(address);
        else this.#shared.delete(address);
        for (const entry of held ? [held].flat() : []) {
            const { user } = entry.row;
            const own = user.addresses.filter(one => ownerOf(this.#claims.get(one)) === entry);
            const { id } = user.teams!;
            if (!before.has(id)) before.set(id, entry.shown);
            entry.shown = own.length === user.addresses.length ? user : { ...user, addresses: own };
        }
    }

    #difference(before: Map<string, PresenceUser | undefined>, replanned: Set<string>): UserDifference {
        const difference: UserDifference = { added: [], removed: [], changed: [] };
        for (const [id, old] of before) {
            const now = this.byId(id);
            if (now && !old) difference.added.push(now);
            else if (old && !now) difference.removed.push(old);
            else if (old && now && (replanned.has(id) || !isDeepStrictEqual(old, now))) difference.changed.push(now);
        }
        return difference;
    }
}

function ownerOf(held: Entry | Entry[] | undefined): Entry | undefined {
    return Array.isArray(held) ? held[0] : held;
}

function bySeniority({ row: a }: Entry, { row: b }: Entry): number {
    return a.createdAt - b.createdAt || (a.user.teams!.id < b.user.teams!.id ? -1 : 1);
}
