import { generateKeyPairSync } from 'node:crypto';
import { issueCertificate } from '../../lib/simulator/issue-certificate';

/** What an app signs in with; both PEM. */
export interface AppCertificate {
    /** PKCS#8, RSA 2048. */
    key: string;
    /** Self-signed. */
    certificate: string;
}

/** A new certificate, valid from now on. */
export function appCertificate(): AppCertificate {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = issueCertificate({ commonName: 'app', key: privateKey, now: Date.now(), extensions: [] });
    return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: certificate.toString() };
}
