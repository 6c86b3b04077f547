import { EventEmitter } from 'node:events';
import type { ConnectionState } from '../../../support/connection-state';
import { RateBudget } from '../../../support/rate-budget';
import { Alarm } from '../../../time/alarm';
import type { Clock } from '../../../time/clock';
import { DeadlineQueue } from '../../../time/deadline-queue';
import type { GraphAccess } from '../../connection/graph-access';
import type { Account } from '../../connection/sign-in/token-source';
import type { NotificationChannel } from '../notifications/notification-channel';
import { Cohorts } from './cohorts';
import { PresenceSubscription } from './presence-subscription';
import { listLimit, SubscriptionRequests } from './subscription-requests';

interface Events {
    /** The state of an account, or who is covered, has changed. */
    state: [];
    /** Notifications about these users may have been missed up to now: read them. */
    gap: [userIds: readonly string[]];
}

/** A user whom no subscription covers. */
export interface UncoveredUser {
    userId: string;
    /**
     * `pending` (a subscription is being made), `no-room` (650 per account), `refused` (Microsoft does not take the
     * user), `account-failed` (an administrator must change something about the account).
     */
    reason: 'no-room' | 'refused' | 'account-failed' | 'pending';
}

const minute = 60_000;
/** Joiners are gathered for so long, in ms: in the first minute, when they come in waves, and later. */
const gatheringAtFirst = 2_000;
const gatheringLater = minute;
const firstTime = minute;
/** Users that Microsoft refuses are tried again after so long, in ms. */
const tryAgainAfter = 24 * 60 * minute;

/**
 * Spreads users over accounts and keeps one presence subscription per account alive. A joiner disturbs one cohort, a
 * leaver none; a user that Microsoft refuses is set aside; the users of an account that fails are taken over by the
 * others as far as they have room. It never reads presence: `gap` tells who has to be read.
 */
export class SubscriptionFleet extends EventEmitter<Events> {
    readonly #channel: NotificationChannel;
    readonly #clock: Clock;
    readonly #cohorts: Cohorts;
    /** Users that Microsoft takes into no subscription, and when they are tried again. */
    readonly #refused: DeadlineQueue;
    /** By the user name of their account. */
    readonly #subscriptions = new Map<string, PresenceSubscription>();
    readonly #phases = new Map<string, ConnectionState['phase']>();
    #wanted: ReadonlySet<string> = new Set();
    #startedAt: number | undefined;
    #stopped = false;
    /** When users who have no place get one. */
    readonly #placing: Alarm;

    /** @param options.accounts each once */
    constructor(options: {
        access: GraphAccess;
        channel: NotificationChannel;
        accounts: readonly Account[];
        clock: Clock;
        random?: () => number;
    }) {
        super();
        const { access, channel, accounts, clock, random = Math.random } = options;
        this.#channel = channel;
        this.#clock = clock;
        this.#placing = new Alarm(clock, () => this.#place());
        this.#refused = new DeadlineQueue({ clock, step: 1_000, onDue: () => this.#assign() });
        const lists = new RateBudget(listLimit, clock);
        for (const account of accounts) {
            const { username } = account;
            const requests = new SubscriptionRequests({ graph: access.asAccount(account), account: username, lists });
            this.#subscriptions.set(username, this.#subscription(username, requests, random));
        }
        this.#cohorts = new Cohorts([...this.#subscriptions.keys()]);
    }

    /** The worst of its accounts; connecting while there is no address to send notifications to. */
    get state(): ConnectionState {
        if (this.#stopped || this.#startedAt === undefined) return { phase: 'stopped' };
        const states = [...this.#subscriptions.values()].map(({ state }) => state);
        for (const phase of ['failed', 'retrying', 'connecting']) {
            const worst = states.find(state => state.phase === phase);
            if (worst) return worst;
        }
        return { phase: this.#channel.url === undefined ? 'connecting' : 'online' };
    }

    /** Each account by its user name: the state of its subscription, and how many users that covers. */
    get accounts(): { username: string; state: ConnectionState; covered: number }[] {
        return Array.from(this.#subscriptions, ([username, { state, covered }]) => ({
            ...{ username, state, covered: covered.size },
        }));
    }

    start(): void {
        if (this.#stopped) return;
        this.#startedAt = this.#clock.monotonic();
        // Takes a moment to make, and no subscription is made without it; a failure shows there.
        this.#channel.key().catch(() => {});
        this.#place();
    }

    /** With `remove` the subscriptions are deleted, else they end by themselves. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopped = true;
        await Promise.all([...this.#subscriptions.values()].map(subscription => subscription.stop(remove)));
        this.#placing.stop();
        this.#refused.stop();
    }

    /** Exactly these users (object ids) are to be covered: all of them each time. Changes are gathered. */
    cover(userIds: Iterable<string>): void {
        const before = this.#wanted;
        this.#wanted = new Set(userIds);
        for (const userId of before) if (!this.#wanted.has(userId)) this.#refused.delete(userId);
        const isFirst = this.#cohorts.size === 0;
        const hasLeavers = this.#cohorts.retain(this.#wanted);
        if (this.#startedAt === undefined || this.#stopped) return;
        if (isFirst) return this.#place();
        const isHomeless = (userId: string): boolean => this.#cohorts.placeOf(userId) === undefined;
        if (!hasLeavers && ![...this.#wanted].some(isHomeless)) return;
        const isFirstTime = this.#clock.monotonic() - this.#startedAt < firstTime;
        this.#placing.set(isFirstTime ? gatheringAtFirst : gatheringLater);
    }

    /** User name of the account whose subscription covers the user now. */
    accountOf(userId: string): string | undefined {
        if (!this.#wanted.has(userId)) return undefined;
        const place = this.#cohorts.placeOf(userId);
        if (place !== undefined && this.#subscriptions.get(place)!.covered.has(userId)) return place;
        return this.#coveredBy(userId);
    }

    uncovered(): UncoveredUser[] {
        const uncovered = new Set(this.#wanted);
        for (const { covered } of this.#subscriptions.values()) for (const userId of covered) uncovered.delete(userId);
        return [...uncovered].map(userId => ({ userId, reason: this.#reasonOf(userId) }));
    }

    /** A lifecycle notification has come. @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events */
    lifecycle(subscriptionId: string, event: string): void {
        const subscription = [...this.#subscriptions.values()].find(each => each.is(subscriptionId));
        if (event === 'reauthorizationRequired') subscription?.reauthorize();
        else if (event === 'missed') subscription?.verify();
        else if (event === 'subscriptionRemoved') subscription?.restart();
    }

    /** All may be lost: after an outage of the service, or when the address for notifications has changed. */
    gapAll(): void {
        for (const subscription of this.#subscriptions.values()) subscription.verify();
    }

    /** Makes sure that all subscriptions still stand, and makes anew those that do not: one GET per account. */
    check(): void {
        for (const subscription of this.#subscriptions.values()) subscription.check();
    }

    /** Makes the subscription of an account anew, since it has fallen silent. @param account its user name */
    restart(account: string): void {
        this.#subscriptions.get(account)?.restart();
        this.#tell();
    }

    #subscription(account: string, requests: SubscriptionRequests, random: () => number): PresenceSubscription {
        const subscription = new PresenceSubscription({
            requests,
            account,
            channel: this.#channel,
            clock: this.#clock,
            random,
            maySearch: () => ![...this.#subscriptions.values()].some(each => each.isInDoubt),
        });
        subscription.on('change', () => {
            if (this.#stopped) return;
            this.#review(account, subscription);
            this.#tell();
        });
        subscription.on('gap', userIds => this.#gap(userIds));
        subscription.on('refused', userIds => this.#setAside(userIds));
        return subscription;
    }

    #gap(userIds: readonly string[]): void {
        const followed = userIds.filter(userId => this.#wanted.has(userId));
        if (!this.#stopped && followed.length > 0) this.emit('gap', followed);
    }

    #reasonOf(userId: string): UncoveredUser['reason'] {
        if (this.#refused.has(userId)) return 'refused';
        // Joiners who are being gathered have not been told yet whether there is room.
        if (this.#placing.isSet || this.#cohorts.placeOf(userId) !== undefined) return 'pending';
        return this.#cohorts.hasHome(userId) ? 'account-failed' : 'no-room';
    }

    /** An account whose subscription covers the user by chance: the user was there before, or is no guest any more. */
    #coveredBy(userId: string): string | undefined {
        for (const [account, subscription] of this.#subscriptions) if (subscription.covered.has(userId)) return account;
        return undefined;
    }

    /** Finds a place for each user who has none. */
    #place(): void {
        this.#placing.stop();
        this.#cohorts.place(this.#wanted, userId => this.#coveredBy(userId));
        this.#assign();
    }

    /** Tells every account which users it is there for. */
    #assign(): void {
        if (this.#startedAt === undefined || this.#stopped) return;
        const lists = this.#cohorts.lists();
        for (const [account, subscription] of this.#subscriptions) {
            subscription.want(lists.get(account)!.filter(userId => !this.#refused.has(userId)));
            this.#review(account, subscription);
        }
        this.#tell();
    }

    /** Leaves out for a day users whom Microsoft takes into no subscription. */
    #setAside(userIds: readonly string[]): void {
        if (this.#stopped) return;
        for (const userId of userIds) this.#refused.set(userId, this.#clock.monotonic() + tryAgainAfter);
        this.#assign();
    }

    /** Hands users over from an account that has failed, and back when it works again. An outage moves no user. */
    #review(account: string, { state: { phase } }: PresenceSubscription): void {
        const hasFailed = this.#cohorts.hasFailed(account);
        if (phase === 'failed' ? !hasFailed : phase === 'online' && hasFailed) {
            this.#cohorts.setFailed(account, phase === 'failed');
            // Others fail, or work again, for the same reason at about the same time.
            this.#placing.set(gatheringAtFirst);
        }
        const before = this.#phases.get(account);
        this.#phases.set(account, phase);
        if (phase !== 'online' || before !== 'retrying') return;
        // What one account can do again, the others can, too.
        for (const other of this.#subscriptions.values()) if (other.state.phase === 'retrying') other.retryNow();
    }

    #tell(): void {
        if (!this.#stopped) this.emit('state');
    }
}
