import type { Node, NodeAPI } from 'node-red';
import { configNode } from './config-node';

interface TlsConfig extends Node {
    addTLSOptions(options: object): { ca?: string | Buffer; servername?: string };
}

/** What a TLS configuration of Node-RED adds: the certificate authorities (PEM) and the expected server name. */
export function tlsOptions(RED: NodeAPI, id: string | undefined): { ca?: string; servername?: string } {
    const { ca, servername } = configNode<TlsConfig>(RED, id)?.addTLSOptions({}) ?? {};
    return { ca: ca?.toString() || undefined, servername: servername || undefined };
}
