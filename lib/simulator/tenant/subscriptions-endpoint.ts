import { randomUUID } from 'node:crypto';
import type { Clock } from '../../time/clock';
import { accessTo, type Caller, demand } from './caller';
import type { Faults } from './faults';
import { extensionError, GraphError, invalidRequest } from './graph-error';
import { bodyObject, type GraphRequest, type GraphRoute } from './graph-request';
import { validateEndpoint } from './handshake';
import type { Reply } from './http-exchange';
import { type Subscription, toResource } from './subscription';
import {
    parseCertificate,
    parseCreate,
    parseExpiration,
    parseUrl,
    type SubscriptionRequest,
} from './subscription-fields';
import type { SubscriptionStore } from './subscription-store';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantDirectory } from './tenant-directory';
import type { WebhookClient } from './webhook-client';

/** Presence can be followed on behalf of a signed-in user only. */
const follow = accessTo('POST /subscriptions');

const conflict = 'A subscripton already exists. It must be deleted before a another can be made.';

const renewable = [
    'expirationDateTime',
    'notificationUrl',
    'encryptionCertificate',
    'encryptionCertificateId',
    'includeResourceData',
];

/** What the subscriptions need. */
export interface SubscriptionsOptions {
    clock: Clock;
    directory: TenantDirectory;
    store: SubscriptionStore;
    webhooks: WebhookClient;
    faults: Pick<Faults, 'isRefused'>;
    behaviour: TenantBehaviour;
    url: () => string;
}

/**
 * Subscriptions to presence: one for each app and signed-in user.
 * @see https://learn.microsoft.com/graph/changenotifications-for-presence
 */
export class SubscriptionsEndpoint {
    readonly #options: SubscriptionsOptions;
    /** Owners whose last subscription was deleted, and the creates refused since. */
    readonly #deleted = new Map<string, { at: number; refused: number }>();

    constructor(options: SubscriptionsOptions) {
        this.#options = options;
    }

    get routes(): GraphRoute[] {
        return [
            ['POST', 'subscriptions', request => this.#create(request)],
            ['GET', 'subscriptions', request => this.#list(request)],
            ['GET', 'subscriptions/*', (request, id) => this.#one(request, id!)],
            ['PATCH', 'subscriptions/*', (request, id) => this.#renew(request, id!)],
            ['DELETE', 'subscriptions/*', (request, id) => this.#remove(request, id!)],
            ['POST', 'subscriptions/*/reauthorize', (request, id) => this.#reauthorize(request, id!)],
        ];
    }

    async #create(request: GraphRequest): Promise<Reply> {
        const { store, clock } = this.#options;
        const { caller } = request;
        demand(caller, follow);
        this.#checkCloud();
        const wanted = parseCreate(bodyObject(request), clock.date());
        this.#checkUsers(wanted.followed);
        this.#checkQuota();
        this.#checkSinceDelete(caller);
        const release = store.reserve(caller.appId, caller.userId!);
        if (!release) throw extensionError(409, 'Conflict', conflict);
        try {
            await this.#validate(wanted);
            const subscription = newSubscription(wanted, caller);
            store.add(subscription);
            this.#deleted.delete(ownerKey(caller));
            return { status: 201, body: this.#entity(subscription, true) };
        } finally {
            release();
        }
    }

    /** One unknown user among them, and the whole create fails. */
    #checkUsers(followed: ReadonlySet<string>): void {
        const { directory, faults, behaviour } = this.#options;
        const unknown = [...followed].filter(id => !directory.byId(id) || faults.isRefused(id));
        if (unknown.length === 0) return;
        const why = behaviour.namesRefusedUsers ? `Users not found: ${unknown.join(', ')}` : 'An error has occurred.';
        throw extensionError(500, 'InternalServerError', why);
    }

    #checkCloud(): void {
        if (this.#options.behaviour.cloud === 'global') return;
        throw invalidRequest('Subscriptions to presence are not supported in this cloud.');
    }

    #checkQuota(): void {
        if (!this.#options.behaviour.phantomQuota) return;
        throw extensionError(403, 'Forbidden', 'The organization has reached its limit of 10000 subscriptions.');
    }

    /** For a while after a delete the service has not yet noticed it. */
    #checkSinceDelete(caller: Caller): void {
        const { behaviour, clock } = this.#options;
        const { failures, duration, status } = behaviour.createAfterDelete;
        const deleted = this.#deleted.get(ownerKey(caller));
        if (!deleted) return;
        if (deleted.refused >= failures && clock.monotonic() - deleted.at >= duration) return;
        deleted.refused += 1;
        if (status === 409) throw extensionError(409, 'Conflict', conflict);
        throw extensionError(500, 'InternalServerError', 'The previous subscription is still being removed.');
    }

    async #validate(wanted: SubscriptionRequest): Promise<void> {
        const { webhooks } = this.#options;
        await validateEndpoint(webhooks, wanted.notificationUrl);
        if (wanted.lifecycleNotificationUrl) await validateEndpoint(webhooks, wanted.lifecycleNotificationUrl);
    }

    #list({ caller }: GraphRequest): Reply {
        const value = this.#options.store
            .all()
            .filter(subscription => isOwn(subscription, caller))
            .map(subscription => toResource(subscription));
        return { status: 200, body: { '@odata.context': `${this.#context}#subscriptions`, value } };
    }

    #one({ caller }: GraphRequest, id: string): Reply {
        return { status: 200, body: this.#entity(this.#own(caller, id)) };
    }

    async #renew(request: GraphRequest, id: string): Promise<Reply> {
        const { store, clock, webhooks } = this.#options;
        const { caller } = request;
        demand(caller, follow);
        const subscription = this.#own(caller, id);
        const fields = bodyObject(request);
        const other = Object.keys(fields).find(name => !renewable.includes(name) && !name.startsWith('@odata.'));
        if (other) throw invalidRequest(`The property '${other}' cannot be updated.`);
        if (fields.expirationDateTime == null && fields.notificationUrl == null)
            throw invalidRequest('Subscription update request must contain expirationDateTime or notificationUrl.');
        const expires = fields.expirationDateTime == null ? undefined : parseExpiration(fields, clock.date());
        const url = fields.notificationUrl == null ? undefined : parseUrl(fields, 'notificationUrl');
        const certificate = parseCertificate({ ...fields, includeResourceData: false });
        if (url !== undefined) await validateEndpoint(webhooks, url);
        if (store.byId(id) !== subscription) throw notFound(id);
        if (url !== undefined) subscription.notificationUrl = url;
        if (certificate) subscription.certificate = certificate;
        if (expires !== undefined) store.renew(subscription, expires);
        subscription.tokenExpires = caller.expires;
        return { status: 200, body: this.#entity(subscription) };
    }

    #remove({ caller }: GraphRequest, id: string): Reply {
        demand(caller, follow);
        const subscription = this.#own(caller, id);
        this.#options.store.remove(subscription);
        this.#deleted.set(ownerKey(caller), { at: this.#options.clock.monotonic(), refused: 0 });
        return { status: 204 };
    }

    #reauthorize({ caller }: GraphRequest, id: string): Reply {
        demand(caller, follow);
        this.#own(caller, id).tokenExpires = caller.expires;
        return { status: 204 };
    }

    /** Somebody else's subscription does not exist for the caller. */
    #own(caller: Caller, id: string): Subscription {
        const subscription = this.#options.store.byId(id);
        if (!subscription || !isOwn(subscription, caller)) throw notFound(id);
        return subscription;
    }

    #entity(subscription: Subscription, created = false): object {
        return { '@odata.context': `${this.#context}#subscriptions/$entity`, ...toResource(subscription, created) };
    }

    get #context(): string {
        return `${this.#options.url()}/v1.0/$metadata`;
    }
}

function newSubscription(wanted: SubscriptionRequest, caller: Caller): Subscription {
    return {
        ...wanted,
        id: randomUUID(),
        appId: caller.appId,
        creatorId: caller.userId!,
        tokenExpires: caller.expires,
    };
}

function ownerKey({ appId, userId }: Caller): string {
    return `${appId} ${userId}`;
}

/** An app sees its own; with a signed-in user, that user's only. */
function isOwn(subscription: Subscription, caller: Caller): boolean {
    if (subscription.appId !== caller.appId) return false;
    return caller.userId === undefined || caller.userId === subscription.creatorId;
}

function notFound(id: string): GraphError {
    return new GraphError(404, 'ResourceNotFound', `The object '${id}' was not found.`);
}
