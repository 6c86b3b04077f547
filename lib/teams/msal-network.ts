import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { SyncError } from '../support/errors';
import type { Http } from './http';

/**
 * MSAL's way to the sign-in service: our own HTTP, with its trust and proxy. Remembers what went wrong, since MSAL
 * hides it behind an error of its own while it looks for the token endpoint.
 */
export class MsalNetwork implements INetworkModule {
    readonly #http: Http;
    /** A SyncError if no answer came; the service's own words if it refused. */
    trouble: SyncError | { errorMessage: string } | undefined;

    constructor(http: Http) {
        this.#http = http;
    }

    sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.#send(url, 'GET', options);
    }

    sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        return this.#send(url, 'POST', options);
    }

    async #send<T>(url: string, method: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
        try {
            const response = await this.#http.fetch(url, { method, headers: options?.headers, body: options?.body });
            const text = await response.text();
            if (!response.ok) this.trouble = { errorMessage: /AADSTS\d+[^"]*/.exec(text)?.[0] ?? '' };
            const headers = Object.fromEntries(response.headers);
            return { headers, body: parse(text, response.status) as T, status: response.status };
        } catch (error) {
            if (error instanceof SyncError) this.trouble = error;
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
