import { RateBudget } from '../../lib/support/rate-budget';
import { presenceLimit, type TenantSettings } from '../../lib/teams/teams-tenant';
import { systemClock } from '../../lib/time/clock';

const budgets = new Map<string, RateBudget>();

/**
 * The one rate budget of an app registration in a tenant: of all nodes that hold the registration, and across deploys,
 * since Microsoft goes on counting while we start again.
 */
export function budgetOf({ graphUrl, tenant, clientId, requestsPer30s }: TenantSettings): RateBudget {
    const limit = { ...presenceLimit, requests: requestsPer30s ?? presenceLimit.requests };
    const key = [graphUrl, tenant, clientId, limit.requests].join(' ').toLowerCase();
    const budget = budgets.get(key) ?? new RateBudget(limit, systemClock);
    budgets.set(key, budget);
    return budget;
}
