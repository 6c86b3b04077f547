import { randomBytes, randomUUID } from 'node:crypto';
import { officeDomain } from './person';
import { digitsOf, guidOf } from './random';

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
    pbx: {
        url: string;
        appName: string;
        password: string;
        /** PBX names and addresses of the slaves; absent where there are none. */
        slaves?: { name: string; url: string }[];
    };
}

/**
 * The users that one presence subscription can name.
 * @see https://learn.microsoft.com/graph/change-notifications-overview
 */
export const peoplePerAccount = 650;

/**
 * A new identity with random ids and passwords, or with those that follow from a seed.
 * @param options.people how many the accounts must cover, unless `accounts` says how many there are
 */
export function createIdentity(options: {
    ca: string;
    graphPort: number;
    pbxPort: number;
    slavePorts: readonly number[];
    people: number;
    accounts: number | undefined;
    seed: number | undefined;
}): OfficeIdentity {
    const microsoft = `https://127.0.0.1:${options.graphPort}`;
    const { seed, accounts = Math.max(1, Math.ceil(options.people / peoplePerAccount)) } = options;
    const id = (what: string) => (seed === undefined ? randomUUID() : guidOf(`${seed} ${what}`));
    const password = (whose: string) =>
        seed === undefined ? randomBytes(18).toString('base64url') : digitsOf(`${seed} password of ${whose}`, 24);
    return {
        tenantId: id('tenant'),
        loginUrl: microsoft,
        graphUrl: microsoft,
        ca: options.ca,
        app: { clientId: id('app'), clientSecret: password('app') },
        accounts: Array.from({ length: accounts }, (_, index) => ({
            username: `presence-sync-${index + 1}@${officeDomain}`,
            password: password(`account ${index + 1}`),
        })),
        pbx: {
            url: pbxUrl(options.pbxPort),
            appName: 'presence-sync',
            password: password('PBX').slice(0, 15),
            ...(options.slavePorts.length > 0 && { slaves: options.slavePorts.map(slaveOf) }),
        },
    };
}

function slaveOf(port: number, index: number): { name: string; url: string } {
    return { name: `pbx-slave-${index + 1}`, url: pbxUrl(port) };
}

function pbxUrl(port: number): string {
    return `wss://127.0.0.1:${port}/PBX0/APPS/websocket`;
}
