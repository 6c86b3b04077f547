import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeAPI } from 'node-red';
import type { SimulatedOffice } from '../../lib/simulator/office';
import { simulatedOffice } from '../../lib/simulator/running-office';
import type { ServerSettings } from '../../lib/support/web-server';
import type { Account } from '../../lib/teams/connection/sign-in/registration';
import { systemClock, within } from '../../lib/time/clock';

/** How long to wait for the office at most, in ms. */
const patience = 2_000;

/**
 * The simulated office, once it is open or after a moment's patience: config nodes start before the simulator node of
 * the same deploy, and the log should not begin with an outage.
 * @param closing ends the patience
 */
export async function openedOffice(closing: AbortSignal): Promise<SimulatedOffice> {
    const office = await simulatedOffice();
    if (office.running || closing.aborted) return office;
    const started = once(office, 'started', { signal: closing }).catch(() => undefined);
    await within(systemClock, patience, started);
    return office;
}

export async function simulatedAccounts(): Promise<Account[]> {
    return (await simulatedOffice()).identity.accounts;
}

/** An address at the office's proxy that leads to a path of this machine. */
export async function simulatedPublicUrl(
    RED: NodeAPI,
    path: string,
    own: ServerSettings | undefined,
    closing: AbortSignal,
): Promise<string> {
    const office = await simulatedOffice();
    if (own) return office.publish(`${own.tls ? 'https' : 'http'}://127.0.0.1:${own.port}${path}`);
    const server = RED.server as Server;
    // Nodes start before Node-RED listens.
    if (!server.listening) await once(server, 'listening', { signal: closing });
    const { port } = server.address() as AddressInfo;
    const scheme = RED.settings.https ? 'https' : 'http';
    const root = String(RED.settings.httpNodeRoot ?? '/').replace(/\/*$/, '');
    return office.publish(`${scheme}://127.0.0.1:${port}${root}${path}`);
}
