import { randomUUID } from 'node:crypto';
import { encryptContent } from '../../../../lib/simulator/tenant/encrypted-content';
import type { SimulatedTenant } from '../../../../lib/simulator/tenant/simulated-tenant';
import type { EncryptionCertificate, Subscription } from '../../../../lib/simulator/tenant/subscription';

const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';
const day = 86_400;

/**
 * The claims of a genuine validation token of the simulated tenant, version 2; change some to forge one.
 * @param now milliseconds since the epoch
 */
export function validationClaims(
    tenant: { url: string; tenantId: string },
    clientId: string,
    now: number,
): Record<string, unknown> {
    const seconds = Math.floor(now / 1000);
    return {
        aud: clientId,
        iss: `${tenant.url}/${tenant.tenantId}/v2.0`,
        iat: seconds,
        nbf: seconds,
        exp: seconds + day,
        azp: publisher,
        tid: tenant.tenantId,
        uti: randomUUID(),
        ver: '2.0',
    };
}

/** A validation token with the tenant's own signature and the claims of {@link validationClaims}, some of them changed. */
export function validationToken(
    tenant: SimulatedTenant,
    options: { tenantId: string; clientId: string; now: number; claims?: Record<string, unknown> },
): string {
    const genuine = validationClaims({ url: tenant.url, tenantId: options.tenantId }, options.clientId, options.now);
    return tenant.sign({ ...genuine, ...options.claims });
}

/** The same claims, signed by nobody: `alg` is `none`. */
export function unsignedToken(claims: Record<string, unknown>): string {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encode({ typ: 'JWT', alg: 'none' })}.${encode(claims)}.`;
}

/**
 * One item as the tenant would send it for this subscription, with any content; change some fields to forge one.
 * @param content of `encryptedContent`, or undefined for an item without
 */
export function notificationItem(
    subscription: Readonly<Subscription>,
    options: { tenantId: string; userId: string; content?: object; certificate?: EncryptionCertificate },
): Record<string, unknown> {
    const { tenantId, userId, content, certificate = subscription.certificate } = options;
    const resourceData = {
        '@odata.id': `users/${userId}/presence`,
        '@odata.type': '#microsoft.graph.presence',
        id: userId,
    };
    return {
        subscriptionId: subscription.id,
        clientState: subscription.clientState,
        changeType: 'updated',
        tenantId,
        resource: `communications/presences/${userId}`,
        subscriptionExpirationDateTime: new Date(subscription.expires).toISOString(),
        resourceData,
        ...(content && certificate ? { encryptedContent: encryptContent(content, certificate) } : {}),
    };
}
