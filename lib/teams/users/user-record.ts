import type { User } from '@microsoft/microsoft-graph-types';
import type { PresenceUser } from '../../presence/message';
import type { Row } from './user-directory';

/**
 * A user as Graph lists it. In a delta, what was never set is absent, and `@removed` tells of a leaver.
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview
 */
export interface UserRecord extends User {
    '@removed'?: { reason?: string };
}

/** What is read of each user, and with it the service plans: those are more than all the rest together. */
export const properties =
    'id,displayName,mail,userPrincipalName,proxyAddresses,businessPhones,accountEnabled,userType,createdDateTime';
export const withPlans = `${properties},assignedPlans`;

/**
 * Plans that work: `Warning` is the time of grace after a subscription has ended.
 * @see https://learn.microsoft.com/graph/api/resources/assignedplan
 */
const inForce = /^(enabled|warning)$/i;

/** Makes rows of records; users with the same service plans share one array, which most of a tenant do. */
export class RowMaker {
    readonly #planSets = new Map<string, readonly string[]>();

    /** @param known what was known of the user before: what the record does not mention stays as it was */
    rowOf(record: UserRecord & { id: string }, known: Row | undefined): Row {
        const plans = record.assignedPlans && this.#plansOf(record.assignedPlans);
        const created = record.createdDateTime ? Date.parse(record.createdDateTime) : known?.createdAt;
        return {
            user: userOf(record, known?.user),
            createdAt: created || 0,
            isGuest:
                record.userType === undefined ? (known?.isGuest ?? false) : record.userType?.toLowerCase() === 'guest',
            isEnabled:
                record.accountEnabled === undefined ? (known?.isEnabled ?? true) : record.accountEnabled !== false,
            plans: plans ?? known?.plans,
        };
    }

    #plansOf(assigned: NonNullable<User['assignedPlans']>): readonly string[] {
        const working = assigned.filter(plan => inForce.test(plan.capabilityStatus ?? ''));
        const ids = [...new Set(working.map(plan => (plan.servicePlanId ?? '').toLowerCase()))].sort();
        const key = ids.join();
        const plans = this.#planSets.get(key) ?? ids;
        this.#planSets.set(key, plans);
        return plans;
    }
}

function userOf(record: UserRecord & { id: string }, known: PresenceUser | undefined): PresenceUser {
    const principal = record.userPrincipalName ?? known?.teams?.userPrincipalName ?? '';
    const mail = record.mail === undefined ? (known?.teams?.mail ?? null) : record.mail;
    const aliases = record.proxyAddresses?.map(address => address.replace(/^(smtp|sip):/i, '')) ?? aliasesOf(known);
    const addresses = [mail ?? '', principal, ...aliases].filter(text => text.includes('@'));
    const phones = record.businessPhones ?? known?.teams?.businessPhones ?? [];
    return {
        addresses: [...new Set(addresses.map(address => address.toLowerCase()))],
        displayName: record.displayName ?? known?.displayName ?? principal,
        teams: {
            id: record.id,
            userPrincipalName: principal,
            mail,
            ...(phones.length > 0 && { businessPhones: phones }),
        },
    };
}

/** The addresses beside mail and principal name, which may have changed. */
function aliasesOf(user: PresenceUser | undefined): string[] {
    const named = [user?.teams?.mail?.toLowerCase(), user?.teams?.userPrincipalName.toLowerCase()];
    return user?.addresses.filter(address => !named.includes(address)) ?? [];
}
