import * as v from 'valibot';
import { parseJson } from '../../../support/parse-json';

const text = v.nullish(v.string());

/**
 * One item of a change notification collection, as far as it concerns us. Nothing of it is certain before it was
 * checked: it comes from the internet. Content of another form is none.
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
const notificationItem = v.object({
    subscriptionId: v.pipe(v.string(), v.toLowerCase()),
    clientState: v.string(),
    tenantId: v.optional(v.pipe(v.string(), v.toLowerCase())),
    lifecycleEvent: text,
    resource: text,
    resourceData: v.nullish(v.object({ id: text })),
    encryptedContent: v.fallback(
        v.nullish(
            v.object({
                data: v.string(),
                dataSignature: v.string(),
                dataKey: v.string(),
                encryptionCertificateId: v.string(),
            }),
        ),
        null,
    ),
});

export type NotificationItem = v.InferOutput<typeof notificationItem>;
/** All values base64, but for the id. */
export type EncryptedContent = NonNullable<NotificationItem['encryptedContent']>;

/** @see https://learn.microsoft.com/graph/api/resources/changenotificationcollection */
export interface NotificationCollection {
    value?: unknown;
    /** One for each app and tenant in the collection; null where the app requires a role assignment. */
    validationTokens?: unknown;
}

/** Event Hubs are tested with a notification of this subscription: it means nothing. */
const eventHubTest = 'NA';

/**
 * The items of a body, or undefined if it is no collection of notifications.
 * @param most there may be
 */
export function itemsOf(body: unknown, most = Number.POSITIVE_INFINITY): (NotificationItem | undefined)[] | undefined {
    const value = (body as NotificationCollection | null | undefined)?.value;
    if (!Array.isArray(value) || value.length > most) return undefined;
    return value
        .filter(item => item?.subscriptionId !== eventHubTest)
        .map(item => {
            const { success, output } = v.safeParse(notificationItem, item);
            return success ? output : undefined;
        });
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** The Entra object id of the user whom an item is about; it stands in one of two places. */
export function userIdOf({ resourceData, resource }: NotificationItem): string | undefined {
    return guid.exec(resourceData?.id ?? resource ?? '')?.[0]?.toLowerCase();
}

/**
 * A notification that comes as text: over MQTT, from Event Hubs, as the body of a request. What cannot be read is
 * undefined.
 */
export function parseNotification(body: unknown): unknown {
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body;
    return parseJson(body.toString('utf8'));
}
