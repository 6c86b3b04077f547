import type { Clock } from '../../support/clock';
import { Entra } from './entra';
import type { Faults } from './faults';
import { Graph } from './graph';
import { Notifier } from './notifier';
import { PresenceActions } from './presence-actions';
import type { PresenceModel } from './presence-model';
import { PresenceReading } from './presence-reading';
import type { Account, Registration } from './registration';
import type { SigningKeys } from './signing-keys';
import type { SubscriptionStore } from './subscription-store';
import { SubscriptionsEndpoint } from './subscriptions-endpoint';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantDirectory } from './tenant-directory';
import { UsersEndpoint } from './users-endpoint';
import type { WebhookClient } from './webhook-client';

/** What the services of the tenant share. */
export interface ServicesOptions {
    tenantId: string;
    registrations: Registration[];
    accounts: Account[];
    clock: Clock;
    /** The address of the listener, without a slash. */
    url: () => string;
    keys: SigningKeys;
    directory: TenantDirectory;
    model: PresenceModel;
    store: SubscriptionStore;
    webhooks: WebhookClient;
    faults: Faults;
    behaviour: TenantBehaviour;
    counters: { requests: number; presenceWrites: number; notificationsSent: number };
}

/** Entra, Graph and the sender of notifications. */
export interface Services {
    entra: Entra;
    graph: Graph;
    notifier: Notifier;
}

/** Wires the services of a tenant to each other. */
export function createServices(options: ServicesOptions): Services {
    const { behaviour, counters } = options;
    const onRequest = () => {
        counters.requests += 1;
    };
    const onWrite = () => {
        counters.presenceWrites += 1;
    };
    const onSent = (count: number) => {
        counters.notificationsSent += count;
    };
    const routes = [
        ...new UsersEndpoint(options.directory, options.url).routes,
        ...new PresenceReading({ ...options, unknownPresence: () => behaviour.unknownPresence }).routes,
        ...new PresenceActions({ ...options, onWrite }).routes,
        ...new SubscriptionsEndpoint(options).routes,
    ];
    return {
        entra: new Entra({ ...options, tokenLifetime: () => behaviour.tokenLifetime }),
        graph: new Graph({ ...options, routes, onRequest }),
        notifier: new Notifier({
            ...options,
            delay: () => behaviour.notificationDelay,
            expiredTokenStopsDelivery: () => behaviour.expiredTokenStopsDelivery,
            onSent,
        }),
    };
}
