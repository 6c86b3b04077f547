import type { PresenceUser } from '../../presence/message';
import { teamsIdOf } from '../../presence/user-matching';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';

/** Leases that fall due within this many ms are renewed together. */
const gathering = 5_000;
/** Renewals under way at most: the others' places in the queue are for changes, which never wait behind these. */
const most = 60;
/** A user who is being written to is looked at again after this many ms. */
const busyPause = 15_000;

/** Whose lease is to be begun anew, and when: one timer for all. */
export class Renewals {
    readonly #clock: Clock;
    readonly #renew: (user: PresenceUser) => boolean;
    readonly #deadlines: DeadlineQueue;
    readonly #users = new Map<string, PresenceUser>();
    readonly #underWay = new Set<string>();

    /**
     * @param options.renew begins a renewal, whose end {@link finished} tells; false if the user cannot be written to
     * now
     */
    constructor(options: { clock: Clock; renew: (user: PresenceUser) => boolean }) {
        this.#clock = options.clock;
        this.#renew = options.renew;
        this.#deadlines = new DeadlineQueue({ clock: options.clock, onDue: () => this.#renewDue(), step: gathering });
    }

    /** Everybody for whom something is held. */
    users(): Iterable<PresenceUser> {
        return this.#users.values();
    }

    /** True for a user whose lease will be renewed, or is being. */
    has(userId: string): boolean {
        return this.#deadlines.has(userId) || this.#underWay.has(userId);
    }

    /** The user's lease is to be renewed at this time (ms since the epoch), and at no other. */
    set(user: PresenceUser, at: number): void {
        const id = teamsIdOf(user);
        this.#users.set(id, user);
        this.#deadlines.set(id, at);
    }

    /** Nothing is held for the user any more. */
    delete(userId: string): void {
        this.#users.delete(userId);
        this.#deadlines.delete(userId);
    }

    /** A renewal that was begun is over, whatever came of it. */
    finished(userId: string): void {
        if (this.#underWay.delete(userId)) this.#renewDue();
    }

    stop(): void {
        this.#deadlines.stop();
    }

    #renewDue(): void {
        for (;;) {
            const [id] = this.#underWay.size < most ? this.#deadlines.takeDue(1) : [];
            const user = id === undefined ? undefined : this.#users.get(id);
            if (id === undefined || !user) return;
            // Noted first: a renewal may be over before `renew` returns.
            this.#underWay.add(id);
            if (this.#renew(user)) continue;
            this.#underWay.delete(id);
            this.#deadlines.set(id, this.#clock.monotonic() + busyPause);
        }
    }
}
