import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { WebSocket } from 'ws';
import { webSocketUrl } from './pbx-address';
import type { PbxSettings } from './pbx-settings';
import { checkPin, tlsOptions, tlsTarget } from './trust';

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
    const connect = () => connectPinned(url, settings, options);
    return new WebSocket(url, {
        ...options,
        ...(isPinned && { createConnection: connect as () => tls.TLSSocket }),
        perMessageDeflate: false,
        maxPayload: longestReceived,
    });
}

/** Nothing is sent to a peer whose certificate is not the pinned one: what is written waits until it has been seen. */
function connectPinned(url: URL, settings: PbxSettings, options: tls.ConnectionOptions): Duplex {
    const socket = tls.connect({ ...options, ...tlsTarget(url, options.servername) });
    socket.cork();
    socket.once('secureConnect', () => {
        try {
            checkPin(settings, url.host, socket.getPeerCertificate());
            socket.uncork();
        } catch (thrown) {
            socket.destroy(thrown as Error);
        }
    });
    return socket;
}
