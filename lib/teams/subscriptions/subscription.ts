import type { Subscription } from '@microsoft/microsoft-graph-types';
import type { Clock, Timer } from '../../support/clock';
import { SyncError, toSyncError } from '../../support/errors';
import { RetrySchedule } from '../../support/retry-schedule';
import type { GraphClient } from '../graph/graph-client';
import { GraphRefusal } from '../graph/graph-error';
import type { NotificationChannel } from '../notifications/notification-channel';
import { recheckAfter } from '../sign-in/recheck';

/** Users that one presence subscription takes. @see https://learn.microsoft.com/graph/changenotifications-for-presence */
export const longestSubscription = 650;

/**
 * Graph allows 60 minutes and raises anything below 45; a minute is left for clocks that differ.
 * @see https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime
 */
const lifetime = 59 * 60_000;
const renewAt = 0.6;
/** A renewal reauthorizes too; Microsoft asks not to repeat it within 10 minutes. */
const quietTime = 10 * 60_000;

/** Told of every change of a subscription's state. */
export interface SubscriptionEvents {
    /** Notifications may have been missed up to now: read everybody. */
    onActive(): void;
    onFailed(error: SyncError): void;
}

/**
 * Keeps one presence subscription of one account alive. There can only be one per app registration and account, so
 * one that is left from before is deleted first.
 */
export class PresenceSubscription {
    readonly #graph: GraphClient;
    readonly #account: string;
    readonly #channel: NotificationChannel;
    readonly #clock: Clock;
    readonly #random: () => number;
    readonly #events: SubscriptionEvents;
    readonly #schedule: RetrySchedule;
    #userIds: string[] = [];
    #id: string | undefined;
    #renewedAt = 0;
    #timer: Timer | undefined;
    #work: Promise<void> = Promise.resolve();
    /** One for the present list is being made. */
    #pending = false;
    #stopped = false;
    /** Tells a subscription that was dropped while it was being made. */
    #generation = 0;

    constructor(options: {
        graph: GraphClient;
        account: string;
        channel: NotificationChannel;
        clock: Clock;
        random: () => number;
        events: SubscriptionEvents;
    }) {
        this.#graph = options.graph;
        this.#account = options.account;
        this.#channel = options.channel;
        this.#clock = options.clock;
        this.#random = options.random;
        this.#events = options.events;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 }, options.random);
    }

    get active(): boolean {
        return this.#id !== undefined;
    }

    /** True if it stands, or if there is nobody to subscribe to. */
    get settled(): boolean {
        return this.active || this.#userIds.length === 0;
    }

    /**
     * Subscribes to exactly these users (at most 650). The id list of a subscription cannot be changed, so another
     * list makes another subscription; the same list only makes sure that it still stands.
     */
    follow(userIds: string[]): void {
        const same =
            userIds.length === this.#userIds.length && userIds.every((id, index) => id === this.#userIds[index]);
        if (same && this.settled) return this.check();
        if (same && this.#pending) return;
        this.#userIds = userIds;
        this.restart();
    }

    /** Makes sure that the subscription still stands: for presence, Graph never tells that it has removed one. */
    check(): void {
        if (this.#id) this.#enqueue(() => this.#checkOnce());
    }

    /** Gives up a subscription that may be lost; the next {@link follow} makes it anew. */
    drop(): void {
        this.#generation += 1;
        this.#clock.cancel(this.#timer);
        this.#pending = false;
        this.#forget();
    }

    /** Makes the subscription anew: after a gap, or when it was lost. */
    restart(): void {
        this.#pending = true;
        this.#enqueue(() =>
            this.#create().finally(() => {
                this.#pending = false;
            }),
        );
    }

    /** Microsoft asks for a new authorization. */
    reauthorize(): void {
        if (this.#clock.now() - this.#renewedAt <= quietTime) return;
        this.#renewedAt = this.#clock.now();
        this.#enqueue(() => this.#renew());
    }

    /** True if this is the subscription's id. */
    is(id: string): boolean {
        return this.#id === id;
    }

    /** Ends all work; with `remove` the subscription is deleted, else it ends by itself. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
        await this.#work;
        this.#clock.cancel(this.#timer);
        if (remove) await this.#delete().catch(() => {});
        this.#forget();
    }

    /** One step at a time: never two creators at once. */
    #enqueue(step: () => Promise<void>): void {
        this.#work = this.#work.then(async () => {
            if (this.#stopped) return;
            try {
                await step();
                this.#schedule.reset();
            } catch (thrown) {
                this.#failed(toSyncError(thrown));
            }
        });
    }

    #failed(error: SyncError): void {
        this.#forget();
        this.#events.onFailed(error);
        // What an administrator must change is looked at again now and then, in case it was changed at Microsoft.
        const wait = error.kind === 'outage' ? this.#schedule.next() : recheckAfter(error);
        if (!this.#stopped) this.#next(wait, () => this.restart());
    }

    async #create(): Promise<void> {
        this.#clock.cancel(this.#timer);
        await this.#deleteOld();
        if (this.#userIds.length === 0) return this.#events.onActive();
        const notificationUrl = this.#channel.url;
        if (!notificationUrl) return;
        const generation = this.#generation;
        const key = await this.#channel.key();
        const clientState = this.#channel.newClientState();
        const subscription = await this.#post({
            changeType: 'updated',
            resource: `/communications/presences?$filter=id in (${this.#userIds.map(id => `'${id}'`).join(',')})`,
            notificationUrl,
            lifecycleNotificationUrl: notificationUrl,
            expirationDateTime: this.#expiry(),
            clientState,
            includeResourceData: true,
            encryptionCertificate: key.certificate,
            encryptionCertificateId: key.id,
            latestSupportedTlsVersion: 'v1_2',
        });
        if (generation !== this.#generation) return this.#deleteOne(subscription.id ?? '');
        this.#id = subscription.id ?? '';
        this.#channel.accept(this.#id, clientState);
        this.#renewLater();
        this.#events.onActive();
    }

    async #post(body: Subscription): Promise<Subscription> {
        try {
            const what = `subscribe to presence for ${this.#account}`;
            return await this.#graph.send<Subscription>({ what, method: 'POST', path: '/subscriptions', body });
        } catch (error) {
            throw this.#explained(error);
        }
    }

    #explained(error: unknown): unknown {
        if (!(error instanceof GraphRefusal)) return error;
        if (error.status === 409)
            return new SyncError('TEAMS_SUBSCRIPTION_CONFLICT', { account: this.#account }, error);
        if (error.status === 400 && /validation/i.test(error.message)) {
            const url = this.#channel.url;
            return new SyncError('TEAMS_ENDPOINT_UNREACHABLE', { url, detail: error.parameters.detail }, error);
        }
        return error;
    }

    async #checkOnce(): Promise<void> {
        if (!this.#id) return;
        try {
            const path = `/subscriptions/${encodeURIComponent(this.#id)}`;
            await this.#graph.send({ what: 'look at a subscription', method: 'GET', path });
        } catch (error) {
            if (!(error instanceof GraphRefusal && error.status === 404)) throw error;
            await this.#create();
        }
    }

    async #renew(): Promise<void> {
        if (!this.#id) return this.#create();
        try {
            const path = `/subscriptions/${encodeURIComponent(this.#id)}`;
            const body = { expirationDateTime: this.#expiry() };
            await this.#graph.send({ what: 'renew a subscription', method: 'PATCH', path, body });
        } catch (error) {
            // Gone, or a renewal is not supported: make it anew.
            if (error instanceof GraphRefusal && error.status >= 400 && error.status < 500) return this.#create();
            throw error;
        }
        this.#renewLater();
    }

    #renewLater(): void {
        this.#renewedAt = this.#clock.now();
        const wait = lifetime * (renewAt + 0.1 * (this.#random() - 0.5));
        this.#next(wait, () => this.#enqueue(() => this.#renew()));
    }

    #next(wait: number, run: () => void): void {
        this.#clock.cancel(this.#timer);
        this.#timer = this.#clock.after(wait, run);
    }

    #expiry(): string {
        return new Date(this.#clock.now() + lifetime).toISOString();
    }

    /** The list shows only what this app and this account have made. */
    async #deleteOld(): Promise<void> {
        this.#forget();
        const what = 'list subscriptions';
        const answer = await this.#graph.send<{ value: Subscription[] }>({
            what,
            method: 'GET',
            path: '/subscriptions',
        });
        for (const { id, resource } of answer.value) {
            if (id && resource?.includes('communications/presences')) await this.#deleteOne(id);
        }
    }

    async #delete(): Promise<void> {
        if (this.#id) await this.#deleteOne(this.#id);
    }

    async #deleteOne(id: string): Promise<void> {
        try {
            const path = `/subscriptions/${encodeURIComponent(id)}`;
            await this.#graph.send({ what: 'delete a subscription', method: 'DELETE', path });
        } catch (error) {
            if (!(error instanceof GraphRefusal && error.status === 404)) throw error;
        }
    }

    #forget(): void {
        if (this.#id) this.#channel.forget(this.#id);
        this.#id = undefined;
    }
}
