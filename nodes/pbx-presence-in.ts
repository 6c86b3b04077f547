import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { PbxChange } from '../lib/pbx/pbx-system';
import type { ConnectionState } from '../lib/support/connection-state';
import { SyncError, toSyncError } from '../lib/support/errors';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './shared/config-node';
import { flowsStarted, onDownstreamDeploy } from './shared/downstream-deploys';
import { guard, onClose } from './shared/handlers';
import { messageOf } from './shared/messages';
import { sentenceIn, statusReporter, statusShower } from './shared/status';

interface PbxPresenceInConfig extends NodeDef {
    pbx: string;
}

export = (RED: NodeAPI): void => {
    function PbxPresenceIn(this: Node, config: PbxPresenceInConfig) {
        RED.nodes.createNode(this, config);
        const show = statusShower(RED, this);
        const sentence = sentenceIn(RED);
        const stop = new AbortController();
        const begun = flowsStarted(RED);

        const start = async (): Promise<void> => {
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const system = await pbx.system();
            if (stop.signal.aborted) return;

            const onChange = guard(this, sentence, (change: PbxChange) => this.send(messageOf('pbx', change)));
            const onState = (state: ConnectionState): void => show(state);
            system.on('change', onChange).on('state', onState);
            const sendAll = (): void => {
                for (const change of system.reader.snapshot()) onChange(change);
            };
            const offDeploys = onDownstreamDeploy(RED, this, sendAll);
            stop.signal.addEventListener('abort', () => {
                offDeploys();
                system.off('change', onChange).off('state', onState);
            });
            show(system.state);
            await begun;
            if (!stop.signal.aborted) sendAll();
        };
        start().catch(thrown => statusReporter(RED, this)({ phase: 'failed', error: toSyncError(thrown) }));
        onClose(this, () => stop.abort());
    }
    RED.nodes.registerType('pbx-presence-in', PbxPresenceIn);
};
