import { X509Certificate } from 'node:crypto';
import { extensionError, type GraphError, invalidRequest } from './graph-error';
import { notSimulated } from './not-simulated';
import { guidPattern, mostIds } from './presence-reading';
import { publishedCommunications, publishedRoots } from './published-names';
import type { EncryptionCertificate } from './subscription';

const minute = 60_000;
const shortest = 45 * minute;
const longest = 60 * minute;

type Fields = Record<string, unknown>;

const knownFields = [
    'changeType',
    'resource',
    'notificationUrl',
    'expirationDateTime',
    'clientState',
    'lifecycleNotificationUrl',
    'includeResourceData',
    'encryptionCertificate',
    'encryptionCertificateId',
    'latestSupportedTlsVersion',
    'notificationUrlAppId',
    'notificationQueryOptions',
];

/** What a client asks for with POST /subscriptions, checked. */
export interface SubscriptionRequest {
    resource: string;
    followed: ReadonlySet<string>;
    notificationUrl: string;
    lifecycleNotificationUrl: string | null;
    clientState: string | null;
    includeResourceData: boolean;
    certificate: EncryptionCertificate | undefined;
    expires: number;
}

/**
 * Checks the body of a create; throws 400 for what Graph refuses.
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions
 */
export function parseCreate(fields: Fields, now: number): SubscriptionRequest {
    const unknown = Object.keys(fields).find(name => !knownFields.includes(name) && !name.startsWith('@odata.'));
    if (unknown)
        throw invalidRequest(`The property '${unknown}' does not exist on type 'microsoft.graph.subscription'.`);
    if (fields.changeType !== 'updated') throw invalidRequest("Only the changeType 'updated' is supported.");
    const resource = required(fields, 'resource');
    return {
        resource,
        followed: followedBy(resource),
        notificationUrl: parseUrl(fields, 'notificationUrl'),
        lifecycleNotificationUrl:
            fields.lifecycleNotificationUrl == null ? null : parseUrl(fields, 'lifecycleNotificationUrl'),
        clientState: parseClientState(fields.clientState),
        includeResourceData: fields.includeResourceData === true,
        certificate: parseCertificate(fields),
        expires: parseExpiration(fields, now),
    };
}

/**
 * The end of a subscription: at most an hour from now; anything below 45 minutes is raised to 45.
 * @see https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime
 */
export function parseExpiration(fields: Fields, now: number): number {
    const text = required(fields, 'expirationDateTime');
    const expires = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(expires)) throw invalidRequest("Property 'expirationDateTime' is not a valid DateTimeOffset.");
    if (expires <= now) throw invalidRequest('Subscription expiration must be in the future.');
    if (expires - now > longest)
        throw extensionError(400, 'BadRequest', 'Subscription expiration can only be 60 minutes in the future.');
    return Math.max(expires, now + shortest);
}

/** An address for notifications; Graph takes no other than `https:`. */
export function parseUrl(fields: Fields, name: string): string {
    const text = required(fields, name);
    if (!URL.canParse(text)) throw invalidRequest(`The '${name}' is not a valid URL.`);
    if (new URL(text).protocol !== 'https:')
        throw invalidRequest(`Invalid '${name}': only the https scheme is supported.`);
    return text;
}

/** The certificate of a body; undefined where resource data is neither asked for nor prepared. */
export function parseCertificate(fields: Fields): EncryptionCertificate | undefined {
    const { encryptionCertificate: text, encryptionCertificateId: id, includeResourceData } = fields;
    if (text == null && id == null && includeResourceData !== true) return undefined;
    if (typeof text !== 'string' || text === '') throw missing('encryptionCertificate');
    if (typeof id !== 'string' || id === '') throw missing('encryptionCertificateId');
    if (id.length > 128) throw invalidRequest("The 'encryptionCertificateId' must not exceed 128 characters.");
    const certificate = toX509(text);
    const { publicKey } = certificate;
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (publicKey.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 4096)
        throw invalidRequest("The 'encryptionCertificate' must hold an RSA key of 2048 to 4096 bits.");
    return { id, text, publicKey, thumbprint: certificate.fingerprint.replaceAll(':', '') };
}

function toX509(text: string): X509Certificate {
    const invalid = () => invalidRequest("The 'encryptionCertificate' is not a base64-encoded X.509 certificate.");
    if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) throw invalid();
    try {
        return new X509Certificate(Buffer.from(text, 'base64'));
    } catch {
        throw invalid();
    }
}

/** The users of `communications/presences/{id}` or `/communications/presences?$filter=id in ('{id}',...)`. */
function followedBy(resource: string): ReadonlySet<string> {
    const single = /^\/?communications\/presences\/([^/?]+)$/i.exec(resource)?.[1];
    const list = /^\/?communications\/presences\?\$filter=\s*id\s+in\s*\(([^()]*)\)\s*$/i.exec(resource)?.[1];
    const ids = single !== undefined ? [single] : list?.split(',').map(quoted => unquote(quoted.trim()));
    if (!ids) throw refusedResource(resource);
    const wrong = ids.find(id => !guidPattern.test(id));
    if (wrong !== undefined) throw invalidRequest(`The resource holds '${wrong}', which is not the id of a user.`);
    const distinct = new Set(ids.map(id => id.toLowerCase()));
    if (distinct.size > mostIds)
        throw extensionError(400, 'BadRequest', `The number of user ids must not exceed ${mostIds}.`);
    return distinct;
}

/** 501 for another part of Graph, 400 for what is none, or no way to name presences. */
function refusedResource(resource: string): GraphError {
    const [root = '', member = ''] = resource.replace(/^\//, '').toLowerCase().split(/[/?(]/);
    const isOther = publishedRoots.has(root) && (root !== 'communications' || publishedCommunications.has(member));
    const named = resource.slice(0, 100);
    if (isOther && member !== 'presences') return notSimulated(`a subscription to ${named}`);
    return invalidRequest(`The resource '${named}' cannot be subscribed to.`);
}

function unquote(text: string): string {
    return /^'([^']*)'$/.exec(text)?.[1] ?? '';
}

function parseClientState(value: unknown): string | null {
    if (value == null) return null;
    if (typeof value !== 'string' || value.length > 128)
        throw invalidRequest("The 'clientState' must be a text of at most 128 characters.");
    return value;
}

function required(fields: Fields, name: string): string {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
    throw missing(name);
}

function missing(name: string): GraphError {
    return invalidRequest(`Required property '${name}' is missing.`);
}
