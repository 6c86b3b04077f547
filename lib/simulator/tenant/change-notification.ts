import { randomUUID } from 'node:crypto';
import type { TeamsPair } from '../../presence/vocabulary';
import { encryptContent } from './encrypted-content';
import { versionClaims } from './openid-documents';
import type { Claims } from './signing-keys';
import type { LifecycleEvent, Subscription } from './subscription';

/** The app id of Microsoft Graph Change Tracking, which publishes every notification. */
export const publisherAppId = '0bf30f3b-4a52-48df-9a82-234910c4a086';

const validationTokenLifetime = 86_400;

/** A change that a subscription is to hear of. */
export interface PresenceChange {
    userId: string;
    presence: TeamsPair;
    /** Sorts as text; newer is greater. */
    sequenceNumber: string;
}

/**
 * One item of a changeNotificationCollection.
 * @see https://learn.microsoft.com/graph/changenotifications-for-presence
 */
export function toNotification(
    subscription: Subscription,
    change: PresenceChange,
    { tenantId, withSequence }: { tenantId: string; withSequence: boolean },
): object {
    const { certificate } = subscription;
    const sequence = withSequence ? { sequenceNumber: change.sequenceNumber } : {};
    const resourceData = {
        '@odata.id': `users/${change.userId}/presence`,
        '@odata.type': '#microsoft.graph.presence',
        id: change.userId,
    };
    const withData = subscription.includeResourceData && certificate;
    return {
        subscriptionId: subscription.id,
        clientState: subscription.clientState,
        changeType: 'updated',
        tenantId,
        organizationId: tenantId,
        resource: `communications/presences/${change.userId}`,
        subscriptionExpirationDateTime: new Date(subscription.expires).toISOString(),
        resourceData,
        ...(withData
            ? { encryptedContent: encryptContent({ ...resourceData, ...change.presence, ...sequence }, certificate) }
            : {}),
    };
}

/**
 * What a subscription is told about itself.
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events
 */
export function toLifecycleNotification(subscription: Subscription, event: LifecycleEvent, tenantId: string): object {
    return {
        subscriptionId: subscription.id,
        subscriptionExpirationDateTime: new Date(subscription.expires).toISOString(),
        tenantId,
        organizationId: tenantId,
        clientState: subscription.clientState,
        lifecycleEvent: event,
    };
}

/**
 * The claims that tell a client who sent the notification: its own id as audience, the publisher as authorized party.
 * The client's registration says in which version it wants tokens that are for itself.
 * @param options.now milliseconds; `url` the address of the simulated Entra, which is the issuer here
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validation-tokens-in-the-change-notification
 */
export function validationClaims(options: {
    appId: string;
    version?: 1 | 2;
    tenantId: string;
    url: string;
    now: number;
}): Claims {
    const now = Math.floor(options.now / 1000);
    return {
        ...versionClaims(options.version ?? 2, { ...options, app: publisherAppId }),
        aud: options.appId,
        iat: now,
        nbf: now,
        exp: now + validationTokenLifetime,
        tid: options.tenantId,
        uti: randomUUID(),
    };
}
