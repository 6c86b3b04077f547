import { createHmac, randomBytes } from 'node:crypto';
import { RecentTexts } from '../../../support/recent-texts';
import type { Clock } from '../../../time/clock';

/** Former subscriptions that are remembered at most. */
const formerKept = 1_000;
/** A subscription is made within this many ms, or not at all. */
const creationLimit = 2 * 60_000;

/**
 * The `clientState` of each subscription, without which nothing is taken for a notification of it. Kept as digests, which
 * can be looked up and compared without telling anything by the time that it takes.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export class SubscriptionSecrets {
    readonly #clock: Clock;
    readonly #bySubscription = new Map<string, string>();
    /** Subscriptions that we have ended ourselves: what is still on its way for them is no cause for alarm. */
    readonly #former = new RecentTexts(formerKept);
    /** Of subscriptions that are being made, and since when: a notification can overtake the answer. */
    readonly #pending = new Map<string, number>();
    readonly #digestKey = randomBytes(32);

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    /** A secret for a subscription that is to be made now. */
    make(): string {
        const secret = randomBytes(32).toString('base64url');
        const now = this.#clock.monotonic();
        for (const [digest, since] of this.#pending) if (now - since > creationLimit) this.#pending.delete(digest);
        this.#pending.set(this.#digestOf(secret), now);
        return secret;
    }

    /** The subscription stands. */
    accept(subscriptionId: string, secret: string): void {
        const digest = this.#digestOf(secret);
        this.#pending.delete(digest);
        this.#bySubscription.set(subscriptionId.toLowerCase(), digest);
    }

    /** The subscription is over. */
    forget(subscriptionId: string): void {
        const id = subscriptionId.toLowerCase();
        if (this.#bySubscription.delete(id)) this.#former.add(id);
    }

    isFormer(subscriptionId: string): boolean {
        return this.#former.has(subscriptionId.toLowerCase());
    }

    /** Whether this is the secret of the subscription, or of one that is being made. */
    fits(subscriptionId: string, claimed: string): boolean {
        const digest = this.#digestOf(claimed);
        const known = this.#bySubscription.get(subscriptionId.toLowerCase());
        if (known !== undefined) return known === digest;
        const since = this.#pending.get(digest);
        return since !== undefined && this.#clock.monotonic() - since <= creationLimit;
    }

    #digestOf(secret: string): string {
        return createHmac('sha256', this.#digestKey).update(secret).digest('base64url');
    }
}
