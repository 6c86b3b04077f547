import type { AuthenticationResult } from '@azure/msal-node';
import { SyncError } from '../../../errors/errors';
import { type Clock, systemClock } from '../../../time/clock';
import type { Http } from '../http';
import { confidentialClient, MsalNetwork, publicClient, scopesOf } from './msal';
import type { Account, AppRegistration, TokenCache } from './registration';
import { recheckAfter, type SignInContext, SignInError, signInError } from './sign-in-error';

export type { Account, AppRegistration } from './registration';

/** Access tokens for Graph; renewed before they expire. */
export type TokenSource = Pick<HeldTokens, 'token' | 'invalidate' | 'doubt'>;

/** Gets a token from Microsoft. `fresh`: not one that was got before. @throws SignInError */
type Acquire = (fresh: boolean) => Promise<AuthenticationResult>;

/** A new token takes the place of the old one this long before the old one ends, in ms. */
const margin = 5 * 60_000;
/** A token that is younger than this, in ms, is not renewed because it can do too little. */
const youngest = 10 * 60_000;

interface Held {
    token: string;
    /** When (monotonic) it was got, or doubted last. */
    trustedAt: number;
    renewal: number;
    expiry: number;
}

/** One token for all who ask; one request at a time, and none at all while a failed sign-in waits for its re-check. */
export class HeldTokens {
    readonly #acquire: Acquire;
    readonly #clock: Clock;
    #held: Held | undefined;
    #refused: string | undefined;
    #pending: Promise<string> | undefined;
    #failure: { error: SignInError; until: number } | undefined;

    constructor(acquire: Acquire, clock: Clock) {
        this.#acquire = acquire;
        this.#clock = clock;
    }

    /** @throws SignInError with the sentence for the AADSTS code; the same one again, without asking, until a re-check is due. */
    token(): Promise<string> {
        this.#pending ??= this.#next().finally(() => {
            this.#pending = undefined;
        });
        return this.#pending;
    }

    /** Graph has refused this token (401): it is not handed out again. */
    invalidate(refused: string): void {
        this.#refused = refused;
    }

    /**
     * Graph lets this token do too little (403): a permission may have been granted since it was got. Only pulls the renewal
     * of an older one forward: the token goes on to serve if there is no other to be had.
     */
    doubt(token: string): void {
        const held = this.#held;
        const now = this.#clock.monotonic();
        if (held?.token !== token || now - held.trustedAt < youngest) return;
        held.trustedAt = held.renewal = now;
    }

    async #next(): Promise<string> {
        // A refusal may come while the token is being handed out.
        await Promise.resolve();
        const held = this.#usable();
        const now = this.#clock.monotonic();
        if (held && now < held.renewal) return held.token;
        if (this.#failure && now < this.#failure.until)
            return this.#fallBack(this.#failure.error, this.#failure.until - now);
        try {
            this.#held = this.#hold(await this.#renewed());
            this.#failure = undefined;
            return this.#held.token;
        } catch (error) {
            const failure = error as SignInError;
            const wait = failure.kind === 'outage' ? (failure.retryAfter ?? 0) : recheckAfter(failure);
            this.#failure = { error: failure, until: this.#clock.monotonic() + wait };
            return this.#fallBack(failure);
        }
    }

    async #renewed(): Promise<AuthenticationResult> {
        const result = await this.#acquire(this.#held !== undefined);
        return result.accessToken === this.#refused ? this.#acquire(true) : result;
    }

    /** MSAL tells the expiry by the system's clock, so only the time that is left counts. */
    #hold({ accessToken, expiresOn }: AuthenticationResult): Held {
        const since = this.#clock.monotonic();
        const left = expiresOn ? expiresOn.getTime() - Date.now() : 0;
        return {
            token: accessToken,
            trustedAt: since,
            renewal: since + left - Math.min(margin, left / 5),
            expiry: since + left,
        };
    }

    #usable(): Held | undefined {
        const held = this.#held;
        return held && held.token !== this.#refused && this.#clock.monotonic() < held.expiry ? held : undefined;
    }

    /** In an outage, the old token serves to its end. */
    #fallBack(error: SignInError, wait?: number): string {
        const held = error.kind === 'outage' ? this.#usable() : undefined;
        if (held) return held.token;
        throw wait === undefined ? error : error.repeated(wait);
    }
}

/** A call of MSAL; `fresh`: not a token that was got before. */
type MsalCall = (fresh: boolean) => Promise<AuthenticationResult | null>;

/** Whether the registration can prove itself, as app-only access needs. */
export function canActAsApp(app: AppRegistration): boolean {
    return Boolean(app.certificate || app.federated || app.clientSecret);
}

/** Tokens of the app itself (client credentials). @throws SyncError FIELD_MISSING where it cannot prove itself. */
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
 * Signed in by user name and password once; afterwards MSAL's refresh token serves. A registration that
 * can proves itself too, as Entra demands of confidential clients.
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

/** Signed in before, by hand: a dead refresh token is not sent again until another sign-in was saved. */
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
    return { tenant: app.tenant, clientId: app.clientId, account, means, isFederated: app.federated !== undefined };
}
