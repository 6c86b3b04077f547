import { SyncError } from '../../errors/errors';

/** Where a cloud's sign-in and Graph live; origins without a trailing slash. */
export interface CloudEndpoints {
    loginUrl: string;
    graphUrl: string;
}

/** @see https://learn.microsoft.com/en-us/graph/deployments */
const clouds: Record<string, CloudEndpoints> = {
    worldwide: { loginUrl: 'https://login.microsoftonline.com', graphUrl: 'https://graph.microsoft.com' },
    'gcc-high': { loginUrl: 'https://login.microsoftonline.us', graphUrl: 'https://graph.microsoft.us' },
    dod: { loginUrl: 'https://login.microsoftonline.us', graphUrl: 'https://dod-graph.microsoft.us' },
};

/**
 * The endpoints of a named cloud.
 * @throws SyncError TEAMS_CLOUD_UNSUPPORTED for China, which has no presence API; FIELD_INVALID for an unknown name.
 * @see https://learn.microsoft.com/en-us/graph/api/presence-setpresence (table of national clouds)
 */
export function endpointsOf(cloud: string): CloudEndpoints {
    if (cloud === 'china') throw new SyncError('TEAMS_CLOUD_UNSUPPORTED');
    const endpoints = Object.hasOwn(clouds, cloud) ? clouds[cloud] : undefined;
    if (!endpoints) throw new SyncError('FIELD_INVALID', { field: 'Cloud', why: 'it is none of the choices' });
    return endpoints;
}

/**
 * Whether presence can be subscribed to in the cloud of these endpoints: the clouds of the US government cannot.
 * @see https://learn.microsoft.com/en-us/graph/changenotifications-for-presence (table of national clouds)
 */
export function hasPresenceNotifications({ loginUrl }: Pick<CloudEndpoints, 'loginUrl'>): boolean {
    return !isGovernment(loginUrl);
}

/**
 * What a token must be made out to that stands for the secret of an app.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
 */
export function tokenExchange({ loginUrl }: Pick<CloudEndpoints, 'loginUrl'>): string {
    return `api://AzureADTokenExchange${isGovernment(loginUrl) ? 'USGov' : ''}`;
}

function isGovernment(loginUrl: string): boolean {
    const government = [clouds['gcc-high']!.loginUrl, clouds.dod!.loginUrl];
    return URL.canParse(loginUrl) && government.includes(new URL(loginUrl).origin);
}
