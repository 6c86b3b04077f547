import { isIP } from 'node:net';
import { generate } from 'selfsigned';

const day = 86_400_000;

/**
 * The certificate authority of the simulated office. Its private key exists in memory only, so that trust in it ends
 * with the process.
 */
export class CertificateAuthority {
    /** PEM: what a client of the office must trust. */
    readonly certificate: string;
    readonly #key: string;

    private constructor(certificate: string, key: string) {
        this.certificate = certificate;
        this.#key = key;
    }

    /** A new authority with a key of its own (EC P-256). */
    static async create(): Promise<CertificateAuthority> {
        const made = await generate(nameOf('Simulated office certificate authority'), {
            ...common(),
            extensions: [
                { name: 'basicConstraints', cA: true, critical: true },
                { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
            ],
        });
        return new CertificateAuthority(made.cert, made.private);
    }

    /**
     * A server certificate with a new key (EC P-256), both PEM.
     * @param hosts names and addresses, such as `localhost`, `127.0.0.1` and `::1`
     */
    async issue(hosts: string[]): Promise<{ key: string; cert: string }> {
        const altNames = hosts.map(host =>
            isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
        );
        const made = await generate(nameOf(hosts[0] ?? 'localhost'), {
            ...common(),
            ca: { key: this.#key, cert: this.certificate },
            extensions: [
                { name: 'basicConstraints', cA: false },
                { name: 'keyUsage', digitalSignature: true, critical: true },
                { name: 'extKeyUsage', serverAuth: true },
                { name: 'subjectAltName', altNames },
            ],
        });
        return { key: made.private, cert: made.cert };
    }
}

function nameOf(commonName: string) {
    return [{ name: 'commonName', value: commonName }];
}

function common() {
    return {
        keyType: 'ec' as const,
        curve: 'P-256' as const,
        algorithm: 'sha256',
        notBeforeDate: new Date(Date.now() - day),
        notAfterDate: new Date(Date.now() + 365 * day),
    };
}
