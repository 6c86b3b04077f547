import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateAuthority } from '../certificate-authority';
import { issueCertificate } from '../issue-certificate';

const newKeyPair = promisify(generateKeyPair);

const ownHosts = ['127.0.0.1', '::1', 'localhost'];
const twoYears = 2 * 365 * 86_400_000;

/**
 * How a PBX gets its certificate: from the authority, for its own addresses; from the authority for another name; made
 * by itself as an appliance does before anybody has given it another; or such a one that is no longer valid.
 */
export type CertificateKind = 'right' | 'other-name' | 'self-signed' | 'expired';

/** A certificate with its key, both in PEM. */
export interface ServerCertificate {
    key: string;
    cert: string;
}

/** Makes a new certificate with a key of its own. */
export async function serverCertificate(
    authority: CertificateAuthority,
    kind: CertificateKind,
): Promise<ServerCertificate> {
    if (kind === 'right') return authority.issue(ownHosts);
    if (kind === 'other-name') return authority.issue(['pbx.somewhere-else.example']);
    const key = (await newKeyPair('ec', { namedCurve: 'P-256' })).privateKey;
    const now = kind === 'expired' ? Date.now() - twoYears : Date.now();
    const altNames = [{ type: 7, ip: '127.0.0.1' }];
    const extensions = [{ name: 'subjectAltName', altNames }];
    const certificate = issueCertificate({ commonName: 'IPVA-00-90-33-40-01-09', key, now, extensions });
    return { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate.toString() };
}

/** SHA-256 of a certificate as a browser shows it: pairs of capitals with colons. @param cert PEM */
export function fingerprintOf(cert: string): string {
    return new X509Certificate(cert).fingerprint256;
}
