/** A single user has been tried once so many reads have failed and none has worked: then it is not the users. */
const mostFruitless = 20;
/** Reads that one search may cost; what it has found until then makes the next one shorter. */
const mostReads = 200;

/** What a search has found. */
export interface Findings {
    /** Users who were refused alone. */
    accused: string[];
    /** Users of whom it is not known whether they are at fault, and who have not been read. */
    unread: string[];
    /** Whether any of the reads has worked. */
    hasWorked: boolean;
    /** What ended the search and is about no user, such as an outage. */
    failure: unknown;
}

/**
 * Reads users who were refused together, in halves, until it is known who is at fault: all others are read. Both
 * halves are tried before either is narrowed, so that something works soon if the service does. One among 650 costs
 * some twenty reads.
 * @param options.read reads some of the users
 * @param options.mayBlameUsers whether a read may have failed because of its users
 */
export async function readAround(
    ids: readonly string[],
    options: { read: (some: string[]) => Promise<void>; mayBlameUsers: (error: unknown) => boolean },
): Promise<Findings> {
    const suspected: string[][] = [[...ids]];
    const findings: Findings = { accused: [], unread: [], hasWorked: false, failure: undefined };
    let reads = 0;
    const isOver = (): boolean =>
        findings.failure !== undefined || reads >= mostReads || (!findings.hasWorked && reads >= mostFruitless);
    for (let list = suspected.pop(); list; list = suspected.pop()) {
        if (list.length === 1) {
            findings.accused.push(...list);
            continue;
        }
        for (const half of halvesOf(list)) {
            if (isOver()) {
                findings.unread.push(...half);
                continue;
            }
            reads += 1;
            try {
                await options.read(half);
                findings.hasWorked = true;
            } catch (error) {
                if (options.mayBlameUsers(error)) {
                    suspected.push(half);
                    continue;
                }
                findings.failure = error;
                findings.unread.push(...half);
            }
        }
    }
    return findings;
}

function halvesOf(list: readonly string[]): string[][] {
    const middle = Math.ceil(list.length / 2);
    return [list.slice(0, middle), list.slice(middle)];
}
