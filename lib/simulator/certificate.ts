import { createHash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';

/**
 * What a certificate is for: `authority` signs others, `server` answers under its hosts, `encryption` only carries
 * a key.
 */
export type CertificateUse = { kind: 'authority' } | { kind: 'server'; hosts: string[] } | { kind: 'encryption' };

/** What goes into a certificate; `issuer` is absent where the certificate signs itself. */
export interface CertificateContent {
    commonName: string;
    publicKey: KeyObject;
    use: CertificateUse;
    issuer?: { commonName: string; publicKey: KeyObject };
    /** The issuer's private key, RSA or EC; signs with SHA-256. */
    signingKey: KeyObject;
    /** Validity in days from an hour ago. */
    days: number;
}

const oids = {
    commonName: '2.5.4.3',
    subjectKeyIdentifier: '2.5.29.14',
    keyUsage: '2.5.29.15',
    subjectAltName: '2.5.29.17',
    basicConstraints: '2.5.29.19',
    authorityKeyIdentifier: '2.5.29.35',
    extKeyUsage: '2.5.29.37',
    serverAuth: '1.3.6.1.5.5.7.3.1',
    ecdsaWithSha256: '1.2.840.10045.4.3.2',
    sha256WithRsa: '1.2.840.113549.1.1.11',
};

/**
 * Makes an X.509 v3 certificate.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function makeCertificate(content: CertificateContent): X509Certificate {
    const issuer = content.issuer ?? content;
    const algorithm =
        content.signingKey.asymmetricKeyType === 'rsa'
            ? sequence(oid(oids.sha256WithRsa), tagged(0x05))
            : sequence(oid(oids.ecdsaWithSha256));
    const start = Date.now() - 3_600_000;
    const toBeSigned = sequence(
        tagged(0xa0, integer(Buffer.of(2))),
        integer(serialNumber()),
        algorithm,
        name(issuer.commonName),
        sequence(time(start), time(start + content.days * 86_400_000)),
        name(content.commonName),
        publicKeyInfo(content.publicKey),
        tagged(0xa3, sequence(...extensions(content, issuer.publicKey))),
    );
    const signature = sign('sha256', toBeSigned, content.signingKey);
    return new X509Certificate(sequence(toBeSigned, algorithm, bitString(signature)));
}

function extensions({ use, publicKey }: CertificateContent, issuerKey: KeyObject): Buffer[] {
    const always = [
        extension(oids.subjectKeyIdentifier, false, tagged(0x04, keyIdentifier(publicKey))),
        extension(oids.authorityKeyIdentifier, false, sequence(tagged(0x80, keyIdentifier(issuerKey)))),
    ];
    if (use.kind === 'authority')
        return [
            extension(oids.basicConstraints, true, sequence(tagged(0x01, Buffer.of(0xff)))),
            extension(oids.keyUsage, true, tagged(0x03, Buffer.of(1, 0b0000_0110))), // keyCertSign, cRLSign
            ...always,
        ];
    if (use.kind === 'encryption')
        return [extension(oids.keyUsage, true, tagged(0x03, Buffer.of(4, 0b0011_0000))), ...always];
    return [
        extension(oids.keyUsage, true, tagged(0x03, Buffer.of(7, 0b1000_0000))), // digitalSignature
        extension(oids.extKeyUsage, false, sequence(oid(oids.serverAuth))),
        extension(oids.subjectAltName, false, sequence(...use.hosts.map(alternativeName))),
        ...always,
    ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
    const flag = critical ? [tagged(0x01, Buffer.of(0xff))] : [];
    return sequence(oid(id), ...flag, tagged(0x04, value));
}

function alternativeName(host: string): Buffer {
    const family = isIP(host);
    if (family === 0) return tagged(0x82, Buffer.from(host, 'ascii'));
    return tagged(0x87, family === 4 ? Buffer.from(host.split('.').map(Number)) : addressBytes(host));
}

/** The 16 bytes of an IPv6 address. */
function addressBytes(host: string): Buffer {
    const { address } = new SocketAddress({ address: host, family: 'ipv6' });
    const [head = '', tail] = address.split('::');
    const left = head ? head.split(':') : [];
    const right = tail ? tail.split(':') : [];
    const gap = tail === undefined ? 0 : 8 - left.length - right.length;
    const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
    return Buffer.concat(groups.map(group => Buffer.from(group.padStart(4, '0'), 'hex')));
}

function publicKeyInfo(key: KeyObject): Buffer {
    return key.export({ format: 'der', type: 'spki' });
}

function keyIdentifier(key: KeyObject): Buffer {
    return createHash('sha1').update(publicKeyInfo(key)).digest();
}

/** Positive, 16 bytes, first byte not zero, as DER wants it. */
function serialNumber(): Buffer {
    const serial = randomBytes(16);
    serial[0] = (serial[0]! & 0x3f) | 0x40;
    return serial;
}

function name(commonName: string): Buffer {
    const attribute = sequence(oid(oids.commonName), tagged(0x0c, Buffer.from(commonName)));
    return sequence(tagged(0x31, attribute));
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
function time(at: number): Buffer {
    const text = new Date(at).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
    const utc = Number(text.slice(0, 4)) < 2050;
    return tagged(utc ? 0x17 : 0x18, Buffer.from(`${utc ? text.slice(2) : text}Z`, 'ascii'));
}

function oid(text: string): Buffer {
    const [first, second, ...rest] = text.split('.').map(Number) as [number, number, ...number[]];
    return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
    const bytes = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
}

function integer(value: Buffer): Buffer {
    return tagged(0x02, value);
}

function bitString(value: Buffer): Buffer {
    return tagged(0x03, Buffer.of(0), value);
}

function sequence(...parts: Buffer[]): Buffer {
    return tagged(0x30, ...parts);
}

/** One DER element: tag, length, content. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
    if (length < 0x80) return Buffer.of(length);
    const bytes: number[] = [];
    for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
    return Buffer.of(0x80 | bytes.length, ...bytes);
}
