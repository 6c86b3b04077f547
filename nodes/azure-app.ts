import type { Node, NodeAPI, NodeDef } from 'node-red';
import { TeamsLedger } from '../lib/presence/teams-ledger';
import { simulatedOffice } from '../lib/simulator/running-office';
import { type CheckLine, type CheckReport, certificateLine } from '../lib/teams/check/check-registration';
import type { Account } from '../lib/teams/connection/sign-in/registration';
import { TeamsTenant } from '../lib/teams/teams-tenant';
import { systemClock } from '../lib/time/clock';
import { askedSettings, askedValues } from './runtime/asked-values';
import { budgetOf } from './runtime/budgets';
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
import { Closing } from './runtime/closing';
import { flowsStarted } from './runtime/downstream-deploys';
import { onEditorRequest } from './runtime/editor-requests';
import { onClose } from './runtime/handlers';
import { officeClosing } from './runtime/opened-office';
import {
    type AppFields,
    type AppSecrets,
    appCredentials,
    certificateOf,
    simulatedAccounts,
    tenantSettings,
} from './runtime/tenant-settings';

type AzureAppConfig = NodeDef & AppFields;

/** The config node as other nodes see it. */
export interface AzureApp extends Node<AppSecrets>, Checked {
    /** Rejects with a SyncError that names the field, if the settings are wrong. */
    tenant: Promise<TeamsTenant>;
    /** Accounts that come with the simulated office; none elsewhere. */
    simulatedAccounts(): Promise<Account[]>;
    simulated: boolean;
    /** At hand before the tenant is: what was held before a restart is brought back into it. */
    ledger: TeamsLedger;
    closing: Closing;
}

/** The Entra ids of users are unique in the world, so both directions and all registrations share one ledger. */
const ledger = new TeamsLedger();

/** The end of a certificate is told once a day, in ms. */
const day = 24 * 3_600_000;

export = (RED: NodeAPI): void => {
    function AzureAppNode(this: AzureApp, config: AzureAppConfig) {
        RED.nodes.createNode(this, config);
        this.ledger = ledger;
        this.simulated = config.cloud === 'simulated';
        const closing = new AbortController();
        this.closing = new Closing();
        this.tenant = tenantSettings(RED, config, this.credentials ?? {}, closing.signal).then(
            settings => new TeamsTenant({ settings, ledger, clock: systemClock, budget: budgetOf(settings) }),
        );
        // Each user of this node shows the error; nobody may leave it unhandled.
        this.tenant.catch(() => {});
        this.simulatedAccounts = async () => (this.simulated ? simulatedAccounts() : []);
        const stopChecking = checkAtStart(RED, this, closing.signal);

        const onStarted = (): void => {
            this.tenant.then(tenant => tenant.gap()).catch(() => {});
        };
        if (this.simulated) {
            simulatedOffice()
                .then(office => office.on('started', onStarted))
                .catch(() => {});
        }
        const finish = async (): Promise<void> => {
            await this.closing.done();
            const tenant = await this.tenant.catch(() => undefined);
            await tenant?.stop();
            if (this.simulated) (await simulatedOffice()).off('started', onStarted);
        };
        onClose(this, () => {
            closing.abort();
            stopChecking();
            const finished = finish();
            if (this.simulated) officeClosing.waitFor(finished);
            return finished;
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
    onEditorRequest(RED, '/azure-app/check', permission, async (asked, { signal }) => {
        const settings = await askedSettings(RED, asked, signal);
        const uses = Array.isArray(asked.uses) ? asked.uses.filter(Boolean) : [];
        return toldReport(await registrationReport(settings, needsOf(uses)));
    });
    onEditorRequest(RED, '/azure-app/certificate', permission, async asked => {
        const values = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
        const { certificate } = await certificateOf(values.certificate ?? '', values.certificatePassword);
        return toldLine(certificateLine(certificate.certificate, systemClock.date()));
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
        report ??= Promise.all([node.tenant, allStarted]).then(([{ settings }]) =>
            startReport(settings, needsOf(usesOf(RED, node.id))),
        );
        return report;
    };
    const warnOfCertificate = async (): Promise<void> => {
        const { certificate } = (await node.tenant).settings;
        if (certificate) warn([certificateLine(certificate.certificate, systemClock.date())]);
    };
    const everyDay = setInterval(() => void warnOfCertificate().catch(() => {}), day).unref();
    allStarted
        .then(async () => {
            if (!closing.aborted) warn((await node.check()).lines);
        })
        // Settings that are wrong are told by the nodes that use them.
        .catch(() => {});
    return () => clearInterval(everyDay);
}
