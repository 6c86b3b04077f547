import { demandEventual, wantsCount } from './advanced-query';
import { demand } from './caller';
import { nextLink, pageSize, pageStart, refuseOptions } from './collection-page';
import { GraphError } from './graph-error';
import type { GraphRequest, GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import type { TenantDirectory, TenantUser } from './tenant-directory';
import { type UserFilter, userFilter } from './user-filter';
import { userOrder } from './user-order';
import { basicAccess, fullAccess, refuseProperty, selectedProperties, toResource } from './user-resource';
import { userSearch } from './user-search';

/** The users of the tenant. @see https://learn.microsoft.com/graph/api/user-list */
export class UsersEndpoint {
    readonly #directory: TenantDirectory;
    readonly #url: () => string;

    constructor(directory: TenantDirectory, url: () => string) {
        this.#directory = directory;
        this.#url = url;
    }

    get routes(): GraphRoute[] {
        return [
            ['GET', 'users', request => this.#list(request)],
            ['GET', 'users/$count', request => this.#count(request)],
            ['GET', 'users/*', (request, user) => this.#one(request, user!)],
            ['GET', 'users/*/manager', (request, user) => this.#manager(request, user!)],
        ];
    }

    #list(request: GraphRequest): Reply {
        const { query } = request;
        refuseOptions(query, ['$top', '$select', '$skiptoken', '$count', '$filter', '$search', '$orderby', '$expand']);
        const selected = selectedProperties(request);
        checkExpand(request);
        const filter = wantedUsers(request);
        const { users, next } = this.#page(request, filter);
        const more =
            next === undefined ? {} : { '@odata.nextLink': nextLink(`${this.#url()}/v1.0/users`, query, next) };
        const count = wantsCount(request) ? { '@odata.count': this.#number(filter) } : {};
        const fragment = query.has('$select') ? `users(${selected.join(',')})` : 'users';
        const value = users.map(user => toResource(user, selected, request));
        return { status: 200, body: { '@odata.context': this.#context(fragment), ...count, ...more, value } };
    }

    #count(request: GraphRequest): Reply {
        refuseOptions(request.query, ['$filter', '$search']);
        demand(request.caller, basicAccess);
        demandEventual(request);
        return plainText(this.#number(wantedUsers(request)));
    }

    /** In the order of joining, or in that which the request wants: then the page begins after so many users. */
    #page(request: GraphRequest, filter: UserFilter | undefined): { users: TenantUser[]; next?: number | undefined } {
        const [start, size] = [pageStart(request.query), pageSize(request.query)];
        const order = userOrder(request);
        if (!order) return this.#directory.page(start, size, filter);
        const all = [...this.#directory.users()].filter(filter ?? (() => true)).sort(order);
        const end = start + size;
        return { users: all.slice(start, end), ...(end < all.length ? { next: end } : {}) };
    }

    #one(request: GraphRequest, name: string): Reply {
        refuseOptions(request.query, ['$select', '$expand']);
        checkExpand(request);
        const user = this.#directory.byId(name) ?? this.#directory.byPrincipalName(name);
        const selected = selectedProperties(request, user?.id);
        if (!user) throw resourceNotFound(name);
        const body = { '@odata.context': this.#context('users/$entity'), ...toResource(user, selected, request) };
        return { status: 200, body };
    }

    /** Nobody in the simulated tenant has a manager. */
    #manager(request: GraphRequest, name: string): Reply {
        const user = this.#directory.byId(name) ?? this.#directory.byPrincipalName(name);
        demand(request.caller, fullAccess, user?.id);
        throw resourceNotFound(user ? 'manager' : name);
    }

    #number(filter: UserFilter | undefined): number {
        if (!filter) return this.#directory.size;
        let count = 0;
        for (const user of this.#directory.users()) if (filter(user)) count += 1;
        return count;
    }

    #context(fragment: string): string {
        return `${this.#url()}/v1.0/$metadata#${fragment}`;
    }
}

/** Who is wanted by both `$filter` and `$search`; undefined for everybody. */
function wantedUsers(request: GraphRequest): UserFilter | undefined {
    const [filter, search] = [userFilter(request), userSearch(request)];
    return filter && search ? user => filter(user) && search(user) : (filter ?? search);
}

/**
 * Throws for what cannot be expanded. Whoever has no manager comes without that property.
 * @see https://learn.microsoft.com/graph/api/user-list-manager
 */
function checkExpand(request: GraphRequest): void {
    const expand = request.query.get('$expand')?.trim();
    if (!expand) return;
    const name = expand.replace(/[(,/].*$/s, '').trim();
    if (name !== 'manager' || expand.replace(/\(.*\)/s, '') !== name)
        refuseProperty(name, '$expand', 'Select and Expand');
    if (wantsCount(request))
        throw new GraphError(400, 'Request_UnsupportedQuery', '$expand is not supported with advanced queries.');
}

/** What Graph's directory says of an object it does not have. */
export function resourceNotFound(name: string): GraphError {
    const message = `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`;
    return new GraphError(404, 'Request_ResourceNotFound', message);
}

/** The answer to `/$count`. */
export function plainText(count: number): Reply {
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(count) };
}
