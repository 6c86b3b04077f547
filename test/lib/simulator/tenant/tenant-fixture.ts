import type { JSONWebKeySet } from 'jose';
import { Agent, fetch } from 'undici';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import type { Person } from '../../../../lib/simulator/person';
import { SimulatedTenant, type TenantOptions } from '../../../../lib/simulator/tenant/simulated-tenant';

export const tenantId = '6d1f0a52-0c5e-4d3b-9a51-1f2e3d4c5b6a';
export const app = { clientId: 'aaaaaaaa-0000-4000-8000-000000000001', clientSecret: 'secret-of-the-app' };
export const publicApp = { clientId: 'aaaaaaaa-0000-4000-8000-000000000002' };
export const poorApp = { clientId: 'aaaaaaaa-0000-4000-8000-000000000003', clientSecret: 'secret-of-the-poor-app' };
/** Reads users and groups, both as itself and for its users. */
export const directoryApp = {
    clientId: 'aaaaaaaa-0000-4000-8000-000000000004',
    clientSecret: 'secret-of-the-directory',
};
/** Reads groups, but no users. */
export const groupApp = { clientId: 'aaaaaaaa-0000-4000-8000-000000000005', clientSecret: 'secret-of-the-groups' };
export const account = { username: 'sync-1@office.example', password: 'password of sync 1' };
export const otherAccount = { username: 'sync-2@office.example', password: 'password of sync 2' };

/** Somebody who exists only here. `index` below 4096. */
export function person(index: number, name = `Person ${index}`): Person {
    const digits = index.toString(16).padStart(3, '0');
    return {
        name,
        mail: `person-${index}@office.example`,
        number: String(100 + index),
        guid: digits.padStart(32, '0'),
        teamsId: `b0b00000-0000-4000-8000-000000000${digits}`,
    };
}

export const anna = person(0, 'Anna Brandt');
export const ben = person(1, 'Ben Vogel');
export const nobody = 'dead0000-0000-4000-8000-000000000000';

/** What the tenant's answers may hold, all in one; a field that is absent fails the test that looks at it. */
export interface Body {
    [field: string]: unknown;
    error: { code: string; message: string; innerError: Record<string, string> };
    error_description: string;
    error_codes: number[];
    access_token: string;
    refresh_token: string;
    id_token: string;
    client_info: string;
    expires_in: number;
    metadata: { aliases: string[] }[];
    keys: JSONWebKeySet['keys'];
    value: Entity[];
    responses: { id: string; status: number; headers: Record<string, string>; body: Body }[];
    '@odata.nextLink': string | undefined;
    '@odata.deltaLink': string | undefined;
    '@odata.count': number | undefined;
    id: string;
    expirationDateTime: string;
    statusMessage: Record<string, unknown>;
}

/** An entity in a list. */
export interface Entity {
    [property: string]: unknown;
    id: string;
    activity: string;
    assignedPlans: Record<string, string>[];
}

/** An answer of the tenant, its JSON parsed. */
export interface Answer {
    status: number;
    headers: Record<string, string>;
    text: string;
    body: Body;
}

/** A running tenant with a client that trusts its authority. */
export class TenantFixture {
    readonly tenant: SimulatedTenant;
    readonly authority: CertificateAuthority;
    readonly agent: Agent;

    private constructor(authority: CertificateAuthority, tenant: SimulatedTenant) {
        this.authority = authority;
        this.tenant = tenant;
        this.agent = new Agent({ connect: { ca: authority.certificate } });
    }

    static async start(options: Partial<TenantOptions> = {}): Promise<TenantFixture> {
        const authority = await CertificateAuthority.create();
        const tenant = new SimulatedTenant({
            tenantId,
            authority,
            people: [anna, ben],
            accounts: [account, otherAccount, { username: anna.mail, password: 'password of Anna' }],
            registrations: [
                {
                    ...app,
                    publicClient: false,
                    roles: ['Presence.Read.All', 'Presence.ReadWrite.All', 'User.Read.All'],
                    scopes: ['Presence.Read.All', 'Presence.ReadWrite', 'User.Read'],
                },
                { ...publicApp, publicClient: true, roles: [], scopes: ['Presence.Read.All'] },
                {
                    ...directoryApp,
                    publicClient: false,
                    roles: ['User.Read.All', 'GroupMember.Read.All'],
                    scopes: ['User.Read.All', 'Group.Read.All'],
                },
                { ...groupApp, publicClient: false, roles: ['GroupMember.Read.All'], scopes: [] },
                { ...poorApp, publicClient: true, roles: ['User.ReadBasic.All'], scopes: ['User.Read'] },
            ],
            ...options,
        });
        await tenant.start();
        return new TenantFixture(authority, tenant);
    }

    async stop(): Promise<void> {
        await this.agent.destroy();
        await this.tenant.stop();
    }

    /** Any request; an object becomes a JSON body. */
    async send(
        method: string,
        path: string,
        body?: object | string,
        headers: Record<string, string> = {},
    ): Promise<Answer> {
        const json: Record<string, string> = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
        const answer = await fetch(path.startsWith('https:') ? path : this.tenant.url + path, {
            method,
            headers: { ...json, ...headers },
            redirect: 'manual',
            dispatcher: this.agent,
            ...(body === undefined ? {} : { body: typeof body === 'object' ? JSON.stringify(body) : body }),
        });
        const text = await answer.text();
        const isJson = text.startsWith('{');
        return {
            status: answer.status,
            headers: Object.fromEntries(answer.headers),
            text,
            body: isJson ? JSON.parse(text) : {},
        };
    }

    /** A request to the token endpoint. */
    token(form: Record<string, string>, tenant: string = tenantId): Promise<Answer> {
        return this.send('POST', `/${tenant}/oauth2/v2.0/token`, new URLSearchParams(form).toString(), {
            'content-type': 'application/x-www-form-urlencoded',
        });
    }

    async appToken(registration: { clientId: string; clientSecret: string } = app): Promise<string> {
        const answer = await this.token({
            grant_type: 'client_credentials',
            client_id: registration.clientId,
            client_secret: registration.clientSecret,
            scope: 'https://graph.microsoft.com/.default',
        });
        return answer.body.access_token;
    }

    async userToken(
        user: { username: string; password: string } = account,
        registration: { clientId: string; clientSecret?: string } = app,
    ): Promise<string> {
        const answer = await this.token({
            grant_type: 'password',
            client_id: registration.clientId,
            ...(registration.clientSecret ? { client_secret: registration.clientSecret } : {}),
            ...user,
            scope: 'https://graph.microsoft.com/.default',
        });
        return answer.body.access_token;
    }

    /** A request to Graph; `path` is below `/v1.0`, or a whole address. */
    graph(
        token: string,
        method: string,
        path: string,
        body?: object,
        headers: Record<string, string> = {},
    ): Promise<Answer> {
        const address = path.startsWith('https:') ? path : `/v1.0${path}`;
        return this.send(method, address, body, { authorization: `Bearer ${token}`, ...headers });
    }
}

/** Lets the network work until the condition holds; rejects after 30 s. */
export async function until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!condition()) {
        if (Date.now() > end) throw new Error('It did not happen within 30 s');
        await new Promise(resolve => setImmediate(resolve));
    }
}
