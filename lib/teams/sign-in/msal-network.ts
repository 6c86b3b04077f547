import { type INetworkModule, type NetworkRequestOptions, type NetworkResponse, ServerError } from '@azure/msal-node';
import { SyncError } from '../../support/errors';
import type { Http } from '../http';

/**
 * MSAL's way to the sign-in service: our own HTTP, with its trust and proxy. Remembers what went wrong, since MSAL
 * hides it behind an error of its own while it looks for the token endpoint, and repeats an old error without asking
 * for a minute after a 429 or 5xx.
 */
export class MsalNetwork implements INetworkModule {
    readonly #http: Http;
    #trouble: SyncError | { errorMessage: string } | undefined;
    #asked = false;

    constructor(http: Http) {
        this.#http = http;
    }

    /** To be called before each sign-in. */
    begin(): void {
        this.#asked = false;
    }

    /** What is behind an error of MSAL: a SyncError for an outage, the service's own words if it refused. */
    behind(error: unknown): unknown {
        const isRepeated = !this.#asked && error instanceof ServerError;
        return (this.#asked || isRepeated ? this.#trouble : undefined) ?? error;
    }

    sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.#send(url, 'GET', options);
    }

    sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.#send(url, 'POST', options);
    }

    async #send<T>(url: string, method: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        if (!this.#asked) this.#trouble = undefined;
        this.#asked = true;
        try {
            const response = await this.#http.fetch(url, { method, headers: options?.headers, body: options?.body });
            const text = await response.text();
            if (!response.ok) this.#trouble = troubleOf(response.status, text);
            const headers = Object.fromEntries(response.headers);
            return { headers, body: parse(text, response.status) as T, status: response.status };
        } catch (error) {
            if (error instanceof SyncError) this.#trouble = error;
            throw error;
        }
    }
}

function parse(text: string, status: number): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // A proxy's error page instead of the service's answer.
        throw new SyncError('TEAMS_SERVICE_ERROR', { detail: `the sign-in service answered ${status} without JSON` });
    }
}

function troubleOf(status: number, text: string): SyncError | { errorMessage: string } | undefined {
    const errorMessage = /AADSTS\d+[^"]*/.exec(text)?.[0];
    if (errorMessage) return { errorMessage };
    if (status < 500 && status !== 429) return undefined;
    return new SyncError('TEAMS_SERVICE_ERROR', { detail: `the sign-in service answered ${status}` });
}
