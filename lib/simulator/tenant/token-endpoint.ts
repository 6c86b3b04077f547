import { AuthorizationCodes } from './authorization-codes';
import { AuthorizeEndpoint } from './authorize-endpoint';
import { ClientAuthentication } from './client-authentication';
import type { DeviceCodes } from './device-codes';
import { deviceLoginPath } from './device-login-page';
import { EntraError } from './entra-error';
import { required } from './form';
import type { HttpRequest, Reply } from './http-exchange';
import { type Identities, troubleOf } from './identities';
import { PasswordCheck } from './password-check';
import { RefreshTokens } from './refresh-tokens';
import type { Registration } from './registration';
import { checkApplicationScope } from './scopes';
import type { TenantDirectory, TenantUser } from './tenant-directory';
import { TokenIssuer, type TokenIssuerOptions } from './token-issuer';

/** Entra takes the name of RFC 8628 and the short one that MSAL uses. */
const deviceGrants = ['urn:ietf:params:oauth:grant-type:device_code', 'device_code'];

/** What the token endpoint needs to know. */
export interface TokenEndpointOptions extends TokenIssuerOptions {
    directory: TenantDirectory;
    identities: Identities;
    deviceCodes: DeviceCodes;
}

/**
 * Entra's token endpoint, with the pages at which users sign in for some of its grants.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export class TokenEndpoint {
    readonly #options: TokenEndpointOptions;
    readonly #clients: ClientAuthentication;
    readonly #passwords: PasswordCheck;
    readonly #refreshTokens: RefreshTokens;
    readonly #codes: AuthorizationCodes;
    readonly #pages: AuthorizeEndpoint;
    readonly #issuer: TokenIssuer;

    constructor(options: TokenEndpointOptions) {
        this.#options = options;
        this.#clients = new ClientAuthentication(options);
        this.#passwords = new PasswordCheck(options);
        this.#refreshTokens = new RefreshTokens(options.identities);
        this.#codes = new AuthorizationCodes(options.clock);
        const { tenantId, url } = options;
        const own = { clients: this.#clients, codes: this.#codes, passwords: this.#passwords };
        this.#pages = new AuthorizeEndpoint({ tenantId, url, ...own });
        this.#issuer = new TokenIssuer(options, this.#refreshTokens);
    }

    /**
     * The token response to a form; throws an {@link EntraError} where Entra refuses.
     * @param tenant the known tenant of the request, or `common`, `consumers`, `organizations`
     */
    answer(tenant: string, form: URLSearchParams): object {
        const grant = required(form, 'grant_type');
        if (!['password', 'client_credentials', 'refresh_token', 'authorization_code', ...deviceGrants].includes(grant))
            throw new EntraError(70003, { grant });
        const special = ['common', 'consumers', 'organizations'].includes(tenant);
        if (grant === 'client_credentials' && special) throw new EntraError(50059);
        if (grant === 'password' && special && tenant !== 'organizations') throw new EntraError(9001023);
        const isPublic =
            (grant === 'authorization_code' && this.#codes.isPublic(form.get('code'))) ||
            (grant === 'refresh_token' && this.#refreshTokens.isPublic(form.get('refresh_token')));
        const registration = isPublic ? this.#clients.unproven(form) : this.#clients.authenticate(form, grant);
        if (grant === 'authorization_code') return this.#codeToken(form, registration);
        if (grant === 'client_credentials') return this.#applicationToken(form, registration);
        if (grant === 'password') return this.#passwordToken(form, registration);
        return deviceGrants.includes(grant)
            ? this.#deviceToken(form, registration)
            : this.#refreshedToken(form, registration);
    }

    /** The page of the `/authorize` endpoint, and what becomes of what is entered there. */
    authorize(request: HttpRequest): Reply {
        return this.#pages.answer(request);
    }

    /** The response of the `/devicecode` endpoint; throws an {@link EntraError} where Entra refuses. */
    beginDeviceCode(form: URLSearchParams): object {
        const { clientId } = this.#clients.known(form);
        const { deviceCodes, url } = this.#options;
        return deviceCodes.begin(clientId, required(form, 'scope'), `${url()}${deviceLoginPath}`);
    }

    /** What a user does on the page for device codes. Throws for anybody but a user with a password of the tenant. */
    enterDeviceCode({ code, username, password }: { code: string; username: string; password: string }): void {
        const user = this.#passwords.check(username, password, this.#options.tenantId);
        this.#options.deviceCodes.accept(code, user);
    }

    #applicationToken(form: URLSearchParams, registration: Registration): object {
        const { tenantId, url } = this.#options;
        checkApplicationScope(form.get('scope') ?? '', url(), tenantId);
        return this.#issuer.forApp(registration);
    }

    #passwordToken(form: URLSearchParams, registration: Registration): object {
        const { tenantId } = this.#options;
        const user = this.#passwords.signIn(required(form, 'username'), required(form, 'password'), tenantId);
        return this.#issuer.forUser(form, { user, registration, scope: form.get('scope') ?? '' });
    }

    #codeToken(form: URLSearchParams, registration: Registration): object {
        const redirectUri = required(form, 'redirect_uri');
        const by = { clientId: registration.clientId, redirectUri, verifier: form.get('code_verifier') };
        const { user, scope, nonce, isPublic } = this.#codes.redeem(required(form, 'code'), by);
        this.#refuseTroubled(user);
        return this.#issuer.forUser(form, { user, registration, scope, nonce, isPublic });
    }

    #deviceToken(form: URLSearchParams, registration: Registration): object {
        const code = required(form, 'device_code');
        const { user, scope } = this.#options.deviceCodes.redeem(code, registration.clientId);
        this.#refuseTroubled(user);
        return this.#issuer.forUser(form, { user, registration, scope });
    }

    #refreshedToken(form: URLSearchParams, registration: Registration): object {
        const { clock, directory, tenantId } = this.#options;
        const now = Math.floor(clock.date() / 1000);
        const grant = this.#refreshTokens.redeem(required(form, 'refresh_token'), registration.clientId, now);
        const user = directory.byId(grant.userId);
        if (!user) throw new EntraError(50034, { tenant: tenantId });
        this.#refuseTroubled(user);
        const { isPublic } = grant;
        return this.#issuer.forUser(form, { user, registration, scope: form.get('scope') ?? grant.scope, isPublic });
    }

    #refuseTroubled({ userPrincipalName }: TenantUser): void {
        const account = this.#options.identities.account(userPrincipalName);
        const trouble = account && troubleOf(account);
        if (trouble !== undefined) throw new EntraError(trouble, { tenant: this.#options.tenantId });
    }
}
