import { EventEmitter } from 'node:events';
import type { TeamsLedger } from '../../presence/teams-ledger';
import { isSamePair, rankOf } from '../../presence/teams-states';
import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { bulksOf, type StampedPresence } from '../connection/read-presence';
import { DoubtfulUsers } from './doubtful-users';
import { cleanPresence, isInCall, isSamePresence, sharedPair, withExtrasOf } from './shown-presence';

/** How a change became known: what a notification has set off is one, also where it took a read to be sure. */
export type Via = 'notification' | 'poll' | 'snapshot';

/** What a user shows in Teams has changed, our own writes aside. */
export interface PresenceChange {
    userId: string;
    presence: TeamsPresence;
    previous?: TeamsPresence;
    via: Via;
    /** ISO time. */
    at: string;
}

/** Reads up to 650 users; the result may lack some. */
export type ReadPresences = (ids: readonly string[], priority: Priority) => Promise<Map<string, StampedPresence>>;

/** Follows some users, and can read them while it is started. */
export interface ReaderClient {
    isFollowed(userId: string): boolean;
    /** Undefined while it cannot read. */
    readonly read: ReadPresences | undefined;
}

/** Kept small: there are ten thousands of them. */
interface Observed {
    /** What was told last. */
    emitted: TeamsPresence | undefined;
    /** What Teams showed last, our own writes included. */
    shown: TeamsPair | undefined;
    /** The newest stamp seen, and when (monotonic). */
    sequence: string | undefined;
    sequencedAt: number;
    /** The number of the last notification, counted over all users. */
    notified: number;
    /** A notification has said something that the next read has to confirm. */
    isUnconfirmed: boolean;
}

/** After a write Graph is trusted to show its effect once this many ms have passed. */
const settling = 1_000;
/** Hints come in swarms: their users are read together, in steps of this many ms. */
const hintGathering = 1_000;
/** What may pass by itself is looked at a second time after this many ms. */
const secondLook = 2_000;
/** Reads that show an older stamp than was seen are believed after this long, in ms: stamps may have begun anew. */
const stampsHold = 2 * 60_000;

/** What is told of a user when nothing is known any more. */
export const unknownPresence: TeamsPresence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

/**
 * The newest presence of every user of a tenant who is followed through any registration. Only differences are emitted, and none that
 * our own writes explain. Where it cannot be told whether a state is our own echo or real, the user is read again.
 */
export class PresenceReader extends EventEmitter<{ change: [PresenceChange] }> {
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #clients = new Set<ReaderClient>();
    readonly #observed = new Map<string, Observed>();
    readonly #doubtful: DoubtfulUsers;
    readonly #onReleased = (userId: string): void => this.verify(userId);
    #notifications = 0;

    constructor(options: { ledger: TeamsLedger; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#doubtful = new DoubtfulUsers({ clock: options.clock, read: ids => this.#readAgain(ids) });
    }

    /** Adds one that will follow users. */
    add(client: ReaderClient): void {
        if (this.#clients.size === 0) this.#ledger.on('released', this.#onReleased);
        this.#clients.add(client);
    }

    /** Removes one that follows no users any more. */
    remove(client: ReaderClient): void {
        this.#clients.delete(client);
        this.forget([...this.#observed.keys()]);
        if (this.#clients.size === 0) this.#ledger.off('released', this.#onReleased);
        this.paused();
    }

    /** A client has stopped reading. Where it was the last, doubtful users are not read again. */
    paused(): void {
        if (![...this.#clients].some(({ read }) => read)) this.#doubtful.clear();
    }

    /** The presence of these users is of interest; what is known of them is kept. */
    observeFrom(userIds: Iterable<string>): void {
        for (const id of userIds) if (!this.#observed.has(id)) this.#observed.set(id, newlyObserved());
    }

    /** Forgets those of these users who are not followed any more. */
    forget(userIds: Iterable<string>): void {
        for (const id of userIds) {
            if ([...this.#clients].some(client => client.isFollowed(id))) continue;
            this.#observed.delete(id);
            this.#doubtful.delete(id);
        }
    }

    /** What was told last of a user. */
    toldOf(userId: string): TeamsPresence | undefined {
        return this.#observed.get(userId)?.emitted;
    }

    /**
     * Reads these users and emits the differences, bulk by bulk as the answers come.
     * @returns those who show something else than before, whether that was told or was our own doing
     * @throws SyncError what made one of the bulks fail; the others are taken in nevertheless
     */
    async read(
        client: ReaderClient,
        userIds: readonly string[],
        via: 'snapshot' | 'poll',
        priority: Priority,
    ): Promise<string[]> {
        const bulks = bulksOf(userIds.filter(id => client.isFollowed(id)));
        const results = await Promise.allSettled(bulks.map(bulk => this.#readBulk(client, bulk, via, priority)));
        const failed = results.find(result => result.status === 'rejected');
        if (failed) throw failed.reason;
        return results.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
    }

    /** Takes in what Teams shows for a user, as a notification tells it; one that is older than what is known is not. */
    observe(userId: string, shown: TeamsPresence, via: Via, sequenceNumber?: string): void {
        const observed = this.#observed.get(userId);
        if (!observed) return;
        if (sequenceNumber && observed.sequence !== undefined && sequenceNumber <= observed.sequence) return;
        this.#stamp(observed, sequenceNumber);
        observed.notified = ++this.#notifications;
        observed.shown = sharedPair(shown);
        // Teams flips between the two in the middle of a call.
        const isFlip = isInCall(observed.emitted) && shown.activity === 'InAMeeting';
        const isSure =
            isFlip && this.#readerOf(userId) ? this.#lookAgain(userId) : this.#take(userId, shown, via, false);
        observed.isUnconfirmed = !isSure && via === 'notification';
    }

    /** A notification has said that something has changed for a user, but not what: the user is read, with others. */
    hint(userId: string): void {
        const observed = this.#observed.get(userId);
        if (!observed || !this.#readerOf(userId)) return;
        observed.isUnconfirmed = true;
        this.#doubtful.add(userId, this.#trustedFrom(userId), hintGathering);
    }

    /** Reads the user again as soon as the answer can be trusted; many users share one read. */
    verify(userId: string): void {
        if (this.#readerOf(userId)) this.#doubtful.add(userId, this.#trustedFrom(userId));
    }

    /** @returns false: nothing is sure before that */
    #lookAgain(userId: string): false {
        if (!this.#doubtful.has(userId)) this.#doubtful.add(userId, this.#clock.monotonic() + secondLook);
        return false;
    }

    #trustedFrom(userId: string): number {
        return Math.max(this.#clock.monotonic() + 1, this.#settledAt(userId));
    }

    /** From when on Graph shows our last write (monotonic). */
    #settledAt(userId: string): number {
        return this.#ledger.changedAt(userId) + settling;
    }

    /**
     * @param isRead read, and so complete and newer than our own writes
     * @returns false if the user is to be read again, since what is shown may be our own doing
     */
    #take(userId: string, seen: TeamsPresence, via: Via, isRead: boolean): boolean {
        const shown = this.#ledger.withoutOurMessage(userId, seen, this.#clock.monotonic());
        const explanation = this.#ledger.explain(userId, shown, this.#clock.monotonic());
        if (explanation === 'none' || (explanation === 'former' && isRead)) {
            this.#emitChange(userId, shown, via, isRead);
            return true;
        }
        if (explanation === 'current') {
            // Our own write shows. A preferred presence hides everything beneath it; a session hides what it outranks,
            // and what outranks a session cannot be in force any more.
            if (this.#ledger.heldFor(userId).preferred) return true;
            const emitted = this.toldOf(userId);
            if (!emitted || rankOf(emitted.availability) <= rankOf(shown.availability)) return true;
            if (isRead) {
                this.#emitChange(userId, unknownPresence, via, isRead);
                return true;
            }
        }
        this.verify(userId);
        return false;
    }

    #emitChange(userId: string, shown: TeamsPresence, via: Via, isRead: boolean): void {
        const observed = this.#observed.get(userId)!;
        const previous = observed.emitted;
        // A notification carries no status message: what was read last still holds.
        const presence = cleanPresence(isRead ? shown : withExtrasOf(previous, shown));
        if (previous && isSamePresence(previous, presence)) return;
        observed.emitted = presence;
        const at = new Date(this.#clock.date()).toISOString();
        this.emit('change', { userId, presence, previous, via, at });
    }

    async #readBulk(
        client: ReaderClient,
        ids: readonly string[],
        via: 'snapshot' | 'poll',
        priority: Priority,
    ): Promise<string[]> {
        const startedAt = this.#clock.monotonic();
        const notified = this.#notifications;
        const presences = await client.read?.(ids, priority);
        const different: string[] = [];
        if (!presences || !client.read) return different;
        for (const [id, shown] of presences) {
            const observed = this.#observed.get(id);
            if (!observed) continue;
            // A write or a notification on its way while we read: the answer may be from before or after it.
            const isOvertaken = observed.notified > notified || this.#settledAt(id) > startedAt;
            if (isOvertaken) this.verify(id);
            else if (this.#isOutdated(observed, shown.sequenceNumber)) this.#lookAgain(id);
            else if (this.#takeRead(id, observed, shown, via)) different.push(id);
        }
        return different;
    }

    /** @returns true if the user showed something else before */
    #takeRead(id: string, observed: Observed, shown: StampedPresence, via: 'snapshot' | 'poll'): boolean {
        const before = observed.shown;
        const { isUnconfirmed } = observed;
        this.#stamp(observed, shown.sequenceNumber);
        observed.shown = sharedPair(shown);
        observed.isUnconfirmed = false;
        this.#take(id, shown, isUnconfirmed ? 'notification' : via, true);
        return before !== undefined && !isSamePair(before, observed.shown);
    }

    /** Each is read by the first that follows the user and can read. */
    async #readAgain(userIds: readonly string[]): Promise<void> {
        const byClient = new Map<ReaderClient, string[]>();
        for (const id of userIds) {
            const client = this.#readerOf(id);
            if (!client) continue;
            const ids = byClient.get(client);
            if (ids) ids.push(id);
            else byClient.set(client, [id]);
        }
        await Promise.all([...byClient].map(([client, ids]) => this.read(client, ids, 'poll', 'renewal')));
    }

    #readerOf(userId: string): ReaderClient | undefined {
        for (const client of this.#clients) if (client.read && client.isFollowed(userId)) return client;
        return undefined;
    }

    #stamp(observed: Observed, sequenceNumber: string | undefined): void {
        if (sequenceNumber === undefined || sequenceNumber === observed.sequence) return;
        observed.sequence = sequenceNumber;
        observed.sequencedAt = this.#clock.monotonic();
    }

    /** True for the answer of a server that does not know yet what another has told us. */
    #isOutdated({ sequence, sequencedAt }: Observed, sequenceNumber: string | undefined): boolean {
        if (sequence === undefined || sequenceNumber === undefined || sequenceNumber >= sequence) return false;
        return this.#clock.monotonic() - sequencedAt < stampsHold;
    }
}

function newlyObserved(): Observed {
    return {
        emitted: undefined,
        shown: undefined,
        sequence: undefined,
        sequencedAt: Number.NEGATIVE_INFINITY,
        notified: 0,
        isUnconfirmed: false,
    };
}
