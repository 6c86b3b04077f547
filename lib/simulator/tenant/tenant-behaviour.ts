/** What differs from tenant to tenant, or is not documented; may be changed while the tenant runs. */
export interface TenantBehaviour {
    /** Lifetime of access tokens in seconds. */
    tokenLifetime: number;
    /** How many seconds a client is told to wait between two questions about a device code. */
    deviceCodeInterval: number;
    /**
     * Where the tenant lives. The clouds of the US government have neither notifications of presence nor the newer
     * fields of a presence; China has no presence at all.
     * @see https://learn.microsoft.com/graph/changenotifications-for-presence
     */
    cloud: 'global' | 'us-government' | 'china';
    /** Milliseconds between a change and its notification; Microsoft: less than 10 s on average. */
    notificationDelay: number;
    /** The most notifications in one request. */
    notificationsPerRequest: number;
    /** Whether the encrypted presence of a notification carries its `sequenceNumber`; Microsoft does not say. */
    sequenceInNotifications: boolean;
    /** False: the tenant lacks the service principal for rich notifications, and `validationTokens` comes as null. */
    validationTokens: boolean;
    /** Whether notifications wait for a renewal once the token that made the subscription has expired. */
    expiredTokenStopsDelivery: boolean;
    /** Whether each subscription is told `reauthorizationRequired` every 15 minutes. */
    reauthorization: boolean;
    /**
     * How many answers within ten minutes it takes before a notification endpoint can count as slow or too slow.
     * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling
     */
    endpointSample: number;
    /**
     * The trouble with a create that follows the delete of the owner's last subscription: it is refused `failures`
     * times, and for `duration` milliseconds.
     */
    createAfterDelete: { failures: number; duration: number; status: 409 | 500 };
    /** Creates are refused with 403 as if the tenant had too many subscriptions. */
    phantomQuota: boolean;
    /** Whether a create that is refused because of its users names them. */
    namesRefusedUsers: boolean;
    /** How a bulk read treats ids of nobody. */
    unknownPresence: 'omit' | 'presence-unknown';
    /** Whether a presence carries its `sequenceNumber`. */
    sequenceNumbers: boolean;
    /** How a write to a user without a Teams licence is refused. */
    unlicensed: 'forbidden' | 'not-found';
}

/** As a tenant behaves unless told otherwise. */
export const usualBehaviour: TenantBehaviour = {
    tokenLifetime: 3599,
    deviceCodeInterval: 5,
    cloud: 'global',
    notificationDelay: 10,
    notificationsPerRequest: 20,
    sequenceInNotifications: false,
    validationTokens: true,
    expiredTokenStopsDelivery: false,
    reauthorization: false,
    endpointSample: 100,
    createAfterDelete: { failures: 0, duration: 0, status: 409 },
    phantomQuota: false,
    namesRefusedUsers: true,
    unknownPresence: 'omit',
    sequenceNumbers: true,
    unlicensed: 'forbidden',
};
