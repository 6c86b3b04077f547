import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { FollowOptions, PbxChange, PbxSystem } from '../lib/pbx/pbx-system';
import type { PresenceUser } from '../lib/presence/message';
import { mergeUsers } from '../lib/presence/message';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './runtime/config-node';
import { flowsStarted, onDownstreamDeploy } from './runtime/downstream-deploys';
import { choice, readFields, tick } from './runtime/fields';
import { guard, onClose } from './runtime/handlers';
import { messageOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { followPbxState } from './runtime/pbx-status';
import { sentenceIn, statusReporter } from './runtime/status';

interface PbxPresenceInConfig extends NodeDef {
    pbx: string;
    /** `automatic`, also where it is absent, `presence` or `rcc`. */
    lineState?: string;
    /** A text where an environment variable says it. */
    calendar?: boolean | string;
    /** `differences`, also where it is absent, or `all`. */
    snapshot?: string;
}

const fields = {
    lineState: choice('The choice where calls are seen', ['automatic', 'presence', 'rcc']),
    calendar: tick,
    snapshot: choice('The choice after a gap', ['differences', 'all']),
};

export = (RED: NodeAPI): void => {
    function PbxPresenceIn(this: Node, config: PbxPresenceInConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('pbx-presence-in', config);
        const sentence = sentenceIn(RED);
        const stop = new AbortController();
        const begun = flowsStarted(RED);

        const start = async (): Promise<void> => {
            const options: FollowOptions = readFields(fields, config);
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const system = await pbx.system();
            if (stop.signal.aborted) return;

            const onChange = guard(this, sentence, (change: PbxChange) => {
                const user = withTeams(system, change.user);
                this.send(messageOf('pbx', { ...change, user }));
            });
            const follower = system.follow(options).on('change', onChange);
            const endState = followPbxState(RED, this, system, {
                slavesAway: names => RED._('pbx-presence-in.status.slaves-away', { names }),
                notes: () => system.nameNotes,
            });
            const sendAll = (): void => {
                for (const change of follower.snapshot()) onChange(change);
            };
            const offDeploys = onDownstreamDeploy(RED, this, sendAll);
            stop.signal.addEventListener('abort', () => {
                offDeploys();
                follower.stop();
                endState();
            });
            await begun;
            if (!stop.signal.aborted) sendAll();
        };
        start().catch(thrown => statusReporter(RED, this)({ phase: 'failed', error: toSyncError(thrown) }));
        onClose(this, () => stop.abort());
    }
    RED.nodes.registerType('pbx-presence-in', PbxPresenceIn);
};

/** The person as both sides know them, as far as a teams-subscriber has told who there is in Teams. */
function withTeams(system: PbxSystem, user: PresenceUser): PresenceUser {
    const teams = system.directory.matches.teamsOf(user);
    return teams ? mergeUsers(user, teams) : user;
}
