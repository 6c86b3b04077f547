import { isDeepStrictEqual } from 'node:util';
import { comparable } from '../../presence/foreign-text';
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

/**
 * The users of a tenant in memory, by id and by address. An address that several users have belongs to the oldest
 * account, whatever the order in which they became known; the others are shown without it.
 */
export class UserDirectory {
    readonly #rows = new Map<string, Row>();
    /** The users as they are shown: without the addresses that are another's. */
    #shown = new Map<string, PresenceUser>();
    /** The users who have an address: one, or several with the owner first. */
    #holders = new Map<string, Row | Row[]>();

    /** The users as they are shown. */
    all(): Iterable<PresenceUser> {
        return this.#shown.values();
    }

    row(id: string): Row | undefined {
        return this.#rows.get(id);
    }

    byId(id: string): PresenceUser | undefined {
        return this.#shown.get(id);
    }

    /** @param address as `comparable` makes it */
    byAddress(address: string): PresenceUser | undefined {
        const owner = ownerOf(this.#holders.get(address));
        return owner && this.byId(owner.user.teams!.id);
    }

    /** By Teams id, else by the first address that is known here. */
    find(who: Who): PresenceUser | undefined {
        if (typeof who === 'string') return this.byId(who) ?? this.byAddress(comparable(who));
        const byId = who.teams && this.byId(who.teams.id);
        if (byId) return byId;
        for (const address of who.addresses) {
            const user = this.byAddress(comparable(address));
            if (user) return user;
        }
        return undefined;
    }

    /** The addresses that several users have. */
    shared(): SharedAddress[] {
        const shared: SharedAddress[] = [];
        for (const [address, held] of this.#holders) {
            if (!Array.isArray(held)) continue;
            const [owner, ...others] = held.map(({ user }) => user);
            shared.push({ address, owner: owner!, others });
        }
        return shared;
    }

    /** Takes in what the directory says now; undefined removes a user. Users that stay the same make no difference. */
    apply(changes: Iterable<readonly [id: string, row: Row | undefined]>): UserDifference {
        const before = this.#shown;
        /** Users whose plans or kind have changed, which do not show. */
        const others = new Set<string>();
        let isSame = true;
        for (const [id, row] of changes) {
            const old = this.#rows.get(id);
            if (old?.plans === row?.plans && isDeepStrictEqual(old, row)) continue;
            isSame = false;
            if (old?.plans !== row?.plans || old?.isGuest !== row?.isGuest || old?.isEnabled !== row?.isEnabled)
                others.add(id);
            if (row) this.#rows.set(id, row);
            else this.#rows.delete(id);
        }
        if (!isSame) this.#share();
        const difference: UserDifference = { added: [], removed: [], changed: [] };
        for (const [id, now] of this.#shown) {
            const old = before.get(id);
            if (!old) difference.added.push(now);
            else if (others.has(id) || (old !== now && !isDeepStrictEqual(old, now))) difference.changed.push(now);
        }
        for (const [id, old] of before) if (!this.#shown.has(id)) difference.removed.push(old);
        return difference;
    }

    /** Gives each address to the oldest account that has it. */
    #share(): void {
        this.#holders = new Map();
        this.#shown = new Map();
        const sharers = new Set<Row>();
        for (const [id, row] of this.#rows) {
            this.#shown.set(id, row.user);
            for (const address of row.user.addresses) {
                const held = this.#holders.get(address);
                const all = held ? [held, row].flat().sort(bySeniority) : row;
                this.#holders.set(address, all);
                if (Array.isArray(all)) for (const each of all) sharers.add(each);
            }
        }
        for (const row of sharers) {
            const { user } = row;
            const own = user.addresses.filter(address => ownerOf(this.#holders.get(address)) === row);
            if (own.length < user.addresses.length) this.#shown.set(user.teams!.id, { ...user, addresses: own });
        }
    }
}

function ownerOf(held: Row | Row[] | undefined): Row | undefined {
    return Array.isArray(held) ? held[0] : held;
}

function bySeniority(a: Row, b: Row): number {
    return a.createdAt - b.createdAt || (a.user.teams!.id < b.user.teams!.id ? -1 : 1);
}
