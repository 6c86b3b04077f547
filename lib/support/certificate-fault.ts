/** What is wrong with a certificate: its time, the host that it is for, or that its authority is one that we do not know. */
export type CertificateFault = 'outdated' | 'elsewhere' | 'untrusted';

/** @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const faults: readonly [CertificateFault, RegExp][] = [
    ['outdated', /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_.*)$/],
    ['elsewhere', /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/],
    [
        'untrusted',
        /(^|_)CERT(_|$)|^(UNABLE_TO_.*|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|(EE|CA)_(KEY|MD)_.*)$/,
    ],
];

/** The fault that the code of a failed connection means; undefined where it has failed for another reason. */
export function certificateFault(code: string): CertificateFault | undefined {
    return faults.find(([, codes]) => codes.test(code))?.[0];
}
