import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import { SyncError } from '../../errors/errors';
import { verbatim } from '../../errors/phrases';
import { defaultAuthorities } from '../../support/default-authorities';
import type { PbxSettings } from './pbx-settings';

/** What says which certificates a connection trusts. */
type TrustSettings = Pick<PbxSettings, 'ca' | 'servername' | 'fingerprint'>;

/**
 * The TLS options of one connection, which never accept just anything. Own certificates are added to the usual ones and
 * hold for this connection only; without any the usual ones stay in force. Where fingerprints are pinned, the chain is
 * not asked: {@link checkPin} must be called with the certificate before anything is sent.
 * @throws SyncError FIELD_INVALID when the added certificates or a fingerprint cannot be read.
 */
export function tlsOptions(settings: TrustSettings): ConnectionOptions {
    // Node.js would let the environment variable NODE_TLS_REJECT_UNAUTHORIZED decide.
    const options: ConnectionOptions = { rejectUnauthorized: pinsOf(settings).length === 0 };
    if (settings.servername) options.servername = settings.servername;
    const added = [settings.ca ?? []].flat().filter(Boolean);
    if (added.length > 0) options.secureContext = contextTrusting(added);
    return options;
}

/**
 * Compares a certificate with the pinned fingerprints; whatever there is is right where none is pinned.
 * @throws SyncError PBX_CERTIFICATE_CHANGED, FIELD_INVALID
 */
export function checkPin(settings: TrustSettings, host: string, certificate: { fingerprint256?: string }): void {
    const pins = pinsOf(settings);
    const found = certificate.fingerprint256 ?? '';
    if (pins.length === 0 || pins.includes(found)) return;
    throw new SyncError('PBX_CERTIFICATE_CHANGED', { host, found: found || '-', expected: pins.join(', ') });
}

/** Where a TLS connection goes, and the name that it asks for: a host that is an address has none. */
export function tlsTarget(url: URL, servername?: string): { host: string; port: number; servername: string } {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return { host, port: Number(url.port || 443), servername: servername || (isIP(host) ? '' : host) };
}

/** The pinned fingerprints as Node.js writes them: pairs of upper-case hex digits with colons between. */
function pinsOf({ fingerprint }: TrustSettings): string[] {
    const texts = [fingerprint ?? []].flat().map(text => text.replace(/[\s:]/g, '').toUpperCase());
    return texts.filter(Boolean).map(text => {
        if (/^[0-9A-F]{64}$/.test(text)) return text.match(/../g)!.join(':');
        throw new SyncError('FIELD_INVALID', { field: 'Fingerprint', why: 'SHA-256 has 64 hex digits' });
    });
}

function contextTrusting(added: string[]): SecureContext {
    try {
        for (const text of added) checkCertificates(text);
        return createSecureContext({ ca: [...defaultAuthorities(), ...added] });
    } catch (thrown) {
        if (thrown instanceof SyncError) throw thrown;
        const why = verbatim((thrown as Error).message);
        throw new SyncError('FIELD_INVALID', { field: 'CA certificate', why }, thrown);
    }
}

/** Node.js passes over what it cannot read, and the PBX would look untrusted. */
function checkCertificates(text: string): void {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
    if (!blocks) throw new SyncError('FIELD_INVALID', { field: 'CA certificate', why: 'it holds no PEM certificate' });
    for (const block of blocks) new X509Certificate(block);
}
