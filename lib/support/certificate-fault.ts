/** What is wrong with a certificate: its time, the host that it is for, or that its authority is one that we do not know. */
export type CertificateFault = 'outdated' | 'elsewhere' | 'untrusted';

/** What Node.js has no code of its own for, such as a key that is too small: only its words tell what it is. */
const unspecified = 'UNSPECIFIED';

/** @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const faults: readonly [CertificateFault, RegExp][] = [
    ['outdated', /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_.*)$/],
    ['elsewhere', /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/],
    ['untrusted', /(^|_)CERT(_|$)|^(UNABLE_TO_.*|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UNSPECIFIED: .*)$/],
];

/** The code of an error, with its words where that alone says nothing; its words where it has none. */
export function detailOf({ code, message }: Error & { code?: unknown }): string {
    if (typeof code !== 'string') return message;
    return code === unspecified ? `${code}: ${message}` : code;
}

/** The fault that the detail of a failed connection means; undefined where it has failed for another reason. */
export function certificateFault(detail: string): CertificateFault | undefined {
    return faults.find(([, details]) => details.test(detail))?.[0];
}
