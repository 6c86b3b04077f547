import { type Access, demand } from './caller';
import { badRequest, GraphError } from './graph-error';
import type { GraphRequest, GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import type { TenantDirectory, TenantUser } from './tenant-directory';

/** The service plan that makes a Teams user. */
const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';

const fullAccess: Access = {
    application: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
    delegated: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
    own: ['User.Read'],
    code: 'Authorization_RequestDenied',
};
const basicAccess: Access = {
    ...fullAccess,
    application: [...fullAccess.application, 'User.ReadBasic.All'],
    delegated: [...fullAccess.delegated, 'User.ReadBasic.All'],
};

/** What `User.ReadBasic.All` reaches. */
const basicProperties = ['displayName', 'givenName', 'id', 'mail', 'surname', 'userPrincipalName'];

/** @see https://learn.microsoft.com/graph/api/user-list#optional-query-parameters */
const defaultProperties = [
    'businessPhones',
    'displayName',
    'givenName',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
    'id',
];

/** Properties that exist in Graph and are empty here. */
const emptyProperties: Record<string, unknown> = {
    ...Object.fromEntries(
        ['jobTitle', 'mobilePhone', 'officeLocation', 'preferredLanguage', 'department', 'employeeId', 'faxNumber']
            .concat(['onPremisesSamAccountName', 'onPremisesUserPrincipalName', 'onPremisesDistinguishedName'])
            .concat(['onPremisesImmutableId', 'onPremisesSecurityIdentifier', 'onPremisesExtensionAttributes'])
            .map(name => [name, null]),
    ),
    otherMails: [],
};

const defaultPage = 100;
const largestPage = 999;

/** The users of the tenant. @see https://learn.microsoft.com/graph/api/user-list */
export class UsersEndpoint {
    readonly #directory: TenantDirectory;
    readonly #url: () => string;

    constructor(directory: TenantDirectory, url: () => string) {
        this.#directory = directory;
        this.#url = url;
    }

    get routes(): GraphRoute[] {
        return [
            ['GET', 'users', request => this.#list(request)],
            ['GET', 'users/*', (request, user) => this.#one(request, user!)],
        ];
    }

    #list(request: GraphRequest): Reply {
        const { query } = request;
        refuseOptions(query, ['$top', '$select', '$skiptoken', '$count']);
        const selected = selectedProperties(request);
        const top = pageSize(query.get('$top'));
        const offset = offsetOf(query.get('$skiptoken'));
        const { users } = this.#directory;
        const value = users.slice(offset, offset + top).map(user => toResource(user, selected, request));
        const next = offset + top < users.length ? { '@odata.nextLink': this.#nextLink(query, offset + top) } : {};
        const fragment = query.has('$select') ? `users(${selected.join(',')})` : 'users';
        return { status: 200, body: { '@odata.context': this.#context(fragment), ...next, value } };
    }

    #one(request: GraphRequest, name: string): Reply {
        refuseOptions(request.query, ['$select']);
        const user = this.#directory.byId(name) ?? this.#directory.byPrincipalName(name);
        const selected = selectedProperties(request, user?.id);
        if (!user) throw userNotFound(name);
        const body = { '@odata.context': this.#context('users/$entity'), ...toResource(user, selected, request) };
        return { status: 200, body };
    }

    /** The client must follow it as it is: where the next page starts is nobody else's business. */
    #nextLink(query: URLSearchParams, offset: number): string {
        const kept = [...query].filter(([name]) => name !== '$skiptoken');
        const options = [...kept, ['$skiptoken', Buffer.from(`page ${offset}`).toString('base64url')] as const];
        const text = options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
        return `${this.#url()}/v1.0/users?${text}`;
    }

    #context(fragment: string): string {
        return `${this.#url()}/v1.0/$metadata#${fragment}`;
    }
}

/** What Graph's directory says of a user it does not have. */
export function userNotFound(name: string): GraphError {
    const message = `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`;
    return new GraphError(404, 'Request_ResourceNotFound', message);
}

function selectedProperties(request: GraphRequest, owner?: string): string[] {
    const select = request.query.get('$select');
    if (!select) {
        demand(request.caller, basicAccess, owner);
        return defaultProperties;
    }
    const names = select.split(',').map(name => name.trim());
    const unknown = names.find(name => !knownProperties.includes(name));
    if (unknown !== undefined)
        throw badRequest(
            `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.user'.`,
        );
    demand(request.caller, names.every(name => basicProperties.includes(name)) ? basicAccess : fullAccess, owner);
    return names;
}

function toResource(user: TenantUser, selected: string[], { caller }: GraphRequest): Record<string, unknown> {
    const all = resourceOf(user);
    const basicOnly = ![...fullAccess.application, 'User.Read'].some(name => caller.permissions.has(name));
    const hidden = (name: string) => basicOnly && !basicProperties.includes(name);
    return Object.fromEntries(selected.map(name => [name, hidden(name) ? emptyLike(all[name]) : all[name]]));
}

function emptyLike(value: unknown): unknown {
    return Array.isArray(value) ? [] : null;
}

function resourceOf(user: TenantUser): Record<string, unknown> {
    const [givenName = null, ...rest] = user.displayName.split(' ');
    const plan = {
        assignedDateTime: '2025-01-01T00:00:00Z',
        capabilityStatus: 'Enabled',
        service: 'TeamspaceAPI',
        servicePlanId: teamsPlan,
    };
    return {
        ...emptyProperties,
        id: user.id,
        displayName: user.displayName,
        givenName,
        surname: rest.join(' ') || null,
        mail: user.mail,
        userPrincipalName: user.userPrincipalName,
        mailNickname: user.userPrincipalName.slice(0, user.userPrincipalName.indexOf('@')),
        proxyAddresses: user.mail ? [`SMTP:${user.mail}`] : [],
        imAddresses: user.teams ? [user.userPrincipalName.toLowerCase()] : [],
        businessPhones: user.number ? [user.number] : [],
        assignedPlans: user.teams ? [plan] : [],
        accountEnabled: true,
        userType: 'Member',
    };
}

const knownProperties = Object.keys(
    resourceOf({ id: '', displayName: '', userPrincipalName: '@', mail: null, number: undefined, teams: false }),
);

function refuseOptions(query: URLSearchParams, known: string[]): void {
    for (const name of query.keys()) {
        if (name === '$skip')
            throw new GraphError(400, 'Request_BadRequest', "'$skip' is not supported by the service.");
        if (name.startsWith('$') && !known.includes(name))
            throw new GraphError(400, 'Request_UnsupportedQuery', `The simulated directory does not know ${name}.`);
    }
}

function pageSize(top: string | null): number {
    if (top === null) return defaultPage;
    const size = Number(top);
    if (Number.isInteger(size) && size >= 1 && size <= largestPage) return size;
    const message = `Invalid page size specified: '${top}'. Must be between 1 and ${largestPage} inclusive.`;
    throw new GraphError(400, 'Request_UnsupportedQuery', message);
}

function offsetOf(token: string | null): number {
    if (token === null) return 0;
    const offset = /^page (\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
    if (offset === undefined) throw badRequest('The specified page token is not valid.');
    return Number(offset);
}
