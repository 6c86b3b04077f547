import type { CloudEndpoints } from '../clouds';

/** What an app registration proves itself with instead of a client secret. RSA only: Entra takes nothing else. */
export interface ClientCertificate {
    /** PKCS#8 PEM, not encrypted. */
    privateKey: string;
    /** PEM; the certificate of the key comes first, the chain above it may follow. */
    certificate: string;
}

/**
 * What an app registration trusts instead of a secret: the token in a file, which something else renews, or the managed
 * identity of this machine, by its client id or blank for the system's own.
 */
export type FederatedCredential = { tokenFile: string } | { managedIdentity: string };

/** One app registration as an administrator enters it, with one of the three proofs or none. */
export interface AppRegistration extends CloudEndpoints {
    /** GUID or domain. */
    tenant: string;
    clientId: string;
    clientSecret?: string;
    /** The day on which the secret ends, in ms since the epoch, as the administrator has noted it: no app can read it. */
    secretEnds?: number | undefined;
    certificate?: ClientCertificate;
    federated?: FederatedCredential;
}

/** Keeps the sign-in of an account: MSAL's cache with the refresh token. What is saved is secret: encrypt it. */
export interface TokenCache {
    /** What was saved last; undefined before the first sign-in. */
    load(): Promise<string | undefined>;
    save(serialized: string): Promise<void>;
}

/** A communication user: signs in by password, or has signed in by hand, which is then kept in its cache. */
export type Account = { username: string } & ({ password: string } | { tokenCache: TokenCache });
