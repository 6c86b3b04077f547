import type { NodeAPI } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import { createControl, servePage } from '../lib/simulator/control';
import { simulatedOffice } from '../lib/simulator/running-office';
import { Mutex } from '../lib/support/mutex';
import { officeClosing } from './runtime/running-flows';
import { registerNode } from './runtime/running-node';

export = (RED: NodeAPI): void => {
    /** There is one office in a Node-RED, and one node that runs it. */
    const place = new Mutex();
    /** The firm exists from its first opening on; its people can be changed while it is closed. */
    let exists = false;

    registerNode(RED, 'presence-simulator', own => {
        const { report } = own;
        const onStarted = (): void => report({ phase: 'online', detail: own.text('status.open') });
        const onStopped = (): void => report({ phase: 'stopped' });

        const start = async (): Promise<() => Promise<void>> => {
            const taken = (): void => report({ phase: 'failed', error: new SyncError('SIMULATOR_TWICE') });
            const free = await place.take({ onWait: taken, signal: own.closing });
            exists = true;
            const office = await simulatedOffice();
            office.on('started', onStarted).on('stopped', onStopped);
            const opened = office.start().then(onStarted);
            opened.catch(thrown => report({ phase: 'failed', error: toSyncError(thrown) }));
            return async () => {
                await opened.catch(() => {});
                await officeClosing.done();
                office.off('started', onStarted).off('stopped', onStopped);
                await office.stop();
                free();
            };
        };
        const started = own.begin(start);

        own.onInput(async message => {
            const wish: unknown = message.payload;
            if (wish !== 'start' && wish !== 'stop') throw new SyncError('SIMULATOR_WISH_UNKNOWN');
            await started;
            await (await simulatedOffice())[wish]();
            return undefined;
        });
        own.onClose(async () => {
            const stop = await started.catch(() => undefined);
            await stop?.();
        });
    });

    // The page holds no data; what it shows and does goes through the API, behind the permissions of the editor.
    RED.httpAdmin.use('/presence-simulator', servePage);
    const reading = RED.auth.needsPermission('presence-simulator.read');
    const writing = RED.auth.needsPermission('presence-simulator.write');
    const permitted: typeof reading = (request, response, next) =>
        (request.method === 'GET' ? reading : writing)(request, response, next);
    RED.httpAdmin.use('/presence-simulator', permitted, (request, response, next) => {
        if (!exists) {
            response.status(404).json({ error: RED._('presence-simulator.closed') });
            return;
        }
        simulatedOffice()
            .then(office => createControl(office)(request, response, next))
            .catch(next);
    });
};
