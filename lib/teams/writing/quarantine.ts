import type { PresenceUser } from '../../presence/message';
import type { TeamsTarget } from '../../presence/teams-states';
import { teamsIdOf } from '../../presence/user-matching';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';

/** Refusals in a row after which a user is left alone. */
const patience = 3;
/** A user who was left alone is tried again after this many ms. */
const rest = 24 * 3_600_000;

interface Record {
    user: PresenceUser;
    status: number;
    refusals: number;
    /** Writes for anybody that had been accepted before the first refusal. */
    acceptedBefore: number;
    /** The newest wish while the user is left alone. */
    wish?: TeamsTarget;
}

/**
 * Users whose writes Graph refuses again and again in the same way: the deleted, and those without a licence or beyond
 * an access policy. They are left alone and tried again once a day with their newest wish.
 */
export class Quarantine {
    readonly #clock: Clock;
    readonly #onRetry: (user: PresenceUser, wish: TeamsTarget) => void;
    readonly #exists: (userId: string) => boolean;
    readonly #deadlines: DeadlineQueue;
    readonly #records = new Map<string, Record>();
    #accepted = 0;

    /**
     * @param options.onRetry a user is to be tried again
     * @param options.exists true for a user of whom it is known that Teams must know the user
     */
    constructor(options: {
        clock: Clock;
        onRetry: (user: PresenceUser, wish: TeamsTarget) => void;
        exists: (userId: string) => boolean;
    }) {
        this.#clock = options.clock;
        this.#onRetry = options.onRetry;
        this.#exists = options.exists;
        this.#deadlines = new DeadlineQueue({ clock: options.clock, onDue: () => this.#retryDue(), step: 60_000 });
    }

    /** True for a user who is left alone. */
    holds(userId: string): boolean {
        return this.#deadlines.has(userId);
    }

    /** Keeps the newest wish of a user who is left alone. */
    keep(userId: string, wish: TeamsTarget): void {
        const record = this.#records.get(userId);
        if (record) record.wish = wish;
    }

    /** Where a user who was left alone is served after all it may be that nobody should be. */
    accepted(userId: string): void {
        this.#accepted += 1;
        const wasLeftAlone = (this.#records.get(userId)?.refusals ?? 0) >= patience;
        this.#records.delete(userId);
        if (wasLeftAlone)
            for (const each of [...this.#deadlines.keys()]) this.#deadlines.set(each, this.#clock.monotonic());
    }

    /**
     * Counts a refusal. What is refused to everybody, for want of a permission or in a fault of the service, is no fault
     * of the user: it counts only where others are served meanwhile, and 404 only of a user who may be gone indeed.
     * @returns true if the user is left alone from now on
     */
    refused(user: PresenceUser, status: number, wish: TeamsTarget): boolean {
        if (status !== 403 && status !== 404) return false;
        const userId = teamsIdOf(user);
        const known = this.#records.get(userId);
        const record: Record =
            known?.status === status ? known : { user, status, refusals: 0, acceptedBefore: this.#accepted };
        record.refusals += 1;
        record.wish = wish;
        this.#records.set(userId, record);
        const isPersonal = this.#accepted > record.acceptedBefore && !(status === 404 && this.#exists(userId));
        if (record.refusals < patience || !isPersonal) return false;
        this.#deadlines.set(userId, this.#clock.monotonic() + rest);
        return true;
    }

    stop(): void {
        this.#deadlines.stop();
    }

    #retryDue(): void {
        for (const userId of this.#deadlines.takeDue()) {
            const record = this.#records.get(userId);
            if (record) this.#onRetry(record.user, record.wish ?? {});
        }
    }
}
