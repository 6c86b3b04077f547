import { EventEmitter } from 'node:events';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';

interface Events {
    /** A change was not notified in time: the subscription of this account has fallen silent, or is so still. */
    silent: [account: string];
    /** Notifications of this account have been coming for a while. */
    agrees: [account: string];
}

interface Silence {
    /** When (monotonic) a change was missed last, or the subscription was made anew. */
    since: number;
    /** When silence was told last. */
    toldAt: number;
}

/**
 * A change must be notified within this many ms: Microsoft names one minute at worst.
 * @see https://learn.microsoft.com/graph/change-notifications-overview#latency
 */
const longestDelay = 75_000;
/** What is read so soon after a subscription was made, in ms, may have changed before. */
const newness = 10_000;
/** Notifications are trusted again when none was missed for this long, in ms, and one has come. */
const proving = 3 * 60_000;
/** A subscription that stays silent is complained of again after this time, in ms. */
const complaintInterval = 5 * 60_000;

/**
 * Finds subscriptions that have fallen silent: Graph never says that presence notifications have stopped, and the
 * subscription looks valid. It is told of the differences that a read finds; each must be notified in time too.
 */
export class SilenceWatchdog extends EventEmitter<Events> {
    readonly #clock: Clock;
    readonly #accountOf: (userId: string) => string | undefined;
    /** Users whose change was read, and when their notifications are overdue. */
    readonly #overdue: DeadlineQueue;
    readonly #silent = new Map<string, Silence>();
    /** When (monotonic) the subscription of each account was made. */
    readonly #madeAt = new Map<string, number>();

    /** @param options.accountOf the account whose subscription covers a user now */
    constructor(options: { clock: Clock; accountOf: (userId: string) => string | undefined }) {
        super();
        this.#clock = options.clock;
        this.#accountOf = options.accountOf;
        this.#overdue = new DeadlineQueue({ clock: options.clock, step: 100, onDue: userIds => this.#judge(userIds) });
    }

    isSilent(account: string): boolean {
        return this.#silent.has(account);
    }

    get silent(): Iterable<string> {
        return this.#silent.keys();
    }

    /** These users were found changed by reading: their notifications must come, or have only just come. */
    found(userIds: readonly string[]): void {
        const now = this.#clock.monotonic();
        for (const id of userIds) {
            const account = this.#accountOf(id);
            if (account === undefined || this.#overdue.has(id)) continue;
            if (this.#ageOf(account) < newness) continue;
            this.#overdue.set(id, now + longestDelay);
        }
    }

    /** A notification has come for this user. */
    told(userId: string): void {
        this.#overdue.delete(userId);
        if (this.#silent.size === 0) return;
        const account = this.#accountOf(userId);
        const silence = account === undefined ? undefined : this.#silent.get(account);
        if (account === undefined || !silence || this.#clock.monotonic() - silence.since < proving) return;
        this.#silent.delete(account);
        this.emit('agrees', account);
    }

    /** The subscription of an account was made anew: what changed before is nothing that it should have told. */
    made(account: string): void {
        this.#madeAt.set(account, this.#clock.monotonic());
        const silence = this.#silent.get(account);
        if (silence) silence.since = this.#clock.monotonic();
    }

    /** Expects nothing any more: notifications may have been lost for a reason that is known. */
    forget(): void {
        this.#overdue.stop();
    }

    /** Of the account's subscription, in ms. */
    #ageOf(account: string): number {
        return this.#clock.monotonic() - (this.#madeAt.get(account) ?? Number.NEGATIVE_INFINITY);
    }

    #judge(userIds: readonly string[]): void {
        const now = this.#clock.monotonic();
        for (const account of new Set(userIds.map(id => this.#accountOf(id)))) {
            // One that was made after the change was found need not have told it.
            if (account !== undefined && this.#ageOf(account) >= longestDelay + newness) this.#complain(account, now);
        }
    }

    #complain(account: string, now: number): void {
        const silence = this.#silent.get(account) ?? { since: now, toldAt: Number.NEGATIVE_INFINITY };
        silence.since = now;
        this.#silent.set(account, silence);
        if (now - silence.toldAt < complaintInterval) return;
        silence.toldAt = now;
        this.emit('silent', account);
    }
}
