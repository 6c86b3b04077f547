import { randomUUID } from 'node:crypto';
import type { Clock } from '../../time/clock';
import { runBatch } from './batch';
import { authenticate } from './caller';
import type { Faults } from './faults';
import { badRequest, GraphError } from './graph-error';
import { type GraphRequest, type GraphRoute, toGraphRequest } from './graph-request';
import type { HttpRequest, Reply } from './http-exchange';
import { isPublishedMethod, notSimulated, unknownPath } from './not-simulated';
import { chargeOf } from './request-class';
import type { SigningKeys } from './signing-keys';
import type { Throttling } from './throttling';

/** What Graph needs besides its routes. */
export interface GraphOptions {
    clock: Clock;
    keys: SigningKeys;
    faults: Faults;
    throttling: Throttling;
    routes: GraphRoute[];
    /** Called for each request, each item of a batch on its own. */
    onRequest: () => void;
}

interface Route {
    method: string;
    segments: string[];
    handler: GraphRoute[2];
}

/** The simulated Graph: token, permission, route, and Graph's own error document where it refuses. */
export class Graph {
    readonly #options: GraphOptions;
    readonly #routes: Route[];

    constructor(options: GraphOptions) {
        this.#options = options;
        this.#routes = options.routes.map(([method, path, handler]) => ({
            method,
            segments: path.split('/'),
            handler,
        }));
    }

    /** The answer to a request; never rejects. */
    async answer(http: HttpRequest): Promise<Reply> {
        const isBatch = http.method === 'POST' && http.path.toLowerCase() === '/v1.0/$batch';
        return isBatch ? this.#guarded(http, () => this.#batch(http)) : this.#single(http);
    }

    #batch(http: HttpRequest): Promise<Reply> {
        const request = this.#authenticated(http);
        return runBatch(request, http.headers, item => this.#single(item));
    }

    #single(http: HttpRequest): Promise<Reply> {
        this.#options.onRequest();
        return this.#guarded(http, async () => {
            const fault = await this.#options.faults.next(http.method, http.path);
            return fault ?? this.#charged(this.#authenticated(http));
        });
    }

    #authenticated(http: HttpRequest): GraphRequest {
        const { keys, clock } = this.#options;
        const caller = authenticate(http.headers.authorization, keys, clock.date());
        const [, version = '', path = ''] = /^\/([^/]*)(.*)$/.exec(http.path) ?? [];
        if (version === 'beta') throw notSimulated('the beta version of Graph');
        if (version !== 'v1.0') throw badRequest(`Invalid version: ${version}`);
        return toGraphRequest(http, path, caller);
    }

    async #charged(request: GraphRequest): Promise<Reply> {
        const headers = this.#options.throttling.charge(request.caller.appId, chargeOf(request));
        const reply = await this.#dispatch(request);
        return { ...reply, headers: { ...headers, ...reply.headers } };
    }

    async #dispatch(request: GraphRequest): Promise<Reply> {
        const matching = this.#routes.filter(route => matches(route, request.segments));
        const route = matching.find(({ method }) => method === request.method);
        if (route) {
            const parameters = request.segments.filter((_, index) => route.segments[index] === '*');
            return route.handler(request, ...parameters);
        }
        const { method, segments } = request;
        if (matching.length === 0) throw unknownPath(method, segments);
        if (isPublishedMethod(method, segments)) throw notSimulated(`${method} /${segments.join('/')}`);
        throw new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
    }

    async #guarded(http: HttpRequest, run: () => Promise<Reply>): Promise<Reply> {
        const requestId = randomUUID();
        const clientRequestId = http.headers['client-request-id'] ?? requestId;
        const reply = await this.#caught(run, requestId, clientRequestId);
        const ids = { 'request-id': requestId, 'client-request-id': clientRequestId };
        return { ...reply, headers: { ...ids, ...reply.headers } };
    }

    async #caught(run: () => Promise<Reply>, requestId: string, clientRequestId: string): Promise<Reply> {
        try {
            return await run();
        } catch (error) {
            const known = error instanceof GraphError ? error : new GraphError(500, 'generalException', String(error));
            return known.reply({ now: this.#options.clock.date(), requestId, clientRequestId });
        }
    }
}

/** Names are compared without regard to case, as OData services of Microsoft do. */
function matches(route: Route, segments: string[]): boolean {
    if (route.segments.length !== segments.length) return false;
    return route.segments.every((name, at) => name === '*' || name.toLowerCase() === segments[at]!.toLowerCase());
}
