import type { Clock } from '../../time/clock';
import type { Random } from '../random';
import type { DeviceCodes } from './device-codes';
import { Entra } from './entra';
import type { Faults } from './faults';
import { Graph } from './graph';
import { badRequest } from './graph-error';
import type { GraphRoute } from './graph-request';
import { GroupsEndpoint } from './groups-endpoint';
import type { Identities } from './identities';
import { Notifier } from './notifier';
import { PresenceActions } from './presence-actions';
import type { PresenceModel } from './presence-model';
import { PresenceReading } from './presence-reading';
import type { SigningKeys } from './signing-keys';
import type { SubscriptionStore } from './subscription-store';
import { SubscriptionsEndpoint } from './subscriptions-endpoint';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantCounters } from './tenant-counters';
import type { TenantDirectory } from './tenant-directory';
import type { TenantGroups } from './tenant-groups';
import type { Throttling } from './throttling';
import { UsersDeltaEndpoint } from './users-delta-endpoint';
import { UsersEndpoint } from './users-endpoint';
import type { WebhookClient } from './webhook-client';

/** What the services of the tenant share. */
export interface ServicesOptions {
    tenantId: string;
    identities: Identities;
    deviceCodes: DeviceCodes;
    clock: Clock;
    /** The address of the listener, without a slash. */
    url: () => string;
    keys: SigningKeys;
    directory: TenantDirectory;
    groups: TenantGroups;
    model: PresenceModel;
    store: SubscriptionStore;
    webhooks: WebhookClient;
    faults: Faults;
    behaviour: TenantBehaviour;
    random: Random;
    throttling: Throttling;
    counters: TenantCounters;
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
        // Before the routes that take any name for one of a user.
        ...new UsersDeltaEndpoint(options).routes,
        ...new UsersEndpoint(options.directory, options.url).routes,
        ...new GroupsEndpoint(options.groups, options.url).routes,
        ...inClouds(behaviour, new PresenceReading(options).routes),
        ...inClouds(behaviour, new PresenceActions({ ...options, onWrite }).routes),
        ...new SubscriptionsEndpoint(options).routes,
    ];
    return {
        entra: new Entra({ ...options, tokenLifetime: () => behaviour.tokenLifetime }),
        graph: new Graph({ ...options, routes, onRequest }),
        notifier: new Notifier({ ...options, onSent }),
    };
}

/** China has no presence: there these routes do not exist. @see https://learn.microsoft.com/graph/api/presence-get */
function inClouds(behaviour: TenantBehaviour, routes: GraphRoute[]): GraphRoute[] {
    return routes.map(([method, path, handler]) => [
        method,
        path,
        (request, ...parameters) => {
            if (behaviour.cloud !== 'china') return handler(request, ...parameters);
            throw badRequest(`Resource not found for the segment '${request.segments.at(-1)}'.`);
        },
    ]);
}
