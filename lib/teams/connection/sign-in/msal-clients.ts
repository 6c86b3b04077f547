import { createHash, X509Certificate } from 'node:crypto';
import {
    ConfidentialClientApplication,
    type Configuration,
    type ICachePlugin,
    LogLevel,
    PublicClientApplication,
} from '@azure/msal-node';
import type { MsalNetwork } from './msal-network';
import type { AppRegistration, ClientCertificate, TokenCache } from './registration';

/** The registration as it proves who it is, by certificate or by secret. */
export function confidentialClient(app: AppRegistration, network: MsalNetwork): ConfidentialClientApplication {
    const { auth, system } = configuration(app, network);
    const proof = app.certificate
        ? { clientCertificate: assertionKey(app.certificate) }
        : { clientSecret: app.clientSecret };
    return new ConfidentialClientApplication({ auth: { ...auth, ...proof }, system });
}

/** The registration without proof, as "Allow public client flows" lets it sign in accounts. */
export function publicClient(app: AppRegistration, network: MsalNetwork, cache?: TokenCache): PublicClientApplication {
    return new PublicClientApplication({
        ...configuration(app, network),
        ...(cache ? { cache: { cachePlugin: cachePlugin(cache) } } : {}),
    });
}

/** Every permission that was granted to the registration. */
export function scopesOf(app: AppRegistration): string[] {
    return [`${app.graphUrl}/.default`];
}

/** @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
function assertionKey({ privateKey, certificate }: ClientCertificate) {
    const { raw } = new X509Certificate(certificate);
    return { thumbprintSha256: createHash('sha256').update(raw).digest('hex'), privateKey, x5c: certificate };
}

/** A sign-in that could not be saved still serves until the end of the process; the cache itself tells of its trouble. */
function cachePlugin(cache: TokenCache): ICachePlugin {
    return {
        beforeCacheAccess: async ({ tokenCache }) => {
            const saved = await cache.load();
            if (saved) tokenCache.deserialize(saved);
        },
        afterCacheAccess: async ({ tokenCache, cacheHasChanged }) => {
            if (cacheHasChanged) await cache.save(tokenCache.serialize()).catch(() => {});
        },
    };
}

function configuration(app: AppRegistration, network: MsalNetwork): Configuration {
    const host = new URL(app.loginUrl).host;
    return {
        auth: {
            clientId: app.clientId,
            authority: `${app.loginUrl}/${encodeURIComponent(app.tenant)}`,
            knownAuthorities: isMicrosoft(host) ? [] : [host],
        },
        system: {
            networkClient: network,
            loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} },
        },
    };
}

/** Hosts whose metadata MSAL knows by heart, so that it need not ask for them. */
function isMicrosoft(host: string): boolean {
    return host === 'login.microsoftonline.com' || host === 'login.microsoftonline.us';
}
