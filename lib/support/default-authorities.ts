import { readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates } from 'node:tls';

/** The authorities that Node.js trusts without us, in PEM: its own list, and what NODE_EXTRA_CA_CERTS and its options add. */
export function defaultAuthorities(): string[] {
    // Node.js 22.15 and later tell; before, the variable is all that can be known.
    return getCACertificates?.('default') ?? rootsWith(process.env.NODE_EXTRA_CA_CERTS);
}

/** The list that Node.js brings, and the certificates in a file of PEM; a file that cannot be read adds nothing. */
export function rootsWith(extraFile?: string): string[] {
    try {
        return extraFile ? [...rootCertificates, readFileSync(extraFile, 'utf8')] : [...rootCertificates];
    } catch {
        // Node.js itself has warned of it at its start.
        return [...rootCertificates];
    }
}
