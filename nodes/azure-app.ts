import type { Node, NodeAPI, NodeDef } from 'node-red';
import { simulatedOffice } from '../lib/simulator/running-office';
import { type CheckLine, type CheckReport, certificateLine } from '../lib/teams/check/check-registration';
import type { Account } from '../lib/teams/connection/sign-in/registration';
import { TeamsSystems, type TeamsUse } from '../lib/teams/teams-systems';
import { systemClock } from '../lib/time/clock';
import { systemContinuity } from '../lib/time/continuity';
import { Interval } from '../lib/time/interval';
import { askedSettings, askedValues } from './runtime/asked-values';
import {
    type Checked,
    needsOf,
    registrationReport,
    startReport,
    toldLine,
    toldReport,
    usesOf,
    warnOf,
} from './runtime/checks';
import { claimLog, closeClaimLog } from './runtime/claim-log';
import { Closing } from './runtime/closing';
import { flowsStarted } from './runtime/downstream-deploys';
import { onEditorRequest } from './runtime/editor-requests';
import { onClose } from './runtime/handlers';
import { journal } from './runtime/journal';
import { migrate } from './runtime/migrations';
import { officeClosing } from './runtime/opened-office';
import {
    type AppFields,
    type AppSecrets,
    appCredentials,
    certificateOf,
    registrationSettings,
    simulatedAccounts,
} from './runtime/registration-settings';
import { runningFlows } from './runtime/running-flows';

type AzureAppConfig = NodeDef & AppFields;

/** The config node as other nodes see it. */
export interface AzureApp extends Node<AppSecrets>, Checked {
    /** Rejects with a SyncError that names the field, if the settings are wrong. */
    teams: Promise<TeamsUse>;
    /** Accounts that come with the simulated office; none elsewhere. */
    simulatedAccounts(): Promise<Account[]>;
    simulated: boolean;
    closing: Closing;
}

/** Both directions and all registrations of a tenant meet there, and deploys do not end it. */
const systems = new TeamsSystems(systemClock, systemContinuity, journal);

/** The end of a certificate is told once a day, in ms. */
const day = 24 * 3_600_000;

export = (RED: NodeAPI): void => {
    function AzureAppNode(this: AzureApp, config: AzureAppConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('azure-app', config);
        this.simulated = config.cloud === 'simulated';
        const flows = runningFlows(RED);
        const closing = new AbortController();
        this.closing = new Closing();
        this.teams = registrationSettings(RED, config, this.credentials ?? {}, closing.signal).then(settings =>
            systems.take(this.id, settings, claimLog(RED)),
        );
        // Each node that uses this one shows the error; it must not be left unhandled here.
        this.teams.catch(() => {});
        this.simulatedAccounts = async () => (this.simulated ? simulatedAccounts() : []);
        const stopChecking = checkAtStart(RED, this, closing.signal);

        const onStarted = (): void => {
            this.teams.then(({ system }) => system.gap()).catch(() => {});
        };
        if (this.simulated) {
            simulatedOffice()
                .then(office => office.on('started', onStarted))
                .catch(() => {});
        }
        const finish = async (forGood: boolean): Promise<void> => {
            await this.closing.done();
            await (await this.teams.catch(() => undefined))?.release(forGood);
            if (this.simulated) (await simulatedOffice()).off('started', onStarted);
        };
        onClose(this, removed => {
            closing.abort();
            stopChecking();
            const finished = finish(removed || flows.areEnding);
            if (this.simulated) officeClosing.waitFor(finished);
            return flows.areEnding ? closeClaimLog(RED, finished) : finished;
        });
    }

    RED.nodes.registerType<AzureApp, AzureAppConfig, unknown, AppSecrets>('azure-app', AzureAppNode, {
        credentials: appCredentials,
    });
    answerDialog(RED);
};

/** What the dialog asks: to try the registration, and to read a certificate. */
function answerDialog(RED: NodeAPI): void {
    const permission = 'azure-app.write';
    onEditorRequest(RED, '/azure-app/check', permission, async (asked, { signal, language }) => {
        const settings = await askedSettings(RED, asked, signal);
        const uses = Array.isArray(asked.uses) ? asked.uses.filter(Boolean) : [];
        return toldReport(await registrationReport(settings, needsOf(uses)), language);
    });
    onEditorRequest(RED, '/azure-app/certificate', permission, async (asked, { language }) => {
        const values = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
        const { certificate } = await certificateOf(values.certificate ?? '', values.certificatePassword);
        return toldLine(certificateLine(certificate.certificate, systemClock.date()), language);
    });
}

/**
 * Looks once, when all nodes of the deploy exist, whether the registration may do what it is used for, and logs what is
 * missing; then once a day whether its certificate ends soon. Returns a function that ends it.
 */
function checkAtStart(RED: NodeAPI, node: AzureApp, closing: AbortSignal): () => void {
    const warn = (lines: CheckLine[]): void => {
        if (!closing.aborted) warnOf(RED, node, lines);
    };
    const allStarted = flowsStarted(RED);
    let report: Promise<CheckReport> | undefined;
    node.check = () => {
        report ??= Promise.all([node.teams, allStarted]).then(([{ registration }]) =>
            startReport(registration.settings, needsOf(usesOf(RED, node.id))),
        );
        return report;
    };
    const warnOfCertificate = async (): Promise<void> => {
        const { certificate } = (await node.teams).registration.settings;
        if (certificate) warn([certificateLine(certificate.certificate, systemClock.date())]);
    };
    const everyDay = new Interval({ clock: systemClock, interval: () => day, run: warnOfCertificate });
    everyDay.start();
    allStarted
        .then(async () => {
            if (!closing.aborted) warn((await node.check()).lines);
        })
        // Settings that are wrong are told by the nodes that use them.
        .catch(() => {});
    return () => everyDay.stop();
}
