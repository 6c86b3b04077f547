import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { TeamsChange } from '../lib/teams/reading/presence-reader';
import { PresenceSubscriber } from '../lib/teams/reading/presence-subscriber';
import type { TeamsTenant } from '../lib/teams/teams-tenant';
import { ListScope } from '../lib/teams/users/list-scope';
import type { Scope } from '../lib/teams/users/scope';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './runtime/config-node';
import { flowsStarted, onDownstreamDeploy } from './runtime/downstream-deploys';
import { flowsEnding } from './runtime/flows-ending';
import { guard, onClose, onInput } from './runtime/handlers';
import { messageOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { sentenceIn, statusReporter } from './runtime/status';
import { detailOf, tellByName } from './runtime/subscriber-notices';
import { scopeOf } from './runtime/subscriber-scope';
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
        const ending = flowsEnding(RED);
        const isPolling = config.delivery === 'polling';
        const accounts = isPolling ? undefined : configNode<TeamsAccounts>(RED, config.accounts);
        const app = isPolling ? configNode<AzureApp>(RED, config.app) : accounts?.app;
        const closing = new AbortController();
        const allStarted = flowsStarted(RED);

        const prepare = async (): Promise<{ tenant: TeamsTenant; scope: Scope }> => {
            if (!isPolling && !accounts) throw new SyncError('FIELD_MISSING', { field: 'The choice of accounts' });
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const tenant = await app.tenant;
            return { tenant, scope: await scopeOf(this, config, tenant, configNode<PbxConnection>(RED, config.pbx)) };
        };
        const prepared = prepare();
        prepared.catch(() => {});

        const start = async () => {
            const delivery = deliveryOf(config);
            const { tenant, scope } = await prepared;
            const signIns = (await accounts?.accounts()) ?? [];
            const subscriber = new PresenceSubscriber({ tenant, accounts: signIns, scope, delivery });
            const taken = (): void => report({ phase: 'failed', error: new SyncError('TEAMS_SUBSCRIBER_TWICE') });
            const free = await tenant.places.subscriber.take({ onWait: taken, signal: closing.signal });

            const onChange = guard(this, sentence, (change: TeamsChange) => {
                if (change.via !== 'notification') this.send(messageOf('teams', change));
            });
            const sendAll = (): void => {
                for (const change of tenant.reader.snapshot()) onChange(change);
            };
            const offDeploys = onDownstreamDeploy(RED, this, sendAll);
            const parts = { tenant, scope, subscriber };
            const waitsFor = { pbx: scopeKind(config) === 'pbx', receiver: !isPolling };
            subscriber.on('state', state => report({ ...state, ...detailOf(RED, state, parts, waitsFor) }));
            const offNames = tellByName(RED, this, parts);
            tenant.reader.on('change', onChange);
            // What is sent before all nodes exist can be lost. The reader lives longer than this node, and what comes
            // behind it may be new.
            const begin = (): void => {
                if (closing.signal.aborted) return;
                sendAll();
                subscriber.start();
            };
            allStarted.then(begin).catch(() => {});
            return async (remove: boolean): Promise<void> => {
                offDeploys();
                offNames();
                tenant.reader.off('change', onChange);
                subscriber.removeAllListeners();
                await subscriber.stop(remove);
                free();
            };
        };
        const started = start();
        started.catch(thrown => closing.signal.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));

        onInput(this, sentence, async message => {
            if (scopeKind(config) !== 'list') throw new SyncError('TEAMS_LIST_NOT_EXPECTED');
            const { action, list } = listChangeOf(message);
            const { scope } = await prepared;
            if (!(scope instanceof ListScope)) return undefined;
            scope.change(action, list);
            keepList(this, scope.entries);
            return undefined;
        });
        const finish = async (remove: boolean): Promise<void> => {
            const stop = await started.catch(() => undefined);
            await stop?.(remove);
        };
        onClose(this, removed => {
            closing.abort();
            const finished = finish(removed || ending());
            app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-subscriber', TeamsSubscriber);
};
