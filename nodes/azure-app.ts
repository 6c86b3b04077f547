import { on } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import { simulatedOffice } from '../lib/simulator/running-office';
import type { RateBudget } from '../lib/support/rate-budget';
import { type CheckLine, certificateLine, endLines } from '../lib/teams/check/check-registration';
import type { TeamsUse } from '../lib/teams/teams-systems';
import { systemClock } from '../lib/time/clock';
import { Interval } from '../lib/time/interval';
import { claimLog } from './runtime/claim-log';
import { onSystemClose, type SystemNode } from './runtime/config-node';
import { askedValues, onEditorRequest } from './runtime/editor-requests';
import {
    type AppSecrets,
    appCredentials,
    askedSettings,
    type Checked,
    certificateOf,
    checkOnce,
    needsOf,
    registrationReport,
    registrationSettings,
    startReport,
    warnOf,
} from './runtime/registrations';
import { type RunningNode, registerNode } from './runtime/running-node';
import { teamsSystems } from './runtime/systems';

/** The config node as other nodes see it. */
export interface AzureApp extends Node<AppSecrets>, SystemNode, Checked {
    /** Rejects with a SyncError that names the field, if the settings are wrong. */
    teams: Promise<TeamsUse>;
    simulated: boolean;
    /** That its proof ends soon, or has ended. Emits `ending` when it may have changed. */
    ending?: CheckLine;
}

/** The end of a certificate or a secret is told once a day, in ms. */
const day = 24 * 3_600_000;

export = (RED: NodeAPI): void => {
    const create = (own: RunningNode<AzureApp>): void => {
        const { node, config, closing } = own;
        node.simulated = config.cloud === 'simulated';
        node.teams = registrationSettings(RED, config, node.credentials ?? {}, closing).then(settings =>
            teamsSystems.take(node.id, settings, claimLog(RED)),
        );
        // Each node that uses this one shows the error; it must not be left unhandled here.
        node.teams.catch(() => {});
        const checked = checkOnce(own, async () => {
            const { registration } = await node.teams;
            return startReport(RED, node.id, registration.settings);
        });
        warnOfEnd(own);
        let budget: RateBudget | undefined;
        node.teams.then(({ registration }) => (budget = registration.budget)).catch(() => {});
        own.tells = () => {
            const { state, parts = [] } = checked();
            if (!budget) return { state, parts };
            const { used, size } = budget;
            return { state, parts: [...parts, { level: 'good', kind: 'budget', values: { used, size } }] };
        };

        const watchOffice = async (): Promise<void> => {
            for await (const _ of on(await simulatedOffice(), 'started', { signal: closing }))
                (await node.teams).system.gap();
        };
        if (node.simulated) watchOffice().catch(() => {});
        onSystemClose(own, [], async isOver => {
            await (await node.teams.catch(() => undefined))?.release(isOver);
        });
    };
    registerNode(RED, 'azure-app', create, { credentials: appCredentials });
    answerDialog(RED);
};

function warnOfEnd(own: RunningNode<AzureApp>): void {
    const { node } = own;
    // Any number of nodes may use it.
    node.setMaxListeners(0);
    const look = async (tells = true): Promise<void> => {
        const used = await node.teams.catch(() => undefined);
        if (!used) return;
        const lines = endLines(used.registration.settings, systemClock.date());
        node.ending = lines.find(({ ok }) => ok !== true);
        node.emit('ending');
        if (tells) warnOf(own, lines);
    };
    // What there is to tell at the start is told with the rest.
    look(false).catch(() => {});
    const everyDay = new Interval({ clock: systemClock, interval: () => day, run: look });
    everyDay.start();
    own.closing.addEventListener('abort', () => everyDay.stop());
}

function answerDialog(RED: NodeAPI): void {
    onEditorRequest(RED, '/azure-app/check', async (asked, signal) => {
        const settings = await askedSettings(RED, asked, signal);
        const uses = Array.isArray(asked.uses) ? asked.uses.filter(Boolean) : [];
        return registrationReport(settings, needsOf(uses));
    });
    onEditorRequest(RED, '/azure-app/certificate', async asked => {
        const values = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
        const { certificate } = await certificateOf(values.certificate ?? '', values.certificatePassword);
        return certificateLine(certificate.certificate, systemClock.date());
    });
}
