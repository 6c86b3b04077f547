import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import type { Reason } from '../lib/errors/phrases';
import { reportOf } from '../lib/support/check-report';
import { onlyAt, startWebServer, type WebServer } from '../lib/support/web-server';
import { checkAddress, doubtsOf, isInside } from '../lib/teams/check/check-address';
import { line } from '../lib/teams/check/check-sentences';
import type { PresenceReceiver, TeamsChange, TeamsRegistration } from '../lib/teams/teams-system';
import type { AzureApp } from './azure-app';
import { configNode, needed, ownServer } from './runtime/config-node';
import { type Asked, askedValues, onEditorRequest } from './runtime/editor-requests';
import { endpoints, simulatedPublicUrl } from './runtime/endpoints';
import { entered } from './runtime/fields';
import { messageOf } from './runtime/messages';
import { registerNode } from './runtime/running-node';

const type = 'teams-notification-receiver';

interface Receiver extends Node {
    /** Once it is known. */
    registration?: TeamsRegistration;
    /** Of its own port (PEM), where that speaks TLS. */
    certificate?: string | undefined;
}

export = (RED: NodeAPI): void => {
    const serve = endpoints(RED);

    answerDialog(RED);
    registerNode<Receiver>(RED, type, own => {
        const { node, config, closing, report } = own;
        let server: WebServer | undefined;

        const start = async (): Promise<PresenceReceiver> => {
            /** Where notifications arrive: on Node-RED's web server, on a port of their own, or as messages only. */
            const listen = entered(config.listen) || 'node-red';
            const app = needed(configNode<AzureApp>(RED, config.app), 'App registration');
            const publicUrl = entered(config.publicUrl);
            const address = publicUrl ? checkedUrl(publicUrl, listen) : undefined;
            if (!publicUrl && !app.simulated) throw new SyncError('FIELD_MISSING', { field: 'Public address' });
            const { system, registration } = await app.teams;
            const receiver = system.receive(registration);
            node.registration = registration;
            // A tenant of the same network can send there.
            if (address && !isInside(new URL(registration.settings.graphUrl)))
                for (const doubt of doubtsOf(address)) node.warn(own.sentence(doubt));
            if (closing.aborted) return receiver;
            closing.addEventListener('abort', () => receiver.stop());
            await receiver.take(() => report({ phase: 'failed', error: new SyncError('TEAMS_RECEIVER_TWICE') }));
            const ownPort = ownServer(RED, config, config.tls);
            node.certificate = ownPort?.tls?.cert;
            const url =
                publicUrl || (await simulatedPublicUrl(RED, `/teams-notifications/${node.id}`, ownPort, closing));
            if (closing.aborted) return receiver;
            const endpoint = receiver.endpoint(() => own.text('page'));
            const { pathname } = new URL(url);
            const state = ownPort ? 'listening-on' : listen === 'messages' ? 'ready' : 'listening';
            const online = {
                phase: 'online',
                detail: own.text(`status.${state}`, { port: ownPort?.port ?? '' }),
            } as const;
            if (ownPort) {
                server = await startWebServer({
                    settings: ownPort,
                    listener: onlyAt(pathname, endpoint),
                    onCrowd: error => report(error ? { phase: 'retrying', error } : online),
                });
                if (closing.aborted) await server.stop();
            } else if (listen === 'node-red') {
                closing.addEventListener('abort', serve(pathname, endpoint));
                // Microsoft knows no password; a proxy in front may know one.
                if (RED.settings.httpNodeAuth) node.warn(own.text('password'));
            }
            if (closing.aborted) return receiver;
            const onChange = own.guard((change: TeamsChange) => node.send(messageOf('teams', change)));
            receiver.on('change', onChange);
            receiver.on('clock', behind => {
                const code = `${Math.round(behind / 60_000)} min`;
                report(
                    behind === 0 ? online : { phase: 'retrying', error: new SyncError('TEAMS_CLOCK_WRONG', { code }) },
                );
            });
            receiver.on('refused', (count, reason) => node.warn(own.text('refused', { count, reason })));
            receiver.open(url);
            report(online);
            return receiver;
        };

        const started = own.begin(start);
        own.onInput(async ({ payload }) => {
            await (await started).receive(payload);
            return undefined;
        });
        own.onClose(async () => server?.stop());
    });
};

/**
 * Refuses an address that Microsoft could not send to.
 * @param listen with `messages` it may lead to an Event Hub as well
 * @throws SyncError FIELD_INVALID
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
 */
function checkedUrl(publicUrl: string, listen: string): URL {
    const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'Public address', why });
    if (listen === 'messages' && url?.protocol === 'eventhub:') return url;
    if (url?.protocol !== 'https:' || /[{}]/.test(url.hostname)) throw invalid('it must begin with https://');
    if (url.username || url.password) throw invalid('it must not contain a user name or a password');
    if (url.hash) throw invalid('it must not contain "#"');
    // Otherwise the proxy would lead the internet to the editor.
    if (listen === 'node-red' && url.pathname === '/')
        throw invalid('it needs a path of its own, such as /teams-notifications');
    return url;
}

/** Asks the address of a receiver that runs. */
function answerDialog(RED: NodeAPI): void {
    const check = async (asked: Asked): Promise<object> => {
        const { id, publicUrl = '', listen = '' } = askedValues(RED, type, asked);
        const { registration, certificate } = configNode<Receiver>(RED, id) ?? {};
        const url = publicUrl ? checkedUrl(publicUrl, listen || 'node-red') : undefined;
        const channel = registration?.notifications;
        if (!channel?.url || (url && new URL(channel.url).href !== url.href)) {
            const doubts = url ? doubtsOf(url) : [];
            return reportOf([...doubts, line('deployed', 'warning', 'CHECK_ADDRESS_NOT_DEPLOYED')]);
        }
        const { ca, extent } = registration!.settings.trust ?? {};
        // Of the simulated office; what is trusted for a proxy on the way to Microsoft says nothing of how Microsoft comes.
        const own = extent === 'only' ? [ca!] : undefined;
        const isElsewhere = listen === 'messages';
        return checkAddress(new URL(channel.url), { channel, ca: own, certificate, isElsewhere });
    };
    onEditorRequest(RED, `/${type}/check`, check, { reaches: true });
}
