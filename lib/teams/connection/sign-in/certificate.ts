import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { asn1, pkcs12, pki, util } from 'node-forge';
import { SyncError } from '../../../errors/errors';
import type { Reason } from '../../../errors/phrases';
import type { ClientCertificate } from './registration';

/** A private key and its certificates, in the order of their file. */
interface Opened {
    privateKey: KeyObject;
    certificates: X509Certificate[];
}

/** A certificate with its key, and what an administrator wants to know of it. */
export interface ReadCertificate {
    certificate: ClientCertificate;
    /** The common name, or the whole subject where there is none. */
    subject: string;
    notAfter: Date;
    /** SHA-1 in upper-case hexadecimals, as the Entra admin center shows it. */
    thumbprint: string;
}

const day = 86_400_000;
const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;
/** Entra takes no shorter key. */
const shortestKey = 2048;

/**
 * Reads what an administrator has: a PEM text with certificate and private key, or a PFX file; either may be protected
 * by a password.
 * @throws SyncError TEAMS_CERTIFICATE_UNREADABLE that says what is wrong
 */
export async function readCertificate(entered: {
    pem?: string;
    pfx?: Buffer;
    password?: string;
}): Promise<ReadCertificate> {
    const { pem, pfx, password } = entered;
    const { privateKey, certificates } = pfx ? openPfx(pfx, password ?? '') : openPem(pem ?? '', password);
    const { asymmetricKeyType, asymmetricKeyDetails } = privateKey;
    if (asymmetricKeyType !== 'rsa') throw unreadable({ why: 'its key is not RSA, and Microsoft takes nothing else' });
    if ((asymmetricKeyDetails?.modulusLength ?? 0) < shortestKey)
        throw unreadable({ why: 'its key has less than 2048 bits' });
    const own = certificates.findIndex(each => each.checkPrivateKey(privateKey));
    if (own < 0) throw unreadable({ why: 'it does not belong to the private key' });
    const chain = [certificates[own]!, ...certificates.filter((_, index) => index !== own)];
    const certificate = chain.map(each => each.toString()).join('');
    return {
        certificate: { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate },
        ...certificateFacts(certificate),
    };
}

/** What the first certificate of a PEM text says of itself. */
export function certificateFacts(pem: string): Omit<ReadCertificate, 'certificate'> {
    const { subject, validTo, fingerprint } = new X509Certificate(pem);
    return {
        subject: /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', '),
        notAfter: new Date(validTo),
        thumbprint: fingerprint.replaceAll(':', ''),
    };
}

/** True from 30 days before the end on. @param now milliseconds since the epoch */
export function expiresSoon(notAfter: Date, now: number): boolean {
    return notAfter.getTime() - now < 30 * day;
}

function openPem(pem: string, password: string | undefined): Opened {
    const blocks = [...pem.matchAll(pemBlock)].map(([block, label]) => ({ block, label: label ?? '' }));
    const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
    const certificates = blocks.filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label));
    if (blocks.length === 0) throw unreadable({ why: 'it is no PEM text' });
    if (!key) throw unreadable({ why: 'the private key is missing' });
    if (certificates.length === 0) throw unreadable({ why: 'the certificate is missing beside the private key' });
    return {
        privateKey: openKey(key.block, password),
        certificates: certificates.map(({ block }) => parseCertificate(block)),
    };
}

function openKey(pem: string, password: string | undefined): KeyObject {
    const isProtected = /ENCRYPTED/.test(pem);
    if (isProtected && !password) throw unreadable({ why: 'the private key needs its password' });
    try {
        return createPrivateKey({ key: pem, passphrase: password });
    } catch (error) {
        throw unreadable(isProtected ? { why: 'the password is wrong' } : { why: 'the private key is damaged' }, error);
    }
}

function parseCertificate(pem: string): X509Certificate {
    try {
        return new X509Certificate(pem);
    } catch (error) {
        throw unreadable({ why: 'it is damaged' }, error);
    }
}

/**
 * Opens a PFX (PKCS#12) file, be it protected with AES or, as Windows and older tools do it, with triple DES and RC2.
 * Node.js itself opens neither for us: its TLS takes a PFX without giving the key out, and refuses RC2.
 * @throws SyncError TEAMS_CERTIFICATE_UNREADABLE
 * @see https://www.rfc-editor.org/rfc/rfc7292
 */
function openPfx(file: Buffer, password: string): Opened {
    const pfx = decrypt(parsePfx(file), password);
    const keys = [pki.oids.pkcs8ShroudedKeyBag!, pki.oids.keyBag!].flatMap(type => bagsOf(pfx, type));
    const certificates = bagsOf(pfx, pki.oids.certBag!);
    const [key, another] = keys;
    if (!key) throw unreadable({ why: 'the private key is missing: export it with the certificate' });
    if (another) throw unreadable({ why: 'it holds more than one private key' });
    if (certificates.length === 0) throw unreadable({ why: 'the certificate is missing beside the private key' });
    return {
        privateKey: keyOf(key),
        certificates: certificates.map(certificateOf),
    };
}

function parsePfx(file: Buffer): asn1.Asn1 {
    try {
        return asn1.fromDer(util.createBuffer(file.toString('binary')));
    } catch (error) {
        throw unreadable({ why: 'it is no PFX file' }, error);
    }
}

function decrypt(file: asn1.Asn1, password: string): pkcs12.Pkcs12Pfx {
    const failures: unknown[] = [];
    for (const [content, secret] of attempts(file, password)) {
        try {
            return pkcs12.pkcs12FromAsn1(content, secret);
        } catch (error) {
            failures.push(error);
        }
    }
    const [first] = failures;
    const said = failures.map(each => (each instanceof Error ? each.message : ''));
    if (said[0]?.includes('is not an PKCS#12 PFX')) throw unreadable({ why: 'it is no PFX file' }, first);
    if (!said.some(each => /password/i.test(each)))
        throw unreadable({ why: 'the file is protected in an unusual way; export it again with AES256-SHA256' }, first);
    if (password === '') throw unreadable({ why: 'the file needs its password' }, first);
    throw unreadable({ why: 'the password is wrong' }, first);
}

/**
 * No password is an empty one for some tools and none at all for others. A file protected with AES takes the password
 * in UTF-8, though its checksum does not (RFC 7292, B.1); the library knows one form at a time. The checksum has then
 * been checked by the attempt before.
 */
function attempts(file: asn1.Asn1, password: string): [content: asn1.Asn1, password: string | undefined][] {
    const asEntered: [asn1.Asn1, string] = [file, password];
    if (password === '') return [asEntered, [file, undefined]];
    const inUtf8 = util.encodeUtf8(password);
    const withoutChecksum = { ...file, value: file.value.slice(0, 2) } as asn1.Asn1;
    return inUtf8 === password ? [asEntered] : [asEntered, [withoutChecksum, inUtf8]];
}

function bagsOf(pfx: pkcs12.Pkcs12Pfx, type: string): pkcs12.Bag[] {
    return pfx.getBags({ bagType: type })[type] ?? [];
}

/** The library reads RSA keys; any other is left as it stood in the file. */
function keyOf({ key, asn1: other }: pkcs12.Bag): KeyObject {
    return key
        ? createPrivateKey({ key: derOf(pki.privateKeyToAsn1(key)), format: 'der', type: 'pkcs1' })
        : createPrivateKey({ key: derOf(other), format: 'der', type: 'pkcs8' });
}

function certificateOf({ cert, asn1: other }: pkcs12.Bag): X509Certificate {
    return new X509Certificate(derOf(cert ? pki.certificateToAsn1(cert) : other));
}

function derOf(value: asn1.Asn1): Buffer {
    return Buffer.from(asn1.toDer(value).getBytes(), 'binary');
}

/** A certificate that cannot be used. `why` follows "The certificate cannot be used: ". */
function unreadable({ why }: { why: Reason }, cause?: unknown): SyncError {
    return new SyncError('TEAMS_CERTIFICATE_UNREADABLE', { why }, cause);
}
