import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createControl, servePage } from '../lib/simulator/control';
import { simulatedOffice } from '../lib/simulator/running-office';
import { SyncError, toSyncError } from '../lib/support/errors';
import { onClose, onInput } from './shared/handlers';
import { officeClosing } from './shared/opened-office';
import { sentenceIn, statusReporter } from './shared/status';

export = (RED: NodeAPI): void => {
    /** The node that runs the office: there is one office in a Node-RED. */
    let host: Node | undefined;

    function PresenceSimulator(this: Node, config: NodeDef) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        if (host) {
            report({ phase: 'failed', error: new SyncError('SIMULATOR_TWICE') });
            return;
        }
        host = this;

        const onStarted = (): void => report({ phase: 'online', detail: RED._('presence-simulator.status.open') });
        const onStopped = (): void => report({ phase: 'stopped' });
        const office = simulatedOffice();
        const start = async (): Promise<void> => {
            const opened = await office;
            if (host !== this) return;
            opened.on('started', onStarted).on('stopped', onStopped);
            await opened.start();
            if (opened.running) onStarted();
        };
        start().catch(thrown => report({ phase: 'failed', error: toSyncError(thrown) }));

        onInput(this, sentenceIn(RED), async message => {
            const wish: unknown = message.payload;
            if (wish !== 'start' && wish !== 'stop') throw new SyncError('SIMULATOR_WISH_UNKNOWN');
            await (await office)[wish]();
            return undefined;
        });
        onClose(this, async () => {
            host = undefined;
            await officeClosing.done();
            const opened = await office;
            opened.off('started', onStarted).off('stopped', onStopped);
            if (!host) await opened.stop();
        });
    }
    RED.nodes.registerType('presence-simulator', PresenceSimulator);

    // The page holds no data; what it shows and does goes through the API, behind the permissions of the editor.
    RED.httpAdmin.use('/presence-simulator', servePage);
    const reading = RED.auth.needsPermission('presence-simulator.read');
    const writing = RED.auth.needsPermission('presence-simulator.write');
    const permitted: typeof reading = (request, response, next) =>
        (request.method === 'GET' ? reading : writing)(request, response, next);
    RED.httpAdmin.use('/presence-simulator', permitted, (request, response, next) => {
        simulatedOffice()
            .then(office => createControl(office)(request, response, next))
            .catch(next);
    });
};
