import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { PresenceUser } from '../lib/presence/message';
import { mergeUsers } from '../lib/presence/user-matching';
import { SyncError, toSyncError } from '../lib/support/errors';
import type { TeamsChange } from '../lib/teams/reading/presence-reader';
import { PresenceSubscriber } from '../lib/teams/reading/presence-subscriber';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './shared/config-node';
import { flowsStarted, onDownstreamDeploy } from './shared/downstream-deploys';
import { flowsEnding } from './shared/flows-ending';
import { guard, onClose } from './shared/handlers';
import { messageOf } from './shared/messages';
import { sentenceIn, statusReporter } from './shared/status';
import type { TeamsAccounts } from './teams-accounts';

interface TeamsSubscriberConfig extends NodeDef {
    accounts: string;
    pbx: string;
}

export = (RED: NodeAPI): void => {
    function TeamsSubscriber(this: Node, config: TeamsSubscriberConfig) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const ending = flowsEnding(RED);
        const accounts = configNode<TeamsAccounts>(RED, config.accounts);
        const closing = new AbortController();
        const allStarted = flowsStarted(RED);

        const start = async () => {
            if (!accounts) throw new SyncError('FIELD_MISSING', { field: 'The choice of accounts' });
            if (!accounts.app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const tenant = await accounts.app.tenant;
            const signIns = await accounts.accounts();
            const system = await pbx.system();
            const taken = (): void => report({ phase: 'failed', error: new SyncError('TEAMS_SUBSCRIBER_TWICE') });
            const free = await tenant.places.subscriber.take({ onWait: taken, signal: closing.signal });

            const select = (user: PresenceUser): PresenceUser | undefined => {
                const known = system.directory.find({ addresses: user.addresses });
                return known && mergeUsers(user, known);
            };
            const subscriber = new PresenceSubscriber({ tenant, accounts: signIns, select });
            const onChange = guard(this, sentence, (change: TeamsChange) => {
                if (change.via !== 'notification') this.send(messageOf('teams', change));
            });
            const offDeploys = onDownstreamDeploy(RED, this, () => {
                for (const change of tenant.reader.snapshot()) onChange(change);
            });
            // Whom the PBX knows decides who is followed: without its users there is nothing to say yet.
            let begun = false;
            const onUsers = (): void => {
                if (begun) subscriber.refresh();
                else if (!closing.signal.aborted) subscriber.start();
                begun = true;
            };
            subscriber.on('state', state => {
                const detail = RED._('teams-subscriber.status.following', { count: subscriber.size });
                const waiting = RED._('teams-subscriber.status.waiting-receiver');
                if (state.phase === 'online') report({ ...state, detail });
                else if (state.phase === 'connecting' && !tenant.notifications.url)
                    report({ ...state, detail: waiting });
                else report(state);
            });
            subscriber.on('leftOut', reasons => this.warn(reasons));
            tenant.reader.on('change', onChange);
            system.on('users', onUsers);
            report({ phase: 'connecting', detail: RED._('teams-subscriber.status.waiting-pbx') });
            // The reader lives longer than this node; what comes behind it may be new.
            allStarted
                .then(() => {
                    if (closing.signal.aborted) return;
                    for (const change of tenant.reader.snapshot()) onChange(change);
                })
                .catch(() => {});
            if (system.directory.loaded) onUsers();
            return async (remove: boolean): Promise<void> => {
                offDeploys();
                tenant.reader.off('change', onChange);
                system.off('users', onUsers);
                subscriber.removeAllListeners();
                await subscriber.stop(remove);
                free();
            };
        };
        const started = start();
        started.catch(thrown => closing.signal.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));
        const finish = async (remove: boolean): Promise<void> => {
            const stop = await started.catch(() => undefined);
            await stop?.(remove);
        };
        onClose(this, removed => {
            closing.abort();
            const finished = finish(removed || ending());
            accounts?.app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-subscriber', TeamsSubscriber);
};
