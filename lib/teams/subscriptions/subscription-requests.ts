import type { Subscription } from '@microsoft/microsoft-graph-types';
import type { RateBudget, RateLimit } from '../../support/rate-budget';
import type { GraphClient } from '../graph/graph-client';
import { GraphRefusal } from '../graph/graph-error';
import type { NotificationKey } from '../notifications/notification-key';

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
    /** When it ends, in ms since the epoch; 60 minutes away at most. */
    expiresAt: number;
    clientState: string;
    key: NotificationKey;
}

/** The requests about the presence subscription of one account. All throw like {@link GraphClient.send}. */
export class SubscriptionRequests {
    readonly #graph: GraphClient;
    readonly #account: string;
    readonly #lists: RateBudget;

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
        const { userIds, url, key, clientState, expiresAt } = wish;
        const body: Subscription = {
            changeType: 'updated',
            resource: `/communications/presences?$filter=id in (${userIds.map(id => `'${id}'`).join(',')})`,
            notificationUrl: url,
            lifecycleNotificationUrl: url,
            expirationDateTime: new Date(expiresAt).toISOString(),
            clientState,
            includeResourceData: true,
            encryptionCertificate: key.certificate,
            encryptionCertificateId: key.id,
            latestSupportedTlsVersion: 'v1_2',
        };
        const what = `subscribe to presence for ${this.#account}`;
        const made = await this.#graph.sendOnce<Subscription>({ what, method: 'POST', path: '/subscriptions', body });
        return { id: made.id ?? '', expiresAt: endOf(made, expiresAt) };
    }

    /** @returns when it ends now, in ms since the epoch. @see https://learn.microsoft.com/graph/api/subscription-update */
    async renew(id: string, expiresAt: number): Promise<number> {
        const what = `renew the subscription of ${this.#account}`;
        const body = { expirationDateTime: new Date(expiresAt).toISOString() };
        const renewed = await this.#graph.send<Subscription | undefined>({
            what,
            method: 'PATCH',
            path: pathOf(id),
            body,
        });
        return endOf(renewed, expiresAt);
    }

    async exists(id: string): Promise<boolean> {
        const what = `look at the subscription of ${this.#account}`;
        try {
            await this.#graph.send({ what, method: 'GET', path: pathOf(id) });
            return true;
        } catch (error) {
            if (isMissing(error)) return false;
            throw error;
        }
    }

    /** One that is not there any more is as good as deleted. */
    async remove(id: string): Promise<void> {
        const what = `delete the subscription of ${this.#account}`;
        try {
            await this.#graph.send({ what, method: 'DELETE', path: pathOf(id) });
        } catch (error) {
            if (!isMissing(error)) throw error;
        }
    }

    /**
     * Deletes the account's presence subscriptions: the list shows only what this app and this account have made.
     * @returns how many there were
     */
    async removeAll(): Promise<number> {
        let path: string | undefined = '/subscriptions';
        const found: string[] = [];
        while (path) {
            const page: Page = await this.#list(path);
            for (const { id, resource } of page.value ?? []) {
                if (id && resource?.includes('communications/presences')) found.push(id);
            }
            path = page['@odata.nextLink'];
        }
        for (const id of found) await this.remove(id);
        return found.length;
    }

    async #list(path: string): Promise<Page> {
        const grant = await this.#lists.take('edge');
        try {
            const what = `list the subscriptions of ${this.#account}`;
            return await this.#graph.sendOnce<Page>({ what, method: 'GET', path });
        } finally {
            grant.answered();
        }
    }
}

interface Page {
    value?: Subscription[];
    '@odata.nextLink'?: string;
}

function pathOf(id: string): string {
    return `/subscriptions/${encodeURIComponent(id)}`;
}

function isMissing(error: unknown): boolean {
    return error instanceof GraphRefusal && error.status === 404;
}

/** Graph may grant less than was asked for. */
function endOf(subscription: Subscription | undefined, asked: number): number {
    const granted = Date.parse(subscription?.expirationDateTime ?? '');
    return Number.isNaN(granted) ? asked : Math.min(granted, asked);
}
