import { EventEmitter } from 'node:events';
import type { Clock } from '../../support/clock';
import { SyncError, toSyncError } from '../../support/errors';
import type { Priority } from '../../support/rate-budget';
import type { Sender } from '../graph/first-that-works';
import { GraphRefusal } from '../graph/graph-error';
import { recheckAfter } from '../sign-in/recheck';
import { readPresences, type StampedPresence } from './read-presence';

interface Events {
    /** Whether the app may read presence in its own name has become known, or has changed. */
    permission: [];
    /** Graph refuses to read these users, or has never answered for them. */
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
/** Refused users are tried again after this time, in ms. */
const refusalLasts = 24 * 60 * 60_000;
/** More refused users than this in one bulk: it is not the users that are refused. */
const mostRefused = 8;

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

    /** Why the app may not read. */
    get appError(): SyncError | undefined {
        return this.#app?.error;
    }

    /**
     * Reads up to 650 users; the answer may lack some.
     * @throws SyncError what keeps everybody from reading
     */
    async read(ids: readonly string[], priority: Priority = 'sweep'): Promise<Map<string, StampedPresence>> {
        const asked = ids.filter(id => !this.#isRefused(id));
        if (asked.length === 0) return new Map();
        const presences = await this.#readWithoutRefused(asked, priority);
        this.#noteMisses(asked, presences);
        return presences;
    }

    /** Forgets a user who is no longer of interest. */
    forget(userId: string): void {
        this.#misses.delete(userId);
        this.#refused.delete(userId);
    }

    async #readWithoutRefused(ids: string[], priority: Priority): Promise<Map<string, StampedPresence>> {
        const presences = new Map<string, StampedPresence>();
        const refused: string[] = [];
        const take = async (some: string[]): Promise<void> => {
            for (const [id, presence] of await this.#readAsSomebody(some, priority)) presences.set(id, presence);
        };
        await this.#bisect(ids, take, refused);
        if (refused.length === 0) return presences;
        for (const id of refused) this.#refused.set(id, this.#clock.now() + refusalLasts);
        this.emit('unreadable', refused);
        return presences;
    }

    /** Reads; what is refused is read in halves until it is known whose fault it is. */
    async #bisect(ids: string[], take: (some: string[]) => Promise<void>, refused: string[]): Promise<void> {
        try {
            await take(ids);
        } catch (error) {
            const isAboutUsers = error instanceof GraphRefusal && (error.status === 400 || error.status === 404);
            if (!isAboutUsers || refused.length >= mostRefused) throw error;
            if (ids.length === 1) {
                refused.push(...ids);
                return;
            }
            const half = Math.ceil(ids.length / 2);
            await this.#bisect(ids.slice(0, half), take, refused);
            await this.#bisect(ids.slice(half), take, refused);
        }
    }

    async #readAsSomebody(ids: string[], priority: Priority): Promise<Map<string, StampedPresence>> {
        let failure: SyncError | undefined;
        for (const caller of this.#callers) {
            const error = caller.error && caller.triedAgainAt > this.#clock.now() ? caller.error : undefined;
            failure ??= error;
            if (error) continue;
            // One attempt at a time: whoever reads at the same moment goes on to the next.
            if (caller.error) caller.triedAgainAt = this.#clock.now() + recheckAfter(caller.error);
            try {
                const presences = await readPresences(caller.graph, ids, priority);
                this.#note(caller, undefined);
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
        if (error) caller.triedAgainAt = this.#clock.now() + recheckAfter(error);
        if (caller !== this.#app || this.#appMayRead === !error) return;
        this.#appMayRead = !error;
        this.emit('permission');
    }

    #isRefused(id: string): boolean {
        const until = this.#refused.get(id);
        if (until === undefined) return false;
        if (until > this.#clock.now()) return true;
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
            if (this.#isRefused(id)) continue;
            const misses = (this.#misses.get(id) ?? 0) + 1;
            this.#misses.set(id, misses);
            if (misses === missesTold) never.push(id);
        }
        if (never.length > 0) this.emit('unreadable', never);
    }
}
