import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { PresenceFollower, TeamsChange } from '../lib/teams/teams-system';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './runtime/config-node';
import { flowsStarted, onDownstreamDeploy } from './runtime/downstream-deploys';
import { guard, onClose, onInput } from './runtime/handlers';
import { messageOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { runningFlows } from './runtime/running-flows';
import { sentenceIn, statusReporter } from './runtime/status';
import { detailOf, tellByName } from './runtime/subscriber-notices';
import { describedScope } from './runtime/subscriber-scope';
import { deliveryOf, type FollowingFields, scopeKind } from './runtime/subscriber-settings';
import { keepList, listChangeOf } from './runtime/user-list';
import type { TeamsAccounts } from './teams-accounts';

interface TeamsSubscriberConfig extends NodeDef, FollowingFields {
    accounts: string;
    /** In place of the accounts where polling needs none. */
    app?: string;
    pbx: string;
}

export = (RED: NodeAPI): void => {
    function TeamsSubscriber(this: Node, config: TeamsSubscriberConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('teams-subscriber', config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const flows = runningFlows(RED);
        const isPolling = config.delivery === 'polling';
        const accounts = isPolling ? undefined : configNode<TeamsAccounts>(RED, config.accounts);
        const app = isPolling ? configNode<AzureApp>(RED, config.app) : accounts?.app;
        const allStarted = flowsStarted(RED);
        let closed = false;
        const ends: (() => void)[] = [];

        const start = async (): Promise<PresenceFollower> => {
            const delivery = deliveryOf(config);
            if (!isPolling && !accounts) throw new SyncError('FIELD_MISSING', { field: 'The choice of accounts' });
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const { system, registration } = await app.teams;
            const follower = system.follow(registration, {
                scope: await describedScope(this, config, configNode<PbxConnection>(RED, config.pbx)),
                accounts: (await accounts?.accounts()) ?? [],
                delivery,
            });
            if (closed) return follower;
            const onChange = guard(this, sentence, (change: TeamsChange) => this.send(messageOf('teams', change)));
            const sendAll = (): void => {
                for (const change of follower.snapshot()) onChange(change);
            };
            follower.on('change', onChange);
            follower.on('state', state => report({ ...state, ...detailOf(RED, follower) }));
            ends.push(onDownstreamDeploy(RED, this, sendAll), tellByName(RED, this, system, follower));
            // What is sent before all nodes exist can be lost.
            allStarted.then(() => closed || follower.start()).catch(() => {});
            return follower;
        };
        const started = start();
        started.catch(thrown => closed || report({ phase: 'failed', error: toSyncError(thrown) }));

        onInput(this, sentence, async message => {
            if (scopeKind(config) !== 'list') throw new SyncError('TEAMS_LIST_NOT_EXPECTED');
            const { action, list } = listChangeOf(message);
            const entries = (await started).changeList(action, list);
            if (entries) keepList(this, entries);
            return undefined;
        });
        const finish = async (remove: boolean): Promise<void> => {
            const follower = await started.catch(() => undefined);
            for (const end of ends) end();
            follower?.removeAllListeners('change').removeAllListeners('state');
            await follower?.stop(remove);
        };
        onClose(this, removed => {
            closed = true;
            const finished = finish(removed || flows.areEnding);
            app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-subscriber', TeamsSubscriber);
};
