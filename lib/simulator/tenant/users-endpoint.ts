import { demandEventual, wantsCount } from './advanced-query';
import { demand } from './caller';
import { nextLink, pageSize, pageStart, refuseOptions } from './collection-page';
import { GraphError } from './graph-error';
import type { GraphRequest, GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import type { TenantDirectory } from './tenant-directory';
import { type UserFilter, userFilter } from './user-filter';
import { basicAccess, selectedProperties, toResource } from './user-resource';

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
        ];
    }

    #list(request: GraphRequest): Reply {
        const { query } = request;
        refuseOptions(query, ['$top', '$select', '$skiptoken', '$count', '$filter']);
        const selected = selectedProperties(request);
        const filter = userFilter(request);
        const { users, next } = this.#directory.page(pageStart(query), pageSize(query), filter);
        const more =
            next === undefined ? {} : { '@odata.nextLink': nextLink(`${this.#url()}/v1.0/users`, query, next) };
        const count = wantsCount(request) ? { '@odata.count': this.#number(filter) } : {};
        const fragment = query.has('$select') ? `users(${selected.join(',')})` : 'users';
        const value = users.map(user => toResource(user, selected, request));
        return { status: 200, body: { '@odata.context': this.#context(fragment), ...count, ...more, value } };
    }

    #count(request: GraphRequest): Reply {
        refuseOptions(request.query, ['$filter']);
        demand(request.caller, basicAccess);
        demandEventual(request);
        return plainText(this.#number(userFilter(request)));
    }

    #one(request: GraphRequest, name: string): Reply {
        refuseOptions(request.query, ['$select']);
        const user = this.#directory.byId(name) ?? this.#directory.byPrincipalName(name);
        const selected = selectedProperties(request, user?.id);
        if (!user) throw resourceNotFound(name);
        const body = { '@odata.context': this.#context('users/$entity'), ...toResource(user, selected, request) };
        return { status: 200, body };
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

/** What Graph's directory says of an object it does not have. */
export function resourceNotFound(name: string): GraphError {
    const message = `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`;
    return new GraphError(404, 'Request_ResourceNotFound', message);
}

/** The answer to `/$count`. */
export function plainText(count: number): Reply {
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(count) };
}
