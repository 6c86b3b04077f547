import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import { UserMatches } from '../../presence/user-matches';
import { ItemsByKey } from '../../support/items-by-key';
import type { PbxUser } from './user-row';

/** What became of a user: one who has come was nobody before, one who has gone is nobody now. */
export type UserChange = { from?: PbxUser | undefined; to: PbxUser } | { from: PbxUser; to?: undefined };

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
                addresses: addresses.map(comparable),
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
    put(user: PbxUser): UserChange[] {
        const from = this.#byGuid.get(user.pbx.guid);
        if (from && JSON.stringify(from) === JSON.stringify(user)) return [];
        if (from) this.#unlist(from);
        this.#byGuid.set(user.pbx.guid, user);
        for (const key of keysOf(user)) this.#byKey.add(key, user);
        this.matches.putPbx(user);
        return [{ from, to: user }];
    }

    remove(guid: string): UserChange[] {
        const from = this.#byGuid.get(guid);
        if (!from) return [];
        this.#byGuid.delete(guid);
        this.#unlist(from);
        this.matches.removePbx(guid);
        return [{ from }];
    }

    /** Takes the whole user table, by GUID, and returns the differences. */
    replaceAll(users: ReadonlyMap<string, PbxUser>): UserChange[] {
        const gone = [...this.#byGuid.keys()].filter(guid => !users.has(guid));
        const changes = gone.flatMap(guid => this.remove(guid));
        for (const user of users.values()) changes.push(...this.put(user));
        this.loaded = true;
        return changes;
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
        const [user, second] = this.#byKey.get(comparable(address));
        return second ? undefined : user;
    }

    #unlist(user: PbxUser): void {
        for (const key of keysOf(user)) this.#byKey.delete(key, user);
    }
}

/** Names are told apart from addresses by what no address has. */
function nameKey(name: string): string {
    return `name ${comparable(name)}`;
}

function keysOf({ pbx, addresses }: PbxUser): string[] {
    return [nameKey(pbx.name), ...addresses];
}
