import * as tls from 'node:tls';
import { type Clock, within } from '../../time/clock';
import { tlsTarget } from '../connection/dial';

/** What an administrator compares before trusting a certificate. */
export interface SeenCertificate {
    subject: string;
    /** ISO date of its last day. */
    date: string;
    /** SHA-256, pairs of upper-case hex digits with colons between. */
    fingerprint: string;
}

/** Milliseconds that the PBX has for the handshake. */
const limit = 10_000;

/**
 * Reads the certificate of a server, trusted or not, and hangs up without having sent anything.
 * @param servername the name to ask for, where it is not the host
 * @returns `undefined` when there is no TLS, or no answer
 */
export async function lookAtCertificate(
    url: URL,
    servername: string | undefined,
    clock: Clock,
): Promise<SeenCertificate | undefined> {
    if (url.protocol !== 'wss:') return undefined;
    const socket = tls.connect({ ...tlsTarget(url, servername), rejectUnauthorized: false });
    const seen = new Promise<SeenCertificate | undefined>(resolve => {
        socket.once('error', () => resolve(undefined));
        socket.once('close', () => resolve(undefined));
        socket.once('secureConnect', () => resolve(contentOf(socket)));
    });
    const found = await within(clock, limit, seen);
    socket.destroy();
    return found;
}

function contentOf(socket: tls.TLSSocket): SeenCertificate | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) return undefined;
    return {
        subject: certificate.subject?.split('\n').at(-1) ?? '-',
        date: new Date(certificate.validTo).toISOString().slice(0, 10),
        fingerprint: certificate.fingerprint256,
    };
}
