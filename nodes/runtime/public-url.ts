import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import { simulatedOffice } from '../../lib/simulator/running-office';
import type { ServerSettings } from '../../lib/support/web-server';

/**
 * Refuses an address that Microsoft could not send to.
 * @param listen with `messages` it may lead to an Event Hub as well
 * @throws SyncError FIELD_INVALID
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
 */
export function checkedPublicUrl(publicUrl: string, listen: 'node-red' | 'own-port' | 'messages'): void {
    const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'Public address', why });
    if (listen === 'messages' && url?.protocol === 'eventhub:') return;
    if (url?.protocol !== 'https:') throw invalid('it must begin with https://');
    // Otherwise the proxy would lead the internet to the editor.
    if (listen === 'node-red' && url.pathname === '/')
        throw invalid('it needs a path of its own, such as /teams-notifications');
}

/** An address at the simulated office's proxy that leads to a path of this machine. */
export async function simulatedPublicUrl(
    RED: NodeAPI,
    path: string,
    own: ServerSettings | undefined,
    signal: AbortSignal,
): Promise<string> {
    const office = await simulatedOffice();
    if (own) return office.publish(`${own.tls ? 'https' : 'http'}://127.0.0.1:${own.port}${path}`);
    const { port } = await addressOf(RED.server as Server, signal);
    const scheme = RED.settings.https ? 'https' : 'http';
    const root = String(RED.settings.httpNodeRoot ?? '/').replace(/\/*$/, '');
    return office.publish(`${scheme}://127.0.0.1:${port}${root}${path}`);
}

/** Nodes start before Node-RED listens. */
async function addressOf(server: Server, signal: AbortSignal): Promise<AddressInfo> {
    if (!server.listening) {
        await new Promise<void>((resolve, reject) => {
            server.once('listening', resolve);
            signal.addEventListener('abort', () => {
                server.off('listening', resolve);
                reject(new SyncError('NODE_STOPPED'));
            });
        });
    }
    return server.address() as AddressInfo;
}
