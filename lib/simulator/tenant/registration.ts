import type { JsonWebKey } from 'node:crypto';

/** An app registration of the simulated tenant, consented as it stands. */
export interface Registration {
    clientId: string;
    /** Absent: the registration has no secret. */
    clientSecret?: string;
    /** Certificates that client assertions may be signed with: PEM, public part only. */
    certificates?: string[];
    /** Whose tokens are taken in place of a secret. */
    federatedCredentials?: FederatedCredential[];
    /** Where a sign-in may lead back to under "Mobile and desktop applications": no secret goes with the code. */
    redirectUris?: string[];
    /** The same under "Web", where the app has to prove itself. */
    webRedirectUris?: string[];
    /**
     * The version of the tokens that others show to the app, such as those of notifications. Default: 1, as for every
     * registration that takes no personal Microsoft accounts.
     * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
     */
    requestedAccessTokenVersion?: 1 | 2;
    /** "Allow public client flows": sign-in by password or device code needs no secret. */
    publicClient: boolean;
    /** Application permissions with admin consent, such as `Presence.ReadWrite.All`. */
    roles: string[];
    /** Delegated permissions with admin consent, such as `Presence.Read.All`. */
    scopes: string[];
    /** The AADSTS number that every request for a token is refused with, such as "7000222". */
    trouble?: string;
}

/**
 * A trusted issuer of tokens, and the one subject that is trusted of it; all compared to the letter.
 * @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
 */
export interface FederatedCredential {
    issuer: string;
    subject: string;
    /** Default: `api://AzureADTokenExchange`. */
    audience?: string;
    /** The public keys of the issuer, in place of its key set; absent for a managed identity, whose issuer is the tenant. */
    keys?: JsonWebKey[];
}

/** A user of the tenant who can sign in with a password. */
export interface Account {
    /** The user principal name. */
    username: string;
    password: string;
    /** Whether a communication user has a Teams licence; default: none. */
    licence?: boolean;
    /** Needs a second factor: a password alone is refused, the device code is accepted. */
    mfa?: boolean;
    /** The AADSTS number that every sign-in and every renewal is refused with, such as "50057". */
    trouble?: string;
}
