import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import { rules } from '../lib/presence/rules';
import { isClear, teamsWords } from '../lib/presence/words';
import type { TeamsWriter } from '../lib/teams/teams-system';
import { noTeamsUser } from '../lib/teams/teams-writer';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { act, actionOf, answered } from './runtime/actions';
import { permissionTrouble } from './runtime/checks';
import { configNode } from './runtime/config-node';
import { isTicked } from './runtime/entered';
import { choice, number, readFields, settle, tick } from './runtime/fields';
import { onClose, onInput } from './runtime/handlers';
import { LeftOut, outcomeOf } from './runtime/left-out';
import { isSilence, userOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { registrationPlace } from './runtime/registration-settings';
import { runningFlows } from './runtime/running-flows';
import { languageOf, sentenceIn, statusReporter } from './runtime/status';

interface TeamsPresenceWriterConfig extends NodeDef {
    app: string;
    /** The PBX that says who of its users is whom in Teams; without one it is by address. */
    pbx?: string;
    /** Minutes. */
    lease: number | string;
    /** `everything`, also where it is absent, or `calls`. */
    sets?: string;
    /** What becomes of a status that the user chose in Teams when a call begins: `respect`, also where absent, or `override`. */
    choice?: string;
    /** Where a PBX setting is overruled in Teams: the `newest` choice wins, also where it is absent, or the `pbx` leads. */
    leads?: string;
    /** What is set for people who are offline in Teams: `calls`, also where it is absent, `everything` or `nothing`. */
    offline?: string;
    /** Whether the note becomes the status message. */
    statusMessage?: boolean;
    /** Seconds. */
    settle?: number | string;
    /** Nothing is written. */
    dryRun?: boolean;
}

const minutes = { usual: 15, least: 5, most: 240 };
const fields = {
    settle,
    lease: number('The time under "Ends after"', 'it must be 5 to 240 minutes', minutes),
    sets: choice('The choice what is set', ['everything', 'calls']),
    choice: choice('The choice for a status set by hand', ['respect', 'override']),
    leads: choice('The choice for what is changed in Teams', ['newest', 'pbx']),
    offline: choice('The choice for people who are offline', ['calls', 'everything', 'nothing']),
    statusMessage: tick,
};

export = (RED: NodeAPI): void => {
    function TeamsPresenceWriter(this: Node, config: TeamsPresenceWriterConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('teams-presence-writer', config);
        const isDryRun = isTicked(config.dryRun);
        const report = statusReporter(RED, this, isDryRun ? RED._('teams-presence-writer.status.dry-run') : '');
        const sentence = sentenceIn(RED);
        const flows = runningFlows(RED);
        const app = configNode<AzureApp>(RED, config.app);
        const leftOut = new LeftOut(this);
        let closed = false;

        const start = async (): Promise<TeamsWriter> => {
            const { lease, settle, ...chosen } = readFields(fields, config);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const { system, registration } = await app.teams;
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            const writer = system.writer(registration, {
                node: this.id,
                lease: lease * 60_000,
                settle: settle * 1_000,
                dryRun: isDryRun,
                callsOnly: chosen.sets === 'calls',
                statusMessage: chosen.statusMessage,
                overridesChoice: chosen.choice === 'override',
                leads: chosen.leads === 'pbx',
                writesOffline: chosen.offline === 'everything',
                hidesCallsOffline: chosen.offline === 'nothing',
                matches: pbx && (async () => (await pbx.system()).directory.matches),
                missing: permissionTrouble(app, 'write'),
            });
            writer.on('state', report);
            writer.on('notShown', (name, why) => leftOut.add(name, RED._(`teams-presence-writer.${why}`)));
            writer.on('resting', name => this.warn(`${name}: ${rules.resting[languageOf(RED)]}`));
            if (!closed) writer.start();
            return writer;
        };
        const started = start();
        started.catch(thrown => report({ phase: 'failed', error: toSyncError(thrown) }));

        onInput(this, sentence, async message => {
            const asked = actionOf(message);
            const who = userOf(message);
            if (asked) {
                const writer = await started;
                const user = who === undefined ? 'all' : await writer.find(who);
                return answered(message, act(writer.people, asked, user, languageOf(RED)));
            }
            const words = teamsWords(message.payload);
            if (!who) throw new SyncError('USER_MISSING');
            const write = started.then(writer =>
                isClear(words) ? writer.clear(who, isSilence(message)) : writer.set(who, words),
            );
            message.outcome = await outcomeOf(write, noTeamsUser, sentence, sentence);
            return message;
        });
        const finish = async (takeBack: boolean): Promise<void> => {
            await (await started.catch(() => undefined))?.stop(takeBack);
        };
        onClose(this, removed => {
            closed = true;
            leftOut.stop();
            // What shows by way of a registration can be taken back by way of it only.
            const isMoved = flows.change(this, ['app']) || (app !== undefined && flows.change(app, registrationPlace));
            const finished = finish(removed || flows.areEnding || isMoved);
            app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-presence-writer', TeamsPresenceWriter);
};
