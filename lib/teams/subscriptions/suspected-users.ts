import type { Clock } from '../../support/clock';
import { RefusedUsersSearch } from './refused-users-search';
import { mayBlameUsers, namedIn } from './subscription-refusal';

/** A search for refused users that found nothing is not repeated for so long, in ms. */
const searchAgainAfter = 60 * 60_000;

/**
 * Decides which users a subscription is made with while some of them may be to blame that Graph makes none: those whom
 * an error names are left out at once; if it names nobody, they are searched for.
 */
export class SuspectedUsers {
    readonly #clock: Clock;
    readonly #maySearch: () => boolean;
    readonly #onRefused: (userIds: readonly string[]) => void;
    #search: RefusedUsersSearch | undefined;
    #lastGood: ReadonlySet<string> = new Set();
    /** Creates refused in a row, perhaps because of a user. */
    #refusals = 0;
    #searchedAt = Number.NEGATIVE_INFINITY;

    /**
     * @param options.maySearch asked before a search begins: in an outage not everybody shall search
     * @param options.onRefused told whom Graph refuses
     */
    constructor(options: {
        clock: Clock;
        maySearch: () => boolean;
        onRefused: (userIds: readonly string[]) => void;
    }) {
        this.#clock = options.clock;
        this.#maySearch = options.maySearch;
        this.#onRefused = options.onRefused;
    }

    /** True while the search is not over, whatever stands meanwhile. */
    get isSearching(): boolean {
        return this.#search !== undefined;
    }

    /** True while nothing proves that users are to blame and not the service. */
    get isUnproven(): boolean {
        return this.#search !== undefined && !this.#search.isProven;
    }

    /** The users to make the next subscription with, out of those who are wanted. */
    next(wanted: readonly string[]): readonly string[] {
        return this.#search?.next() ?? wanted;
    }

    /** A subscription was made with these users. */
    taken(userIds: ReadonlySet<string>): void {
        this.#refusals = 0;
        this.#lastGood = userIds;
        this.#search?.succeeded();
        this.#conclude();
    }

    /**
     * A create with these users was refused.
     * @param isSettling true if Graph may refuse everything for a while: then only names count
     * @returns `again` to go on at once, `later` after a moment; `failed` if it is not about users, as far as one can see
     */
    refused(error: unknown, userIds: readonly string[], isSettling: boolean): 'again' | 'later' | 'failed' {
        const named = namedIn(error, userIds);
        if (named.length > 0) {
            this.#search = undefined;
            this.#onRefused(named);
            return 'again';
        }
        if (!mayBlameUsers(error)) return 'failed';
        if (isSettling) return 'later';
        if (!this.#suspect(userIds)) return 'failed';
        return this.#refusals > 0 || this.isUnproven ? 'later' : 'again';
    }

    /** False if it leads nowhere. */
    #suspect(userIds: readonly string[]): boolean {
        if (this.#search) {
            this.#search.failed();
            return this.#conclude();
        }
        const now = this.#clock.now();
        if (userIds.length < 2 || now - this.#searchedAt < searchAgainAfter) return false;
        this.#refusals += 1;
        if (this.#refusals === 1) return true;
        if (!this.#maySearch()) return false;
        this.#refusals = 0;
        this.#search = new RefusedUsersSearch(userIds, this.#lastGood);
        return true;
    }

    /** False if the search is over without a result. */
    #conclude(): boolean {
        if (!this.#search?.isOver) return true;
        const { refused, isProven } = this.#search;
        this.#search = undefined;
        if (!isProven) this.#searchedAt = this.#clock.now();
        if (refused.length > 0) this.#onRefused(refused);
        return refused.length > 0;
    }
}
