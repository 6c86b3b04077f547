import type { Clock } from '../../time/clock';
import type { Person } from '../person';
import { DirectoryLog, type RemovalReason } from './directory-log';
import type { Account } from './registration';
import { type TenantUser, toCommunicationUser, toUser, withPlans } from './tenant-user';
import { userResource } from './user-resource';

export type { TenantUser } from './tenant-user';

interface Entry {
    /** The place in the order in which users joined; never used twice. */
    place: number;
    hasLeft: boolean;
    user: TenantUser;
    /** Properties that once had a value and have none now. */
    emptied: Set<string> | undefined;
}

/**
 * The users of the tenant: its people, those communication users that are nobody of them, and who joins later.
 * A change costs the same whether there are ten users or ten thousand.
 */
export class TenantDirectory {
    readonly log: DirectoryLog;
    readonly #clock: Clock;
    /** In the order of joining; those who left are swept out once they are half of all. */
    #entries: Entry[] = [];
    readonly #byId = new Map<string, Entry>();
    readonly #byName = new Map<string, Entry>();
    readonly #domains = new Set<string>();
    #nextPlace = 1;

    constructor(people: Person[], accounts: Account[], clock: Clock) {
        this.#clock = clock;
        this.log = new DirectoryLog(clock);
        for (const person of people) this.#insert(toUser(person, clock.date()));
        for (const account of accounts)
            if (!this.#byName.has(account.username.toLowerCase()))
                this.#insert(toCommunicationUser(account, clock.date()));
    }

    get size(): number {
        return this.#byId.size;
    }

    byId(id: string): TenantUser | undefined {
        return this.#byId.get(id.toLowerCase())?.user;
    }

    byPrincipalName(name: string): TenantUser | undefined {
        return this.#byName.get(name.toLowerCase())?.user;
    }

    /** True for the verified domains of the tenant: those of its users, past ones too. */
    hasDomain(domain: string): boolean {
        return this.#domains.has(domain.toLowerCase());
    }

    /** Everybody, in the order of joining. */
    *users(): Iterable<TenantUser> {
        for (const { user, hasLeft } of this.#entries) if (!hasLeft) yield user;
    }

    /** At most `count` wanted users who joined after `place`; `next` is where to go on, absent at the end. */
    page(
        place: number,
        count: number,
        isWanted: (user: TenantUser) => boolean = () => true,
    ): { users: TenantUser[]; next: number | undefined } {
        const users: TenantUser[] = [];
        let last = place;
        for (let at = this.#indexAfter(place); at < this.#entries.length; at++) {
            const entry = this.#entries[at]!;
            if (entry.hasLeft || !isWanted(entry.user)) continue;
            if (users.length === count) return { users, next: last };
            users.push(entry.user);
            last = entry.place;
        }
        return { users, next: undefined };
    }

    /** Properties of the user that once had a value and have none now. */
    emptiedProperties(id: string): ReadonlySet<string> {
        return this.#byId.get(id)?.emptied ?? new Set();
    }

    /** Somebody joins, or comes back; throws if the id or the address is taken. */
    add(person: Person): TenantUser {
        const user = toUser(person, this.#clock.date());
        if (this.#byId.has(user.id)) throw new Error(`The simulated tenant already has a user ${user.id}`);
        this.#refuseTaken(user);
        this.#insert(user);
        this.log.append(user.id, { kind: 'told' });
        return user;
    }

    /** Throws for an id that is nobody's. */
    remove(id: string, reason: RemovalReason): void {
        const entry = this.#entryOf(id);
        entry.hasLeft = true;
        this.#byId.delete(entry.user.id);
        if (this.#entries.length > 2 * this.#byId.size) this.#entries = this.#entries.filter(each => !each.hasLeft);
        this.#byName.delete(entry.user.userPrincipalName.toLowerCase());
        this.log.append(entry.user.id, { kind: 'removed', reason });
    }

    /** Changes name, address or number; the id stays. Throws for an id that is nobody's and for a taken address. */
    update(id: string, change: Partial<Person>): TenantUser {
        const { user } = this.#entryOf(id);
        if (change.teamsId !== undefined && change.teamsId.toLowerCase() !== user.id)
            throw new Error('The Teams id of a user never changes');
        const { name: displayName = user.displayName, mail, number = user.number } = change;
        const addresses = mail === undefined ? {} : { mail, userPrincipalName: mail };
        return this.#replace({ ...user, displayName, number, ...addresses });
    }

    /** Exactly these service plans are enabled from now on. Throws for an id that is nobody's. */
    setPlans(id: string, planIds: readonly string[]): TenantUser {
        return this.#replace(withPlans(this.#entryOf(id).user, planIds, this.#clock.date()));
    }

    /** Tells of the user once more although nothing has changed, as delta queries may. */
    replay(id: string): void {
        this.log.append(this.#entryOf(id).user.id, { kind: 'told' });
    }

    #replace(user: TenantUser): TenantUser {
        const entry = this.#entryOf(user.id);
        const [before, after] = [userResource(entry.user), userResource(user)];
        const changed = Object.keys(after).filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
        if (changed.length === 0) return user;
        if (changed.includes('userPrincipalName')) {
            this.#refuseTaken(user);
            this.#byName.delete(entry.user.userPrincipalName.toLowerCase());
            this.#register(user, entry);
        }
        const emptied = changed.filter(name => after[name] === null);
        if (emptied.length > 0) entry.emptied = new Set([...(entry.emptied ?? []), ...emptied]);
        entry.user = user;
        this.log.append(user.id, { kind: 'updated', properties: changed });
        return user;
    }

    #refuseTaken(user: TenantUser): void {
        const owner = this.byPrincipalName(user.userPrincipalName);
        if (owner && owner.id !== user.id)
            throw new Error(`The simulated tenant already has a user ${user.userPrincipalName}`);
    }

    #insert(user: TenantUser): void {
        const entry = { place: this.#nextPlace++, hasLeft: false, user, emptied: undefined };
        this.#entries.push(entry);
        this.#byId.set(user.id, entry);
        this.#register(user, entry);
    }

    #register({ userPrincipalName }: TenantUser, entry: Entry): void {
        const name = userPrincipalName.toLowerCase();
        this.#byName.set(name, entry);
        this.#domains.add(name.slice(name.lastIndexOf('@') + 1));
    }

    #entryOf(id: string): Entry {
        const entry = this.#byId.get(id.toLowerCase());
        if (!entry) throw new Error(`The simulated tenant has no user ${id}`);
        return entry;
    }

    /** The index of the first user who joined after `place`. */
    #indexAfter(place: number): number {
        let [low, high] = [0, this.#entries.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#entries[middle]!.place <= place) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
