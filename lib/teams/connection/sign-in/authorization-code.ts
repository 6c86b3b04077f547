import { randomUUID } from 'node:crypto';
import { CryptoProvider } from '@azure/msal-node';
import { SyncError } from '../../../errors/errors';
import { systemClock } from '../../../time/clock';
import type { Http } from '../http';
import { MsalNetwork, publicClient, scopesOf } from './msal';
import type { AppRegistration, TokenCache } from './registration';
import { SignInError, signInError } from './sign-in-error';

interface BrowserSignIn {
    /** Registered under "Mobile and desktop applications", which needs no secret and no public client flows. */
    redirectUri: string;
    /** Comes back with the answer; nobody can guess it. */
    state: string;
    tokenCache: Pick<TokenCache, 'save'>;
    /** Told where the user signs in. */
    onAddress(address: string): void;
    /** What stands in the address to which the browser is led back. Rejects when nobody waits for it any more. */
    answer: Promise<URLSearchParams>;
}

/**
 * Signs in an account whose user goes to Microsoft's page in a browser, second factor and all, and saves the sign-in: by
 * authorization code with PKCE, so that a code which somebody else sees is of no use.
 * @returns the user name of the account that has signed in
 * @throws SignInError TEAMS_DEVICE_CODE_DECLINED, TEAMS_BROWSER_SIGN_IN_OLD, or as any sign-in; as `answer`
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export async function signInWithBrowser(
    app: AppRegistration,
    http: Http,
    { redirectUri, state, tokenCache, onAddress, answer }: BrowserSignIn,
): Promise<{ username: string }> {
    const network = new MsalNetwork(http, systemClock);
    const client = publicClient(app, network);
    const request = { scopes: scopesOf(app), redirectUri, nonce: randomUUID() };
    try {
        const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
        const codeChallenge = { codeChallenge: challenge, codeChallengeMethod: 'S256' };
        // Otherwise Microsoft would take whoever is signed in at that browser, who is hardly the communication user.
        onAddress(await client.getAuthCodeUrl({ ...request, ...codeChallenge, state, prompt: 'select_account' }));
        const code = codeIn(await answer);
        const result = await client.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
        if (!result.account) throw new Error('the sign-in service returned no token');
        await tokenCache.save(client.getTokenCache().serialize());
        return { username: result.account.username };
    } catch (error) {
        if (error instanceof SyncError) throw error;
        const { tenant, clientId } = app;
        throw signInError(network.behind(error), { tenant, clientId, means: 'browser' });
    }
}

/** @throws what Microsoft answers in place of a code, as MSAL names it. */
function codeIn(answer: URLSearchParams): string {
    const code = answer.get('code');
    if (code) return code;
    if (answer.get('error_subcode') === 'cancel')
        throw new SignInError('TEAMS_DEVICE_CODE_DECLINED', { code: 'access_denied' });
    const [errorCode, errorMessage] = [answer.get('error') ?? 'unknown', answer.get('error_description') ?? ''];
    throw Object.assign(new Error(errorMessage), { errorCode, errorMessage });
}
