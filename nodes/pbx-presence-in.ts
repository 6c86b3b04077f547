import type { NodeAPI } from 'node-red';
import type { PbxChange } from '../lib/pbx/pbx-system';
import { mergeUsers } from '../lib/presence/message';
import type { PbxConnection } from './pbx-connection';
import { configNode, needed } from './runtime/config-node';
import { choice, readFields, tick } from './runtime/fields';
import { messageOf } from './runtime/messages';
import { languageOf, registerNode } from './runtime/running-node';
import { followPbxState } from './runtime/status';

const fields = {
    lineState: choice('The choice where calls are seen', ['automatic', 'presence', 'rcc']),
    calendar: tick,
    snapshot: choice('The choice after a gap', ['differences', 'all']),
};

export = (RED: NodeAPI): void => {
    registerNode(RED, 'pbx-presence-in', own => {
        const { node, config, flows, closing } = own;
        const allStarted = flows.started();

        const start = async (): Promise<void> => {
            const options = readFields(fields, config);
            const system = await needed(configNode<PbxConnection>(RED, config.pbx), 'PBX').system();
            if (closing.aborted) return;

            const onChange = own.guard((change: PbxChange) => {
                // The person as both sides know them, as far as a teams-subscriber has told who there is in Teams.
                const teams = system.directory.matches.teamsOf(change.user);
                const user = teams ? mergeUsers(change.user, teams) : change.user;
                node.send(messageOf('pbx', { ...change, user }));
            });
            const follower = system.follow({ ...options, language: languageOf(RED) }).on('change', onChange);
            closing.addEventListener('abort', () => follower.stop());
            followPbxState(own, system, () => system.nameNotes);
            const sendAll = (): void => {
                for (const change of follower.snapshot()) onChange(change);
            };
            flows.onDownstreamDeploy(node, sendAll, closing);
            await allStarted;
            if (!closing.aborted) sendAll();
        };
        void own.begin(start);
    });
};
