import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { simulatedOffice } from '../lib/simulator/running-office';
import { SyncError, toSyncError } from '../lib/support/errors';
import { notificationEndpoint } from '../lib/teams/notifications/notification-endpoint';
import type { TeamsChange } from '../lib/teams/reading/presence-reader';
import type { TeamsTenant } from '../lib/teams/teams-tenant';
import type { AzureApp } from './azure-app';
import { configNode } from './shared/config-node';
import { entered } from './shared/entered';
import { guard, onClose } from './shared/handlers';
import { endpoints } from './shared/http-endpoints';
import { messageOf } from './shared/messages';
import { sentenceIn, statusReporter } from './shared/status';

interface TeamsNotificationReceiverConfig extends NodeDef {
    app: string;
    publicUrl: string;
}

/** One line a minute for what is refused at the endpoint, however much of it arrives. */
const refusalInterval = 60_000;

export = (RED: NodeAPI): void => {
    const routes = endpoints(RED);

    function TeamsNotificationReceiver(this: Node, config: TeamsNotificationReceiverConfig) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const stop = new AbortController();

        const start = async (): Promise<void> => {
            const app = configNode<AzureApp>(RED, config.app);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            if (!routes)
                throw new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
            const tenant = await app.tenant;
            const taken = (): void => report({ phase: 'failed', error: new SyncError('TEAMS_RECEIVER_TWICE') });
            const free = await tenant.places.receiver.take({ onWait: taken, signal: stop.signal });
            stop.signal.addEventListener('abort', free);
            const publicUrl = await publicUrlOf(config, app.simulated, this.id, stop.signal);
            if (stop.signal.aborted) return;
            const { pathname } = new URL(publicUrl);
            const page = (): string => RED._('teams-notification-receiver.page');
            const close = routes.add(pathname, notificationEndpoint(tenant.notifications, page));
            stop.signal.addEventListener('abort', close);
            listen(tenant, this);
            tenant.notifications.open(publicUrl);
            report({ phase: 'online', detail: RED._('teams-notification-receiver.status.listening') });
        };

        const listen = (tenant: TeamsTenant, node: Node): void => {
            const { notifications, reader } = tenant;
            const onChange = guard(node, sentence, (change: TeamsChange) => {
                if (change.via === 'notification') node.send(messageOf('teams', change));
            });
            let refused = 0;
            let toldAt = 0;
            const onRefused = (reason: string): void => {
                refused += 1;
                if (Date.now() - toldAt < refusalInterval) return;
                toldAt = Date.now();
                node.warn(RED._('teams-notification-receiver.refused', { count: refused, reason }));
                refused = 0;
            };
            const onPresence = (userId: string, presence: TeamsChange['presence']): void =>
                reader.observe(userId, presence, 'notification');
            reader.on('change', onChange);
            notifications.on('refused', onRefused).on('presence', onPresence);
            stop.signal.addEventListener('abort', () => {
                reader.off('change', onChange);
                notifications.off('refused', onRefused).off('presence', onPresence).close();
            });
        };

        start().catch(thrown => stop.signal.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));
        onClose(this, () => stop.abort());
    }

    async function publicUrlOf(
        config: TeamsNotificationReceiverConfig,
        simulated: boolean,
        id: string,
        signal: AbortSignal,
    ): Promise<string> {
        const publicUrl = entered(config.publicUrl);
        if (publicUrl) return checked(publicUrl);
        if (!simulated) throw new SyncError('FIELD_MISSING', { field: 'Public address' });
        const { port } = await addressOf(RED.server as Server, signal);
        const scheme = RED.settings.https ? 'https' : 'http';
        const root = String(RED.settings.httpNodeRoot ?? '/').replace(/\/*$/, '/');
        return (await simulatedOffice()).publish(`${scheme}://127.0.0.1:${port}${root}teams-notifications/${id}`);
    }

    RED.nodes.registerType('teams-notification-receiver', TeamsNotificationReceiver);
};

function checked(publicUrl: string): string {
    const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
    const invalid = (why: string) => new SyncError('FIELD_INVALID', { field: 'Public address', why });
    if (url?.protocol !== 'https:') throw invalid('it must begin with https://');
    // Otherwise the proxy would lead the internet to the editor.
    if (url.pathname === '/') throw invalid('it needs a path of its own, such as /teams-notifications');
    return publicUrl;
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
