import type { AuthenticationResult } from '@azure/msal-node';
import { SyncError } from '../../../errors/errors';
import { type Clock, systemClock } from '../../../time/clock';
import type { Http } from '../http';
import { type Acquire, HeldTokens, type TokenSource } from './held-tokens';
import { confidentialClient, MsalNetwork, publicClient, scopesOf } from './msal';
import type { Account, AppRegistration, TokenCache } from './registration';
import { type SignInContext, SignInError, signInError } from './sign-in-error';

export type { TokenSource } from './held-tokens';
export type { Account, AppRegistration } from './registration';

/** A call of MSAL; `fresh`: not a token that was got before. */
type MsalCall = (fresh: boolean) => Promise<AuthenticationResult | null>;

/** Whether the registration can prove itself, as app-only access needs. */
export function canActAsApp(app: AppRegistration): boolean {
    return Boolean(app.certificate || app.clientSecret);
}

/** Tokens of the app itself (client credentials). @throws SyncError FIELD_MISSING without a client secret or certificate. */
export function appTokens(app: AppRegistration, http: Http, clock: Clock = systemClock): TokenSource {
    if (!canActAsApp(app)) throw new SyncError('FIELD_MISSING', { field: 'Client secret' });
    const network = new MsalNetwork(http, clock);
    const client = confidentialClient(app, network);
    const scopes = scopesOf(app);
    return new HeldTokens(
        attempts(app, undefined, network, fresh => client.acquireTokenByClientCredential({ scopes, skipCache: fresh })),
        clock,
    );
}

/** Tokens of a communication user. */
export function accountTokens(
    app: AppRegistration,
    account: Account,
    http: Http,
    clock: Clock = systemClock,
): TokenSource {
    const network = new MsalNetwork(http, clock);
    const acquire = 'password' in account ? byPassword(app, account, network) : byTokenCache(app, account, network);
    return new HeldTokens(attempts(app, account.username, network, acquire), clock);
}

/**
 * Signed in by user name and password once; afterwards MSAL's refresh token serves. A registration with a secret or a
 * certificate proves itself too, as Entra demands of confidential clients.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
function byPassword(
    app: AppRegistration,
    { username, password }: { username: string; password: string },
    network: MsalNetwork,
): MsalCall {
    const client = canActAsApp(app) ? confidentialClient(app, network) : publicClient(app, network);
    const scopes = scopesOf(app);
    return async fresh => {
        const [known] = await client.getTokenCache().getAllAccounts();
        if (known) {
            try {
                return await client.acquireTokenSilent({ account: known, scopes, forceRefresh: fresh });
            } catch (thrown) {
                const error = signInError(network.behind(thrown), contextOf(app, username, 'refresh-token'));
                if (error.code !== 'TEAMS_SIGN_IN_AGAIN') throw error;
                await client.getTokenCache().removeAccount(known);
            }
        }
        return client.acquireTokenByUsernamePassword({ scopes, username, password });
    };
}

/** Signed in before, with a device code: a dead refresh token is not sent again until another sign-in was saved. */
function byTokenCache(
    app: AppRegistration,
    { username, tokenCache }: { username: string; tokenCache: TokenCache },
    network: MsalNetwork,
): MsalCall {
    const client = publicClient(app, network, tokenCache);
    const scopes = scopesOf(app);
    let dead: { saved: string | undefined; error: SignInError } | undefined;
    return async fresh => {
        const saved = await tokenCache.load();
        if (dead && dead.saved === saved) throw dead.error;
        const [account] = saved ? await client.getTokenCache().getAllAccounts() : [];
        if (!account) throw new SignInError('TEAMS_SIGN_IN_MISSING', { account: username });
        try {
            return await client.acquireTokenSilent({ account, scopes, forceRefresh: fresh });
        } catch (thrown) {
            const error = signInError(network.behind(thrown), contextOf(app, username, 'refresh-token'));
            if (error.code === 'TEAMS_SIGN_IN_AGAIN') dead = { saved, error };
            throw error;
        }
    };
}

/** Any error of MSAL becomes ours. */
function attempts(app: AppRegistration, account: string | undefined, network: MsalNetwork, acquire: MsalCall): Acquire {
    return async fresh => {
        network.begin();
        try {
            const result = await acquire(fresh);
            if (!result) throw new Error('the sign-in service returned no token');
            return result;
        } catch (error) {
            if (error instanceof SignInError) throw error;
            throw signInError(network.behind(error), contextOf(app, account));
        }
    };
}

function contextOf(app: AppRegistration, account?: string, means?: SignInContext['means']): SignInContext {
    return { tenant: app.tenant, clientId: app.clientId, account, means };
}
