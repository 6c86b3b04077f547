import { WebSocket } from 'ws';
import type { AppUrl } from './app-url';
import { longestMessage } from './wire';

/** What a PBX calls. */
export interface AppTarget {
    url: AppUrl;
    /** PEM of the authority that must have signed the service's certificate; absent: any certificate will do. */
    ca?: string;
}

/** A WebSocket on its way to the service of an app. */
export function appSocket({ url, ca }: AppTarget): WebSocket {
    return new WebSocket(url.webSocket, {
        autoPong: false,
        perMessageDeflate: false,
        maxPayload: longestMessage,
        ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    });
}
