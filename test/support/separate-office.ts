import { ControlServer } from '../../lib/simulator/control-server';
import { freePorts } from '../../lib/simulator/free-ports';
import { SimulatedOffice } from '../../lib/simulator/office';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import { exampleNames, type FlowNode, readExample } from './checkout';
import { type NodeRedOptions, NodeRedProcess } from './node-red-process';
import { type ControlHost, OfficeControl } from './office-control';

const tlsNode = '0ff1ce0200000090';

/**
 * A simulated office outside Node-RED, and a Node-RED that knows it only by what an administrator enters for a real
 * PBX and a real tenant. So either can be stopped while the other goes on and can be looked at.
 */
export class SeparateOffice {
    private constructor(
        readonly office: SimulatedOffice,
        readonly control: OfficeControl,
        /** Not started yet; keeps its port over all starts, as the published address does. */
        readonly nodeRed: NodeRedProcess,
        private readonly server: ControlServer,
        private readonly notificationUrl: string,
    ) {}

    static async open(options: Omit<NodeRedOptions, 'port'> = {}): Promise<SeparateOffice> {
        const office = await SimulatedOffice.create();
        const [port = 0] = await freePorts(1);
        const publicUrl = office.publish(`http://127.0.0.1:${port}/teams-notifications`);
        await office.start();
        const server = new ControlServer(office, { port: 0 });
        const control = new OfficeControl(hostAt(await server.start()));
        return new SeparateOffice(office, control, new NodeRedProcess({ ...options, port }), server, publicUrl);
    }

    /** The example flow "Both directions", with every field entered. */
    flows(): FlowNode[] {
        return bothDirections(this.office.identity, this.notificationUrl);
    }

    async close(): Promise<void> {
        await this.nodeRed.dispose();
        await this.server.stop();
        await this.office.stop();
    }
}

/** The example flow "Both directions", with everything entered that an administrator enters for this office. */
export function bothDirections(identity: OfficeIdentity, notificationUrl: string): FlowNode[] {
    const { app, accounts, pbx, loginUrl, graphUrl, tenantId: tenant } = identity;
    const [account] = accounts;
    const registration = { cloud: 'custom', loginUrl, graphUrl, tenant, clientId: app.clientId, tls: tlsNode };
    const entered: Record<string, Record<string, unknown>> = {
        'azure-app': { ...registration, credentials: { clientSecret: app.clientSecret } },
        'teams-accounts': {
            accounts: [{ username: account?.username, slot: 0 }],
            credentials: { password0: account?.password },
        },
        'pbx-connection': {
            address: pbx.url,
            appName: pbx.appName,
            tls: tlsNode,
            credentials: { password: pbx.password },
        },
        'teams-notification-receiver': { publicUrl: notificationUrl },
    };
    const tls = { id: tlsNode, type: 'tls-config', credentials: { cadata: identity.ca } };
    const example = readExample(exampleNames()[1] ?? '');
    return [...example.map(node => ({ ...node, ...entered[node.type] })), tls];
}

/** @param url of the page, `.../presence-simulator/` */
export function hostAt(url: string): ControlHost {
    return {
        adminRequest: async (method, path, body) => {
            const response = await fetch(new URL(`../${path}`, url), {
                method,
                ...(body !== undefined && {
                    headers: { 'content-type': 'application/json' },
                    body: JSON.stringify(body),
                }),
            });
            if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`);
            return response.json();
        },
    };
}
