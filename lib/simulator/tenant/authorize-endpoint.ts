import type { AuthorizationCodes, AuthorizationRequest } from './authorization-codes';
import type { ClientAuthentication } from './client-authentication';
import { EntraError, notSimulated } from './entra-error';
import { required } from './form';
import type { HttpRequest, Reply } from './http-exchange';
import type { PasswordCheck } from './password-check';
import type { Registration } from './registration';
import { grantDelegated } from './scopes';
import { signInPage } from './sign-in-page';

interface Options {
    tenantId: string;
    clients: ClientAuthentication;
    codes: AuthorizationCodes;
    passwords: PasswordCheck;
    /** The address of the service, without a slash. */
    url: () => string;
}

const form = `<form method="post">
<p><label>User name <input name="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" required></label></p>
<button>Sign in</button> <button name="cancel" value="yes" formnovalidate>Cancel</button>
</form>`;

/**
 * Entra's `/authorize` endpoint for codes: a page to sign in at, and the way back to the app. Who the app is and where
 * it may lead to is told on the page where it is wrong; anything else goes back to the app.
 *
 * Entra itself insists on a challenge of single-page apps only, and takes "plain"; every app here has to send one by S256.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
export class AuthorizeEndpoint {
    readonly #options: Options;

    constructor(options: Options) {
        this.#options = options;
    }

    answer(request: HttpRequest): Reply {
        try {
            const { query } = request;
            const mode = query.get('response_mode') ?? 'query';
            if (mode === 'fragment' || mode === 'form_post') return notSimulated(`response_mode=${mode}`);
            const registration = this.#options.clients.known(query);
            const redirectUri = query.get('redirect_uri') ?? '';
            const isPublic = matches(registration.redirectUris ?? [], redirectUri);
            this.#checkRedirect(redirectUri, registration, isPublic);
            try {
                const asked = this.#checked(query, registration, { redirectUri, isPublic });
                return this.#signIn(request, asked);
            } catch (error) {
                if (!(error instanceof EntraError)) throw error;
                return back(redirectUri, { ...error.brief(), state: query.get('state') });
            }
        } catch (error) {
            if (!(error instanceof EntraError)) throw error;
            return signInPage(alert(error), 400);
        }
    }

    #checkRedirect(redirect: string, registration: Registration, isPublic: boolean): void {
        const { clientId: client, webRedirectUris = [] } = registration;
        if (redirect === '') throw new EntraError(900971);
        const isKnown = isPublic || matches(webRedirectUris, redirect);
        if (!isKnown || !isSafe(redirect)) throw new EntraError(50011, { redirect, client });
    }

    #checked(
        query: URLSearchParams,
        registration: Registration,
        { redirectUri, isPublic }: Pick<AuthorizationRequest, 'redirectUri' | 'isPublic'>,
    ): AuthorizationRequest {
        const type = required(query, 'response_type');
        if (type !== 'code') throw new EntraError(70005, { type });
        const mode = query.get('response_mode') ?? 'query';
        if (mode !== 'query') throw new EntraError(70007, { mode });
        const [challenge, method] = [query.get('code_challenge'), query.get('code_challenge_method')];
        if (!challenge) throw new EntraError(50147);
        if (method !== 'S256') throw new EntraError(50149);
        if (!/^[\w-]{43}$/.test(challenge)) throw new EntraError(501491);
        const { tenantId, url } = this.#options;
        const scope = required(query, 'scope');
        grantDelegated(scope, registration, url(), tenantId);
        const nonce = query.get('nonce') ?? '';
        return { clientId: registration.clientId, redirectUri, isPublic, scope, nonce, challenge };
    }

    /** Microsoft's page takes a second factor, too; here the password has to do. What is wrong is told there. */
    #signIn({ method, query, text }: HttpRequest, asked: AuthorizationRequest): Reply {
        if (method !== 'POST') return signInPage(form);
        const fields = new URLSearchParams(text);
        const state = query.get('state');
        if (fields.get('cancel')) {
            const declined = new EntraError(65004).brief();
            return back(asked.redirectUri, { ...declined, error_subcode: 'cancel', state });
        }
        const { passwords, codes, tenantId } = this.#options;
        try {
            const user = passwords.check(fields.get('username') ?? '', fields.get('password') ?? '', tenantId);
            return back(asked.redirectUri, { code: codes.issue(asked, user), state });
        } catch (error) {
            if (!(error instanceof EntraError)) throw error;
            return signInPage(`${alert(error)}${form}`);
        }
    }
}

/**
 * Whether an address is among those registered: to the letter, but for the port of localhost.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
 */
function matches(registered: readonly string[], address: string): boolean {
    const portless = (uri: string): string => uri.replace(/^(http:\/\/localhost):\d+(?=\/|$)/, '$1');
    return registered.some(uri => portless(uri) === portless(address));
}

/** Nothing but https may be registered, and http on the user's own machine. */
function isSafe(address: string): boolean {
    return URL.canParse(address) && /^(https:\/\/|http:\/\/localhost(:\d+)?(\/|$))/.test(address);
}

function back(redirectUri: string, answer: Record<string, string | null>): Reply {
    const address = new URL(redirectUri);
    for (const [name, value] of Object.entries(answer)) if (value !== null) address.searchParams.append(name, value);
    return { status: 302, headers: { location: address.href, 'cache-control': 'no-store' } };
}

function alert(error: EntraError): string {
    const { error_description: text } = error.brief();
    return `<p role="alert">${text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)}</p>`;
}
