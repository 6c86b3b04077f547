import { generateKeyPair, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { issueCertificate } from './issue-certificate';

const newKeyPair = promisify(generateKeyPair);

const ownName = 'Simulated office certificate authority';

/**
 * The certificate authority of the simulated office. Its private key exists in memory only, so that trust in it ends
 * with the process.
 */
export class CertificateAuthority {
    /** PEM: what a client of the office must trust. */
    readonly certificate: string;
    readonly #key: KeyObject;

    private constructor(certificate: string, key: KeyObject) {
        this.certificate = certificate;
        this.#key = key;
    }

    /** A new authority with a key of its own (EC P-256). */
    static async create(): Promise<CertificateAuthority> {
        const key = await newKey();
        const certificate = issueCertificate({
            commonName: ownName,
            key,
            now: Date.now(),
            extensions: [
                { name: 'basicConstraints', cA: true, critical: true },
                { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
            ],
        });
        return new CertificateAuthority(certificate.toString(), key);
    }

    /**
     * A server certificate with a new key (EC P-256), both PEM.
     * @param hosts names and addresses, such as `localhost`, `127.0.0.1` and `::1`
     */
    async issue(hosts: string[]): Promise<{ key: string; cert: string }> {
        const altNames = hosts.map(host => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }));
        const key = await newKey();
        const certificate = issueCertificate({
            commonName: hosts[0] ?? 'localhost',
            key,
            issuer: { commonName: ownName, key: this.#key },
            now: Date.now(),
            extensions: [
                { name: 'basicConstraints', cA: false },
                { name: 'keyUsage', digitalSignature: true, critical: true },
                { name: 'extKeyUsage', serverAuth: true },
                { name: 'subjectAltName', altNames },
            ],
        });
        return { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate.toString() };
    }
}

async function newKey(): Promise<KeyObject> {
    return (await newKeyPair('ec', { namedCurve: 'P-256' })).privateKey;
}
