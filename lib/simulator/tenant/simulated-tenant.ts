import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TeamsPair } from '../../presence/vocabulary';
import { type Clock, pause, systemClock } from '../../time/clock';
import type { CertificateAuthority } from '../certificate-authority';
import { type Random, seededRandom } from '../random';
import { Faults } from './faults';
import { GraphError } from './graph-error';
import { type HttpRequest, type Reply, readRequest, sendReply } from './http-exchange';
import { InhabitedTenant, type InhabitedTenantOptions } from './inhabited-tenant';
import { type Claims, SigningKeys } from './signing-keys';
import type { LifecycleEvent, Subscription } from './subscription';
import { SubscriptionStore } from './subscription-store';
import type { TenantCounters } from './tenant-counters';
import { createServices, type Services } from './tenant-services';
import { Throttling, type ThrottlingLimits } from './throttling';
import { WebhookClient } from './webhook-client';

export type { RemovalReason } from './directory-log';
export type { Account, Registration } from './registration';
export type { TenantBehaviour } from './tenant-behaviour';
export type { TenantCounters } from './tenant-counters';
export type { Group } from './tenant-groups';
export { documentedLimits, type Limit, type ThrottlingLimits } from './throttling';

/** What the simulated tenant is made of. */
export interface TenantOptions extends InhabitedTenantOptions {
    /** GUID. */
    tenantId: string;
    authority: CertificateAuthority;
    clock?: Clock;
    /** 0 or absent: a free one, chosen at the first start and kept. */
    port?: number;
    /** Decides what Microsoft leaves open, such as the order of a bulk read; default: the same every time. */
    random?: Random;
    /** Off by default; the rows of Microsoft are {@link documentedLimits}. */
    throttling?: ThrottlingLimits & { retryAfter?: boolean };
}

/**
 * A Microsoft 365 tenant on loopback: Entra and Graph behind one TLS listener.
 *
 * A stop forgets the subscriptions and nothing else: sessions, preferred presence and signing keys are kept.
 */
export class SimulatedTenant extends InhabitedTenant {
    /** Trouble on demand. */
    readonly faults: Faults;
    /** Limits on requests; may be changed at any time. */
    readonly throttling: Throttling;
    readonly counters: TenantCounters;
    readonly #options: TenantOptions;
    readonly #store: SubscriptionStore;
    readonly #webhooks: WebhookClient;
    /** Made at the first start and kept from then on, signing keys and all. */
    #services: Services | undefined;
    #keys: SigningKeys | undefined;
    #server: Server | undefined;
    #port: number;
    #lastStep: Promise<void> = Promise.resolve();

    constructor(options: TenantOptions) {
        const clock = options.clock ?? systemClock;
        super(options, clock);
        this.#options = options;
        this.#port = options.port ?? 0;
        this.faults = new Faults(clock);
        const throttling = new Throttling({ clock, tenantId: options.tenantId }, options.throttling);
        this.throttling = throttling;
        this.counters = {
            requests: 0,
            presenceWrites: 0,
            notificationsSent: 0,
            get throttled() {
                return throttling.throttled;
            },
            classes: throttling.counters,
        };
        this.#webhooks = new WebhookClient({ clock, ca: options.authority.certificate });
        this.#store = new SubscriptionStore({
            clock,
            onAdded: subscription => this.#services?.notifier.added(subscription),
            onRemoved: subscription => this.#services?.notifier.removed(subscription),
        });
    }

    /** 0 before the first start, unless given. */
    get port(): number {
        return this.#port;
    }

    /** The address of Entra and, with `/v1.0`, of Graph. */
    get url(): string {
        return `https://127.0.0.1:${this.#port}`;
    }

    /** The live subscriptions, for a look. */
    get subscriptions(): readonly Readonly<Subscription>[] {
        return this.#store.all();
    }

    /** Listens on 127.0.0.1; rejects if the port is taken. Starting twice is harmless. */
    start(): Promise<void> {
        return this.#inTurn(() => this.#start());
    }

    /** Ends all connections and notifications. Stopping twice is harmless. */
    stop(): Promise<void> {
        return this.#inTurn(() => this.#stop());
    }

    /** Tells one subscription, or all of them, what becomes of it; nothing else happens to it. */
    sendLifecycle(subscriptionId: string | undefined, event: LifecycleEvent): void {
        for (const subscription of this.#store.all())
            if (subscriptionId === undefined || subscription.id === subscriptionId)
                this.#services?.notifier.lifecycle(subscription, event);
    }

    /** Signs with a new key from now on; the old ones stay published unless told otherwise. Only once started. */
    async rotateSigningKeys({ keepOld = true } = {}): Promise<void> {
        await this.#keys?.rotate(keepOld);
    }

    /** A token with any claims that is genuine by its signature: to see what else is checked. Only once started. */
    sign(claims: Claims): string {
        if (!this.#keys) throw new Error('The simulated tenant has not been started');
        return this.#keys.sign(claims);
    }

    /** Loses all subscriptions without a word, as happens in real life. */
    loseSubscriptions(): void {
        for (const subscription of this.#store.all()) this.#store.remove(subscription);
    }

    async #start(): Promise<void> {
        if (this.#server) return;
        this.#services ??= await this.#createServices();
        const { key, cert } = await this.#options.authority.issue(['127.0.0.1', '::1', 'localhost']);
        const server = createServer({ key, cert }, (request, response) => {
            this.#handle(request, response).catch(() => response.destroy());
        });
        await new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(this.#port, '127.0.0.1', resolve);
        });
        this.#port = (server.address() as AddressInfo).port;
        this.#server = server;
        this.#webhooks.start();
        this.#store.start();
        this.model.start();
    }

    async #stop(): Promise<void> {
        const server = this.#server;
        if (!server) return;
        this.#server = undefined;
        this.model.stop();
        this.#store.stop();
        const closed = new Promise(resolve => server.close(resolve));
        server.closeAllConnections();
        await this.#webhooks.stop();
        await closed;
    }

    /** One start or stop at a time, in the order of the calls. */
    #inTurn(step: () => Promise<void>): Promise<void> {
        const result = this.#lastStep.then(step);
        this.#lastStep = result.catch(() => undefined);
        return result;
    }

    protected override presenceChanged(id: string, presence: TeamsPair): void {
        this.#services?.notifier.changed({ userId: id, presence, sequenceNumber: this.model.sequenceOf(id) });
        super.presenceChanged(id, presence);
    }

    async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
        const request = await readRequest(message);
        if (this.faults.latency > 0) await pause(this.clock, this.faults.latency);
        sendReply(response, request ? await this.#answer(request) : { status: 413 });
    }

    async #answer(request: HttpRequest): Promise<Reply> {
        const { entra, graph } = this.#services!;
        if (/^\/(v\d+\.\d+|beta)(\/|$)/i.test(request.path)) return graph.answer(request);
        return (await this.#faultOf(request)) ?? entra.answer(request);
    }

    #faultOf(request: HttpRequest): Reply | Promise<never> | undefined {
        try {
            return this.faults.next(request.method, request.path);
        } catch (error) {
            if (!(error instanceof GraphError)) throw error;
            return { status: error.status, headers: error.headers, body: { error: 'temporarily_unavailable' } };
        }
    }

    async #createServices(): Promise<Services> {
        this.#keys = await SigningKeys.create();
        return createServices({
            tenantId: this.#options.tenantId,
            identities: this.identities,
            deviceCodes: this.deviceCodes,
            clock: this.clock,
            url: () => this.url,
            keys: this.#keys,
            random: this.#options.random ?? seededRandom(1),
            directory: this.directory,
            groups: this.groups,
            model: this.model,
            store: this.#store,
            webhooks: this.#webhooks,
            faults: this.faults,
            throttling: this.throttling,
            behaviour: this.behaviour,
            counters: this.counters,
        });
    }
}
