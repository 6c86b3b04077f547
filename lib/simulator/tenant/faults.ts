import { type Clock, systemClock } from '../../time/clock';
import { GraphError } from './graph-error';
import type { Reply } from './http-exchange';
import { NotificationFaults } from './notification-faults';

interface Fault {
    left: number;
    path: RegExp | undefined;
    /** Throws where the answer is an error of Graph's own. */
    happen: () => Reply | Promise<never>;
}

/** Trouble on demand, for tests and for load. */
export class Faults {
    /** Every answer, Entra's too, comes this many milliseconds late. */
    latency = 0;
    /** What happens to notifications on their way. */
    readonly notifications: NotificationFaults;
    readonly #faults: Fault[] = [];
    readonly #refused = new Set<string>();

    constructor(clock: Clock = systemClock) {
        this.notifications = new NotificationFaults(clock);
    }

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
        const happen = () => {
            if (body !== undefined) return { status, body, headers };
            throw new GraphError(status, codes[status] ?? 'UnknownError', 'Fault on demand', headers);
        };
        this.#faults.push({ left: count, path, happen });
    }

    /**
     * The next `count` requests are never answered and do nothing; the client has to give up. An item of a batch holds
     * up the whole batch. @param path as in {@link failNext}
     */
    hangNext(count: number, path?: RegExp): void {
        this.#faults.push({ left: count, path, happen: () => new Promise<never>(() => undefined) });
    }

    /** Subscriptions stay valid, but no notification is delivered any more; what happens meanwhile is never told. */
    silence(on: boolean): void {
        this.notifications.silent = on;
    }

    /** A subscription that names this user is refused with 500, as Graph does for some deleted users. */
    refuseUser(teamsId: string, refused = true): void {
        if (refused) this.#refused.add(teamsId.toLowerCase());
        else this.#refused.delete(teamsId.toLowerCase());
    }

    isRefused(teamsId: string): boolean {
        return this.#refused.has(teamsId);
    }

    /** Takes back everything that has not happened yet, the latency too. */
    clear(): void {
        this.#faults.length = 0;
        this.#refused.clear();
        this.latency = 0;
        this.notifications.clear();
    }

    /** The fault for a request, if there is one; throws a {@link GraphError} where no body was given. */
    next(method: string, path: string): Reply | Promise<never> | undefined {
        const request = `${method} ${path}`;
        const index = this.#faults.findIndex(each => (each.path ?? /^\w+ \/v1\.0\//).test(request));
        const fault = this.#faults[index];
        if (!fault) return undefined;
        fault.left -= 1;
        if (fault.left <= 0) this.#faults.splice(index, 1);
        return fault.happen();
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
