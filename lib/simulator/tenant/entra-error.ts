import { randomUUID } from 'node:crypto';
import { type EntraErrorCode, type EntraErrorRow, entraErrorRows } from './entra-error-codes';
import type { Reply } from './http-exchange';

/** A refusal of Entra. `parameters` fill the placeholders of its sentence. */
export class EntraError extends Error {
    readonly code: EntraErrorCode;
    readonly #row: EntraErrorRow;
    readonly #parameters: Record<string, string>;

    /** @param error the OAuth error, where it is not the one of the number */
    constructor(code: EntraErrorCode, parameters: Record<string, string> = {}, error?: string) {
        super(`AADSTS${code}`);
        this.code = code;
        this.#row = { ...entraErrorRows[code], ...(error ? { error } : {}) };
        this.#parameters = parameters;
    }

    /** As it goes back to the app in the address of a redirect. */
    brief(): { error: string; error_description: string } {
        return { error: this.#row.error, error_description: `AADSTS${this.code}: ${this.#sentence()}` };
    }

    /** The error response. @param options.now milliseconds; `url` the address of the service, without a slash */
    reply(options: { now: number; url: string; correlationId?: string | undefined }): Reply {
        const { status, error, suberror, headers = {} } = this.#row;
        const timestamp = new Date(options.now).toISOString().replace('T', ' ').replace(/\.\d+/, '');
        const trace = randomUUID();
        const correlation = options.correlationId ?? randomUUID();
        return {
            status,
            headers,
            body: {
                error,
                error_description: `AADSTS${this.code}: ${this.#sentence()} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
                error_codes: [this.code],
                timestamp,
                trace_id: trace,
                correlation_id: correlation,
                error_uri: `${options.url}/error?code=${this.code}`,
                ...(suberror ? { suberror } : {}),
            },
        };
    }

    #sentence(): string {
        return this.#row.text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#parameters[name] ?? whole);
    }
}

/** What Entra has and this simulation of it has not. */
export function notSimulated(what: string): Reply {
    const description = `Not simulated: ${what}. Microsoft Entra has it.`;
    return { status: 501, body: { error: 'not_simulated', error_description: description } };
}
