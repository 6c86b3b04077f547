import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import { onlyAt, type ServerSettings, WebServer } from '../lib/support/web-server';
import { notificationEndpoint } from '../lib/teams/reading/notifications/notification-endpoint';
import { itemsOf, parseNotification } from '../lib/teams/reading/notifications/notification-item';
import type { TeamsChange } from '../lib/teams/reading/presence-reader';
import type { TeamsTenant } from '../lib/teams/teams-tenant';
import { systemClock } from '../lib/time/clock';
import type { AzureApp } from './azure-app';
import { configNode } from './runtime/config-node';
import { entered } from './runtime/entered';
import { guard, onClose, onInput } from './runtime/handlers';
import { type Endpoint, endpoints } from './runtime/http-endpoints';
import { messageOf } from './runtime/messages';
import { checkedPublicUrl, simulatedPublicUrl } from './runtime/public-url';
import { sentenceIn, statusReporter } from './runtime/status';
import { serverTlsOptions } from './runtime/tls-options';

interface TeamsNotificationReceiverConfig extends NodeDef {
    app: string;
    publicUrl: string;
    /** Where notifications arrive: on Node-RED's web server, on a port of their own, or as messages only. */
    listen?: 'node-red' | 'own-port' | 'messages';
    port?: number | string;
    tls?: string;
}

/** One line a minute for what is refused, however much of it arrives. */
const refusalInterval = 60_000;

export = (RED: NodeAPI): void => {
    const routes = endpoints(RED);

    function TeamsNotificationReceiver(this: Node, config: TeamsNotificationReceiverConfig) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const words = (key: string): string => RED._(`teams-notification-receiver.${key}`);
        const stop = new AbortController();
        const listen = config.listen || 'node-red';
        let server: WebServer | undefined;

        const start = async (): Promise<TeamsTenant> => {
            const app = configNode<AzureApp>(RED, config.app);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const publicUrl = entered(config.publicUrl);
            if (publicUrl) checkedPublicUrl(publicUrl, listen);
            else if (!app.simulated) throw new SyncError('FIELD_MISSING', { field: 'Public address' });
            const tenant = await app.tenant;
            const taken = (): void => report({ phase: 'failed', error: new SyncError('TEAMS_RECEIVER_TWICE') });
            const free = await tenant.places.receiver.take({ onWait: taken, signal: stop.signal });
            stop.signal.addEventListener('abort', free);
            const own = listen === 'own-port' ? ownPort() : undefined;
            const url =
                publicUrl || (await simulatedPublicUrl(RED, `/teams-notifications/${this.id}`, own, stop.signal));
            if (stop.signal.aborted) return tenant;
            const endpoint = notificationEndpoint(tenant.notifications, () => words('page'));
            const { pathname } = new URL(url);
            if (own) await onOwnPort(own, pathname, endpoint);
            else if (listen === 'node-red') onNodeRed(pathname, endpoint);
            if (stop.signal.aborted) return tenant;
            follow(tenant);
            tenant.notifications.open(url);
            const state = own ? 'listening-on' : listen === 'messages' ? 'ready' : 'listening';
            const detail = RED._(`teams-notification-receiver.status.${state}`, { port: own?.port ?? '' });
            report({ phase: 'online', detail });
            return tenant;
        };

        const ownPort = (): ServerSettings => {
            const port = portOf(config.port);
            return config.tls ? { port, tls: serverTlsOptions(RED, config.tls) } : { port };
        };

        const onNodeRed = (path: string, endpoint: Endpoint): void => {
            if (!routes)
                throw new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
            stop.signal.addEventListener('abort', routes.add(path, endpoint));
            // Microsoft knows no password; a proxy in front may know one.
            if (RED.settings.httpNodeAuth) this.warn(words('password'));
        };

        const onOwnPort = async (settings: ServerSettings, path: string, endpoint: Endpoint): Promise<void> => {
            const starting = new WebServer({ settings, listener: onlyAt(path, endpoint) });
            await starting.start();
            if (stop.signal.aborted) await starting.stop();
            else server = starting;
        };

        const follow = ({ notifications, reader }: TeamsTenant): void => {
            const onChange = guard(this, sentence, (change: TeamsChange) => {
                if (change.via === 'notification') this.send(messageOf('teams', change));
            });
            let refused = 0;
            let toldAt = Number.NEGATIVE_INFINITY;
            const onRefused = (reason: string): void => {
                refused += 1;
                if (systemClock.monotonic() - toldAt < refusalInterval) return;
                toldAt = systemClock.monotonic();
                this.warn(RED._('teams-notification-receiver.refused', { count: refused, reason }));
                refused = 0;
            };
            const onPresence = (userId: string, presence: TeamsChange['presence'], sequenceNumber?: string): void =>
                reader.observe(userId, presence, 'notification', sequenceNumber);
            reader.on('change', onChange);
            notifications.on('refused', onRefused).on('presence', onPresence);
            stop.signal.addEventListener('abort', () => {
                reader.off('change', onChange);
                notifications.off('refused', onRefused).off('presence', onPresence).close();
            });
        };

        const started = start();
        started.catch(thrown => stop.signal.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));
        onInput(this, sentence, async ({ payload }) => {
            const { notifications } = await started;
            const body = parseNotification(payload);
            if (!itemsOf(body)) throw new SyncError('TEAMS_NOTIFICATION_EXPECTED');
            const { full, done } = notifications.receive(body);
            await done;
            if (full) throw new SyncError('TEAMS_NOTIFICATIONS_FULL');
            return undefined;
        });
        onClose(this, async () => {
            stop.abort();
            await server?.stop();
        });
    }

    RED.nodes.registerType('teams-notification-receiver', TeamsNotificationReceiver);
};

function portOf(value: number | string | undefined): number {
    const port = Number(entered(value));
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
    throw new SyncError('FIELD_INVALID', { field: 'Port', why: 'it must be 1 to 65535' });
}
