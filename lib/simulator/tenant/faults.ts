import { GraphError } from './graph-error';
import type { Reply } from './http-exchange';

interface Fault {
    left: number;
    status: number;
    body: object | string | undefined;
    headers: Record<string, string>;
    path: RegExp | undefined;
}

/** Trouble on demand, for tests and for load. */
export class Faults {
    /** Every answer, Entra's too, comes this many milliseconds late. */
    latency = 0;
    readonly #faults: Fault[] = [];

    /**
     * The next `count` requests are answered with `status` and do nothing.
     * @param body default: an error body as Graph would send it
     * @param path only requests whose "METHOD /path" it matches; default: all below `/v1.0`, each item of a batch on
     * its own. With `/oauth2/` the token endpoint fails.
     */
    failNext(
        count: number,
        status: number,
        body?: object | string,
        headers: Record<string, string> = {},
        path?: RegExp,
    ): void {
        this.#faults.push({ left: count, status, body, headers, path });
    }

    /** Takes back all faults that have not happened yet. */
    clear(): void {
        this.#faults.length = 0;
    }

    /** The fault for a request, if there is one; throws a {@link GraphError} where no body was given. */
    next(method: string, path: string): Reply | undefined {
        const request = `${method} ${path}`;
        const index = this.#faults.findIndex(each => (each.path ?? /^\w+ \/v1\.0\//).test(request));
        const fault = this.#faults[index];
        if (!fault) return undefined;
        fault.left -= 1;
        if (fault.left <= 0) this.#faults.splice(index, 1);
        const { status, body, headers } = fault;
        if (body === undefined)
            throw new GraphError(status, codes[status] ?? 'UnknownError', 'Fault on demand', headers);
        return { status, body, headers };
    }
}

const codes: Record<number, string> = {
    401: 'InvalidAuthenticationToken',
    403: 'Forbidden',
    404: 'NotFound',
    429: 'TooManyRequests',
    500: 'InternalServerError',
    502: 'BadGateway',
    503: 'ServiceUnavailable',
    504: 'GatewayTimeout',
};
