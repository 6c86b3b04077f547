import type { Subscription } from '@microsoft/microsoft-graph-types';
import { SyncError } from '../../../errors/errors';
import type { RateBudget, RateLimit } from '../../../support/rate-budget';
import { type GraphClient, type Page, pagesOf } from '../../connection/graph-client';
import { GraphRefusal } from '../../connection/graph-error';
import type { NotificationKey } from '../notifications/encrypted-content';

/**
 * The list is the scarcest of the requests about subscriptions: so many of one app in one tenant.
 * @see https://learn.microsoft.com/graph/throttling-limits#microsoft-graph-subscription-resource-limits
 */
export const listLimit: RateLimit = { requests: 25, period: 20_000 };

/** What a presence subscription is made with. */
export interface SubscriptionWish {
    /** Object ids, 650 at most. */
    userIds: readonly string[];
    url: string;
    /** When it ends, in ms since the epoch by our clock; 60 minutes away at most. */
    expiresAt: number;
    clientState: string;
    key: NotificationKey;
}

/** What stands in the way of a new subscription. */
export interface Obstacles {
    /** How many were deleted. */
    removed: number;
    /** Where one that is not ours sends its notifications. */
    foreignUrl: string | undefined;
}

/** A clock that differs by no more than this, in ms, has not changed: Graph tells its time to the second. */
const clockTolerance = 2_000;

/** The requests about the presence subscription of one account. All throw like {@link GraphClient.send}. */
export class SubscriptionRequests {
    readonly #graph: GraphClient;
    readonly #account: string;
    readonly #lists: RateBudget;
    /** Milliseconds by which Graph's clock is ahead of ours; asked for when Graph refuses an end. */
    #clockAhead = 0;

    /** @param options.lists the budget for {@link listLimit}, shared by all accounts of a registration */
    constructor(options: { graph: GraphClient; account: string; lists: RateBudget }) {
        this.#graph = options.graph;
        this.#account = options.account;
        this.#lists = options.lists;
    }

    /**
     * Sent once, without a repetition: a repetition could meet the subscription that the first attempt made unheard.
     * @see https://learn.microsoft.com/graph/changenotifications-for-presence
     */
    async create(wish: SubscriptionWish): Promise<{ id: string; expiresAt: number }> {
        const { userIds, url, key, clientState } = wish;
        const body: Subscription = {
            changeType: 'updated',
            resource: `/communications/presences?$filter=id in (${userIds.map(id => `'${id}'`).join(',')})`,
            notificationUrl: url,
            lifecycleNotificationUrl: url,
            clientState,
            includeResourceData: true,
            encryptionCertificate: key.certificate,
            encryptionCertificateId: key.id,
            latestSupportedTlsVersion: 'v1_2',
        };
        const what = `subscribe to presence for ${this.#account}`;
        const { id = '', expiresAt } = await this.#until(wish.expiresAt, end => {
            const request = { what, method: 'POST', path: '/subscriptions', body: { ...body, ...end } } as const;
            return this.#graph.sendOnce<Subscription>(request);
        });
        return { id, expiresAt };
    }

    /** @returns when it ends now, in ms since the epoch by our clock. @see https://learn.microsoft.com/graph/api/subscription-update */
    async renew(id: string, expiresAt: number): Promise<number> {
        const what = `renew the subscription of ${this.#account}`;
        const path = pathOf(id);
        const renewed = await this.#until(expiresAt, body => this.#graph.send({ what, method: 'PATCH', path, body }));
        return renewed.expiresAt;
    }

    async exists(id: string): Promise<boolean> {
        const what = `look at the subscription of ${this.#account}`;
        return await isThere(this.#graph.send({ what, method: 'GET', path: pathOf(id) }));
    }

    /** One that is not there any more is as good as deleted. */
    async remove(id: string): Promise<void> {
        const what = `delete the subscription of ${this.#account}`;
        await isThere(this.#graph.send({ what, method: 'DELETE', path: pathOf(id) }));
    }

    /**
     * Deletes the account's presence subscriptions as far as they are ours: the list shows only what this app and this
     * account have made, but another installation may use both.
     * @param isOurs told of each; `url` is undefined where Graph does not tell it
     */
    async removeOurs(isOurs: (found: { id: string; url: string | undefined }) => boolean): Promise<Obstacles> {
        const ours: string[] = [];
        let foreignUrl: string | undefined;
        for await (const { value = [] } of pagesOf('/subscriptions', path => this.#list(path)))
            for (const { id, resource, notificationUrl } of value) {
                if (!id || !resource?.includes('communications/presences')) continue;
                const url = notificationUrl ?? undefined;
                if (isOurs({ id, url })) ours.push(id);
                else foreignUrl = url;
            }
        for (const id of ours) await this.remove(id);
        return { removed: ours.length, foreignUrl };
    }

    /** Asks for an end by our clock, once more if Graph refuses it and tells that its clock is another. */
    async #until(
        expiresAt: number,
        ask: (body: { expirationDateTime: string }) => Promise<Subscription | undefined>,
    ): Promise<{ id?: string; expiresAt: number }> {
        const attempt = async (): Promise<{ id?: string; expiresAt: number }> => {
            const asked = expiresAt + this.#clockAhead;
            const subscription = await ask({ expirationDateTime: new Date(asked).toISOString() });
            return { id: subscription?.id, expiresAt: endOf(subscription, asked) - this.#clockAhead };
        };
        try {
            return await attempt();
        } catch (error) {
            if (!(error instanceof GraphRefusal) || !isAboutExpiry(error)) throw error;
            const { clockAhead } = error;
            if (clockAhead === undefined) throw error;
            if (Math.abs(clockAhead - this.#clockAhead) <= clockTolerance) throw error;
            this.#clockAhead = clockAhead;
            return await attempt();
        }
    }

    async #list(path: string): Promise<Page<Subscription>> {
        const grant = await this.#lists.take('edge');
        try {
            const what = `list the subscriptions of ${this.#account}`;
            return await this.#graph.sendOnce<Page<Subscription>>({ what, method: 'GET', path });
        } finally {
            grant.answered();
        }
    }
}

function pathOf(id: string): string {
    return `/subscriptions/${encodeURIComponent(id)}`;
}

async function isThere(answer: Promise<unknown>): Promise<boolean> {
    try {
        await answer;
        return true;
    } catch (error) {
        if (error instanceof GraphRefusal && error.status === 404) return false;
        throw error;
    }
}

/** Graph may grant less than was asked for. */
function endOf(subscription: Subscription | undefined, asked: number): number {
    const granted = Date.parse(subscription?.expirationDateTime ?? '');
    return Number.isNaN(granted) ? asked : Math.min(granted, asked);
}

/** A quota, as opposed to a missing permission. @see https://learn.microsoft.com/graph/change-notifications-overview */
const quota = /\b(limit|quota|maximum|exceed(s|ed)?)\b/i;
const handshake = /validation/i;
const expiry = /expiration/i;

/**
 * True if an older subscription of the account stands in the way: Graph answers 409, or 403 with the limit in words,
 * the latter also for hours after the older one is gone.
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions#response
 * @see https://techcommunity.microsoft.com/discussions/teamsdeveloper/cannot-create-new-subscription-to-resource/4194946
 */
export function isTaken(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal)) return false;
    return error.status === 409 || (error.status === 403 && quota.test(detailOf(error)));
}

/** True if a subscription is no longer there, or cannot be renewed in place. */
export function isBeyondRenewal(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal) || isAboutExpiry(error)) return false;
    return [400, 403, 404, 405, 410, 501].includes(error.status);
}

/** True if Graph does not take the end that was asked for, as where the clocks differ. */
function isAboutExpiry(error: GraphRefusal): boolean {
    return error.status === 400 && expiry.test(detailOf(error));
}

/**
 * True if a create may have failed because of one of its users: Graph then answers 500, and names the guilty or does
 * not. @see https://github.com/microsoftgraph/msgraph-beta-sdk-dotnet/issues/352
 */
export function mayBlameUsers(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal)) return false;
    return [400, 404, 500].includes(error.status) && !isHandshake(error) && !isAboutExpiry(error);
}

/** The users whom the error names; its text is short, so they may not be all. */
export function namedIn(error: unknown, userIds: readonly string[]): string[] {
    if (!mayBlameUsers(error)) return [];
    const detail = detailOf(error).toLowerCase();
    return userIds.filter(userId => detail.includes(userId.toLowerCase()));
}

/** The error of a create or a renewal in the words of an administrator. @param url the address for notifications */
export function explained(error: unknown, { account, url }: { account: string; url: string }): unknown {
    if (!(error instanceof GraphRefusal)) return error;
    const detail = detailOf(error);
    if (isAboutExpiry(error)) return new SyncError('TEAMS_CLOCK_WRONG', { code: error.graphCode || detail }, error);
    if (error.status === 409) return new SyncError('TEAMS_SUBSCRIPTION_CONFLICT', { account }, error);
    if (isTaken(error)) return new SyncError('TEAMS_SUBSCRIPTION_LIMIT', { account, detail }, error);
    if (isHandshake(error)) return new SyncError('TEAMS_ENDPOINT_UNREACHABLE', { url, detail }, error);
    return error;
}

/** Host and path of an address for notifications, without what may be secret. */
export function addressOf(url: string): string {
    if (!URL.canParse(url)) return '?';
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
}

function isHandshake(error: GraphRefusal): boolean {
    return error.status === 400 && (handshake.test(error.graphCode) || handshake.test(detailOf(error)));
}

function detailOf(error: GraphRefusal): string {
    return String(error.parameters.detail);
}
