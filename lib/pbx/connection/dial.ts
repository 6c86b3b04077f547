import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { WebSocket } from 'ws';
import { SyncError } from '../../errors/errors';
import { verbatim } from '../../errors/phrases';
import { certificateFault, detailOf } from '../../support/certificate-fault';
import { defaultAuthorities } from '../../support/default-authorities';
import { webSocketUrl } from './pbx-address';
import type { PbxSettings } from './pbx-settings';

/** Bytes; the PBX itself says 65,535, so anything near this is no PBX. */
export const longestReceived = 1_048_576;

/**
 * Begins to connect to a PBX; errors arrive at the websocket, a certificate that is not the pinned one as SyncError.
 * @throws SyncError when a setting cannot be read
 */
export function dial(address: string, settings: PbxSettings): WebSocket {
    const url = webSocketUrl(address, settings.module);
    const options = tlsOptions(settings);
    const isPinned = url.protocol === 'wss:' && !options.rejectUnauthorized;
    const connect = () => connectPinned(url, pinsOf(settings), options);
    return new WebSocket(url, {
        ...options,
        ...(isPinned && { createConnection: connect as () => tls.TLSSocket }),
        perMessageDeflate: false,
        maxPayload: longestReceived,
    });
}

/** Nothing is sent to a peer whose certificate is not a pinned one: what is written waits until it has been seen. */
function connectPinned(url: URL, pins: readonly string[], options: tls.ConnectionOptions): Duplex {
    const socket = tls.connect({ ...options, ...tlsTarget(url, options.servername) });
    socket.cork();
    socket.once('secureConnect', () => {
        const found = socket.getPeerCertificate().fingerprint256 || '-';
        if (pins.includes(found)) return socket.uncork();
        socket.destroy(new SyncError('PBX_CERTIFICATE_CHANGED', { host: url.host, found, expected: pins.join(', ') }));
    });
    return socket;
}

/** Why no connection came about: an untrusted certificate is the administrator's, anything else an outage. */
export function connectError(host: string, thrown: Error & { code?: unknown }): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const detail = detailOf(thrown);
    if (certificateFault(detail)) return new SyncError('PBX_CERTIFICATE_UNTRUSTED', { host, detail }, thrown);
    const [, status] = /^Unexpected server response: (\d+)$/.exec(thrown.message) ?? [];
    if (status) return new SyncError('PBX_NO_WEBSOCKET', { host, status }, thrown);
    return new SyncError('PBX_UNREACHABLE', { host, detail }, thrown);
}

/** What says which certificates a connection trusts. */
type TrustSettings = Pick<PbxSettings, 'ca' | 'servername' | 'fingerprint'>;

/**
 * The TLS options of one connection, which never accept just anything. Own certificates are added to the usual ones and
 * hold for this connection only; without any the usual ones stay in force. Where fingerprints are pinned, the chain is
 * not asked: the certificate must be compared before anything is sent.
 * @throws SyncError FIELD_INVALID when the added certificates or a fingerprint cannot be read.
 */
export function tlsOptions(settings: TrustSettings): tls.ConnectionOptions {
    // Node.js would let the environment variable NODE_TLS_REJECT_UNAUTHORIZED decide.
    const options: tls.ConnectionOptions = { rejectUnauthorized: pinsOf(settings).length === 0 };
    if (settings.servername) options.servername = settings.servername;
    const added = [settings.ca ?? []].flat().filter(Boolean);
    if (added.length > 0) options.secureContext = contextTrusting(added);
    return options;
}

/** Where a TLS connection goes, and the name that it asks for: a host that is an address has none. */
export function tlsTarget(url: URL, servername?: string): { host: string; port: number; servername: string } {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return { host, port: Number(url.port || 443), servername: servername || (isIP(host) ? '' : host) };
}

/** The pinned fingerprints as Node.js writes them: pairs of upper-case hex digits with colons between. */
export function pinsOf({ fingerprint }: TrustSettings): string[] {
    const texts = [fingerprint ?? []].flat().map(text => text.replace(/[\s:]/g, '').toUpperCase());
    return texts.filter(Boolean).map(text => {
        if (/^[0-9A-F]{64}$/.test(text)) return text.match(/../g)!.join(':');
        throw new SyncError('FIELD_INVALID', { field: 'Fingerprint', why: 'SHA-256 has 64 hex digits' });
    });
}

function contextTrusting(added: string[]): tls.SecureContext {
    try {
        for (const text of added) checkCertificates(text);
        return tls.createSecureContext({ ca: [...defaultAuthorities(), ...added] });
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
