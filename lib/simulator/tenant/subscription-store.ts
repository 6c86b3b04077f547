import type { Clock } from '../../time/clock';
import { DeadlineQueue } from './deadline-queue';
import type { Subscription } from './subscription';

/** The live subscriptions, found by id, by owner and by the users that they follow. */
export class SubscriptionStore {
    readonly #clock: Clock;
    readonly #onAdded: (subscription: Subscription) => void;
    readonly #onRemoved: (subscription: Subscription) => void;
    readonly #byId = new Map<string, Subscription>();
    readonly #byOwner = new Map<string, Subscription>();
    readonly #byFollowed = new Map<string, Set<Subscription>>();
    /** Owners whose create is under way: the handshake takes time, and a second create must not slip in. */
    readonly #pending = new Set<string>();
    readonly #deadlines: DeadlineQueue;
    #running = false;

    /** @param options.onRemoved called when a subscription has been deleted or has expired */
    constructor(options: {
        clock: Clock;
        onAdded: (subscription: Subscription) => void;
        onRemoved: (subscription: Subscription) => void;
    }) {
        this.#clock = options.clock;
        this.#onAdded = options.onAdded;
        this.#onRemoved = options.onRemoved;
        this.#deadlines = new DeadlineQueue(options.clock, id => this.#expire(id));
    }

    start(): void {
        this.#running = true;
        this.#deadlines.start();
    }

    /** Forgets all subscriptions. */
    stop(): void {
        this.#running = false;
        this.#deadlines.stop();
        for (const subscription of this.all()) this.remove(subscription);
    }

    all(): Subscription[] {
        return [...this.#byId.values()];
    }

    byId(id: string): Subscription | undefined {
        const subscription = this.#byId.get(id.toLowerCase());
        return subscription && subscription.expires > this.#clock.date() ? subscription : undefined;
    }

    followersOf(userId: string): Subscription[] {
        const now = this.#clock.date();
        return [...(this.#byFollowed.get(userId) ?? [])].filter(subscription => subscription.expires > now);
    }

    /**
     * Reserves the one place of an app and a signed-in user; undefined if it is taken. The result gives the place
     * back, once the subscription stands or has failed.
     */
    reserve(appId: string, creatorId: string): (() => void) | undefined {
        const owner = ownerOf({ appId, creatorId });
        const standing = this.#byOwner.get(owner);
        const taken = standing !== undefined && this.byId(standing.id) === standing;
        if (taken || this.#pending.has(owner)) return undefined;
        this.#pending.add(owner);
        return () => this.#pending.delete(owner);
    }

    /** Throws while stopped: nobody would hear of the subscription. */
    add(subscription: Subscription): void {
        if (!this.#running) throw new Error('The simulated tenant has stopped');
        this.#byId.set(subscription.id, subscription);
        this.#byOwner.set(ownerOf(subscription), subscription);
        for (const user of subscription.followed) this.#followersSet(user).add(subscription);
        this.#setDeadline(subscription);
        this.#onAdded(subscription);
    }

    /** Moves the end of a subscription; milliseconds since the epoch. */
    renew(subscription: Subscription, expires: number): void {
        subscription.expires = expires;
        this.#setDeadline(subscription);
    }

    remove(subscription: Subscription): void {
        if (!this.#byId.delete(subscription.id)) return;
        if (this.#byOwner.get(ownerOf(subscription)) === subscription) this.#byOwner.delete(ownerOf(subscription));
        this.#deadlines.set(subscription.id, undefined);
        for (const user of subscription.followed) this.#unfollow(user, subscription);
        this.#onRemoved(subscription);
    }

    #setDeadline({ id, expires }: Subscription): void {
        this.#deadlines.set(id, this.#clock.monotonic() + expires - this.#clock.date());
    }

    #expire(id: string): void {
        const subscription = this.#byId.get(id);
        if (subscription) this.remove(subscription);
    }

    #unfollow(user: string, subscription: Subscription): void {
        const followers = this.#byFollowed.get(user);
        followers?.delete(subscription);
        if (followers?.size === 0) this.#byFollowed.delete(user);
    }

    #followersSet(user: string): Set<Subscription> {
        const existing = this.#byFollowed.get(user);
        if (existing) return existing;
        const created = new Set<Subscription>();
        this.#byFollowed.set(user, created);
        return created;
    }
}

function ownerOf({ appId, creatorId }: Pick<Subscription, 'appId' | 'creatorId'>): string {
    return `${appId} ${creatorId}`;
}
