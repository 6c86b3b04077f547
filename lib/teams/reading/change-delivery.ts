import { EventEmitter } from 'node:events';
import { type ErrorCode, SyncError } from '../../errors/errors';
import { nameOf } from '../../presence/message';
import type { ConnectionState } from '../../support/connection-state';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import type { Account } from '../connection/sign-in/token-source';
import type { TeamsChange } from './following';
import { PresencePoller } from './presence-poller';
import type { PresenceSource } from './presence-source';
import { Round } from './round';
import { SilenceWatchdog } from './silence-watchdog';
import type { SteadyReading } from './steady-reading';
import { longestSubscription } from './subscriptions/cohorts';
import { SubscriptionFleet, type UncoveredUser } from './subscriptions/subscription-fleet';
import type { TeamsRegistration } from './teams-registration';

/** How changes arrive. */
export interface Delivery {
    /**
     * - `notifications`: Microsoft notifies the receiver; users whom no subscription covers are polled if the app may read.
     * - `polling`: the app reads in bulk; no communication user, no receiver and no public address are needed.
     * - `automatic`: notifications, and polling for users whom they do not reach or no longer reach.
     */
    mode: 'notifications' | 'polling' | 'automatic';
    /** Milliseconds between two polls of people in a call, or with a change in the last two minutes. */
    fast: number;
    /** Milliseconds between two polls of all others. */
    slow: number;
}

interface Events {
    /** {@link ChangeDelivery.state} may be another, or who is polled. */
    state: [];
    /** These people's changes come late or not at all; each is named once for each reason. */
    leftOut: [names: readonly string[], reason: SyncError];
}

interface Options {
    registration: TeamsRegistration;
    clock: Clock;
    /** None: all users are polled. */
    accounts: readonly Account[];
    source: PresenceSource;
    reading: SteadyReading;
    delivery: Delivery;
    random?: () => number;
}

/** Why users are only read in the sweep, and what is said of it; one whose subscription is being made is not told. */
const codes: readonly (readonly [UncoveredUser['reason'], ErrorCode])[] = [
    ['no-room', 'TEAMS_NO_ROOM'],
    ['refused', 'TEAMS_USER_NOT_SUBSCRIBED'],
    ['account-failed', 'TEAMS_ACCOUNT_LOST'],
];
/** In this time (ms) all users who are not polled are read, in search of what notifications have lost. */
const sweep = { notifications: 5 * 60_000, polling: 5 * 60_000, automatic: 60_000 };
/**
 * Something is read at least this often, in ms: an outage is noticed within seconds. Of a small site that is all users,
 * at the cost of one request, which is 0.4 % of the budget.
 */
const longestSilence = 5_000;
/** Subscriptions are looked at no more often than this, in ms. */
const lookInterval = 30_000;
/** Joiners, leavers and changes of the subscriptions are gathered for this long, in ms. */
const gathering = 250;

/**
 * Sees to it that changes of the followed users arrive: by the notifications of subscriptions, by polling, and by a
 * sweep over all others that finds what notifications have lost.
 */
export class ChangeDelivery extends EventEmitter<Events> {
    readonly #options: Options;
    readonly #clock: Clock;
    readonly #fleet: SubscriptionFleet | undefined;
    readonly #poller: PresencePoller;
    readonly #sweep: Round;
    readonly #watchdog: SilenceWatchdog;
    /** For which reasons each user was told to be left out. */
    readonly #told = new Map<string, Set<ErrorCode>>();
    #undo: (() => void)[] = [];
    /** Who has joined or left, until it is decided who is polled. */
    readonly #changed = new Set<string>();
    readonly #next: Alarm;
    #begun = false;
    #lookedAt = Number.NEGATIVE_INFINITY;
    /** Where notifications went when it was decided who is polled. */
    #url: string | undefined;
    /** All subscriptions have stood once since the start or the last gap. */
    #settled = false;

    constructor(options: Options) {
        super();
        const { registration, clock, accounts, delivery, random } = options;
        const { notifications: channel, following } = registration;
        this.#options = options;
        this.#clock = clock;
        this.#next = new Alarm(clock, () => this.#assign());
        if (accounts.length > 0)
            this.#fleet = new SubscriptionFleet({ access: registration, channel, accounts, clock, random });
        const read = (userIds: string[]): Promise<void> => this.#compare(userIds);
        this.#poller = new PresencePoller({ ...delivery, clock, read, toldOf: id => following.toldOf(id) });
        this.#sweep = new Round({ clock, period: sweep[delivery.mode], longestStep: longestSilence, read });
        this.#watchdog = new SilenceWatchdog({ clock, accountOf: id => this.#fleet?.accountOf(id) });
    }

    /** What keeps changes from arriving as they should. */
    get state(): ConnectionState {
        if (!this.#fleet) return { phase: 'online' };
        const { state } = this.#fleet;
        if ('error' in state) return state;
        const allPolled =
            this.#options.delivery.mode === 'automatic' &&
            this.polled >= this.#options.registration.following.users.size;
        const arrives = this.#options.registration.notifications.url ? this.#settled : allPolled;
        return { phase: arrives ? 'online' : 'connecting' };
    }

    get polled(): number {
        return this.#poller.size;
    }

    /** Accounts that subscribe; see {@link SubscriptionFleet.accounts}. */
    get accounts(): SubscriptionFleet['accounts'] {
        return this.#fleet?.accounts ?? [];
    }

    get silentAccounts(): string[] {
        return [...this.#watchdog.silent];
    }

    start(): void {
        this.#listen();
        this.#begun = true;
        this.#fleet?.cover(this.#options.registration.following.users.keys());
        this.#fleet?.start();
        this.#assign();
        this.#sweep.start();
    }

    /** With `remove` the subscriptions are deleted. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        for (const undo of this.#undo.splice(0)) undo();
        this.#begun = false;
        this.#next.stop();
        this.#poller.stop();
        this.#sweep.stop();
        this.#watchdog.forget();
        await this.#fleet?.stop(remove);
    }

    /** Some are followed since, and some no longer. */
    changed(joined: readonly string[], left: readonly string[]): void {
        for (const id of left) {
            this.#options.source.forget(id);
            this.#told.delete(id);
        }
        for (const id of [...joined, ...left]) this.#changed.add(id);
        this.#assignSoon();
    }

    /** The service was away, or notifications go to another address: all subscriptions may be lost. */
    gap(): void {
        this.#settled = false;
        this.#watchdog.forget();
        this.#fleet?.gapAll();
        this.#assignSoon();
    }

    #listen(): void {
        const onChange = (change: TeamsChange): void => this.#poller.changed(change);
        const onNotified = (userId: string): void => this.#watchdog.told(userId);
        const onLifecycle = (id: string, event: string): void => this.#fleet?.lifecycle(id, event);
        const onPermission = (): void => this.#assignSoon();
        const onUnreadable = (ids: readonly string[]): void => this.#tellLeftOut('TEAMS_PRESENCE_UNANSWERED', ids);
        const { following, notifications } = this.#options.registration;
        following.on('change', onChange);
        notifications.on('presence', onNotified).on('hint', onNotified).on('lifecycle', onLifecycle);
        this.#options.source.on('permission', onPermission).on('unreadable', onUnreadable);
        this.#undo.push(() => {
            following.off('change', onChange);
            notifications.off('presence', onNotified).off('hint', onNotified).off('lifecycle', onLifecycle);
            this.#options.source.off('permission', onPermission).off('unreadable', onUnreadable);
        });
        // While nothing can be read nothing can be said about notifications either.
        this.#options.reading.on('state', () => this.#options.reading.error && this.#watchdog.forget());
        this.#options.reading.on('recovered', () => this.#fleet?.check());
        this.#fleet?.on('gap', userIds => this.#subscribed(userIds));
        this.#fleet?.on('state', () => this.#fleetChanged());
        this.#watchdog.on('agrees', () => this.#assignSoon());
        this.#watchdog.on('silent', account => {
            this.#assignSoon();
            this.#fleet?.restart(account);
        });
    }

    #fleetChanged(): void {
        this.#assignSoon();
        this.emit('state');
    }

    /** A subscription was made: what changed before it stood was not notified. */
    #subscribed(userIds: readonly string[]): void {
        const account = userIds[0] === undefined ? undefined : this.#fleet?.accountOf(userIds[0]);
        if (account !== undefined) this.#watchdog.made(account);
        this.#options.reading.read(userIds).catch(() => {});
    }

    /** Reading was faster than the notification, as is usual, or a subscription is gone: one request each tells. */
    #lookAtSubscriptions(): void {
        const now = this.#clock.monotonic();
        if (now - this.#lookedAt < lookInterval) return;
        this.#lookedAt = now;
        this.#fleet?.check();
    }

    /** Reads; what is found must have been notified, or be notified soon. */
    async #compare(userIds: string[]): Promise<void> {
        // A receiver goes without a word.
        if (this.#options.registration.notifications.url !== this.#url) this.#assignSoon();
        const changed = await this.#options.reading.read(userIds);
        this.#watchdog.found(changed);
        if (changed.length > 0) this.#lookAtSubscriptions();
    }

    #assignSoon(): void {
        if (this.#begun) this.#next.set(gathering);
    }

    /** Decides anew who is polled and who is left to the sweep. */
    #assign(): void {
        this.#next.stop();
        this.#url = this.#options.registration.notifications.url;
        const changed = [...this.#changed];
        this.#changed.clear();
        const { users } = this.#options.registration.following;
        if (changed.length > 0) {
            this.#fleet?.cover(users.keys());
            this.#options.reading.read(changed.filter(id => users.has(id))).catch(() => {});
        }
        const uncovered = this.#fleet?.uncovered() ?? [];
        const polled = this.#polledNow(uncovered);
        this.#sweep.hold(new Set([...users.keys()].filter(id => !polled.has(id))));
        this.#poller.poll(polled);
        for (const [reason, code] of codes) {
            const leftOut = uncovered.filter(each => each.reason === reason && !polled.has(each.userId));
            this.#tellLeftOut(
                code,
                leftOut.map(({ userId }) => userId),
            );
        }
        if (uncovered.every(({ reason }) => reason !== 'pending')) this.#settled = true;
        this.emit('state');
    }

    /** Users whom no subscription covers that works, where the app may read; without subscriptions all. */
    #polledNow(uncovered: readonly UncoveredUser[]): Set<string> {
        const { users } = this.#options.registration.following;
        const fleet = this.#fleet;
        if (!fleet) return new Set(users.keys());
        if (!(this.#options.source.appMayRead ?? this.#options.registration.canActAsApp)) return new Set();
        const polled = new Set(uncovered.map(({ userId }) => userId));
        if (this.#options.delivery.mode !== 'automatic' || this.silentAccounts.length === 0) return polled;
        for (const id of users.keys()) if (this.#watchdog.isSilent(fleet.accountOf(id) ?? '')) polled.add(id);
        return polled;
    }

    #tellLeftOut(code: ErrorCode, userIds: readonly string[]): void {
        const { users } = this.#options.registration.following;
        const names: string[] = [];
        for (const id of userIds) {
            const [user, told] = [users.get(id), this.#told.get(id) ?? new Set<ErrorCode>()];
            if (!user || told.has(code)) continue;
            this.#told.set(id, told.add(code));
            names.push(nameOf(user));
        }
        const room = this.#options.accounts.length * longestSubscription;
        const reason = new SyncError(code, { room, seconds: sweep[this.#options.delivery.mode] / 1000 });
        if (names.length > 0) this.emit('leftOut', names, reason);
    }
}
