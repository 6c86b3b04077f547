import { type Access, type Caller, demand } from './caller';
import { badRequest } from './graph-error';
import type { GraphRequest } from './graph-request';
import { type AssignedPlan, isTeamsPlan, type TenantUser } from './tenant-user';

const readAll = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];

/** What reads every property of every user. */
export const fullAccess: Access = {
    application: readAll,
    delegated: readAll,
    own: ['User.Read'],
    code: 'Authorization_RequestDenied',
};
/** What reads the basic properties of every user. */
export const basicAccess: Access = {
    ...fullAccess,
    application: [...readAll, 'User.ReadBasic.All'],
    delegated: [...readAll, 'User.ReadBasic.All'],
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

/** Every property of a user that the simulated directory has, with Graph's names and types. */
export function userResource(user: TenantUser): Record<string, unknown> {
    const [givenName = null, ...rest] = user.displayName.split(' ');
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
        assignedPlans: user.plans.map(planResource),
        accountEnabled: true,
        createdDateTime: '2025-01-01T00:00:00Z',
        userType: 'Member',
    };
}

function planResource({ servicePlanId, capabilityStatus, assigned }: AssignedPlan): object {
    const assignedDateTime = new Date(assigned).toISOString().replace(/\.\d+/, '');
    const service = isTeamsPlan(servicePlanId) ? 'TeamspaceAPI' : 'exchange';
    return { assignedDateTime, capabilityStatus, service, servicePlanId };
}

const knownProperties = Object.keys(
    userResource({
        id: '',
        displayName: '',
        userPrincipalName: '@',
        mail: null,
        number: undefined,
        plans: [],
        teams: false,
    }),
);

/** The names in `$select`, or the default ones; throws 400 for a name that Graph does not know. */
export function selectedNames(select: string | null): string[] {
    if (!select) return defaultProperties;
    const names = select.split(',').map(name => name.trim());
    const unknown = names.find(name => !knownProperties.includes(name));
    if (unknown === undefined) return names;
    throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.user'.`,
    );
}

/**
 * What a request selects, once the caller may have it.
 * @param owner the one user that is read, if it is one
 */
export function selectedProperties(request: GraphRequest, owner?: string): string[] {
    const select = request.query.get('$select');
    const names = selectedNames(select);
    const basic = !select || names.every(name => basicProperties.includes(name));
    demand(request.caller, basic ? basicAccess : fullAccess, owner);
    return names;
}

/** Whether the caller may read anything of other users. */
export function canReadUsers({ permissions }: Caller): boolean {
    return basicAccess.application.some(name => permissions.has(name));
}

/** The selected properties; those that the caller may not see are empty. */
export function toResource(user: TenantUser, selected: string[], { caller }: GraphRequest): Record<string, unknown> {
    const all = userResource(user);
    const basicOnly = ![...readAll, 'User.Read'].some(name => caller.permissions.has(name));
    const hidden = (name: string) => basicOnly && !basicProperties.includes(name);
    return Object.fromEntries(selected.map(name => [name, hidden(name) ? emptyLike(all[name]) : all[name]]));
}

function emptyLike(value: unknown): unknown {
    return Array.isArray(value) ? [] : null;
}
