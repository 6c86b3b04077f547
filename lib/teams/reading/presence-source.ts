import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../../errors/errors';
import type { Priority } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import type { Sender } from '../connection/graph-client';
import { GraphRefusal } from '../connection/graph-error';
import { readPresences, type StampedPresence } from '../connection/read-presence';
import { recheckAfter } from '../connection/sign-in/sign-in-error';

interface Events {
    /** Whether the app may read presence in its own name has become known, or has changed. */
    permission: [];
    /** Graph refuses to read these users, or has not answered for them several times in a row. */
    unreadable: [userIds: readonly string[]];
}

interface Caller {
    graph: Sender;
    /** What an administrator must change before this one can read, and when it is tried again. */
    error?: SyncError;
    triedAgainAt: number;
}

/** A user whom this many reads in a row have not answered is told. */
const missesTold = 3;
const minute = 60_000;
/** Refused users are tried again after this time, in ms. */
const refusalLasts = 24 * 60 * minute;
/** As are users for whom Graph answers 500, which may pass. */
const failureLasts = 60 * minute;
/** As is a bulk that is refused as a whole, while others are read. */
const bulkRefusalLasts = 5 * minute;
/** A failure that has lasted so long, in ms, while nothing works may lie with a user: there may be no other bulk. */
const failureIsLong = minute;
/** A search that proved nothing is not repeated for so long, in ms. */
const searchAgainAfter = 10 * minute;
/** A user whom Graph refuses alone is believed to be at fault if other users were read in this time, in ms. */
const recently = minute;
/** A single user has been tried once so many reads of a search have failed and none has worked: then it is not the users. */
const mostFruitless = 20;
/** Reads that one search may cost; what it has found until then makes the next one shorter. */
const mostReads = 200;

/** What a search for users at fault has found. */
interface Findings {
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
 * Reads presence in bulk: in the name of the app where it may, else of one of the communication users. What an
 * administrator must change is not tried again at once, and one refused user does not take the others down.
 */
export class PresenceSource extends EventEmitter<Events> {
    readonly #app: Caller | undefined;
    readonly #callers: Caller[];
    readonly #clock: Clock;
    #appMayRead: boolean | undefined;
    /** How often in a row a user was not answered. */
    readonly #misses = new Map<string, number>();
    /** Refused users, and until when they are left out. */
    readonly #refused = new Map<string, number>();
    /** Reads that have worked, and when the last of them did. */
    #worked = 0;
    #workedAt = Number.NEGATIVE_INFINITY;
    /** Since when Graph has failed without a read that worked. */
    #failingSince: number | undefined;
    #searchedAt = Number.NEGATIVE_INFINITY;

    constructor(options: { app: Sender | undefined; accounts: readonly Sender[]; clock: Clock }) {
        super();
        const { app, accounts, clock } = options;
        this.#clock = clock;
        this.#app = app && { graph: app, triedAgainAt: 0 };
        const others = accounts.map(graph => ({ graph, triedAgainAt: 0 }));
        this.#callers = this.#app ? [this.#app, ...others] : others;
    }

    /** Whether presence can be read without a communication user; undefined before the first attempt. */
    get appMayRead(): boolean | undefined {
        return this.#app ? this.#appMayRead : false;
    }

    /**
     * Reads up to 650 users; the answer may lack some.
     * @throws SyncError what keeps the app and all accounts from reading
     */
    async read(ids: readonly string[], priority: Priority = 'sweep'): Promise<Map<string, StampedPresence>> {
        const asked = ids.filter(id => !this.#isRefused(id));
        if (asked.length === 0) return new Map();
        return await this.#readWithoutRefused(asked, priority);
    }

    forget(userId: string): void {
        this.#misses.delete(userId);
        this.#refused.delete(userId);
    }

    /** Reads; what is refused or failed because of some of the users is read without them. */
    async #readWithoutRefused(ids: string[], priority: Priority): Promise<Map<string, StampedPresence>> {
        const presences = new Map<string, StampedPresence>();
        const workedBefore = this.#worked;
        const read = async (some: string[]): Promise<void> => {
            const answer = await this.#readByFirst(some, priority);
            for (const [id, presence] of answer) presences.set(id, presence);
            this.#noteMisses(some, answer);
        };
        try {
            await read(ids);
        } catch (error) {
            const othersWork = (): boolean => this.#worked > workedBefore;
            if (!this.#mayBlameUsers(error, othersWork())) throw error;
            this.#conclude(await readAround(ids, error.status, read), error, othersWork());
        }
        return presences;
    }

    /** 400 and 404 may always be about users; 500 only if Graph works for others, or for too long does not. */
    #mayBlameUsers(error: unknown, othersWork: boolean): error is GraphRefusal {
        const status = statusOf(error);
        if (status === 400 || status === 404) return true;
        if (status !== 500) return false;
        const now = this.#clock.monotonic();
        this.#failingSince ??= now;
        if (othersWork) return true;
        const isLong = now - this.#failingSince >= failureIsLong;
        if (!isLong || now - this.#searchedAt < searchAgainAfter) return false;
        this.#searchedAt = now;
        return true;
    }

    /** Leaves the guilty out for a while. @throws what no user was proven guilty of, since then it is the service */
    #conclude({ accused, unread, hasWorked, failure }: Findings, error: GraphRefusal, othersWork: boolean): void {
        const isAlone = accused.length === 1 && unread.length === 0;
        const workedLately = this.#clock.monotonic() - this.#workedAt < recently;
        const isProven = othersWork || (isAlone && workedLately);
        const isWholeBulk = !hasWorked && unread.length > 0;
        if (isProven && isWholeBulk && !failure) this.#leaveOut([...accused, ...unread], bulkRefusalLasts);
        else if (isProven) this.#leaveOut(accused, error.status === 500 ? failureLasts : refusalLasts);
        if (failure) throw failure;
        if (!isProven) throw error;
    }

    #leaveOut(userIds: readonly string[], duration: number): void {
        for (const id of userIds) this.#refused.set(id, this.#clock.monotonic() + duration);
        if (userIds.length > 0) this.emit('unreadable', userIds);
    }

    async #readByFirst(ids: string[], priority: Priority): Promise<Map<string, StampedPresence>> {
        let failure: SyncError | undefined;
        for (const caller of this.#callers) {
            const error = this.#clock.monotonic() < caller.triedAgainAt ? caller.error : undefined;
            failure ??= error;
            if (error) continue;
            // One attempt at a time: another read of the same moment goes on to the next caller.
            if (caller.error) caller.triedAgainAt = this.#clock.monotonic() + recheckAfter(caller.error);
            try {
                const presences = await readPresences(caller.graph, ids, priority);
                this.#note(caller, undefined);
                this.#worked += 1;
                this.#workedAt = this.#clock.monotonic();
                this.#failingSince = undefined;
                return presences;
            } catch (thrown) {
                const failed = toSyncError(thrown);
                if (failed.kind !== 'configuration') throw failed;
                this.#note(caller, failed);
                failure ??= failed;
            }
        }
        throw failure ?? new SyncError('FIELD_MISSING', { field: 'A communication user' });
    }

    #note(caller: Caller, error: SyncError | undefined): void {
        caller.error = error;
        if (error) caller.triedAgainAt = this.#clock.monotonic() + recheckAfter(error);
        if (caller !== this.#app || this.#appMayRead === !error) return;
        this.#appMayRead = !error;
        this.emit('permission');
    }

    #isRefused(id: string): boolean {
        const until = this.#refused.get(id);
        if (until === undefined) return false;
        if (this.#clock.monotonic() < until) return true;
        this.#refused.delete(id);
        return false;
    }

    #noteMisses(asked: string[], presences: Map<string, StampedPresence>): void {
        const never: string[] = [];
        for (const id of asked) {
            if (presences.has(id)) {
                if (this.#misses.size > 0) this.#misses.delete(id);
                continue;
            }
            const misses = (this.#misses.get(id) ?? 0) + 1;
            this.#misses.set(id, misses);
            if (misses === missesTold) never.push(id);
        }
        if (never.length > 0) this.emit('unreadable', never);
    }
}

/**
 * Reads users who were refused together, in halves, until it is known who is at fault: all others are read. Both
 * halves are tried before either is narrowed, so that something works soon if the service does. One among 650 costs
 * some twenty reads.
 * @param status with which they were refused; any other failure is about no user
 */
async function readAround(ids: string[], status: number, read: (some: string[]) => Promise<void>): Promise<Findings> {
    const suspected = [ids];
    const findings: Findings = { accused: [], unread: [], hasWorked: false, failure: undefined };
    let reads = 0;
    const isOver = (): boolean =>
        findings.failure !== undefined || reads >= mostReads || (!findings.hasWorked && reads >= mostFruitless);
    for (let list = suspected.pop(); list; list = suspected.pop()) {
        if (list.length === 1) {
            findings.accused.push(...list);
            continue;
        }
        const middle = Math.ceil(list.length / 2);
        for (const half of [list.slice(0, middle), list.slice(middle)]) {
            if (isOver()) {
                findings.unread.push(...half);
                continue;
            }
            reads += 1;
            try {
                await read(half);
                findings.hasWorked = true;
            } catch (error) {
                if (statusOf(error) === status) suspected.push(half);
                else {
                    findings.failure = error;
                    findings.unread.push(...half);
                }
            }
        }
    }
    return findings;
}

function statusOf(error: unknown): number | undefined {
    return error instanceof GraphRefusal ? error.status : undefined;
}
