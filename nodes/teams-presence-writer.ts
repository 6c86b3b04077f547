import type { NodeAPI } from 'node-red';
import { oneLine } from '../lib/errors/sentence';
import { rules } from '../lib/presence/rules';
import { teamsWords } from '../lib/presence/words';
import type { TeamsWriter } from '../lib/teams/teams-system';
import { noTeamsUser } from '../lib/teams/teams-writer';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { configNode, needed } from './runtime/config-node';
import { choice, number, readFields, settle, tick } from './runtime/fields';
import { permissionTrouble, registrationPlace, showEnding } from './runtime/registrations';
import { languageOf, registerNode } from './runtime/running-node';
import { leftOutTeller } from './runtime/status';
import { onWriterInput } from './runtime/writers';

const minutes = { usual: 15, least: 5, most: 240 };
const fields = {
    settle,
    lease: number('The time under "Ends after"', 'it must be 5 to 240 minutes', minutes),
    sets: choice('The choice what is set', ['everything', 'calls']),
    /** What becomes of a status that the user chose in Teams when a call begins. */
    choice: choice('The choice for a status set by hand', ['respect', 'override']),
    /** Where a PBX setting is overruled in Teams: whether the newest choice wins, or the PBX leads. */
    leads: choice('The choice for what is changed in Teams', ['newest', 'pbx']),
    offline: choice('The choice for people who are offline', ['calls', 'everything', 'nothing']),
    /** Whether the note becomes the status message. */
    statusMessage: tick,
    dryRun: tick,
};

export = (RED: NodeAPI): void => {
    registerNode(RED, 'teams-presence-writer', own => {
        const { node, config, flows, closing, report } = own;
        const app = configNode<AzureApp>(RED, config.app);
        const leftOut = leftOutTeller(own);
        showEnding(own, app);

        const start = async (): Promise<TeamsWriter> => {
            const { lease, settle, statusMessage, dryRun, ...chosen } = readFields(fields, config);
            const registered = needed(app, 'App registration');
            const { system, registration } = await registered.teams;
            /** Says who of its users is whom in Teams; without one it is by address. */
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            const writer = system.writer(registration, {
                ...{ node: node.id, dryRun, statusMessage },
                lease: lease * 60_000,
                settle: settle * 1_000,
                callsOnly: chosen.sets === 'calls',
                overridesChoice: chosen.choice === 'override',
                leads: chosen.leads === 'pbx',
                writesOffline: chosen.offline === 'everything',
                hidesCallsOffline: chosen.offline === 'nothing',
                matches: pbx && (async () => (await pbx.system()).directory.matches),
                missing: permissionTrouble(registered, 'write'),
            });
            writer.on('state', report);
            writer.on('notShown', (name, why) => leftOut(name, RED._(`teams-presence-writer.${why}`)));
            writer.on('resting', name => node.warn(oneLine(`${name}: ${rules.resting[languageOf(RED)]}`)));
            if (!closing.aborted) writer.start();
            return writer;
        };
        const started = own.begin(start);

        onWriterInput(own, { started, wordsOf: teamsWords, unknown: noTeamsUser });
        own.onClose(async removed => {
            // What shows by way of a registration can be taken back by way of it only.
            const isMoved = flows.change(node, ['app']) || (app !== undefined && flows.change(app, registrationPlace));
            const takesBack = removed || flows.areEnding || isMoved;
            await (await started.catch(() => undefined))?.stop(takesBack);
        }, app?.closing);
    });
};
