import type { PresenceUser } from '../../presence/message';
import type { TeamsTarget } from '../../presence/teams-states';
import { teamsIdOf } from '../../presence/user-matching';
import { Agenda } from '../../support/agenda';
import type { Clock } from '../../support/clock';

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
    readonly #agenda: Agenda;
    readonly #records = new Map<string, Record>();
    #accepted = 0;

    /** @param options.onRetry a user is to be tried again */
    constructor(options: { clock: Clock; onRetry: (user: PresenceUser, wish: TeamsTarget) => void }) {
        this.#clock = options.clock;
        this.#onRetry = options.onRetry;
        this.#agenda = new Agenda({ clock: options.clock, onDue: () => this.#retryDue(), step: 60_000 });
    }

    /** True for a user who is left alone. */
    holds(userId: string): boolean {
        return this.#agenda.has(userId);
    }

    /** Keeps the newest wish of a user who is left alone. */
    keep(userId: string, wish: TeamsTarget): void {
        const record = this.#records.get(userId);
        if (record) record.wish = wish;
    }

    accepted(userId: string): void {
        this.#accepted += 1;
        this.#records.delete(userId);
    }

    /**
     * Counts a refusal. What is refused to everybody, a missing permission, is no fault of the user: 403 counts only
     * where others are served meanwhile.
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
        const isPersonal = status === 404 || this.#accepted > record.acceptedBefore;
        if (record.refusals < patience || !isPersonal) return false;
        this.#agenda.set(userId, this.#clock.now() + rest);
        return true;
    }

    stop(): void {
        this.#agenda.stop();
    }

    #retryDue(): void {
        for (const userId of this.#agenda.takeDue()) {
            const record = this.#records.get(userId);
            if (record) this.#onRetry(record.user, record.wish ?? {});
        }
    }
}
