import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { ServerSettings } from '../../lib/support/web-server';
import { configNode } from './config-node';

interface TlsConfig extends Node {
    addTLSOptions(options: object): {
        ca?: string | Buffer;
        cert?: string | Buffer;
        key?: string | Buffer;
        passphrase?: string;
        servername?: string;
    };
}

/** What a TLS configuration of Node-RED adds: the certificate authorities (PEM) and the expected server name. */
export function tlsOptions(RED: NodeAPI, id: string | undefined): { ca?: string; servername?: string } {
    const { ca, servername } = configNode<TlsConfig>(RED, id)?.addTLSOptions({}) ?? {};
    return { ca: ca?.toString() || undefined, servername: servername || undefined };
}

/**
 * The certificate and private key (PEM) of a TLS configuration, for a server.
 * @throws SyncError FIELD_INVALID if it holds none
 */
export function serverTlsOptions(RED: NodeAPI, id: string): ServerSettings['tls'] {
    const { ca, cert, key, passphrase } = configNode<TlsConfig>(RED, id)?.addTLSOptions({}) ?? {};
    if (!cert || !key) {
        const why = 'it holds no certificate with private key';
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why });
    }
    return {
        ...{ key: key.toString(), cert: cert.toString(), passphrase: passphrase || undefined },
        ca: ca?.toString() || undefined,
    };
}
