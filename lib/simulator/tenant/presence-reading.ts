import { type Random, shuffled } from '../random';
import { type Access, demand } from './caller';
import { badRequest, GraphError, invalidArgument } from './graph-error';
import { bodyObject, type GraphRequest, type GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import type { PresenceModel } from './presence-model';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantDirectory, TenantUser } from './tenant-directory';

/** The most ids of one bulk read, and of one subscription. */
export const mostIds = 650;

const readAll: Access = {
    application: ['Presence.Read.All', 'Presence.ReadWrite.All'],
    delegated: ['Presence.Read.All'],
};
const readOne: Access = { ...readAll, own: ['Presence.Read', 'Presence.ReadWrite'] };

export const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What reading presence needs. */
export interface PresenceReadingOptions {
    directory: TenantDirectory;
    model: PresenceModel;
    url: () => string;
    behaviour: TenantBehaviour;
    random: Random;
}

/** Reading presence, one by one and in bulk. @see https://learn.microsoft.com/graph/api/presence-get */
export class PresenceReading {
    readonly #options: PresenceReadingOptions;

    constructor(options: PresenceReadingOptions) {
        this.#options = options;
    }

    get routes(): GraphRoute[] {
        return [
            ['GET', 'users/*/presence', (request, id) => this.#one(request, id!)],
            ['GET', 'communications/presences/*', (request, id) => this.#one(request, id!)],
            ['POST', 'communications/getPresencesByUserId', request => this.#many(request)],
        ];
    }

    #one(request: GraphRequest, id: string): Reply {
        refuseSelect(request);
        demand(request.caller, readOne, id.toLowerCase());
        const user = this.#options.directory.byId(id);
        if (!user) throw presenceNotFound(id);
        const context = `${this.#options.url()}/v1.0/$metadata#users('${user.id}')/presence/$entity`;
        return { status: 200, body: { '@odata.context': context, ...this.#resource(user, request.caller.userId) } };
    }

    #many(request: GraphRequest): Reply {
        refuseSelect(request);
        demand(request.caller, readAll);
        const { ids } = bodyObject(request);
        if (!Array.isArray(ids) || ids.length === 0) throw invalidArgument('[Ids]: The Ids field is required.');
        if (ids.length > mostIds) throw invalidArgument(`[Ids]: The number of ids must not exceed ${mostIds}.`);
        if (!ids.every(isGuid)) throw invalidArgument('[Ids]: Every id must be the object id of a user.');
        // The order of the answer is not documented, so it is not the order of the request either.
        const distinct = shuffled([...new Set(ids.map(id => id.toLowerCase()))], this.#options.random);
        const value = distinct.flatMap(id => this.#bulkItem(id, request.caller.userId));
        const context = `${this.#options.url()}/v1.0/$metadata#Collection(microsoft.graph.presence)`;
        return { status: 200, body: { '@odata.context': context, value } };
    }

    #bulkItem(id: string, reader: string | undefined): object[] {
        const user = this.#options.directory.byId(id);
        if (user) return [this.#resource(user, reader)];
        return this.#options.behaviour.unknownPresence === 'omit' ? [] : [{ id, ...unknown }];
    }

    #resource({ id, teams }: TenantUser, reader: string | undefined): object {
        if (!teams) return { id, ...unknown };
        const { model, behaviour } = this.#options;
        const presence = { id, ...model.presenceOf(id), statusMessage: this.#statusMessage(id, reader) };
        if (behaviour.cloud !== 'global') return presence;
        return {
            ...presence,
            outOfOfficeSettings: { message: null, isOutOfOffice: false },
            ...(behaviour.sequenceNumbers ? { sequenceNumber: model.sequenceOf(id) } : {}),
        };
    }

    /** When it was written and when it ends is for the user's own eyes. */
    #statusMessage(id: string, reader: string | undefined): object | null {
        const message = this.#options.model.statusMessageOf(id);
        if (!message) return null;
        const own = id === reader;
        return {
            message: { content: message.content, contentType: 'text' },
            expiryDateTime: own && message.expires !== undefined ? dateTimeTimeZone(message.expires) : null,
            publishedDateTime: own ? new Date(message.published).toISOString() : null,
        };
    }
}

/** What the presence service says of a user it does not have; only object ids find anybody. */
export function presenceNotFound(id: string): GraphError {
    return new GraphError(404, 'NotFound', `The user '${id}' was not found.`);
}

const unknown = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

function isGuid(id: unknown): id is string {
    return typeof id === 'string' && guidPattern.test(id);
}

function refuseSelect({ query }: GraphRequest): void {
    if (query.has('$select')) throw badRequest('The query option $select is not supported by presence.');
}

function dateTimeTimeZone(at: number): object {
    return { dateTime: new Date(at).toISOString().replace('Z', ''), timeZone: 'UTC' };
}
