import type { Node, NodeAPI, NodeDef } from 'node-red';
import { TeamsLedger } from '../lib/presence/teams-ledger';
import { simulatedOffice } from '../lib/simulator/running-office';
import { systemClock } from '../lib/support/clock';
import { SyncError } from '../lib/support/errors';
import { type CloudEndpoints, endpointsOf } from '../lib/teams/clouds';
import type { Trust } from '../lib/teams/http';
import type { Account } from '../lib/teams/sign-in/token-source';
import { checkRegistration, TeamsTenant, type TenantSettings } from '../lib/teams/teams-tenant';
import { Closing } from './shared/closing';
import { entered } from './shared/entered';
import { onClose } from './shared/handlers';
import { officeClosing, openedOffice } from './shared/opened-office';
import { tlsOptions } from './shared/tls-options';

interface AzureAppConfig extends NodeDef {
    cloud: string;
    loginUrl: string;
    graphUrl: string;
    tls: string;
    tenant: string;
    clientId: string;
}

/** The config node as other nodes see it. */
export interface AzureApp extends Node<{ clientSecret: string }> {
    /** Rejects with a SyncError that names the field, if the settings are wrong. */
    tenant: Promise<TeamsTenant>;
    /** Accounts that come with the simulated office; none elsewhere. */
    simulatedAccounts(): Promise<Account[]>;
    simulated: boolean;
    closing: Closing;
}

/** The Entra ids of users are unique in the world, so both directions and all registrations share one ledger. */
const ledger = new TeamsLedger();

export = (RED: NodeAPI): void => {
    function AzureAppNode(this: AzureApp, config: AzureAppConfig) {
        RED.nodes.createNode(this, config);
        this.simulated = config.cloud === 'simulated';
        const closing = new AbortController();
        this.closing = new Closing();
        this.tenant = settingsOf(config, this.credentials ?? {}, closing.signal).then(
            settings => new TeamsTenant({ settings, ledger, clock: systemClock }),
        );
        // Each user of this node shows the error; nobody may leave it unhandled.
        this.tenant.catch(() => {});
        this.simulatedAccounts = async () => (this.simulated ? (await simulatedOffice()).identity.accounts : []);

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
            const finished = finish();
            if (this.simulated) officeClosing.waitFor(finished);
            return finished;
        });
    }

    async function settingsOf(
        config: AzureAppConfig,
        secrets: { clientSecret?: string },
        closing: AbortSignal,
    ): Promise<TenantSettings> {
        const registration = {
            tenant: entered(config.tenant),
            clientId: entered(config.clientId),
            clientSecret: entered(secrets.clientSecret) || undefined,
        };
        const settings =
            config.cloud === 'simulated'
                ? await simulated(registration, closing)
                : { ...registration, ...real(config) };
        checkRegistration(settings);
        return settings;
    }

    function real(config: AzureAppConfig): CloudEndpoints & { trust?: Trust } {
        if (config.cloud !== 'custom') return endpointsOf(config.cloud || 'worldwide');
        const { ca } = tlsOptions(RED, config.tls);
        return {
            loginUrl: origin(config.loginUrl, 'Sign-in address'),
            graphUrl: origin(config.graphUrl, 'Graph address'),
            ...(ca ? { trust: { ca, extent: 'added' } } : {}),
        };
    }

    RED.nodes.registerType<AzureApp, AzureAppConfig, unknown, { clientSecret: string }>('azure-app', AzureAppNode, {
        credentials: { clientSecret: { type: 'password' } },
    });
};

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(
    registration: Pick<TenantSettings, 'tenant' | 'clientId' | 'clientSecret'>,
    closing: AbortSignal,
): Promise<TenantSettings> {
    const { identity } = await openedOffice(closing);
    return {
        loginUrl: identity.loginUrl,
        graphUrl: identity.graphUrl,
        trust: { ca: identity.ca, extent: 'only' },
        tenant: registration.tenant || identity.tenantId,
        clientId: registration.clientId || identity.app.clientId,
        clientSecret: registration.clientSecret ?? identity.app.clientSecret,
    };
}

function origin(text: string, field: string): string {
    if (!text) throw new SyncError('FIELD_MISSING', { field });
    try {
        const url = new URL(text);
        if (url.protocol === 'https:') return url.origin;
    } catch {
        // Falls through to the same sentence.
    }
    throw new SyncError('FIELD_INVALID', { field, why: 'it must begin with https://' });
}
