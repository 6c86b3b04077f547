import { demandAdvanced } from './advanced-query';
import { GraphError } from './graph-error';
import type { GraphRequest } from './graph-request';
import type { TenantUser } from './tenant-user';
import { userResource } from './user-resource';

/** Which user comes first. */
export type UserOrder = (one: TenantUser, other: TenantUser) => number;

/** By what users can be sorted, and whether that is an advanced query. */
const sortable: Record<string, boolean> = {
    displayName: false,
    userPrincipalName: false,
    createdDateTime: true,
    deletedDateTime: true,
};

/**
 * The `$orderby` of a request for users; undefined if there is none. Throws 400 for what Graph cannot sort by.
 * @see https://learn.microsoft.com/graph/aad-advanced-queries#support-for-sorting-by-properties-of-azure-ad-directory-objects
 */
export function userOrder(request: GraphRequest): UserOrder | undefined {
    const { query } = request;
    const option = query.get('$orderby')?.trim();
    if (!option) return undefined;
    const orders = option.split(',').map(part => orderOf(part, request));
    if (query.get('$filter') || query.get('$search')) demandAdvanced(request, 'Sorting of a filtered list');
    return (one, other) => orders.map(order => order(one, other)).find(difference => difference !== 0) ?? 0;
}

function orderOf(part: string, request: GraphRequest): UserOrder {
    const [, name = '', direction] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(part) ?? [];
    const isAdvanced = sortable[name];
    if (isAdvanced === undefined)
        throw new GraphError(400, 'Request_UnsupportedQuery', `Sorting by '${part.trim()}' is not supported.`);
    if (isAdvanced) demandAdvanced(request, `Sorting by the property '${name}'`);
    const sign = direction?.toLowerCase() === 'desc' ? -1 : 1;
    return (one, other) => sign * textOf(one, name).localeCompare(textOf(other, name), 'en');
}

function textOf(user: TenantUser, name: string): string {
    return String(userResource(user)[name] ?? '').toLowerCase();
}
