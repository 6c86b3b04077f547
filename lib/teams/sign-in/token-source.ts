import {
    type AuthenticationResult,
    ConfidentialClientApplication,
    type Configuration,
    LogLevel,
    PublicClientApplication,
} from '@azure/msal-node';
import { SyncError } from '../../support/errors';
import type { CloudEndpoints } from '../clouds';
import type { Http } from '../http';
import { MsalNetwork } from './msal-network';
import { signInError } from './sign-in-error';

/** One app registration as an administrator enters it. */
export interface AppRegistration extends CloudEndpoints {
    tenant: string;
    clientId: string;
    clientSecret?: string;
}

/** A communication user. */
export interface Account {
    username: string;
    password: string;
}

/** Access tokens for Graph; cached and refreshed by MSAL before they expire. */
export interface TokenSource {
    /** @throws SyncError with the sentence for the AADSTS code. */
    token(): Promise<string>;
    /** Graph has refused this token (401): it is not handed out again. */
    invalidate(refused: string): void;
}

/** Tokens of the app itself (client credentials). @throws SyncError FIELD_MISSING without a client secret. */
export function appTokens(app: AppRegistration, http: Http): TokenSource {
    if (!app.clientSecret) throw new SyncError('FIELD_MISSING', { field: 'Client secret' });
    const network = new MsalNetwork(http);
    const client = new ConfidentialClientApplication(configuration(app, network));
    return tokenSource(app, undefined, network, async fresh => {
        return client.acquireTokenByClientCredential({ scopes: scopesOf(app), skipCache: fresh });
    });
}

/**
 * Tokens of a communication user, signed in by user name and password once; afterwards MSAL's refresh token serves.
 * A registration with a secret sends it along, as Entra demands of confidential clients.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
export function accountTokens(app: AppRegistration, account: Account, http: Http): TokenSource {
    const Client = app.clientSecret ? ConfidentialClientApplication : PublicClientApplication;
    const network = new MsalNetwork(http);
    const client = new Client(configuration(app, network));
    const scopes = scopesOf(app);
    return tokenSource(app, account.username, network, async fresh => {
        const [known] = await client.getTokenCache().getAllAccounts();
        if (known) {
            try {
                return await client.acquireTokenSilent({ account: known, scopes, forceRefresh: fresh });
            } catch (error) {
                if (network.behind(error) instanceof SyncError) throw error;
                await client.getTokenCache().removeAccount(known);
            }
        }
        return client.acquireTokenByUsernamePassword({ scopes, ...account });
    });
}

/** Every permission that was granted to the registration. */
function scopesOf(app: AppRegistration): string[] {
    return [`${app.graphUrl}/.default`];
}

function tokenSource(
    app: AppRegistration,
    account: string | undefined,
    network: MsalNetwork,
    acquire: (fresh: boolean) => Promise<AuthenticationResult | null>,
): TokenSource {
    let refused: string | undefined;
    let pending: Promise<string> | undefined;
    const acquireOne = async (): Promise<string> => {
        network.begin();
        try {
            let result = await acquire(false);
            if (result && result.accessToken === refused) result = await acquire(true);
            if (!result) throw new Error('the sign-in service returned no token');
            return result.accessToken;
        } catch (error) {
            throw signInError(network.behind(error), { tenant: app.tenant, clientId: app.clientId, account });
        } finally {
            pending = undefined;
        }
    };
    return {
        // One request at a time: repeating identical token requests can end in AADSTS50196 (loop).
        token: () => {
            pending ??= acquireOne();
            return pending;
        },
        invalidate: token => {
            refused = token;
        },
    };
}

function configuration(app: AppRegistration, network: MsalNetwork): Configuration {
    const host = new URL(app.loginUrl).host;
    return {
        auth: {
            clientId: app.clientId,
            clientSecret: app.clientSecret,
            authority: `${app.loginUrl}/${encodeURIComponent(app.tenant)}`,
            knownAuthorities: isMicrosoft(host) ? [] : [host],
        },
        system: {
            networkClient: network,
            loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} },
        },
    };
}

/** Hosts whose metadata MSAL knows by heart, so that it asks nobody for them. */
function isMicrosoft(host: string): boolean {
    return host === 'login.microsoftonline.com' || host === 'login.microsoftonline.us';
}
