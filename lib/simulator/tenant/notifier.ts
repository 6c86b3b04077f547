import type { Clock } from '../../time/clock';
import { type PresenceChange, toLifecycleNotification, toNotification, validationClaims } from './change-notification';
import { DeadlineQueue } from './deadline-queue';
import { EndpointHealth, slowDelay } from './endpoint-health';
import type { Identities } from './identities';
import type { NotificationFaults } from './notification-faults';
import { Outbox } from './outbox';
import type { SigningKeys } from './signing-keys';
import type { LifecycleEvent, Subscription } from './subscription';
import type { SubscriptionStore } from './subscription-store';
import type { TenantBehaviour } from './tenant-behaviour';
import type { WebhookClient } from './webhook-client';

const minute = 60_000;
/** A validation token is signed once for this long. */
const tokenReuse = 10 * minute;
const reauthorizationInterval = 15 * minute;

/** What the notifier needs. */
export interface NotifierOptions {
    clock: Clock;
    tenantId: string;
    url: () => string;
    keys: SigningKeys;
    identities: Identities;
    store: SubscriptionStore;
    webhooks: WebhookClient;
    behaviour: TenantBehaviour;
    faults: { notifications: NotificationFaults };
    onSent: (count: number) => void;
}

interface Outboxes {
    changes: Outbox<PresenceChange>;
    /** Absent where the subscription has no address for them. */
    lifecycle: Outbox<LifecycleEvent> | undefined;
}

/** Tells each subscription of the changes of the users that it follows, and of its own fate. */
export class Notifier {
    readonly #options: NotifierOptions;
    readonly #outboxes = new Map<string, Outboxes>();
    readonly #tokens = new Map<string, { token: string; until: number }>();
    readonly #health: EndpointHealth;
    readonly #reauthorizations: DeadlineQueue;

    constructor(options: NotifierOptions) {
        const { clock, behaviour } = options;
        this.#options = options;
        this.#health = new EndpointHealth({ clock, sample: () => behaviour.endpointSample });
        this.#reauthorizations = new DeadlineQueue(clock, id => this.#reauthorize(id));
        this.#reauthorizations.start();
    }

    changed(change: PresenceChange): void {
        const { store, faults } = this.#options;
        for (const subscription of store.followersOf(change.userId))
            faults.notifications.pass(() => this.#outboxesOf(subscription)?.changes.push(change));
    }

    /** A subscription begins. */
    added({ id }: Subscription): void {
        const { behaviour, clock } = this.#options;
        if (behaviour.reauthorization) this.#reauthorizations.set(id, clock.monotonic() + reauthorizationInterval);
    }

    /** Drops what waits for a subscription that has ended. */
    removed({ id }: Subscription): void {
        this.#reauthorizations.set(id, undefined);
        this.#outboxes.get(id)?.changes.close();
        this.#outboxes.get(id)?.lifecycle?.close();
        this.#outboxes.delete(id);
    }

    /** Tells the subscription what becomes of it, where it has an address for that. */
    lifecycle(subscription: Subscription, event: LifecycleEvent): void {
        this.#outboxesOf(subscription)?.lifecycle?.push(event);
    }

    #reauthorize(id: string): void {
        const subscription = this.#options.store.byId(id);
        if (!subscription) return;
        if (this.#options.behaviour.reauthorization) this.lifecycle(subscription, 'reauthorizationRequired');
        this.#reauthorizations.set(id, this.#options.clock.monotonic() + reauthorizationInterval);
    }

    /** Undefined for a subscription that has ended. */
    #outboxesOf(subscription: Subscription): Outboxes | undefined {
        const existing = this.#outboxes.get(subscription.id);
        if (existing || this.#options.store.byId(subscription.id) !== subscription) return existing;
        const created = {
            changes: this.#outbox<PresenceChange>(
                () => subscription.notificationUrl,
                changes => this.#composeChanges(subscription, changes),
                () => this.#tokenAllows(subscription),
            ),
            lifecycle: subscription.lifecycleNotificationUrl === null ? undefined : this.#lifecycleOutbox(subscription),
        };
        this.#outboxes.set(subscription.id, created);
        return created;
    }

    #lifecycleOutbox(subscription: Subscription): Outbox<LifecycleEvent> {
        const { tenantId } = this.#options;
        return this.#outbox<LifecycleEvent>(
            () => subscription.lifecycleNotificationUrl!,
            events =>
                JSON.stringify({ value: events.map(event => toLifecycleNotification(subscription, event, tenantId)) }),
            () => true,
        );
    }

    #outbox<Notice>(
        url: () => string,
        compose: (notices: Notice[]) => string,
        deliverable: () => boolean,
    ): Outbox<Notice> {
        const { clock, webhooks, behaviour, faults, onSent } = this.#options;
        return new Outbox({
            clock,
            webhooks,
            url,
            compose,
            deliverable,
            delay: () => behaviour.notificationDelay + (this.#health.stateOf(url()) === 'slow' ? slowDelay : 0),
            mostAtOnce: () => behaviour.notificationsPerRequest,
            vanishing: () => faults.notifications.silent || this.#health.stateOf(url()) === 'dropped',
            onAnswer: elapsed => this.#health.answered(url(), elapsed),
            onSent,
        });
    }

    #tokenAllows(subscription: Subscription): boolean {
        const { behaviour, clock } = this.#options;
        return !behaviour.expiredTokenStopsDelivery || subscription.tokenExpires > clock.date();
    }

    #composeChanges(subscription: Subscription, changes: PresenceChange[]): string {
        const { tenantId, behaviour } = this.#options;
        const withSequence = behaviour.sequenceInNotifications;
        const value = changes.map(change => toNotification(subscription, change, { tenantId, withSequence }));
        if (!subscription.includeResourceData) return JSON.stringify({ value });
        const validationTokens = behaviour.validationTokens ? [this.#validationToken(subscription.appId)] : null;
        return JSON.stringify({ value, validationTokens });
    }

    #validationToken(appId: string): string {
        const { clock, tenantId, url, keys, identities } = this.#options;
        const now = clock.date();
        const version = identities.registration(appId)?.requestedAccessTokenVersion ?? 1;
        const signer = `${keys.currentId} ${appId} ${version}`;
        const known = this.#tokens.get(signer);
        if (known && known.until > now) return known.token;
        const token = keys.sign(validationClaims({ appId, version, tenantId, url: url(), now }));
        this.#tokens.set(signer, { token, until: now + tokenReuse });
        return token;
    }
}
