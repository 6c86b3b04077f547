import type { TeamsPair } from '../../presence/vocabulary';
import { accessTo, demand } from './caller';
import { GraphError, invalidArgument } from './graph-error';
import { bodyObject, type GraphRequest, type GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import { parseDuration } from './iso-duration';
import type { PresenceModel } from './presence-model';
import { presenceNotFound } from './presence-reading';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantDirectory } from './tenant-directory';
import { momentOf, zoneOf } from './time-zone';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The pairs that an app's session takes. @see https://learn.microsoft.com/graph/api/presence-setpresence */
const sessionPairs = [
    'Available/Available',
    'Busy/InACall',
    'Busy/InAConferenceCall',
    'Away/Away',
    'DoNotDisturb/Presenting',
];

/**
 * The pairs that a user can prefer, with how long they last by default.
 * @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence
 */
const preferredPairs: Record<string, number> = {
    'Available/Available': 7 * day,
    'Busy/Busy': day,
    'DoNotDisturb/DoNotDisturb': day,
    'BeRightBack/BeRightBack': 7 * day,
    'Away/Away': 7 * day,
    'Offline/OffWork': 7 * day,
};

/** The same for all of them. */
const write = accessTo('POST /users/{id}/presence/setPresence');

const longestStatusMessage = 280;

type Action = (id: string, request: GraphRequest) => void;

/** The actions that write presence: 200 with an empty body. */
export class PresenceActions {
    readonly #model: PresenceModel;
    readonly #directory: TenantDirectory;
    readonly #behaviour: TenantBehaviour;
    readonly #onWrite: () => void;
    #answers = 0;

    /** @param options.onWrite called after each accepted action */
    constructor(options: {
        model: PresenceModel;
        directory: TenantDirectory;
        behaviour: TenantBehaviour;
        onWrite: () => void;
    }) {
        this.#model = options.model;
        this.#directory = options.directory;
        this.#behaviour = options.behaviour;
        this.#onWrite = options.onWrite;
    }

    get routes(): GraphRoute[] {
        const actions: Record<string, Action> = {
            setPresence: (id, request) => this.#setPresence(id, request),
            clearPresence: (id, request) => this.#clearPresence(id, request),
            setUserPreferredPresence: (id, request) => this.#setPreferred(id, request),
            clearUserPreferredPresence: id => this.#model.clearPreferred(id),
            setStatusMessage: (id, request) => this.#setStatusMessage(id, request),
        };
        return Object.entries(actions).map(([name, action]) => [
            'POST',
            `users/*/presence/${name}`,
            (request, id) => this.#run(action, id!, request),
        ]);
    }

    #run(action: Action, name: string, request: GraphRequest): Reply {
        const { caller } = request;
        const id = name.toLowerCase();
        if (caller.userId !== undefined && caller.userId !== id && caller.permissions.has('Presence.ReadWrite'))
            throw new GraphError(401, 'Unauthorized', 'Cannot set the presence of another user');
        demand(caller, write, id);
        this.#checkUser(id);
        action(id, request);
        this.#onWrite();
        return this.#emptyAnswer();
    }

    /** Which refusal an unlicensed user meets is not documented. */
    #checkUser(id: string): void {
        const user = this.#directory.byId(id);
        if (!user) throw presenceNotFound(id);
        if (user.teams && this.#model.has(id)) return;
        if (this.#behaviour.unlicensed === 'not-found') throw presenceNotFound(id);
        throw new GraphError(403, 'Forbidden', 'The user has no Teams licence.');
    }

    /** Graph announces JSON for some of its empty answers, which trips clients that parse by content type. */
    #emptyAnswer(): Reply {
        this.#answers += 1;
        return this.#answers % 2 === 0
            ? { status: 200, headers: { 'content-type': 'application/json' } }
            : { status: 200 };
    }

    #setPresence(id: string, request: GraphRequest): void {
        const body = bodyObject(request);
        const session = sessionOf(request);
        const pair = pairOf(body, sessionPairs);
        const duration = body.expirationDuration == null ? 5 * minute : parseDuration(body.expirationDuration);
        if (duration === undefined || duration < 5 * minute || duration > 4 * hour) throw durationOutOfRange();
        this.#model.setSession(id, session, pair, duration);
    }

    #clearPresence(id: string, request: GraphRequest): void {
        const session = sessionOf(request);
        if (!this.#model.clearSession(id, session))
            throw new GraphError(404, 'NotFound', `The presence session '${session}' does not exist.`);
    }

    #setPreferred(id: string, request: GraphRequest): void {
        const body = bodyObject(request);
        const pair = pairOf(body, Object.keys(preferredPairs));
        const usual = preferredPairs[`${pair.availability}/${pair.activity}`];
        const duration = body.expirationDuration == null ? usual : parseDuration(body.expirationDuration);
        if (!duration) throw durationOutOfRange();
        this.#model.setPreferred(id, pair, duration);
    }

    /** @see https://learn.microsoft.com/graph/api/presence-setstatusmessage */
    #setStatusMessage(id: string, request: GraphRequest): void {
        const { message, expiryDateTime } = fieldsOf(bodyObject(request).statusMessage, 'StatusMessage');
        const { content, contentType = 'text' } = fieldsOf(message, 'Message');
        if (typeof content !== 'string' || content.length > longestStatusMessage)
            throw invalidArgument(`[Content]: The Content field must be a text of at most ${longestStatusMessage}.`);
        if (contentType !== 'text') throw invalidArgument('[ContentType]: Only text is supported.');
        this.#model.setStatusMessage(id, content, expiryDateTime == null ? undefined : expiryOf(expiryDateTime));
    }
}

/** A session belongs to the calling app and is named by its client id. */
function sessionOf(request: GraphRequest): string {
    const { sessionId } = bodyObject(request);
    if (typeof sessionId !== 'string' || sessionId === '')
        throw invalidArgument('[SessionId]: The SessionId field is required.');
    if (sessionId.toLowerCase() !== request.caller.appId.toLowerCase())
        throw invalidArgument('[SessionId]: The SessionId must be the id of the calling application.');
    return sessionId.toLowerCase();
}

function pairOf(body: Record<string, unknown>, allowed: string[]): TeamsPair {
    const { availability, activity } = body;
    if (typeof availability !== 'string') throw invalidArgument('[Availability]: The Availability field is required.');
    if (typeof activity !== 'string') throw invalidArgument('[Activity]: The Activity field is required.');
    if (!allowed.includes(`${availability}/${activity}`))
        throw invalidArgument(
            `The combination of availability ${availability} and activity ${activity} is not supported.`,
        );
    return { availability, activity };
}

function durationOutOfRange(): GraphError {
    return invalidArgument('The provided [ExpirationDuration] is out of range.');
}

function fieldsOf(value: unknown, name: string): Record<string, unknown> {
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw invalidArgument(`[${name}]: The ${name} field is required.`);
}

/** A dateTimeTimeZone in milliseconds since the epoch: a time without an offset, and the zone beside it. */
function expiryOf(value: unknown): number {
    const { dateTime, timeZone } = fieldsOf(value, 'ExpiryDateTime');
    const valid = typeof dateTime === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(dateTime);
    const wallTime = valid ? Date.parse(`${dateTime}Z`) : Number.NaN;
    if (Number.isNaN(wallTime)) throw invalidArgument('[DateTime]: Not a date and time without an offset.');
    const zone = typeof timeZone === 'string' ? zoneOf(timeZone) : undefined;
    if (zone === undefined) throw invalidArgument(`[TimeZone]: The time zone '${timeZone}' is not supported.`);
    return momentOf(wallTime, zone);
}
