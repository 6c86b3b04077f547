import type { KeyObject } from 'node:crypto';

/** The certificate to which the contents of notifications are encrypted. */
export interface EncryptionCertificate {
    /** As the client named it. */
    id: string;
    /** As the client sent it: base64 of the DER. */
    text: string;
    publicKey: KeyObject;
    /** SHA-1 of the certificate, hexadecimal in upper case. */
    thumbprint: string;
}

/** Presence subscriptions get the first only; a client must be ready for any of them. */
export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed';

/** A subscription to presence. Times are milliseconds since the epoch. */
export interface Subscription {
    id: string;
    /** The app and the signed-in user that own it. */
    appId: string;
    creatorId: string;
    resource: string;
    /** Object ids, lower case. */
    followed: ReadonlySet<string>;
    notificationUrl: string;
    lifecycleNotificationUrl: string | null;
    clientState: string | null;
    includeResourceData: boolean;
    certificate: EncryptionCertificate | undefined;
    expires: number;
    /** Until when the token of the last create or renewal allows deliveries. */
    tokenExpires: number;
}

/**
 * The subscription resource. What only the creator may know is in the answer to the create alone.
 * @see https://learn.microsoft.com/graph/api/resources/subscription
 */
export function toResource(subscription: Subscription, created = false): Record<string, unknown> {
    const { certificate } = subscription;
    return {
        id: subscription.id,
        resource: subscription.resource,
        applicationId: subscription.appId,
        changeType: 'updated',
        clientState: created ? subscription.clientState : null,
        notificationUrl: subscription.notificationUrl,
        notificationQueryOptions: null,
        lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
        expirationDateTime: new Date(subscription.expires).toISOString(),
        creatorId: subscription.creatorId,
        includeResourceData: subscription.includeResourceData,
        latestSupportedTlsVersion: 'v1_2',
        encryptionCertificate: created && certificate ? certificate.text : null,
        encryptionCertificateId: certificate?.id ?? null,
        notificationUrlAppId: null,
    };
}
