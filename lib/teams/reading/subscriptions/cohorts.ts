/** Users that one presence subscription takes. @see https://learn.microsoft.com/graph/changenotifications-for-presence */
export const longestSubscription = 650;

/** Joiners are put together: so many at least go to one cohort before another one is disturbed. */
const smallestShare = 50;

/**
 * Spreads users over accounts. Every user has a home, and keeps it; while the account of the home has failed, the user
 * is the guest of another one that has room. The same users and accounts give the same cohorts from start to start.
 * Holds no connection and knows no time.
 */
export class Cohorts {
    readonly #accounts: readonly string[];
    readonly #capacity: number;
    readonly #failed = new Set<string>();
    readonly #homes = new Map<string, string>();
    readonly #guests = new Map<string, string>();

    /** @param accounts distinct names; @param capacity users that an account takes */
    constructor(accounts: readonly string[], capacity = longestSubscription) {
        this.#accounts = accounts;
        this.#capacity = capacity;
    }

    /** Lets go of all other users; false if there are none. */
    retain(wanted: ReadonlySet<string>): boolean {
        const before = this.size;
        for (const userId of this.#homes.keys()) {
            if (wanted.has(userId)) continue;
            this.#homes.delete(userId);
            this.#guests.delete(userId);
        }
        return this.size < before;
    }

    /**
     * Gives a place to all of these users that have none, as far as there is room.
     * @param coveredBy the account that happens to cover a user already: a user who comes back there makes no new subscription
     */
    place(userIds: Iterable<string>, coveredBy: (userId: string) => string | undefined = () => undefined): void {
        const lists = this.lists();
        const newcomers: string[] = [];
        const stranded: string[] = [];
        for (const userId of userIds) {
            if (this.placeOf(userId) !== undefined) continue;
            const [places, waiting] = this.#homes.has(userId) ? [this.#guests, stranded] : [this.#homes, newcomers];
            const account = coveredBy(userId) ?? '';
            const list = this.#failed.has(account) ? undefined : lists.get(account);
            if (list && list.length < this.#capacity) {
                places.set(userId, account);
                list.push(userId);
            } else waiting.push(userId);
        }
        const working = this.#accounts.filter(account => !this.#failed.has(account));
        const failed = this.#accounts.filter(account => this.#failed.has(account));
        this.#deal(stranded, working, this.#guests, lists);
        const rest = this.#deal(newcomers, working, this.#homes, lists);
        this.#deal(rest, failed, this.#homes, lists);
    }

    /** The users of an account that fails can become guests of others, and go home as soon as it works again. */
    setFailed(account: string, failed: boolean): void {
        if (failed) this.#failed.add(account);
        else this.#failed.delete(account);
        for (const [userId, host] of this.#guests) {
            const isHome = !failed && this.#homes.get(userId) === account;
            const lostHost = failed && host === account;
            if (isHome || lostHost) this.#guests.delete(userId);
        }
    }

    hasFailed(account: string): boolean {
        return this.#failed.has(account);
    }

    /** The account that is to cover the user now. */
    placeOf(userId: string): string | undefined {
        const home = this.#homes.get(userId);
        if (home === undefined || !this.#failed.has(home)) return home;
        return this.#guests.get(userId);
    }

    /** True if the user has a home, be it in an account that has failed. */
    hasHome(userId: string): boolean {
        return this.#homes.has(userId);
    }

    /** Users that have a home. */
    get size(): number {
        return this.#homes.size;
    }

    /** The users of every account; those of one that has failed too, so that it can be tried with them. */
    lists(): Map<string, string[]> {
        const lists = new Map<string, string[]>(this.#accounts.map(account => [account, []]));
        for (const places of [this.#homes, this.#guests]) {
            for (const [userId, account] of places) lists.get(account)!.push(userId);
        }
        return lists;
    }

    /** Deals users out, each to the account that has most room; returns the users for whom there is none. */
    #deal(
        userIds: string[],
        accounts: readonly string[],
        places: Map<string, string>,
        lists: ReadonlyMap<string, string[]>,
    ): string[] {
        if (accounts.length === 0) return userIds;
        const rest = userIds.sort();
        const sizeOf = (account: string): number => lists.get(account)!.length;
        const fresh = accounts.every(account => sizeOf(account) === 0);
        // At first evenly, which leaves room for joiners everywhere; later a few joiners disturb one cohort only.
        const share = fresh ? 1 : Math.max(smallestShare, Math.ceil(rest.length / accounts.length));
        let dealt = 0;
        while (dealt < rest.length) {
            const account = accounts.reduce((most, each) => (sizeOf(each) < sizeOf(most) ? each : most));
            const room = this.#capacity - sizeOf(account);
            if (room <= 0) break;
            const part = rest.slice(dealt, dealt + Math.min(share, room));
            for (const userId of part) places.set(userId, account);
            lists.get(account)!.push(...part);
            dealt += part.length;
        }
        return rest.slice(dealt);
    }
}
