import { demandAdvanced } from './advanced-query';
import { GraphError } from './graph-error';
import type { GraphRequest } from './graph-request';
import type { TenantUser } from './tenant-user';
import { userResource } from './user-resource';

/** Whether a user is wanted. */
export type UserFilter = (user: TenantUser) => boolean;

const equality = /^(displayName|mail|mailNickname|userPrincipalName) eq '((?:[^']|'')*)'$/;
const plans = /^assignedPlans\/any\(\s*(\w+)\s*:\s*(.+?)\s*\)$/;

/**
 * The `$filter` of a request for users; undefined if there is none. Throws 400 for what Graph, or this simulation of
 * it, cannot filter by: known are equality of names and addresses, and the assigned plans.
 * @see https://learn.microsoft.com/graph/aad-advanced-queries#support-for-filter-by-properties-of-azure-ad-directory-objects
 */
export function userFilter(request: GraphRequest): UserFilter | undefined {
    const filter = request.query.get('$filter')?.trim();
    if (!filter) return undefined;
    const [, property, value] = equality.exec(filter) ?? [];
    if (property !== undefined) return equals(property, value!.replaceAll("''", "'"));
    const [, variable, condition] = plans.exec(filter) ?? [];
    if (variable === undefined) throw invalidFilter(filter);
    demandAdvanced(request, "Operator 'any'");
    return hasPlan(variable, condition!, filter);
}

/** Text is compared without regard to case, as Entra does. */
function equals(property: string, value: string): UserFilter {
    const wanted = value.toLowerCase();
    return user => String(userResource(user)[property] ?? '').toLowerCase() === wanted;
}

function hasPlan(variable: string, condition: string, filter: string): UserFilter {
    const tests = condition.split(/ and /).map(part => {
        const [, property, value] = new RegExp(`^${variable}/(\\w+) eq '?([\\w-]+)'?$`).exec(part.trim()) ?? [];
        if (property !== 'servicePlanId' && property !== 'capabilityStatus') throw invalidFilter(filter);
        return { property, value: value!.toLowerCase() } as const;
    });
    return user => user.plans.some(plan => tests.every(test => plan[test.property].toLowerCase() === test.value));
}

function invalidFilter(filter: string): GraphError {
    const message = `Unsupported or invalid query filter clause specified: '${filter}'.`;
    return new GraphError(400, 'Request_UnsupportedQuery', message);
}
