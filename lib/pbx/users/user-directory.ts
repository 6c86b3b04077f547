import type { PresenceUser } from '../../presence/message';
import { UserMatches } from '../../presence/user-matches';
import { ItemsByKey } from '../../support/items-by-key';
import type { PbxUser } from './user-row';

/** What became of the directory. */
export interface DirectoryChange {
    added: PbxUser[];
    changed: { from: PbxUser; to: PbxUser }[];
    removed: PbxUser[];
}

/** How a user may be named: by the user itself, of either side, or by one address, PBX name or GUID. */
type UserReference = (Pick<PresenceUser, 'addresses'> & Partial<PresenceUser>) | string;

/** The users of the PBX, found by GUID, by name, by address and by who they are in Teams without a search. */
export class UserDirectory {
    /** Who of them is whom in Teams, whose users that side puts there; without, only one side can be ambiguous. */
    readonly matches: UserMatches;
    /** True once the user table has been read in full. */
    loaded = false;
    readonly #byGuid = new Map<string, PbxUser>();
    /** By what {@link keysOf} makes of name and addresses. */
    readonly #byKey = new ItemsByKey<PbxUser>();

    constructor(matches = new UserMatches()) {
        this.matches = matches;
    }

    get size(): number {
        return this.#byGuid.size;
    }

    /** PBX names where users are homed; `""` where the user table does not tell it of a user. */
    get homes(): Iterable<string> {
        return new Set(Array.from(this.all(), ({ pbx: { loc = '' } }) => loc));
    }

    all(): Iterable<PbxUser> {
        return this.#byGuid.values();
    }

    /**
     * Upper and lower case do not matter. A user of Teams is found as {@link matches} says; any other by PBX identity,
     * or by an address. An address that several users have finds none of them.
     */
    find(reference: UserReference): PbxUser | undefined {
        if (typeof reference === 'string') return this.#findText(reference);
        const { pbx, addresses, teams, displayName = '' } = reference;
        const found = pbx && (this.#byGuid.get(pbx.guid) ?? this.#named(pbx.name ?? ''));
        if (found) return found;
        if (teams?.id) {
            const match = this.matches.pbxOf({
                addresses: addresses.map(address => address.toLowerCase()),
                displayName,
                teams,
            });
            return match?.pbx && this.#byGuid.get(match.pbx.guid);
        }
        for (const address of addresses ?? []) {
            const user = this.#addressed(address);
            if (user) return user;
        }
        return undefined;
    }

    /** The user with this GUID, as the PBX writes it. */
    byGuid(guid: string): PbxUser | undefined {
        return this.#byGuid.get(guid);
    }

    /** Adds the user or takes over what is new; a known user that is the same changes nothing. */
    put(user: PbxUser): DirectoryChange {
        const change = noChange();
        this.#put(user, change);
        return change;
    }

    remove(guid: string): DirectoryChange {
        const change = noChange();
        this.#remove(guid, change);
        return change;
    }

    /** Takes the whole user table and returns the differences. */
    replaceAll(users: Map<string, PbxUser>): DirectoryChange {
        const change = noChange();
        for (const guid of [...this.#byGuid.keys()]) if (!users.has(guid)) this.#remove(guid, change);
        for (const user of users.values()) this.#put(user, change);
        this.loaded = true;
        return change;
    }

    #findText(text: string): PbxUser | undefined {
        return (
            this.#addressed(text) ?? this.#named(text) ?? this.#byGuid.get(text) ?? this.#byGuid.get(text.toLowerCase())
        );
    }

    #named(name: string): PbxUser | undefined {
        const [user] = this.#byKey.get(nameKey(name));
        return user;
    }

    #addressed(address: string): PbxUser | undefined {
        const [user, second] = this.#byKey.get(address.toLowerCase());
        return second ? undefined : user;
    }

    #put(user: PbxUser, change: DirectoryChange): void {
        const from = this.#byGuid.get(user.pbx.guid);
        if (from && JSON.stringify(from) === JSON.stringify(user)) return;
        if (from) this.#unlist(from);
        this.#byGuid.set(user.pbx.guid, user);
        for (const key of keysOf(user)) this.#byKey.add(key, user);
        this.matches.putPbx(user);
        if (from) change.changed.push({ from, to: user });
        else change.added.push(user);
    }

    #remove(guid: string, change: DirectoryChange): void {
        const user = this.#byGuid.get(guid);
        if (!user) return;
        this.#byGuid.delete(guid);
        this.#unlist(user);
        this.matches.removePbx(guid);
        change.removed.push(user);
    }

    #unlist(user: PbxUser): void {
        for (const key of keysOf(user)) this.#byKey.delete(key, user);
    }
}

/** True if there is anything to tell. */
export function isChange({ added, changed, removed }: DirectoryChange): boolean {
    return added.length + changed.length + removed.length > 0;
}

function noChange(): DirectoryChange {
    return { added: [], changed: [], removed: [] };
}

/** Names are told apart from addresses by what no address has. */
function nameKey(name: string): string {
    return `name ${name.toLowerCase()}`;
}

function keysOf({ pbx, addresses }: PbxUser): string[] {
    return [nameKey(pbx.name), ...addresses];
}
