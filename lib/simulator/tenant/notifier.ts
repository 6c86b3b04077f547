import type { TeamsPair } from '../../presence/vocabulary';
import type { Clock } from '../../support/clock';
import { toNotification, validationClaims } from './change-notification';
import { Outbox } from './outbox';
import type { SigningKeys } from './signing-keys';
import type { Subscription } from './subscription';
import type { SubscriptionStore } from './subscription-store';
import type { WebhookClient } from './webhook-client';

/** A validation token is signed once for this long. */
const tokenReuse = 600_000;

/** What the notifier needs. */
export interface NotifierOptions {
    clock: Clock;
    tenantId: string;
    url: () => string;
    keys: SigningKeys;
    store: SubscriptionStore;
    webhooks: WebhookClient;
    /** Milliseconds between a change and its notification. */
    delay: () => number;
    /** Whether deliveries wait for a renewal once the subscription's token has expired, as Graph's do. */
    expiredTokenStopsDelivery: () => boolean;
    onSent: (count: number) => void;
}

/** Tells each subscription of the changes of the users that it follows. */
export class Notifier {
    readonly #options: NotifierOptions;
    readonly #outboxes = new Map<string, Outbox>();
    readonly #tokens = new Map<string, { token: string; until: number }>();

    constructor(options: NotifierOptions) {
        this.#options = options;
    }

    changed(userId: string, presence: TeamsPair): void {
        for (const subscription of this.#options.store.followersOf(userId))
            this.#outboxOf(subscription).push({ userId, presence });
    }

    /** Drops what waits for a subscription that has ended. */
    removed(subscription: Subscription): void {
        this.#outboxes.get(subscription.id)?.close();
        this.#outboxes.delete(subscription.id);
    }

    #outboxOf(subscription: Subscription): Outbox {
        const existing = this.#outboxes.get(subscription.id);
        if (existing) return existing;
        const { clock, tenantId, webhooks, delay, onSent, expiredTokenStopsDelivery } = this.#options;
        const outbox = new Outbox(subscription, {
            clock,
            webhooks,
            delay,
            onSent,
            deliverable: () => !expiredTokenStopsDelivery() || subscription.tokenExpires > clock.now(),
            compose: changes =>
                JSON.stringify({
                    value: changes.map(change => toNotification(subscription, change, tenantId)),
                    ...(subscription.includeResourceData
                        ? { validationTokens: [this.#validationToken(subscription.appId)] }
                        : {}),
                }),
        });
        this.#outboxes.set(subscription.id, outbox);
        return outbox;
    }

    #validationToken(appId: string): string {
        const { clock, tenantId, url, keys } = this.#options;
        const now = clock.now();
        const known = this.#tokens.get(appId);
        if (known && known.until > now) return known.token;
        const token = keys.sign(validationClaims({ appId, tenantId, url: url(), now }));
        this.#tokens.set(appId, { token, until: now + tokenReuse });
        return token;
    }
}
