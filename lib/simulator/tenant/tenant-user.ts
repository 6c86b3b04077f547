import { createHash } from 'node:crypto';
import type { Person } from '../person';
import type { Account } from './registration';

/** The service plan TEAMS1, which makes a Teams user of most people. */
export const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';

/**
 * All service plans that make a Teams user: commercial, GCC, GCC High and DoD.
 * @see https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
const teamsPlans = [
    teamsPlan,
    '304767db-7d23-49e8-a945-4a7eb65f9f28',
    '9953b155-8aef-4c56-92f3-72b0487fce41',
    'fd500458-c24c-478e-856c-a6067a8376cd',
];

/** A service plan of a user. One that was taken away stays, as `Deleted`. */
export interface AssignedPlan {
    servicePlanId: string;
    capabilityStatus: 'Enabled' | 'Deleted';
    /** Milliseconds since the epoch. */
    assigned: number;
}

/** A user of the simulated tenant. */
export interface TenantUser {
    /** Entra object id, lower case. */
    readonly id: string;
    readonly displayName: string;
    readonly userPrincipalName: string;
    /** Communication users have no mailbox. */
    readonly mail: string | null;
    /** Extension, where the user has a phone. */
    readonly number: string | undefined;
    readonly plans: readonly AssignedPlan[];
    /** Has a Teams licence, and so a presence. */
    readonly teams: boolean;
}

/** A person as a user with a Teams licence. @param now milliseconds since the epoch */
export function toUser(person: Person, now: number): TenantUser {
    const user = {
        id: person.teamsId.toLowerCase(),
        displayName: person.name,
        userPrincipalName: person.mail,
        mail: person.mail,
        number: person.number,
        plans: [],
        teams: false,
    };
    return withPlans(user, [teamsPlan], now);
}

/** A communication user; the id follows from the name. @param now milliseconds since the epoch */
export function toCommunicationUser({ username, licence = false }: Account, now: number): TenantUser {
    const hex = createHash('sha256').update(`account ${username.toLowerCase()}`).digest('hex');
    const id = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
    const user = {
        id: id.join('-'),
        displayName: username.slice(0, username.indexOf('@')),
        userPrincipalName: username,
        mail: null,
        number: undefined,
        plans: [],
        teams: false,
    };
    return licence ? withPlans(user, [teamsPlan], now) : user;
}

/** The user with exactly these plans enabled; those that are gone stay as `Deleted`. */
export function withPlans(user: TenantUser, planIds: readonly string[], now: number): TenantUser {
    const wanted = new Set(planIds.map(id => id.toLowerCase()));
    const kept = user.plans.map(plan => restated(plan, wanted.has(plan.servicePlanId), now));
    const had = new Set(user.plans.map(plan => plan.servicePlanId));
    const added = [...wanted].filter(id => !had.has(id)).map(id => enabled(id, now));
    return { ...user, plans: [...kept, ...added], teams: teamsPlans.some(id => wanted.has(id)) };
}

function restated(plan: AssignedPlan, wanted: boolean, now: number): AssignedPlan {
    if (wanted) return plan.capabilityStatus === 'Enabled' ? plan : enabled(plan.servicePlanId, now);
    return { ...plan, capabilityStatus: 'Deleted' };
}

function enabled(servicePlanId: string, now: number): AssignedPlan {
    return { servicePlanId, capabilityStatus: 'Enabled', assigned: now };
}

/** Whether the plan is one of Teams. */
export function isTeamsPlan(servicePlanId: string): boolean {
    return teamsPlans.includes(servicePlanId);
}
