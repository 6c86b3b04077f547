import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { type Notice, userOf } from './relay';

/** The kinds, each in all ways in turn. */
export const kinds = ['forged', 'altered', 'replayed', 'held back', 'plain'] as const;

export interface Hostile {
    kind: (typeof kinds)[number];
    body: string;
}

/** What somebody has to work with who has read along. */
export interface Known {
    /** Calls that have begun, each told when it was so; they are over. */
    told: readonly Notice[];
    /** Calls that have begun and were not told; they are over, too. */
    held: readonly Notice[];
    /** Ids of users who have done nothing all the time. */
    victims: readonly string[];
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/**
 * `count` of each kind, in turn. Whoever has written them knows ids, the clientState, tokens and encrypted contents, but
 * neither the key of Microsoft nor the certificate that Microsoft encrypts for: neither is in any notification.
 */
export function* hostileNotifications(known: Known, count: number): Iterable<Hostile> {
    for (let index = 0; index < count; index++) {
        const told = at(known.told, index);
        const other = at(known.told, index * 7 + 1);
        const victim = at(known.victims, index);
        yield { kind: 'forged', body: at(forged, index)(told, victim) };
        yield { kind: 'altered', body: bodyOf(at(altered, index)(told, other, victim)) };
        yield { kind: 'replayed', body: bodyOf(at(replayed, index)(told)) };
        yield { kind: 'held back', body: bodyOf(at(known.held, index)) };
        yield { kind: 'plain', body: at(plain, index)(told, victim) };
    }
}

function at<T>(list: readonly T[], index: number): T {
    return list[index % list.length]!;
}

function bodyOf({ item, validationTokens }: { item: object; validationTokens: unknown }): string {
    return JSON.stringify({ value: [item], validationTokens });
}

/** What says that it comes from Microsoft and does not. */
const forged: ((told: Notice, victim: string) => string)[] = [
    ({ item, validationTokens }) => bodyOf({ item: { ...item, clientState: randomUUID() }, validationTokens }),
    ({ item, validationTokens }) => bodyOf({ item: { ...item, subscriptionId: randomUUID() }, validationTokens }),
    ({ item }) => bodyOf({ item, validationTokens: ['x.y.z'] }),
    told => tampered(told, token => withClaims(token, claims => ({ ...claims, exp: 4_000_000_000 }))),
    told => tampered(told, token => [header({ alg: 'none' }), token.split('.')[1], ''].join('.')),
    told => tampered(told, token => signed(token, claims => claims)),
    told => tampered(told, token => signed(token, claims => ({ ...claims, nonce: randomUUID() }))),
    told => tampered(told, token => ({ token })),
    told => bodyOf({ ...told, validationTokens: [...told.validationTokens, 'forged'] }),
    ({ item }) => bodyOf({ item, validationTokens: null }),
    (told, victim) => {
        const lifecycleEvent = 'reauthorizationRequired';
        return bodyOf({ ...told, item: { ...aboutUser(told, victim), clientState: 'x', lifecycleEvent } });
    },
    told => bodyOf(told).slice(0, -7),
    told => JSON.stringify({ value: Array.from({ length: 500 }, () => ({ ...told.item, clientState: 'x' })) }),
];

/** A genuine one in which something was changed. */
const altered: ((told: Notice, other: Notice, victim: string) => { item: object; validationTokens: unknown })[] = [
    (told, _, victim) => ({ ...told, item: aboutUser(told, victim) }),
    (told, other) => ({ ...told, item: aboutUser(told, userOf(other)) }),
    told => withContent(told, ({ data = '' }) => ({ data: flipped(data) })),
    told => withContent(told, () => ({ dataKey: 'AAAA' })),
    (told, other) => withContent(told, () => ({ dataKey: other.item.encryptedContent.dataKey! })),
    (told, other) => withContent(told, () => ({ dataSignature: other.item.encryptedContent.dataSignature! })),
    (told, other) => withContent(told, () => ({ data: other.item.encryptedContent.data! })),
    told => withContent(told, () => ({ encryptionCertificateId: 'another' })),
    told => withContent(told, ({ data = '' }) => ({ data: data.slice(0, data.length >> 1) })),
    told => ({ ...told, item: { ...told.item, tenantId: randomUUID() } }),
    // The same bytes in other letters.
    told => withContent(told, ({ dataSignature = '' }) => ({ dataSignature: ` ${dataSignature}` })),
    told => withContent(told, ({ dataSignature = '' }) => ({ dataSignature: dataSignature.replace(/=+$/, '') })),
    told => withContent(told, ({ dataSignature = '' }) => ({ dataSignature: `${dataSignature}AAAA` })),
    told => withContent(told, ({ dataSignature = '' }) => ({ dataSignature: urlSafe(dataSignature) })),
];

/** A genuine one, once more. */
const replayed: ((told: Notice) => { item: object; validationTokens: unknown })[] = [
    told => told,
    told => ({ ...told, item: { ...told.item, id: randomUUID(), changeType: 'created' } }),
    told => ({ ...told, item: Object.fromEntries(Object.entries(told.item).reverse()) }),
];

/** True in all that anybody can read, and without anything that only Microsoft can make. */
const plain: ((told: Notice, victim: string) => string)[] = [
    (told, victim) => bodyOf({ ...told, item: inPlain(told, victim, {}) }),
    (told, victim) => JSON.stringify({ value: [inPlain(told, victim, {})] }),
    (told, victim) => bodyOf({ ...told, item: inPlain(told, victim, { encryptedContent: null }) }),
    (told, victim) => bodyOf({ ...told, item: inPlain(told, victim, { encryptedContent: {} }) }),
    (told, victim) => bodyOf({ ...told, item: inPlain(told, victim, { encryptedContent: [] }) }),
    told => lifecycle(told, 'reauthorizationRequired'),
    told => lifecycle(told, 'missed'),
];

/** An event in the life of a subscription: it has nothing that only Microsoft could make. */
export function lifecycle({ item, validationTokens }: Notice, lifecycleEvent: string): string {
    const { clientState, subscriptionId, tenantId } = item;
    return bodyOf({ item: { clientState, subscriptionId, tenantId, lifecycleEvent }, validationTokens });
}

function inPlain({ item }: Notice, id: string, more: object): object {
    const { encryptedContent: _, ...visible } = item;
    const resourceData = { id, availability: 'Busy', activity: 'InACall', sequenceNumber: 'ZZZZ' };
    return { ...visible, resource: `communications/presences/${id}`, resourceData, ...more };
}

function aboutUser({ item }: Notice, id: string): Notice['item'] {
    return {
        ...item,
        resource: `communications/presences/${id}`,
        resourceData: { ...(item.resourceData as object), id },
    };
}

function withContent(told: Notice, change: (content: Record<string, string>) => Record<string, string>) {
    const { encryptedContent } = told.item;
    return { ...told, item: { ...told.item, encryptedContent: { ...encryptedContent, ...change(encryptedContent) } } };
}

function flipped(base64: string): string {
    const bytes = Buffer.from(base64, 'base64');
    bytes[bytes.length >> 1]! ^= 1;
    return bytes.toString('base64');
}

function urlSafe(base64: string): string {
    return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function tampered(told: Notice, change: (token: string) => unknown): string {
    return bodyOf({ ...told, validationTokens: told.validationTokens.map(change) });
}

function header(fields: object): string {
    return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** Other claims under the signature of Microsoft. */
function withClaims(token: string, change: (claims: object) => object): string {
    const [head, claims = '', signature] = token.split('.');
    return [head, header(change(JSON.parse(Buffer.from(claims, 'base64url').toString()))), signature].join('.');
}

/** Under the name of Microsoft's key, by another. */
function signed(token: string, change: (claims: object) => object): string {
    const [head, claims] = withClaims(token, change).split('.');
    const signature = sign('RSA-SHA256', Buffer.from(`${head}.${claims}`), privateKey);
    return [head, claims, signature.toString('base64url')].join('.');
}
