import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { TeamsLedger } from '../../presence/teams-ledger';
import { rankOf } from '../../presence/teams-states';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Clock, Timer } from '../../support/clock';
import { RetrySchedule } from '../../support/retry-schedule';

/** A user's presence in Teams has changed, our own writes aside. */
export interface TeamsChange {
    user: PresenceUser;
    presence: TeamsPresence;
    previous?: TeamsPresence;
    via: 'notification' | 'poll' | 'snapshot';
    /** ISO time. */
    at: string;
}

/** Reads users in bulk; the result may lack some. */
export type ReadPresences = (ids: readonly string[]) => Promise<Map<string, TeamsPresence>>;

interface Followed {
    user: PresenceUser;
    emitted?: TeamsPresence;
    /** The number of the last notification, counted over all users. */
    notified?: number;
}

/** After a write Graph is trusted to show its effect once this many ms have passed. */
const settling = 1_000;

/** Reads of doubtful users are made in steps of this many ms, so that many users share one. */
const gathering = 250;

const unknown: TeamsPresence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

/**
 * The newest presence of every followed user. Only differences are emitted, and none that our own writes explain.
 * Where it cannot be told whether a state is our own echo or real, the user is read again.
 */
export class PresenceReader extends EventEmitter<{ change: [TeamsChange] }> {
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #followed = new Map<string, Followed>();
    /** Users to be read again, and from when on (ms since the epoch) the answer can be trusted. */
    readonly #doubtful = new Map<string, number>();
    readonly #schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 });
    readonly #onReleased = (userId: string): void => this.verify(userId);
    #notifications = 0;
    #read: ReadPresences | undefined;
    #timer: Timer | undefined;
    #timerDue = 0;

    constructor(options: { ledger: TeamsLedger; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#ledger = options.ledger;
        this.#clock = options.clock;
    }

    start(read: ReadPresences): void {
        this.#read = read;
        this.#ledger.on('released', this.#onReleased);
    }

    stop(): void {
        this.#read = undefined;
        this.#ledger.off('released', this.#onReleased);
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        this.#doubtful.clear();
    }

    /** Follows exactly these users; what is known of those that stay is kept. */
    follow(users: Iterable<PresenceUser>): void {
        const gone = new Set(this.#followed.keys());
        for (const user of users) {
            const id = user.teams?.id;
            if (!id) continue;
            gone.delete(id);
            this.#followed.set(id, { ...this.#followed.get(id), user });
        }
        for (const id of gone) this.#followed.delete(id);
    }

    /** What was emitted last for everybody: for those who begin to listen later. */
    *snapshot(): Iterable<TeamsChange> {
        const at = new Date(this.#clock.now()).toISOString();
        for (const { user, emitted } of this.#followed.values()) {
            if (emitted) yield { user, presence: emitted, via: 'snapshot', at };
        }
    }

    get size(): number {
        return this.#followed.size;
    }

    isFollowed(userId: string): boolean {
        return this.#followed.has(userId);
    }

    /** Reads everybody and emits the differences: at start and after every gap. */
    async readAll(via: 'snapshot' | 'poll'): Promise<void> {
        await this.#readAndObserve([...this.#followed.keys()], via);
    }

    /** Takes in what Teams shows for a user, as a notification tells it. */
    observe(userId: string, shown: TeamsPresence, via: TeamsChange['via']): void {
        const followed = this.#followed.get(userId);
        if (followed) followed.notified = ++this.#notifications;
        this.#take(userId, shown, via, false);
    }

    /** Reads the user again as soon as the answer can be trusted; many users share one read. */
    verify(userId: string): void {
        if (!this.#read || !this.#followed.has(userId)) return;
        const trusted = Math.max(this.#clock.now() + 1, this.#ledger.changedAt(userId) + settling);
        const due = Math.ceil(trusted / gathering) * gathering;
        this.#doubtful.set(userId, due);
        this.#verifyAt(due);
    }

    #take(userId: string, shown: TeamsPresence, via: TeamsChange['via'], trusted: boolean): void {
        const followed = this.#followed.get(userId);
        if (!followed) return;
        const explanation = this.#ledger.explain(userId, shown, this.#clock.now());
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
        const presence = via === 'notification' ? { ...extrasOf(previous), ...shown } : shown;
        if (previous && isSame(previous, presence)) return;
        followed.emitted = presence;
        const at = new Date(this.#clock.now()).toISOString();
        this.emit('change', { user: followed.user, presence, previous, via, at });
    }

    /** One timer for all: it goes off for whoever is due first. */
    #verifyAt(due: number): void {
        if (this.#timer && this.#timerDue <= due) return;
        this.#clock.cancel(this.#timer);
        this.#timerDue = due;
        this.#timer = this.#clock.after(due - this.#clock.now(), () => this.#verifyDue());
    }

    #verifyDue(): void {
        this.#timer = undefined;
        const now = this.#clock.now();
        const ids = [...this.#doubtful].filter(([, due]) => due <= now).map(([id]) => id);
        for (const id of ids) this.#doubtful.delete(id);
        if (this.#doubtful.size > 0) this.#verifyAt(Math.min(...this.#doubtful.values()));
        this.#readAndObserve(ids, 'poll').then(
            () => this.#schedule.reset(),
            () => this.#verifyLater(ids),
        );
    }

    #verifyLater(ids: string[]): void {
        if (!this.#read) return;
        const due = this.#clock.now() + this.#schedule.next();
        for (const id of ids) if (this.#followed.has(id)) this.#doubtful.set(id, due);
        this.#verifyAt(due);
    }

    async #readAndObserve(ids: string[], via: 'snapshot' | 'poll'): Promise<void> {
        if (!this.#read || ids.length === 0) return;
        const startedAt = this.#clock.now();
        const notified = this.#notifications;
        const presences = await this.#read(ids);
        for (const [id, shown] of presences) {
            // A write or a notification on its way while we read: the answer may be from before or after it.
            const isOvertaken = (this.#followed.get(id)?.notified ?? 0) > notified;
            if (!isOvertaken && this.#ledger.changedAt(id) + settling <= startedAt) this.#take(id, shown, via, true);
            else this.verify(id);
        }
    }
}

function extrasOf(presence: TeamsPresence | undefined): Partial<TeamsPresence> {
    if (!presence) return {};
    const { statusMessage, outOfOffice } = presence;
    return { ...(statusMessage ? { statusMessage } : {}), ...(outOfOffice ? { outOfOffice } : {}) };
}

function isSame(a: TeamsPresence, b: TeamsPresence): boolean {
    return (
        a.availability === b.availability &&
        a.activity === b.activity &&
        a.statusMessage === b.statusMessage &&
        a.outOfOffice === b.outOfOffice
    );
}
