import { isDeepStrictEqual } from 'node:util';
import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import { ItemsByKey } from '../../support/items-by-key';

/** How a message names its user: by Teams id and addresses, or a bare text that is either. */
export type Who = Pick<PresenceUser, 'addresses' | 'teams'> | string;

/** What is known of one user of the tenant. Never changed: a newer one takes its place. */
export interface Row {
    /** With all addresses that the directory names, shared ones too. */
    readonly user: PresenceUser;
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

/** An address that several users have; it counts for `owner` only, and for nobody where there is none. */
export interface SharedAddress {
    address: string;
    owner: PresenceUser | undefined;
    others: PresenceUser[];
}

/** Whether that is a person of the tenant: no guest, and no account that may not sign in, such as a room. */
export function isMember({ isEnabled, isGuest }: Row): boolean {
    return isEnabled && !isGuest;
}

/**
 * The users of a tenant in memory, by id and by address. An address that several users have belongs to the only member
 * among them, see {@link isMember}; where there is no such one, nobody is guessed. Everybody else is shown without it.
 */
export class UserDirectory {
    readonly #rows = new Map<string, Row>();
    /** The users as they are shown: without the addresses that are another's. */
    #shown = new Map<string, PresenceUser>();
    /** By address. */
    #holders = new ItemsByKey<Row>();

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

    /** False for guests, for accounts that may not sign in, and for unknown ids. */
    isMember(id: string): boolean {
        const row = this.#rows.get(id);
        return row !== undefined && isMember(row);
    }

    /** The ids of the user's working service plans; undefined where they were not read, and for an unknown user. */
    plansOf(id: string): readonly string[] | undefined {
        return this.#rows.get(id)?.plans;
    }

    /** @param address as `comparable` makes it */
    byAddress(address: string): PresenceUser | undefined {
        const owner = ownerOf(this.#holders.get(address));
        return owner && this.byId(owner.user.teams!.id);
    }

    /**
     * By Teams id, else by the first address that belongs to a member; a bare text is either of the two, and names those
     * as well who are no members.
     */
    find(who: Who): PresenceUser | undefined {
        // Ids are GUIDs, which are the same in capitals.
        if (typeof who === 'string') return this.byId(comparable(who)) ?? this.byAddress(comparable(who));
        const byId = who.teams && this.byId(comparable(who.teams.id));
        if (byId) return byId;
        for (const address of who.addresses) {
            const owner = ownerOf(this.#holders.get(comparable(address)));
            if (owner && isMember(owner)) return this.byId(owner.user.teams!.id);
        }
        return undefined;
    }

    /** The addresses that several users have. */
    shared(): SharedAddress[] {
        return Array.from(this.#holders.shared(), ([address, held]) => {
            const owner = ownerOf(held)?.user;
            const users = [...held].sort(byKind).map(({ user }) => user);
            return { address, owner, others: users.filter(user => user !== owner) };
        });
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

    /** Gives each address to whom it belongs. */
    #share(): void {
        this.#holders = new ItemsByKey();
        this.#shown = new Map();
        for (const [id, row] of this.#rows) {
            this.#shown.set(id, row.user);
            for (const address of row.user.addresses) this.#holders.add(address, row);
        }
        const sharers = new Set([...this.#holders.shared()].flatMap(([, held]) => [...held]));
        for (const row of sharers) {
            const { user } = row;
            const own = user.addresses.filter(address => ownerOf(this.#holders.get(address)) === row);
            if (own.length < user.addresses.length) this.#shown.set(user.teams!.id, { ...user, addresses: own });
        }
    }
}

/** The only one who has an address, or the only member among several. */
function ownerOf(held: Iterable<Row>): Row | undefined {
    const [first, ...others] = held;
    if (!first || others.length === 0) return first;
    const [member, second] = [first, ...others].filter(isMember);
    return second ? undefined : member;
}

/** Members first, and in an order that does not depend on who became known first. */
function byKind(one: Row, other: Row): number {
    return Number(isMember(other)) - Number(isMember(one)) || (one.user.teams!.id < other.user.teams!.id ? -1 : 1);
}
