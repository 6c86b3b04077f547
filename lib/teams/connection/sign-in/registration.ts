import type { CloudEndpoints } from '../clouds';

/** What an app registration proves itself with instead of a client secret. RSA only: Entra takes nothing else. */
export interface ClientCertificate {
    /** PKCS#8 PEM, not encrypted. */
    privateKey: string;
    /** PEM; the certificate of the key comes first, the chain above it may follow. */
    certificate: string;
}

/** One app registration as an administrator enters it. With a certificate, the secret is not used. */
export interface AppRegistration extends CloudEndpoints {
    /** GUID or domain. */
    tenant: string;
    clientId: string;
    clientSecret?: string;
    certificate?: ClientCertificate;
}

/** Keeps the sign-in of an account: MSAL's cache with the refresh token. What is saved is secret: encrypt it. */
export interface TokenCache {
    /** What was saved last; undefined before the first sign-in. */
    load(): Promise<string | undefined>;
    save(serialized: string): Promise<void>;
}

/** A communication user: signs in by password, or has signed in with a device code, which is then kept in its cache. */
export type Account = { username: string } & ({ password: string } | { tokenCache: TokenCache });
