import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Opened, openPfx, unreadable } from './pfx';
import type { ClientCertificate } from './registration';

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
