import { randomUUID } from 'node:crypto';
import type { Clock } from '../../support/clock';
import { EntraError } from './entra-error';
import { issuerOf } from './openid-documents';
import { PasswordCheck } from './password-check';
import type { Account, Registration } from './registration';
import { checkApplicationScope, type Grant, grantDelegated, graphResource } from './scopes';
import type { SigningKeys } from './signing-keys';
import type { TenantDirectory, TenantUser } from './tenant-directory';

const refreshTokenLifetime = 90 * 86_400;

/** What the token endpoint needs to know; functions where the value may change while it runs. */
export interface TokenEndpointOptions {
    tenantId: string;
    directory: TenantDirectory;
    registrations: Registration[];
    accounts: Account[];
    keys: SigningKeys;
    clock: Clock;
    /** The address of the service, without a slash. */
    url: () => string;
    /** Lifetime of access tokens in seconds. */
    tokenLifetime: () => number;
}

/**
 * Entra's token endpoint for the grants that a service without a browser can use.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
export class TokenEndpoint {
    readonly #options: TokenEndpointOptions;
    readonly #passwords: PasswordCheck;

    constructor(options: TokenEndpointOptions) {
        this.#options = options;
        this.#passwords = new PasswordCheck(options);
    }

    /**
     * The token response to a form; throws an {@link EntraError} where Entra refuses.
     * @param tenant the known tenant of the request, or `common`, `consumers`, `organizations`
     */
    answer(tenant: string, form: URLSearchParams): object {
        const grant = required(form, 'grant_type');
        if (!['password', 'client_credentials', 'refresh_token'].includes(grant))
            throw new EntraError(70003, { grant });
        const special = ['common', 'consumers', 'organizations'].includes(tenant);
        if (grant === 'client_credentials' && special) throw new EntraError(50059);
        if (grant === 'password' && special && tenant !== 'organizations') throw new EntraError(9001023);
        const registration = this.#authenticateClient(form, grant);
        if (grant === 'client_credentials') return this.#applicationToken(form, registration);
        if (grant === 'password') return this.#passwordToken(form, registration);
        return this.#refreshedToken(form, registration);
    }

    #authenticateClient(form: URLSearchParams, grant: string): Registration {
        const client = required(form, 'client_id');
        const secret = form.get('client_secret');
        const registration = this.#options.registrations.find(
            each => each.clientId.toLowerCase() === client.toLowerCase(),
        );
        if (!registration) throw new EntraError(700016, { client, tenant: this.#options.tenantId });
        if (secret) {
            if (registration.publicClient && registration.clientSecret === undefined) throw new EntraError(700025);
            if (secret !== registration.clientSecret) throw new EntraError(7000215, { client });
        } else {
            if (grant === 'client_credentials') throw new EntraError(7000216);
            if (!registration.publicClient) throw new EntraError(7000218);
        }
        return registration;
    }

    /** Only these four fields: with more of them MSAL's cache would miss. */
    #applicationToken(form: URLSearchParams, registration: Registration): object {
        const { tenantId } = this.#options;
        checkApplicationScope(form.get('scope') ?? '', this.#options.url(), tenantId);
        return this.#lifetimes({
            access_token: this.#accessToken(registration, { roles: registration.roles, idtyp: 'app' }),
        });
    }

    #passwordToken(form: URLSearchParams, registration: Registration): object {
        const { tenantId } = this.#options;
        const user = this.#passwords.signIn(required(form, 'username'), required(form, 'password'), tenantId);
        return this.#userToken(form, registration, user, form.get('scope') ?? '');
    }

    #refreshedToken(form: URLSearchParams, registration: Registration): object {
        const claims = this.#options.keys.verify(required(form, 'refresh_token'));
        const user = this.#options.directory.byId(String(claims?.oid));
        const valid = claims?.aud === `refresh:${registration.clientId}` && Number(claims.exp) > this.#seconds();
        if (!valid || !user) throw new EntraError(9002313);
        return this.#userToken(form, registration, user, form.get('scope') ?? String(claims.scope));
    }

    #userToken(form: URLSearchParams, registration: Registration, user: TenantUser, scope: string): object {
        const { tenantId, url, keys } = this.#options;
        const grant = grantDelegated(scope, registration, url(), tenantId);
        const person = { oid: user.id, sub: user.id, name: user.displayName };
        return this.#lifetimes({
            scope: grant.answer,
            access_token: this.#accessToken(registration, {
                ...person,
                upn: user.userPrincipalName,
                scp: registration.scopes.join(' '),
                idtyp: 'user',
            }),
            ...(grant.openId ? { id_token: this.#idToken(form, registration, user) } : {}),
            ...(grant.offline ? { refresh_token: keys.sign(this.#refreshClaims(registration, user, grant)) } : {}),
            ...(form.get('client_info') === '1' ? { client_info: clientInfo(user.id, tenantId) } : {}),
        });
    }

    #accessToken(registration: Registration, claims: object): string {
        const { tokenLifetime, keys } = this.#options;
        return keys.sign({
            ...this.#standardClaims(tokenLifetime()),
            aud: graphResource,
            appid: registration.clientId,
            azp: registration.clientId,
            ...claims,
        });
    }

    #idToken(form: URLSearchParams, registration: Registration, user: TenantUser): string {
        const nonce = form.get('nonce');
        return this.#options.keys.sign({
            ...this.#standardClaims(this.#options.tokenLifetime()),
            aud: registration.clientId,
            oid: user.id,
            sub: user.id,
            name: user.displayName,
            preferred_username: user.userPrincipalName,
            ...(nonce ? { nonce } : {}),
        });
    }

    #refreshClaims(registration: Registration, user: TenantUser, grant: Grant): Record<string, unknown> {
        return {
            ...this.#standardClaims(refreshTokenLifetime),
            aud: `refresh:${registration.clientId}`,
            oid: user.id,
            scope: `${grant.answer} offline_access`,
        };
    }

    #standardClaims(lifetime: number): Record<string, unknown> {
        const { tenantId, url } = this.#options;
        const now = this.#seconds();
        return {
            iss: issuerOf(url(), tenantId),
            tid: tenantId,
            iat: now,
            nbf: now,
            exp: now + lifetime,
            uti: randomUUID(),
            ver: '2.0',
        };
    }

    #lifetimes(rest: object): object {
        const lifetime = this.#options.tokenLifetime();
        return { token_type: 'Bearer', expires_in: lifetime, ext_expires_in: lifetime, ...rest };
    }

    #seconds(): number {
        return Math.floor(this.#options.clock.now() / 1000);
    }
}

function required(form: URLSearchParams, parameter: string): string {
    const value = form.get(parameter);
    if (!value) throw new EntraError(900144, { parameter });
    return value;
}

function clientInfo(uid: string, utid: string): string {
    return Buffer.from(JSON.stringify({ uid, utid })).toString('base64url');
}
