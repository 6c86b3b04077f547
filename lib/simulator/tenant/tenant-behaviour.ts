/** What differs from tenant to tenant, or is not documented; may be changed while the tenant runs. */
export interface TenantBehaviour {
    /** Lifetime of access tokens in seconds. */
    tokenLifetime: number;
    /** Milliseconds between a change and its notification; Microsoft: less than 10 s on average. */
    notificationDelay: number;
    /** How a bulk read treats ids of nobody. */
    unknownPresence: 'omit' | 'presence-unknown';
    /** Whether notifications wait for a renewal once the token that made the subscription has expired. */
    expiredTokenStopsDelivery: boolean;
}

/** As a tenant behaves unless told otherwise. */
export const usualBehaviour: TenantBehaviour = {
    tokenLifetime: 3599,
    notificationDelay: 10,
    unknownPresence: 'omit',
    expiredTokenStopsDelivery: false,
};
