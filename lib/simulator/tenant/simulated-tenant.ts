import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TeamsPair } from '../../presence/vocabulary';
import { type Clock, pause, systemClock } from '../../support/clock';
import type { CertificateAuthority } from '../certificate-authority';
import type { Person } from '../person';
import { Faults } from './faults';
import { GraphError } from './graph-error';
import { type HttpRequest, type Reply, readRequest, sendReply } from './http-exchange';
import { PresenceModel } from './presence-model';
import type { Account, Registration } from './registration';
import { SigningKeys } from './signing-keys';
import type { Subscription } from './subscription';
import { SubscriptionStore } from './subscription-store';
import { type TenantBehaviour, usualBehaviour } from './tenant-behaviour';
import { TenantDirectory } from './tenant-directory';
import { createServices, type Services } from './tenant-services';
import { WebhookClient } from './webhook-client';

export type { Account, Registration } from './registration';
export type { TenantBehaviour } from './tenant-behaviour';

/** What the simulated tenant is made of. */
export interface TenantOptions {
    /** GUID. */
    tenantId: string;
    people: Person[];
    registrations: Registration[];
    /** Communication users; they sign in with a password. */
    accounts: Account[];
    authority: CertificateAuthority;
    clock?: Clock;
    /** 0 or absent: a free one, chosen at the first start and kept. */
    port?: number;
    behaviour?: Partial<TenantBehaviour>;
}

/**
 * A Microsoft 365 tenant on loopback: Entra and Graph behind one TLS listener. Emits `change` with the Teams id whenever
 * what a person shows has changed.
 *
 * A stop forgets the subscriptions and nothing else: sessions, preferred presence and signing keys are kept.
 */
export class SimulatedTenant extends EventEmitter<{ change: [teamsId: string] }> {
    /** Trouble on demand. */
    readonly faults = new Faults();
    readonly behaviour: TenantBehaviour;
    /** Since the tenant was made. `requests` are Graph's, each item of a batch on its own. */
    readonly counters = { requests: 0, presenceWrites: 0, notificationsSent: 0 };
    readonly #options: TenantOptions;
    readonly #clock: Clock;
    readonly #directory: TenantDirectory;
    readonly #model: PresenceModel;
    readonly #store: SubscriptionStore;
    readonly #webhooks: WebhookClient;
    /** Made at the first start and kept from then on, signing keys and all. */
    #services: Services | undefined;
    #server: Server | undefined;
    #port: number;
    #lastStep: Promise<void> = Promise.resolve();

    constructor(options: TenantOptions) {
        super();
        const clock = options.clock ?? systemClock;
        this.#options = options;
        this.#clock = clock;
        this.#port = options.port ?? 0;
        this.behaviour = { ...usualBehaviour, ...options.behaviour };
        this.#directory = new TenantDirectory(options.people, options.accounts);
        this.#webhooks = new WebhookClient({ clock, ca: options.authority.certificate });
        this.#store = new SubscriptionStore({
            clock,
            onRemoved: subscription => this.#services?.notifier.removed(subscription),
        });
        this.#model = new PresenceModel({
            clock,
            ids: options.people.map(person => person.teamsId.toLowerCase()),
            onChange: (id, presence) => this.#changed(id, presence),
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

    /** What everybody sees. All methods throw for an id that is nobody's. */
    presenceOf(teamsId: string): TeamsPair {
        return this.#model.presenceOf(teamsId.toLowerCase());
    }

    /** What the user's own Teams client says; undefined is signed out. */
    setClientPresence(teamsId: string, pair: TeamsPair | undefined): void {
        this.#model.setClient(teamsId.toLowerCase(), pair);
    }

    /** A call in the user's own Teams client, over whatever it says. */
    startCall(teamsId: string): void {
        this.#model.setInCall(teamsId.toLowerCase(), true);
    }

    endCall(teamsId: string): void {
        this.#model.setInCall(teamsId.toLowerCase(), false);
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
        this.#model.start();
    }

    async #stop(): Promise<void> {
        const server = this.#server;
        if (!server) return;
        this.#server = undefined;
        this.#model.stop();
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

    #changed(id: string, presence: TeamsPair): void {
        this.#services?.notifier.changed(id, presence);
        this.emit('change', id);
    }

    async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
        const request = await readRequest(message);
        if (this.faults.latency > 0) await pause(this.#clock, this.faults.latency);
        sendReply(response, request ? await this.#answer(request) : { status: 413 });
    }

    async #answer(request: HttpRequest): Promise<Reply> {
        const { entra, graph } = this.#services!;
        if (/^\/(v\d+\.\d+|beta)(\/|$)/i.test(request.path)) return graph.answer(request);
        return this.#faultOf(request) ?? entra.answer(request);
    }

    #faultOf(request: HttpRequest): Reply | undefined {
        try {
            return this.faults.next(request.method, request.path);
        } catch (error) {
            if (!(error instanceof GraphError)) throw error;
            return { status: error.status, headers: error.headers, body: { error: 'temporarily_unavailable' } };
        }
    }

    async #createServices(): Promise<Services> {
        return createServices({
            tenantId: this.#options.tenantId,
            registrations: this.#options.registrations,
            accounts: this.#options.accounts,
            clock: this.#clock,
            url: () => this.url,
            keys: await SigningKeys.create(),
            directory: this.#directory,
            model: this.#model,
            store: this.#store,
            webhooks: this.#webhooks,
            faults: this.faults,
            behaviour: this.behaviour,
            counters: this.counters,
        });
    }
}
