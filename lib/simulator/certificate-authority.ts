import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { makeCertificate } from './certificate';

const newKeyPair = promisify(generateKeyPair);
const commonName = 'Simulated office certificate authority';
const days = 3650;

/**
 * The certificate authority of the simulated office. Its private key exists in memory only, so that trust in it ends
 * with the process.
 */
export class CertificateAuthority {
    /** PEM: what a client of the office must trust. */
    readonly certificate: string;
    readonly #privateKey: KeyObject;
    readonly #publicKey: KeyObject;

    private constructor(keys: { privateKey: KeyObject; publicKey: KeyObject }) {
        this.#privateKey = keys.privateKey;
        this.#publicKey = keys.publicKey;
        this.certificate = makeCertificate({
            commonName,
            publicKey: keys.publicKey,
            use: { kind: 'authority' },
            signingKey: keys.privateKey,
            days,
        }).toString();
    }

    /** A new authority with a key of its own (EC P-256). */
    static async create(): Promise<CertificateAuthority> {
        return new CertificateAuthority(await newKeyPair('ec', { namedCurve: 'P-256' }));
    }

    /**
     * A server certificate with a new key (EC P-256), both PEM.
     * @param hosts names and addresses, such as `localhost`, `127.0.0.1` and `::1`
     */
    async issue(hosts: string[]): Promise<{ key: string; cert: string }> {
        const { privateKey, publicKey } = await newKeyPair('ec', { namedCurve: 'P-256' });
        const certificate = makeCertificate({
            commonName: hosts[0] ?? 'localhost',
            publicKey,
            use: { kind: 'server', hosts },
            issuer: { commonName, publicKey: this.#publicKey },
            signingKey: this.#privateKey,
            days,
        });
        return {
            key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
            cert: certificate.toString(),
        };
    }
}
