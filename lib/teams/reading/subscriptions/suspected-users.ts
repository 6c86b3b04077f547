import { EventEmitter } from 'node:events';
import type { Clock } from '../../../time/clock';
import { mayBlameUsers, namedIn } from './subscription-requests';

/** A search for refused users that found nothing is not repeated for so long, in ms. */
const searchAgainAfter = 60 * 60_000;
/**
 * Creates in a row that may be refused with names. An error has room for a few names, so there can be more of them; but
 * one that goes on naming others rather quotes the request.
 */
const mostNamings = 8;
/** One who is alone is believed to be refused after so many refusals in so long, in ms. */
const aloneRefusals = 5;
const aloneFor = 10 * 60_000;
/** As long as an outage lasts at most, as a rule, where the error may be one. */
const aloneInFailureFor = 60 * 60_000;

/**
 * Decides which users a subscription is made with while some of them may be to blame that Graph makes none: users whom
 * an error names are left out on trial, and found guilty once a subscription is made without them; if it names none,
 * they are searched for.
 */
export class SuspectedUsers extends EventEmitter<{ refused: [userIds: readonly string[]] }> {
    readonly #clock: Clock;
    readonly #maySearch: () => boolean;
    #search: ReturnType<typeof searchRefusedUsers> | undefined;
    /** What the search tries now. */
    #trying: readonly string[] = [];
    /** The search has made a subscription: the service works. */
    #isProven = false;
    #lastGood: ReadonlySet<string> = new Set();
    /** Named by errors, and left out on trial. */
    readonly #named = new Set<string>();
    /** Refusals with names in a row: after too many of them names prove nothing until a subscription is made. */
    #namings = 0;
    /** One who is refused without company: since when, and how often. */
    #alone: { userId: string; since: number; refusals: number } | undefined;
    /** Creates refused in a row, perhaps because of a user. */
    #refusals = 0;
    #searchedAt = Number.NEGATIVE_INFINITY;

    /** @param maySearch asked before a search begins: in an outage only one account of a tenant shall search */
    constructor(clock: Clock, maySearch: () => boolean) {
        super();
        this.#clock = clock;
        this.#maySearch = maySearch;
    }

    /** True while the search is not over, whatever stands meanwhile. */
    get isSearching(): boolean {
        return this.#search !== undefined;
    }

    /** True while nothing proves that users are to blame and not the service. */
    get isUnproven(): boolean {
        return this.#search !== undefined && !this.#isProven;
    }

    /** The users to make the next subscription with, out of the users who are wanted. */
    next(wanted: readonly string[]): readonly string[] {
        if (this.#search) return this.#trying;
        if (this.#named.size === 0) return wanted;
        const others = wanted.filter(userId => !this.#named.has(userId));
        if (others.length > 0) return others;
        this.#named.clear();
        return wanted;
    }

    /** A subscription was made with these users. */
    taken(userIds: ReadonlySet<string>): void {
        this.#refusals = 0;
        this.#namings = 0;
        this.#alone = undefined;
        this.#lastGood = userIds;
        this.#goOn(true);
        if (this.#search || this.#named.size === 0) return;
        const named = [...this.#named];
        this.#named.clear();
        this.emit('refused', named);
    }

    /**
     * A create with these users was refused.
     * @param isSettling true if Graph may refuse everything for a while: then only names count
     * @returns `again` to go on at once, `later` after a moment; `failed` if it is not about users, as far as one can see
     */
    refused(error: unknown, userIds: readonly string[], isSettling: boolean): 'again' | 'later' | 'failed' {
        if (!mayBlameUsers(error)) return 'failed';
        if (this.#hasNamed(namedIn(error, userIds), userIds)) return this.#namings === 1 ? 'again' : 'later';
        if (isSettling) return 'later';
        const [userId] = userIds;
        if (userIds.length === 1 && !this.#search)
            return this.#isGuiltyAlone(userId!, error.status) ? 'again' : 'failed';
        if (!this.#suspect(userIds)) return 'failed';
        return this.#refusals > 0 || this.isUnproven ? 'later' : 'again';
    }

    /** True if it makes sense to go on without the users who were named, or with all where that has led nowhere. */
    #hasNamed(named: readonly string[], userIds: readonly string[]): boolean {
        if (this.#search || this.#namings > mostNamings) return false;
        if (named.length === 0 || named.length === userIds.length) return false;
        for (const userId of named) this.#named.add(userId);
        this.#namings += 1;
        if (this.#namings > mostNamings) this.#named.clear();
        return true;
    }

    /** There is no other user to prove it by: time must. */
    #isGuiltyAlone(userId: string, status: number): boolean {
        const now = this.#clock.monotonic();
        if (this.#alone?.userId !== userId) this.#alone = { userId, since: now, refusals: 0 };
        this.#alone.refusals += 1;
        const duration = status === 500 ? aloneInFailureFor : aloneFor;
        if (this.#alone.refusals < aloneRefusals || now - this.#alone.since < duration) return false;
        this.#alone = undefined;
        this.emit('refused', [userId]);
        return true;
    }

    /** False if it leads nowhere. */
    #suspect(userIds: readonly string[]): boolean {
        if (this.#search) return this.#goOn(false);
        const now = this.#clock.monotonic();
        if (userIds.length < 2 || now - this.#searchedAt < searchAgainAfter) return false;
        this.#refusals += 1;
        if (this.#refusals === 1) return true;
        if (!this.#maySearch()) return false;
        this.#refusals = 0;
        this.#search = searchRefusedUsers(userIds, this.#lastGood);
        this.#isProven = false;
        return this.#goOn(false);
    }

    /** @param isTaken of what the search tried last; @returns false if it is over without a result */
    #goOn(isTaken: boolean): boolean {
        if (!this.#search) return true;
        this.#isProven ||= isTaken;
        const { done, value } = this.#search.next(isTaken);
        if (!done) {
            this.#trying = value;
            return true;
        }
        this.#search = undefined;
        if (!this.#isProven) this.#searchedAt = this.#clock.monotonic();
        if (value.length > 0) this.emit('refused', value);
        return value.length > 0;
    }
}

/** A search in which nothing has worked for so long proves nothing: the service itself is at fault. */
const mostFruitless = 12;

/** Yields lists to be tried, and takes whether each was taken. */
type Search<Result> = Generator<string[], Result, boolean>;

/**
 * Finds the users because of whom Graph makes no subscription, where its error does not name them. There is one
 * subscription per account, so lists are tried in turn: halves of what is suspected, together with all that has been
 * cleared. What could be made last covers those, and the search ends with a subscription for all users but the guilty.
 * One among 650 costs about fifteen tries.
 *
 * Only what works proves anything: until a list has been taken, the other half is tried before a suspicion is narrowed,
 * and no user is found guilty without having been refused while all others were taken.
 * @param userIds two or more who were refused together
 * @param good those of them who were fine the last time: the others are suspected first
 * @returns the guilty; empty if nothing was proven
 */
export function* searchRefusedUsers(
    userIds: readonly string[],
    good: ReadonlySet<string> = new Set(),
): Search<readonly string[]> {
    const cleared: string[] = [];
    /** Lists that hold at least one guilty user each; the last one is being narrowed. */
    const suspected: string[][] = [[...userIds]];
    const accused: string[] = [];
    const guilty: string[] = [];
    let untested: string[] = [];
    let fruitless = 0;
    /** The list that was tried last has been taken. */
    let isStanding = false;
    let isOthersTurn = false;
    const known = userIds.filter(userId => good.has(userId));
    let first = known.length > 0 && known.length < userIds.length ? known : undefined;

    function* isTaken(some: readonly string[]): Search<boolean> {
        isStanding = yield [...cleared, ...some];
        if (isStanding) cleared.push(...some);
        else if (cleared.length === 0) fruitless += 1;
        return isStanding;
    }

    for (;;) {
        while (suspected.at(-1)?.length === 1) accused.push(...suspected.pop()!);
        const isProven = cleared.length > 0;
        if (fruitless >= mostFruitless && !isProven) return [];
        if (suspected.length > 0 && !isOthersTurn) {
            const list = suspected.pop()!;
            const half = first ?? list.slice(0, Math.ceil(list.length / 2));
            first = undefined;
            const others = list.filter(userId => !half.includes(userId));
            if (yield* isTaken(half)) suspected.push(others);
            else {
                suspected.push(half);
                untested.push(...others);
                isOthersTurn = !isProven;
            }
        } else if (untested.length > 0) {
            isOthersTurn = false;
            const rest = untested;
            untested = [];
            if (!(yield* isTaken(rest))) suspected.push(rest);
        } else if (accused.length > 0) {
            if (!isProven) return [];
            // Once more: the service may have been at fault for a moment.
            const one = accused.splice(0, 1);
            if (!(yield* isTaken(one))) guilty.push(...one);
        } else {
            // All others were taken before: if they are refused now, it is the service.
            if (isProven && !isStanding) yield* isTaken([]);
            return guilty;
        }
    }
}
