import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { TeamsLedger } from '../../presence/teams-ledger';
import { isSamePair, rankOf } from '../../presence/teams-states';
import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { DoubtfulUsers } from './doubtful-users';
import { bulksOf, type StampedPresence } from './read-presence';
import { cleanPresence, isInCall, isSamePresence, sharedPair, withExtrasOf } from './shown-presence';

/** A user's presence in Teams has changed, our own writes aside. */
export interface TeamsChange {
    user: PresenceUser;
    presence: TeamsPresence;
    previous?: TeamsPresence;
    via: 'notification' | 'poll' | 'snapshot';
    /** ISO time. */
    at: string;
}

/** Reads up to 650 users; the result may lack some. */
export type ReadPresences = (ids: readonly string[], priority: Priority) => Promise<Map<string, StampedPresence>>;

/** Kept small: there are ten thousands of them. */
interface Followed {
    user: PresenceUser;
    /** What was told last. */
    emitted: TeamsPresence | undefined;
    /** What Teams showed last, our own writes included. */
    shown: TeamsPair | undefined;
    /** The newest stamp seen, and when (monotonic). */
    sequence: string | undefined;
    sequencedAt: number;
    /** The number of the last notification, counted over all users. */
    notified: number;
}

/** After a write Graph is trusted to show its effect once this many ms have passed. */
const settling = 1_000;
/** Hints come in swarms: their users are read together, in steps of this many ms. */
const hintGathering = 1_000;
/** What may pass by itself is looked at a second time after this many ms. */
const secondLook = 2_000;
/** Reads that show an older stamp than was seen are believed after this long, in ms: stamps may have begun anew. */
const stampsHold = 2 * 60_000;

const unknown: TeamsPresence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

/**
 * The newest presence of every followed user. Only differences are emitted, and none that our own writes explain.
 * Where it cannot be told whether a state is our own echo or real, the user is read again.
 */
export class PresenceReader extends EventEmitter<{ change: [TeamsChange] }> {
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #followed = new Map<string, Followed>();
    readonly #doubtful: DoubtfulUsers;
    readonly #onReleased = (userId: string): void => this.verify(userId);
    #notifications = 0;
    #read: ReadPresences | undefined;

    constructor(options: { ledger: TeamsLedger; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#doubtful = new DoubtfulUsers({
            clock: options.clock,
            read: async ids => {
                await this.readSome(ids, 'poll', 'renewal');
            },
        });
    }

    start(read: ReadPresences): void {
        this.#read = read;
        this.#ledger.on('released', this.#onReleased);
    }

    stop(): void {
        this.#read = undefined;
        this.#ledger.off('released', this.#onReleased);
        this.#doubtful.clear();
    }

    /**
     * Follows these users too; of one who is followed already, the newer name is taken and what is known is kept. Who is
     * somebody else in the PBX than before has it taken back there, and told anew.
     */
    follow(users: Iterable<PresenceUser>): void {
        const moved: [Followed, TeamsPresence][] = [];
        for (const user of users) {
            const id = user.teams?.id;
            if (!id) continue;
            const followed = this.#followed.get(id) ?? newlyFollowed(user);
            this.#followed.set(id, followed);
            const { emitted } = followed;
            if (emitted && isMove(followed.user, user)) {
                this.#emitChange(followed, unknown, 'poll');
                moved.push([followed, emitted]);
            }
            followed.user = user;
        }
        // Last: two may have changed places.
        for (const [followed, presence] of moved) this.#emitChange(followed, presence, 'poll');
    }

    /** Follows these users no longer; what was told of them is taken back, and what was known is forgotten. */
    unfollow(userIds: Iterable<string>): void {
        for (const id of userIds) {
            const followed = this.#followed.get(id);
            if (followed?.emitted) this.#emitChange(followed, unknown, 'poll');
            this.#followed.delete(id);
            this.#doubtful.delete(id);
        }
    }

    /** What was emitted last for everybody: for those who begin to listen later. */
    *snapshot(): Iterable<TeamsChange> {
        const at = new Date(this.#clock.date()).toISOString();
        for (const { user, emitted } of this.#followed.values()) {
            if (emitted) yield { user, presence: emitted, via: 'snapshot', at };
        }
    }

    get size(): number {
        return this.#followed.size;
    }

    /** Ids of everybody who is followed. */
    ids(): Iterable<string> {
        return this.#followed.keys();
    }

    isFollowed(userId: string): boolean {
        return this.#followed.has(userId);
    }

    /** The followed person, by Entra object id. */
    userOf(userId: string): PresenceUser | undefined {
        return this.#followed.get(userId)?.user;
    }

    /** What was told last of a user. */
    toldOf(userId: string): TeamsPresence | undefined {
        return this.#followed.get(userId)?.emitted;
    }

    /** Reads everybody and emits the differences: at start and after every gap. */
    async readAll(via: 'snapshot' | 'poll'): Promise<void> {
        await this.readSome([...this.#followed.keys()], via);
    }

    /**
     * Reads these users and emits the differences, bulk by bulk as the answers come.
     * @returns those who show something else than before, whether that was told or was our own doing
     * @throws SyncError what made one of the bulks fail; the others are taken in nevertheless
     */
    async readSome(
        userIds: readonly string[],
        via: 'snapshot' | 'poll',
        priority: Priority = 'sweep',
    ): Promise<string[]> {
        const bulks = bulksOf(userIds.filter(id => this.#followed.has(id)));
        const results = await Promise.allSettled(bulks.map(bulk => this.#readAndObserve(bulk, via, priority)));
        const failed = results.find(result => result.status === 'rejected');
        if (failed) throw failed.reason;
        return results.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
    }

    /** Takes in what Teams shows for a user, as a notification tells it; one that is older than what is known is not. */
    observe(userId: string, shown: TeamsPresence, via: TeamsChange['via'], sequenceNumber?: string): void {
        const followed = this.#followed.get(userId);
        if (!followed) return;
        if (sequenceNumber && followed.sequence !== undefined && sequenceNumber <= followed.sequence) return;
        this.#stamp(followed, sequenceNumber);
        followed.notified = ++this.#notifications;
        followed.shown = sharedPair(shown);
        // Teams flips between the two in the middle of a call.
        const isFlip = isInCall(followed.emitted) && shown.activity === 'InAMeeting';
        if (isFlip && this.#read) this.#lookAgain(userId);
        else this.#take(userId, followed, shown, via, false);
    }

    /** Something has changed for a user, but it is not known what: the user is read, together with others. */
    hint(userId: string): void {
        if (!this.#read || !this.#followed.has(userId)) return;
        this.#doubtful.add(userId, this.#trustedFrom(userId), hintGathering);
    }

    /** Reads the user again as soon as the answer can be trusted; many users share one read. */
    verify(userId: string): void {
        if (!this.#read || !this.#followed.has(userId)) return;
        this.#doubtful.add(userId, this.#trustedFrom(userId));
    }

    #lookAgain(userId: string): void {
        if (!this.#doubtful.has(userId)) this.#doubtful.add(userId, this.#clock.monotonic() + secondLook);
    }

    #trustedFrom(userId: string): number {
        return Math.max(this.#clock.monotonic() + 1, this.#settledAt(userId));
    }

    /** From when on Graph shows our last write (monotonic). */
    #settledAt(userId: string): number {
        return this.#ledger.changedAt(userId) + settling;
    }

    #take(userId: string, followed: Followed, seen: TeamsPresence, via: TeamsChange['via'], trusted: boolean): void {
        const shown = this.#ledger.withoutOurMessage(userId, seen, this.#clock.monotonic());
        const explanation = this.#ledger.explain(userId, shown, this.#clock.monotonic());
        if (explanation === 'none' || (explanation === 'former' && trusted)) {
            this.#emitChange(followed, shown, via);
            return;
        }
        if (explanation === 'former') {
            this.verify(userId);
            return;
        }
        // Our own write shows. A preferred presence hides everything beneath it; a session hides what it outranks, and
        // what outranks a session cannot be in force any more.
        if (this.#ledger.heldFor(userId).preferred) return;
        const outranks = followed.emitted && rankOf(followed.emitted.availability) > rankOf(shown.availability);
        if (!outranks) return;
        if (trusted) this.#emitChange(followed, unknown, via);
        else this.verify(userId);
    }

    #emitChange(followed: Followed, shown: TeamsPresence, via: TeamsChange['via']): void {
        const previous = followed.emitted;
        // A notification carries no status message: what was read last still holds.
        const presence = cleanPresence(via === 'notification' ? withExtrasOf(previous, shown) : shown);
        if (previous && isSamePresence(previous, presence)) return;
        followed.emitted = presence;
        const at = new Date(this.#clock.date()).toISOString();
        this.emit('change', { user: followed.user, presence, previous, via, at });
    }

    async #readAndObserve(ids: readonly string[], via: 'snapshot' | 'poll', priority: Priority): Promise<string[]> {
        if (!this.#read) return [];
        const startedAt = this.#clock.monotonic();
        const notified = this.#notifications;
        const presences = await this.#read(ids, priority);
        const different: string[] = [];
        if (!this.#read) return different;
        for (const [id, shown] of presences) {
            const followed = this.#followed.get(id);
            if (!followed) continue;
            // A write or a notification on its way while we read: the answer may be from before or after it.
            const isOvertaken = followed.notified > notified || this.#settledAt(id) > startedAt;
            if (isOvertaken) this.verify(id);
            else if (this.#isOutdated(followed, shown.sequenceNumber)) this.#lookAgain(id);
            else if (this.#takeRead(id, followed, shown, via)) different.push(id);
        }
        return different;
    }

    /** @returns true if the user showed something else before */
    #takeRead(id: string, followed: Followed, shown: StampedPresence, via: 'snapshot' | 'poll'): boolean {
        const before = followed.shown;
        this.#stamp(followed, shown.sequenceNumber);
        followed.shown = sharedPair(shown);
        this.#take(id, followed, shown, via, true);
        return before !== undefined && !isSamePair(before, followed.shown);
    }

    #stamp(followed: Followed, sequenceNumber: string | undefined): void {
        if (sequenceNumber === undefined || sequenceNumber === followed.sequence) return;
        followed.sequence = sequenceNumber;
        followed.sequencedAt = this.#clock.monotonic();
    }

    /** True for the answer of a server that does not know yet what another has told us. */
    #isOutdated({ sequence, sequencedAt }: Followed, sequenceNumber: string | undefined): boolean {
        if (sequence === undefined || sequenceNumber === undefined || sequenceNumber >= sequence) return false;
        return this.#clock.monotonic() - sequencedAt < stampsHold;
    }
}

/** True for a Teams user who was one PBX user and is another one now. */
function isMove({ pbx: from }: PresenceUser, { pbx: to }: PresenceUser): boolean {
    return from !== undefined && to !== undefined && from.guid !== to.guid;
}

function newlyFollowed(user: PresenceUser): Followed {
    return {
        user,
        emitted: undefined,
        shown: undefined,
        sequence: undefined,
        sequencedAt: Number.NEGATIVE_INFINITY,
        notified: 0,
    };
}
