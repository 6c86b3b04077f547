import type { Presence } from '@microsoft/microsoft-graph-types';
import type { EncryptedContent } from './encrypted-content';

/**
 * One item of a change notification collection, as far as it concerns us. Nothing of it is certain before it was
 * checked: it comes from the internet.
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
export interface NotificationItem {
    subscriptionId?: string;
    clientState?: string;
    tenantId?: string;
    lifecycleEvent?: string;
    resource?: string;
    resourceData?: Partial<Presence>;
    encryptedContent?: EncryptedContent;
}

/** @see https://learn.microsoft.com/graph/api/resources/changenotificationcollection */
export interface NotificationCollection {
    value?: (NotificationItem | null)[];
    /** One for each app and tenant in the collection; null where the app requires a role assignment. */
    validationTokens?: unknown;
}

/** Event Hubs are tested with a notification of this subscription: it means nothing. */
const eventHubTest = 'NA';

/** The items of a body, or undefined if it is no collection of notifications. */
export function itemsOf(body: unknown): (NotificationItem | null)[] | undefined {
    const value = (body as NotificationCollection | null | undefined)?.value;
    if (!Array.isArray(value)) return undefined;
    return value.filter(item => item?.subscriptionId !== eventHubTest);
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** The Entra object id of the user whom an item is about; it stands in one of two places. */
export function userIdOf({ resourceData, resource }: NotificationItem): string | undefined {
    const id = resourceData?.id ?? resource;
    return typeof id === 'string' ? guid.exec(id)?.[0]?.toLowerCase() : undefined;
}

/**
 * A notification that comes as text: over MQTT, from Event Hubs, as the body of a request. What cannot be read is
 * undefined.
 */
export function parseNotification(body: unknown): unknown {
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body;
    try {
        return JSON.parse(body.toString('utf8'));
    } catch {
        return undefined;
    }
}
