import { randomUUID } from 'node:crypto';
import type { Reply } from './http-exchange';

interface Row {
    status: number;
    error: string;
    text: string;
    suberror?: string;
}

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const rows = {
    50034: {
        status: 400,
        error: 'invalid_grant',
        text: 'The user account {EUII Hidden} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.',
    },
    50053: {
        status: 400,
        error: 'invalid_grant',
        text: "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    },
    50056: {
        status: 400,
        error: 'invalid_grant',
        text: 'Invalid or null password: password does not exist in the directory for this user.',
    },
    50059: {
        status: 400,
        error: 'invalid_request',
        text: 'No tenant-identifying information found in either the request or implied by any provided credentials.',
    },
    50126: {
        status: 400,
        error: 'invalid_grant',
        text: 'Error validating credentials due to invalid username or password.',
    },
    65001: {
        status: 400,
        error: 'invalid_grant',
        suberror: 'consent_required',
        text: "The user or administrator has not consented to use the application with ID '{client}' named '{client}'. Send an interactive authorization request for this user and resource.",
    },
    70003: {
        status: 400,
        error: 'unsupported_grant_type',
        text: "The app requested an unsupported grant type '{grant}'.",
    },
    90002: {
        status: 400,
        error: 'invalid_request',
        text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
    },
    500011: {
        status: 400,
        error: 'invalid_resource',
        text: 'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
    },
    700016: {
        status: 400,
        error: 'unauthorized_client',
        text: "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
    },
    700025: {
        status: 401,
        error: 'invalid_client',
        text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    },
    900144: {
        status: 400,
        error: 'invalid_request',
        text: "The request body must contain the following parameter: '{parameter}'.",
    },
    1002012: {
        status: 400,
        error: 'invalid_scope',
        text: 'The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
    },
    7000215: {
        status: 401,
        error: 'invalid_client',
        text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
    },
    7000216: {
        status: 401,
        error: 'invalid_client',
        text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    },
    7000218: {
        status: 401,
        error: 'invalid_client',
        text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    },
    9001023: {
        status: 400,
        error: 'invalid_request',
        text: 'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    },
    9002313: { status: 400, error: 'invalid_grant', text: 'Invalid request. Request is malformed or invalid.' },
} satisfies Record<number, Row>;

/** The AADSTS numbers that the simulated Entra can answer with. */
export type EntraErrorCode = keyof typeof rows;

/** A refusal of Entra. `parameters` fill the placeholders of its sentence. */
export class EntraError extends Error {
    readonly code: EntraErrorCode;
    readonly #row: Row;
    readonly #parameters: Record<string, string>;

    constructor(code: EntraErrorCode, parameters: Record<string, string> = {}) {
        super(`AADSTS${code}`);
        this.code = code;
        this.#row = rows[code];
        this.#parameters = parameters;
    }

    /** The error response. @param options.now milliseconds; `url` the address of the service, without a slash */
    reply(options: { now: number; url: string; correlationId?: string | undefined }): Reply {
        const { status, error, text, suberror } = this.#row;
        const timestamp = new Date(options.now).toISOString().replace('T', ' ').replace(/\.\d+/, '');
        const trace = randomUUID();
        const correlation = options.correlationId ?? randomUUID();
        const sentence = text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#parameters[name] ?? whole);
        return {
            status,
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
