import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import { onlyAt, type ServerSettings, startWebServer, type WebServer } from '../lib/support/web-server';
import type { PresenceReceiver } from '../lib/teams/teams-system';
import type { AzureApp } from './azure-app';
import { configNode } from './runtime/config-node';
import { entered } from './runtime/entered';
import { port, readFields } from './runtime/fields';
import { guard, onClose, onInput } from './runtime/handlers';
import { type Endpoint, endpoints } from './runtime/http-endpoints';
import { messageOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
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

export = (RED: NodeAPI): void => {
    const serve = endpoints(RED);

    function TeamsNotificationReceiver(this: Node, config: TeamsNotificationReceiverConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('teams-notification-receiver', config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const words = (key: string, parameters = {}): string => RED._(`teams-notification-receiver.${key}`, parameters);
        const stop = new AbortController();
        const listen = config.listen || 'node-red';
        let server: WebServer | undefined;

        const start = async (): Promise<PresenceReceiver> => {
            const app = configNode<AzureApp>(RED, config.app);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const publicUrl = entered(config.publicUrl);
            if (publicUrl) checkedPublicUrl(publicUrl, listen);
            else if (!app.simulated) throw new SyncError('FIELD_MISSING', { field: 'Public address' });
            const { system, registration } = await app.teams;
            const receiver = system.receive(registration);
            if (stop.signal.aborted) return receiver;
            stop.signal.addEventListener('abort', () => receiver.stop());
            await receiver.take(() => report({ phase: 'failed', error: new SyncError('TEAMS_RECEIVER_TWICE') }));
            const own = listen === 'own-port' ? ownPort() : undefined;
            const url =
                publicUrl || (await simulatedPublicUrl(RED, `/teams-notifications/${this.id}`, own, stop.signal));
            if (stop.signal.aborted) return receiver;
            const endpoint = receiver.endpoint(() => words('page'));
            const { pathname } = new URL(url);
            if (own) await onOwnPort(own, pathname, endpoint);
            else if (listen === 'node-red') onNodeRed(pathname, endpoint);
            if (stop.signal.aborted) return receiver;
            receiver.on(
                'change',
                guard(this, sentence, change => this.send(messageOf('teams', change))),
            );
            receiver.on('refused', (count, reason) => this.warn(words('refused', { count, reason })));
            receiver.open(url);
            const state = own ? 'listening-on' : listen === 'messages' ? 'ready' : 'listening';
            report({ phase: 'online', detail: words(`status.${state}`, { port: own?.port ?? '' }) });
            return receiver;
        };

        const ownPort = (): ServerSettings => {
            const settings = readFields({ port }, config);
            return config.tls ? { ...settings, tls: serverTlsOptions(RED, config.tls) } : settings;
        };

        const onNodeRed = (path: string, endpoint: Endpoint): void => {
            if (!serve)
                throw new SyncError('FIELD_INVALID', { field: 'httpNodeRoot', why: 'it switches off the web server' });
            stop.signal.addEventListener('abort', serve(path, endpoint));
            // Microsoft knows no password; a proxy in front may know one.
            if (RED.settings.httpNodeAuth) this.warn(words('password'));
        };

        const onOwnPort = async (settings: ServerSettings, path: string, endpoint: Endpoint): Promise<void> => {
            const started = await startWebServer({ settings, listener: onlyAt(path, endpoint) });
            if (stop.signal.aborted) await started.stop();
            else server = started;
        };

        const started = start();
        started.catch(thrown => stop.signal.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));
        onInput(this, sentence, async ({ payload }) => {
            await (await started).receive(payload);
            return undefined;
        });
        onClose(this, async () => {
            stop.abort();
            await server?.stop();
        });
    }

    RED.nodes.registerType('teams-notification-receiver', TeamsNotificationReceiver);
};
