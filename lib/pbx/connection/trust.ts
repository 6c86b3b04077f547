import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { SyncError } from '../../support/errors';
import type { PbxSettings } from './pbx-settings';

/**
 * The TLS options of one connection. Own certificates are added to the usual ones and hold for this connection only;
 * without any the usual ones stay in force.
 * @throws SyncError FIELD_INVALID when the added certificates cannot be read.
 */
export function tlsOptions(settings: PbxSettings): tls.ConnectionOptions {
    const options: tls.ConnectionOptions = {};
    if (settings.servername) options.servername = settings.servername;
    const added = [settings.ca ?? []].flat().filter(Boolean);
    if (added.length > 0) options.secureContext = contextTrusting(added);
    return options;
}

function contextTrusting(added: string[]): tls.SecureContext {
    try {
        for (const text of added) checkCertificates(text);
        return tls.createSecureContext({ ca: [...usualAuthorities(), ...added] });
    } catch (thrown) {
        throw new SyncError('FIELD_INVALID', { field: 'CA certificate', why: (thrown as Error).message }, thrown);
    }
}

/** Node.js passes over what it cannot read, and the PBX would look untrusted. */
function checkCertificates(text: string): void {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
    if (!blocks) throw new Error('it holds no PEM certificate');
    for (const block of blocks) new X509Certificate(block);
}

/** Node.js 20 cannot list what NODE_EXTRA_CA_CERTS adds. */
function usualAuthorities(): readonly string[] {
    return tls.getCACertificates?.('default') ?? tls.rootCertificates;
}
