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

    /** The error response. @param options.now milliseconds; `url` the address of the service, without a slash */
    reply(options: { now: number; url: string; correlationId?: string | undefined }): Reply {
        const { status, error, text, suberror, headers = {} } = this.#row;
        const timestamp = new Date(options.now).toISOString().replace('T', ' ').replace(/\.\d+/, '');
        const trace = randomUUID();
        const correlation = options.correlationId ?? randomUUID();
        const sentence = text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#parameters[name] ?? whole);
        return {
            status,
            headers,
            body: {
                error,
                error_description: `AADSTS${this.code}: ${sentence} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
                error_codes: [this.code],
                timestamp,
                trace_id: trace,
                correlation_id: correlation,
                error_uri: `${options.url}/error?code=${this.code}`,
                ...(suberror ? { suberror } : {}),
            },
        };
    }
}
