import { readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates } from 'node:tls';

/** The authorities that Node.js trusts without us, in PEM: its own list, and what NODE_EXTRA_CA_CERTS and its options add. */
export function defaultAuthorities(): string[] {
    // Node.js 22.15 and later tell; before, the variable is all that can be known.
    if (typeof getCACertificates === 'function') return getCACertificates('default');
    const file = process.env.NODE_EXTRA_CA_CERTS;
    try {
        return file ? [...rootCertificates, readFileSync(file, 'utf8')] : [...rootCertificates];
    } catch {
        // Node.js itself has warned of it at its start.
        return [...rootCertificates];
    }
}
