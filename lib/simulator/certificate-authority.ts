import { KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
    AuthorityKeyIdentifierExtension,
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509CertificateGenerator,
} from '@peculiar/x509';

const name = 'CN=Simulated office certificate authority';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

/** Node's own types of the Web Crypto keys differ from the browser's that the library names. */
type Keys = CryptoKeyPair;
const provider = webcrypto as Crypto;

/**
 * The certificate authority of the simulated office. Its private key exists in memory only, so that trust in it ends
 * with the process.
 */
export class CertificateAuthority {
    /** PEM: what a client of the office must trust. */
    readonly certificate: string;
    readonly #keys: Keys;

    private constructor(keys: Keys, certificate: string) {
        this.#keys = keys;
        this.certificate = certificate;
    }

    /** A new authority with a key of its own (EC P-256). */
    static async create(): Promise<CertificateAuthority> {
        const keys = await newKeys();
        const extensions = [
            new BasicConstraintsExtension(true, undefined, true),
            new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
            await SubjectKeyIdentifierExtension.create(keys.publicKey, false, provider),
        ];
        const content = { name, keys, signingAlgorithm: algorithm, extensions, ...validity() };
        const certificate = await X509CertificateGenerator.createSelfSigned(content, provider);
        return new CertificateAuthority(keys, certificate.toString('pem'));
    }

    /**
     * A server certificate with a new key (EC P-256), both PEM.
     * @param hosts names and addresses, such as `localhost`, `127.0.0.1` and `::1`
     */
    async issue(hosts: string[]): Promise<{ key: string; cert: string }> {
        const { publicKey, privateKey } = await newKeys();
        const names = hosts.map(host => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host }));
        const content = {
            subject: `CN=${hosts[0] ?? 'localhost'}`,
            issuer: name,
            publicKey,
            signingKey: this.#keys.privateKey,
            signingAlgorithm: algorithm,
            extensions: [
                new BasicConstraintsExtension(false),
                new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
                new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
                new SubjectAlternativeNameExtension(names),
                await AuthorityKeyIdentifierExtension.create(this.#keys.publicKey, false, provider),
            ],
            ...validity(),
        };
        const certificate = await X509CertificateGenerator.create(content, provider);
        const key = KeyObject.from(privateKey as webcrypto.CryptoKey).export({ format: 'pem', type: 'pkcs8' });
        return { key: key.toString(), cert: certificate.toString('pem') };
    }
}

function newKeys(): Promise<Keys> {
    return provider.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<Keys>;
}

function validity(): { notBefore: Date; notAfter: Date } {
    return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 365 * day) };
}
