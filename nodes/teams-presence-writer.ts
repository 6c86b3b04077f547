import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { Outcome } from '../lib/presence/message';
import { isClear, teamsWords } from '../lib/presence/words';
import { SyncError, toSyncError } from '../lib/support/errors';
import { UserDirectory } from '../lib/teams/directory/user-directory';
import { UserLookup } from '../lib/teams/directory/user-lookup';
import { PresenceActions } from '../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../lib/teams/writing/presence-writer';
import type { AzureApp } from './azure-app';
import { configNode } from './shared/config-node';
import { flowsEnding } from './shared/flows-ending';
import { onClose, onInput } from './shared/handlers';
import { LeftOut, outcomeOf } from './shared/left-out';
import { nameOf, userOf } from './shared/messages';
import { sentenceIn, statusReporter } from './shared/status';

interface TeamsPresenceWriterConfig extends NodeDef {
    app: string;
    /** Minutes. */
    lease: number | string;
}

/** Time that taking everything back may need while Node-RED waits for the node to close, in ms. */
const closingTime = 6_000;

export = (RED: NodeAPI): void => {
    function TeamsPresenceWriter(this: Node, config: TeamsPresenceWriterConfig) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const ending = flowsEnding(RED);
        const app = configNode<AzureApp>(RED, config.app);
        let stopped = false;

        const start = async () => {
            const lease = leaseOf(config.lease);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const tenant = await app.tenant;
            const { clock, ledger, settings } = tenant;
            const graph = tenant.asApp();
            const directory = new UserDirectory(graph);
            const lookup = new UserLookup({ directory, clock });
            const writer = new PresenceWriter({
                actions: new PresenceActions({ graph, clientId: settings.clientId }),
                ledger,
                clock,
                lease,
                onState: ({ outage }) => report(outage ? { phase: 'retrying', error: outage } : lookup.state),
            });
            const onGap = (): void => lookup.refresh();
            tenant.on('gap', onGap);
            lookup.on('state', report);
            lookup.once('loaded', () => writer.adopt(directory.all()));
            if (!stopped) lookup.start();
            return { lookup, writer, stop: () => tenant.off('gap', onGap) };
        };
        const started = start();
        started.catch(thrown => report({ phase: 'failed', error: toSyncError(thrown) }));

        const leftOut = new LeftOut(this);
        onInput(this, sentence, async message => {
            const words = teamsWords(message.payload);
            const who = userOf(message);
            if (!who) throw new SyncError('USER_MISSING');
            const write = async (): Promise<Outcome> => {
                const { lookup, writer } = await started;
                const user = await lookup.find(nameOf(message), who);
                if (!user) return { written: false, reason: 'Replaced by a newer change' };
                return isClear(words) ? writer.clear(user) : writer.set(user, words);
            };
            message.outcome = await outcomeOf(write(), 'TEAMS_USER_UNKNOWN', sentence, error => {
                leftOut.add(nameOf(message), RED._('teams-presence-writer.left-out'));
                return sentence(error);
            });
            return message;
        });
        const finish = async (takeBack: boolean): Promise<void> => {
            const running = await started.catch(() => undefined);
            if (!running) return;
            const { lookup, writer, stop } = running;
            stop();
            // While Teams is out of reach the leases do it.
            if (takeBack && lookup.state.phase === 'online') await Promise.race([writer.clearAll(), timeUp()]);
            lookup.removeAllListeners();
            lookup.stop();
            writer.stop();
        };
        onClose(this, removed => {
            stopped = true;
            leftOut.stop();
            const finished = finish(removed || ending());
            app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-presence-writer', TeamsPresenceWriter);
};

/** Milliseconds. */
function leaseOf(entered: number | string | undefined): number {
    const minutes = entered === undefined || entered === '' ? 15 : Number(entered);
    if (Number.isFinite(minutes) && minutes >= 5 && minutes <= 240) return minutes * 60_000;
    throw new SyncError('FIELD_INVALID', { field: 'The time under "Ends after"', why: 'it must be 5 to 240 minutes' });
}

function timeUp(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, closingTime).unref());
}
