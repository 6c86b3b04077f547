import { SyncError } from '../../errors/errors';

/** Codes of Node.js and OpenSSL that say that the PBX's certificate is the trouble. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const certificateCodes = new Set([
    'CERT_CHAIN_TOO_LONG',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REJECTED',
    'CERT_REVOKED',
    'CERT_SIGNATURE_FAILURE',
    'CERT_UNTRUSTED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_FORMAT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Why no connection came about: an untrusted certificate is the administrator's, anything else an outage. */
export function connectError(host: string, thrown: Error & { code?: unknown }): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const code = typeof thrown.code === 'string' ? thrown.code : undefined;
    if (code && certificateCodes.has(code)) {
        return new SyncError('PBX_CERTIFICATE_UNTRUSTED', { host, detail: code }, thrown);
    }
    const [, status] = /^Unexpected server response: (\d+)$/.exec(thrown.message) ?? [];
    if (status) return new SyncError('PBX_NO_WEBSOCKET', { host, status }, thrown);
    return new SyncError('PBX_UNREACHABLE', { host, detail: code ?? thrown.message }, thrown);
}
