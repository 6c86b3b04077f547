import type { IncomingMessage, ServerResponse } from 'node:http';
import { toPbxChange, toTeamsChange } from './change';
import { streamEvents } from './event-stream';
import { faultState, orderFaults } from './fault-orders';
import { toNewcomer } from './newcomer';
import type { SimulatedOffice } from './office';
import { OfficeError, type OfficeErrorReason } from './office-error';
import { orderPbx, pbxState } from './pbx-orders';
import { RequestRefused, readJson } from './read-json';

export { servePage } from './serve-page';

/** An Express middleware that needs no Express; `request.url` is relative to where it is mounted. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Exchange {
    office: SimulatedOffice;
    request: IncomingMessage;
    response: ServerResponse;
    /** The address in the path; "" where the path has none. */
    mail: string;
}

/** What a resource answers with 200, or nothing when it has taken over the response itself. */
type Handler = (exchange: Exchange) => unknown;

interface Resource {
    path: RegExp;
    handlers: Record<string, Handler>;
}

const resources: Resource[] = [
    { path: /^\/people$/, handlers: { GET: ({ office }) => office.people(), POST: addPerson } },
    { path: /^\/people\/([^/]+)$/, handlers: { GET: ({ office, mail }) => office.person(mail), DELETE: removePerson } },
    { path: /^\/people\/([^/]+)\/pbx$/, handlers: { POST: changePbx } },
    { path: /^\/people\/([^/]+)\/teams$/, handlers: { POST: changeTeams } },
    { path: /^\/counters$/, handlers: { GET: ({ office }) => allCounters(office) } },
    { path: /^\/faults$/, handlers: { GET: ({ office }) => faultState(office), POST: addFaults } },
    { path: /^\/pbx$/, handlers: { GET: ({ office }) => pbxState(office), POST: steerPbx } },
    { path: /^\/office$/, handlers: { GET: ({ office }) => ({ running: office.running }), POST: switchOffice } },
    { path: /^\/events$/, handlers: { GET: ({ office, response }) => streamEvents(office, response) } },
];

const statuses: Record<OfficeErrorReason, number> = { 'person-unknown': 404, 'value-wrong': 400, 'port-taken': 503 };

/**
 * The control API of the office, mounted at `/presence-simulator`. Everything but the stream is JSON; a refusal is
 * `{ "error": sentence }`.
 *
 * | request | answer |
 * |---|---|
 * | `GET /people` | everybody, as {@link SimulatedOffice.people} |
 * | `POST /people` | the person, who has just joined: `{ name, mail, number? }` |
 * | `GET /people/:mail` | the person |
 * | `DELETE /people/:mail` | `{ left: mail }` |
 * | `POST /people/:mail/pbx`, `POST /people/:mail/teams` | the person after the change |
 * | `GET /counters` | {@link allCounters} |
 * | `GET /faults`, `POST /faults` | the trouble in force; posting it makes trouble, see {@link orderFaults} |
 * | `GET /pbx`, `POST /pbx` | the PBXs with their counters and behaviour; posting it changes them, see {@link orderPbx} |
 * | `GET /office`, `POST /office` | `{ running }`; posting it starts or stops the office |
 * | `GET /events` | a stream, see {@link streamEvents} |
 *
 * A `POST` needs `Content-Type: application/json`: a page of another site cannot send that without being asked first.
 */
export function createControl(office: SimulatedOffice): Middleware {
    return (request, response, next) => {
        const path = pathOf(request);
        const resource = resources.find(candidate => candidate.path.test(path));
        if (!resource) return next();
        const handler = resource.handlers[request.method ?? ''];
        if (!handler) {
            response.setHeader('allow', Object.keys(resource.handlers).join(', '));
            return answer(response, 405, { error: `${request.method} is not possible here` });
        }
        serve(handler, resource, { office, request, response, mail: '' }).catch(error => refuse(response, error));
    };
}

async function serve(handler: Handler, { path }: Resource, exchange: Exchange): Promise<void> {
    const mail = decode(path.exec(pathOf(exchange.request))?.[1] ?? '');
    const result = await handler({ ...exchange, mail });
    if (result !== undefined) answer(exchange.response, 200, result);
}

/**
 * The counters of the office; `throttled` and, for each class of requests to Graph, how many were served and
 * throttled, and the `peak`: the most within the period of its limit.
 */
function allCounters(office: SimulatedOffice): object {
    const { throttled, classes } = office.tenant.counters;
    return { ...office.counters(), throttled, graph: classes };
}

async function addPerson({ office, request }: Exchange): Promise<unknown> {
    const person = toNewcomer(await readJson(request), office);
    office.addPerson(person);
    return office.person(person.mail);
}

function removePerson({ office, mail }: Exchange): unknown {
    const left = office.person(mail).mail;
    office.removePerson(left);
    return { left };
}

async function addFaults({ office, request }: Exchange): Promise<unknown> {
    return orderFaults(office, await readJson(request));
}

async function steerPbx({ office, request }: Exchange): Promise<unknown> {
    return orderPbx(office, await readJson(request));
}

async function changePbx({ office, request, mail }: Exchange): Promise<unknown> {
    office.person(mail);
    office.setPbx(mail, toPbxChange(await readJson(request)));
    return office.person(mail);
}

async function changeTeams({ office, request, mail }: Exchange): Promise<unknown> {
    office.person(mail);
    office.setTeams(mail, toTeamsChange(await readJson(request)));
    return office.person(mail);
}

async function switchOffice({ office, request }: Exchange): Promise<unknown> {
    const body = await readJson(request);
    const running = typeof body === 'object' && body !== null && 'running' in body ? body.running : undefined;
    if (typeof running !== 'boolean') throw new RequestRefused(400, 'running must be true or false');
    await (running ? office.start() : office.stop());
    return { running: office.running };
}

function pathOf(request: IncomingMessage): string {
    return (request.url ?? '/').replace(/\?.*/s, '');
}

function decode(segment: string): string {
    try {
        return decodeURIComponent(segment);
    } catch {
        throw new RequestRefused(400, 'The address in the path is not properly percent-encoded');
    }
}

function refuse(response: ServerResponse, error: unknown): void {
    answer(response, statusOf(error), { error: error instanceof Error ? error.message : String(error) });
}

function statusOf(error: unknown): number {
    if (error instanceof OfficeError) return statuses[error.reason];
    return error instanceof RequestRefused ? error.status : 500;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
    if (response.headersSent || response.destroyed) return;
    // The rest of a body that is too long is not read: the connection cannot serve another request.
    if (status === 413) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
}
