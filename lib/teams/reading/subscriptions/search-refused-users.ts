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
