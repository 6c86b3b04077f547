import { randomBytes, randomUUID } from 'node:crypto';
import { officeDomain } from './person';

/** What a client must know to use the office; made once, kept across stop() and start() of the office. */
export interface OfficeIdentity {
    /** GUID. */
    tenantId: string;
    /** `https://127.0.0.1:<graphPort>`: OpenID discovery and token endpoint. */
    loginUrl: string;
    /** `https://127.0.0.1:<graphPort>`: Graph below `/v1.0`; the same listener as {@link loginUrl}. */
    graphUrl: string;
    /** PEM of the certificate authority that issued every certificate of the office. */
    ca: string;
    app: { clientId: string; clientSecret: string };
    /** Communication users, each good for {@link peoplePerAccount} people. */
    accounts: { username: string; password: string }[];
    /** `url` is `wss://127.0.0.1:<pbxPort>/PBX0/APPS/websocket`. */
    pbx: { url: string; appName: string; password: string };
}

/**
 * The users that one presence subscription can name.
 * @see https://learn.microsoft.com/graph/change-notifications-overview
 */
export const peoplePerAccount = 650;

/** A new identity with random ids and passwords; `people` is how many the accounts must cover. */
export function createIdentity(options: {
    ca: string;
    graphPort: number;
    pbxPort: number;
    people: number;
}): OfficeIdentity {
    const microsoft = `https://127.0.0.1:${options.graphPort}`;
    const accounts = Math.max(1, Math.ceil(options.people / peoplePerAccount));
    return {
        tenantId: randomUUID(),
        loginUrl: microsoft,
        graphUrl: microsoft,
        ca: options.ca,
        app: { clientId: randomUUID(), clientSecret: password() },
        accounts: Array.from({ length: accounts }, (_, index) => ({
            username: `presence-sync-${index + 1}@${officeDomain}`,
            password: password(),
        })),
        pbx: {
            url: `wss://127.0.0.1:${options.pbxPort}/PBX0/APPS/websocket`,
            appName: 'presence-sync',
            password: password(),
        },
    };
}

function password(): string {
    return randomBytes(18).toString('base64url');
}
