import { type Random, shuffled } from '../random';
import { type Access, accessTo, demand } from './caller';
import { refuseOptions } from './collection-page';
import { parseFilter } from './filter-syntax';
import { badRequest, GraphError, invalidArgument } from './graph-error';
import { bodyObject, type GraphRequest, type GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import { notSimulated } from './not-simulated';
import type { PresenceModel } from './presence-model';
import type { TenantBehaviour } from './tenant-behaviour';
import type { TenantDirectory, TenantUser } from './tenant-directory';

/** The most ids of one bulk read, and of one subscription. */
export const mostIds = 650;

const readAll = accessTo('POST /communications/getPresencesByUserId');
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

/**
 * Reading presence, one by one and in bulk. What a list without any filter holds is not documented.
 * @see https://learn.microsoft.com/graph/api/presence-get
 */
export class PresenceReading {
    readonly #options: PresenceReadingOptions;

    constructor(options: PresenceReadingOptions) {
        this.#options = options;
    }

    get routes(): GraphRoute[] {
        return [
            ['GET', 'users/*/presence', (request, id) => this.#one(request, id!)],
            ['GET', 'communications/presences', request => this.#list(request)],
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

    /** Those that `$filter` names by id. */
    #list(request: GraphRequest): Reply {
        refuseSelect(request);
        refuseOptions(request.query, ['$filter']);
        demand(request.caller, readAll);
        const { directory, url } = this.#options;
        const ids = filteredIds(request.query.get('$filter'));
        const users = [...ids].map(id => directory.byId(id)).filter(user => user !== undefined);
        const context = `${url()}/v1.0/$metadata#communications/presences`;
        const value = users.map(user => this.#resource(user, request.caller.userId));
        return { status: 200, body: { '@odata.context': context, value } };
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
            outOfOfficeSettings: model.outOfOfficeOf(id),
            workLocation: model.workLocationOf(id),
            ...(behaviour.sequenceNumbers ? { sequenceNumber: model.sequenceOf(id) } : {}),
        };
    }

    /**
     * When it was written and when it ends is for the user's own eyes: others do not see these properties at all.
     * @see https://learn.microsoft.com/graph/api/presence-setstatusmessage#example-3-get-another-user-presence
     */
    #statusMessage(id: string, reader: string | undefined): object | null {
        const status = this.#options.model.statusMessageOf(id);
        if (!status) return null;
        const message = { content: status.content, contentType: 'text' };
        if (id !== reader) return { message };
        return {
            message,
            expiryDateTime: status.expires === undefined ? null : dateTimeTimeZone(status.expires),
            publishedDateTime: new Date(status.published).toISOString(),
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

/** The ids of `id in ('...','...')` or `id eq '...'`, as subscriptions name them. */
function filteredIds(filter: string | null): Set<string> {
    if (!filter) throw notSimulated('the list of all presences');
    const condition = parseFilter(filter);
    const isById = (condition.kind === 'in' || condition.kind === 'compare') && condition.path.join('/') === 'id';
    if (!isById || (condition.kind === 'compare' && condition.operator !== 'eq'))
        throw notSimulated('a $filter of presences by anything but id');
    const values = condition.kind === 'in' ? condition.values : [condition.value];
    return new Set(values.map(value => String(value).toLowerCase()));
}

function refuseSelect({ query }: GraphRequest): void {
    if (query.has('$select')) throw badRequest('The query option $select is not supported by presence.');
}

function dateTimeTimeZone(at: number): object {
    return { dateTime: new Date(at).toISOString().replace('Z', ''), timeZone: 'UTC' };
}
