import { createHash, X509Certificate } from 'node:crypto';
import {
    ConfidentialClientApplication,
    type Configuration,
    type ICachePlugin,
    type INetworkModule,
    LogLevel,
    type NetworkRequestOptions,
    type NetworkResponse,
    PublicClientApplication,
} from '@azure/msal-node';
import { SyncError } from '../../../errors/errors';
import { parseJson } from '../../../support/parse-json';
import type { Clock } from '../../../time/clock';
import { retryAfterOf } from '../graph-error';
import type { Http } from '../http';
import { federatedToken } from './federated-credential';
import type { AppRegistration, ClientCertificate, TokenCache } from './registration';
import { type EntraRefusal, numberOf, SignInError } from './sign-in-error';

/** The registration as it proves who it is: by certificate, by a token of somebody whom it trusts, or by secret. */
export function confidentialClient(app: AppRegistration, network: MsalNetwork): ConfidentialClientApplication {
    const { auth, system } = configuration(app, network);
    return new ConfidentialClientApplication({ auth: { ...auth, ...proofOf(app) }, system });
}

function proofOf(app: AppRegistration): Pick<Configuration['auth'], `client${'Certificate' | 'Assertion' | 'Secret'}`> {
    const { certificate, federated, clientSecret } = app;
    if (certificate) return { clientCertificate: assertionKey(certificate) };
    return federated ? { clientAssertion: () => federatedToken(federated, app) } : { clientSecret };
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

/**
 * MSAL's way to the sign-in service: our own HTTP, with its trust and proxy. Remembers what went wrong, since MSAL
 * hides it behind an error of its own.
 *
 * MSAL never gets to see a 429, a 5xx or a Retry-After: it would answer from memory for a minute or longer, with an old
 * error and without asking. The wait goes to our own callers instead.
 */
export class MsalNetwork implements INetworkModule {
    readonly #http: Http;
    readonly #clock: Clock;
    #trouble: SyncError | EntraRefusal | undefined;

    constructor(http: Http, clock: Clock) {
        this.#http = http;
        this.#clock = clock;
    }

    /** To be called before each sign-in. */
    begin(): void {
        this.#trouble = undefined;
    }

    /** What is behind an error of MSAL: a SyncError for an outage, the service's own words if it refused. */
    behind(error: unknown): unknown {
        return this.#trouble ?? error;
    }

    sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.send(url, 'GET', options);
    }

    sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.send(url, 'POST', options);
    }

    /** @throws SyncError for an outage */
    protected async send<T>(url: string, method: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        this.#trouble = undefined;
        try {
            const response = await this.#http.fetch(url, { method, headers: options?.headers, body: options?.body });
            const body = parseJson(await response.text());
            const detail = `the sign-in service answered ${response.status} without JSON`;
            if (body === undefined) throw new SyncError('TEAMS_SERVICE_ERROR', { detail });
            const refusal = response.ok ? undefined : refusalIn(body);
            this.#trouble = refusal;
            const { 'retry-after': retryAfter, ...headers } = Object.fromEntries(response.headers);
            if (isOutage(response.status)) {
                const wait = retryAfterOf(retryAfter ?? null, this.#clock.date());
                throw outage(response.status, wait, refusal);
            }
            return { headers, body: body as T, status: response.status };
        } catch (error) {
            if (error instanceof SyncError) this.#trouble = error;
            throw error;
        }
    }
}

function isOutage(status: number): boolean {
    return status === 429 || status >= 500;
}

function outage(status: number, retryAfter: number | undefined, refusal: EntraRefusal | undefined): SignInError {
    const number = refusal && numberOf(refusal);
    const detail = number ? `AADSTS${number}` : `the sign-in service answered ${status}`;
    return new SignInError('TEAMS_SERVICE_ERROR', { detail }, retryAfter);
}

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application */
function refusalIn(body: unknown): EntraRefusal {
    const { error, error_codes, suberror, error_description } = (body ?? {}) as Record<string, unknown>;
    return {
        errorCode: text(error),
        errorNo: Array.isArray(error_codes) ? text(error_codes[0]) : undefined,
        subError: text(suberror),
        errorMessage: text(error_description),
    };
}

function text(value: unknown): string | undefined {
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
