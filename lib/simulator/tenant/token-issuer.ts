import { randomUUID } from 'node:crypto';
import type { Clock } from '../../time/clock';
import { issuerOf, versionClaims } from './openid-documents';
import type { RefreshTokens } from './refresh-tokens';
import type { Registration } from './registration';
import { type Grant, grantDelegated, graphResource } from './scopes';
import type { SigningKeys } from './signing-keys';
import type { TenantUser } from './tenant-directory';

/** What issuing tokens needs; functions where the value may change while the tenant runs. */
export interface TokenIssuerOptions {
    tenantId: string;
    keys: SigningKeys;
    clock: Clock;
    /** The address of the service, without a slash. */
    url: () => string;
    /** Lifetime of access tokens in seconds. */
    tokenLifetime: () => number;
}

/** A user who has signed in, and what for. */
export interface SignedIn {
    user: TenantUser;
    registration: Registration;
    /** As requested. */
    scope: string;
    /** Of a request for an authorization code. */
    nonce?: string;
    /** Signed in by a redirect of a public client. */
    isPublic?: boolean;
}

/** Makes the responses of the token endpoint once it is clear who gets them. */
export class TokenIssuer {
    readonly #options: TokenIssuerOptions;
    readonly #refreshTokens: RefreshTokens;

    constructor(options: TokenIssuerOptions, refreshTokens: RefreshTokens) {
        this.#options = options;
        this.#refreshTokens = refreshTokens;
    }

    /** Only these four fields: with more of them MSAL's cache would miss. */
    forApp(registration: Registration): object {
        return this.#lifetimes({
            access_token: this.#accessToken(registration, { roles: registration.roles, idtyp: 'app' }),
        });
    }

    /** Throws an EntraError for scopes without consent. @param form of the request: what else the client asks for */
    forUser(form: URLSearchParams, signedIn: SignedIn): object {
        const { user, registration, scope, nonce } = signedIn;
        const { tenantId, url } = this.#options;
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
            ...(grant.openId ? { id_token: this.#idToken(nonce || form.get('nonce'), registration, user) } : {}),
            ...(grant.offline ? { refresh_token: this.#refreshToken(signedIn, grant) } : {}),
            ...(form.get('client_info') === '1' ? { client_info: clientInfo(user.id, tenantId) } : {}),
        });
    }

    #accessToken(registration: Registration, claims: object): string {
        const { tokenLifetime, keys, url, tenantId } = this.#options;
        return keys.sign({
            ...this.#standardClaims(tokenLifetime()),
            // Which version a token has is for the API to say that it is meant for, and Graph takes the first.
            ...versionClaims(1, { url: url(), tenantId, app: registration.clientId }),
            aud: graphResource,
            ...claims,
        });
    }

    #idToken(nonce: string | null, registration: Registration, user: TenantUser): string {
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

    #refreshToken({ registration, user, isPublic = false }: SignedIn, grant: Grant): string {
        const { clientId } = registration;
        const content = { clientId, userId: user.id, isPublic, scope: `${grant.answer} offline_access` };
        return this.#refreshTokens.issue(content, user.userPrincipalName, this.#seconds());
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
        return Math.floor(this.#options.clock.date() / 1000);
    }
}

function clientInfo(uid: string, utid: string): string {
    return Buffer.from(JSON.stringify({ uid, utid })).toString('base64url');
}
