import published from '../../published/graph-permissions.json';
import { type Access, accessTo, type Caller, demand, isAllowed } from './caller';
import { badRequest } from './graph-error';
import type { GraphRequest } from './graph-request';
import { notSimulated } from './not-simulated';
import { publishedUserMembers } from './published-names';
import { type AssignedPlan, isTeamsPlan, type TenantUser } from './tenant-user';

/** What reads the basic properties of every user, and everything of the signed-in one. */
export const basicAccess: Access = {
    ...accessTo('GET /users', 'Authorization_RequestDenied'),
    own: published.calls['GET /me'].delegated,
};
/** What reads every property of every user: the same that reads their changes. */
export const fullAccess: Access = {
    ...accessTo('GET /users/delta', 'Authorization_RequestDenied'),
    own: basicAccess.own,
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

/** Properties that users of Entra have and that are empty here: null, or a list of nothing. */
const emptyProperties: Record<string, unknown> = {
    ...Object.fromEntries(
        [
            'ageGroup city companyName consentProvidedForMinor country creationType customSecurityAttributes department',
            'deletedDateTime employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType',
            'externalUserState externalUserStateChangeDateTime faxNumber isManagementRestricted isResourceAccount jobTitle',
            'legalAgeGroupClassification mobilePhone officeLocation onPremisesDistinguishedName onPremisesDomainName',
            'onPremisesImmutableId onPremisesLastSyncDateTime onPremisesSamAccountName onPremisesSecurityIdentifier',
            'onPremisesSyncEnabled onPremisesUserPrincipalName passwordPolicies passwordProfile postalCode',
            'preferredDataLocation preferredLanguage showInAddressList state streetAddress usageLocation',
        ]
            .flatMap(line => line.split(' '))
            .map(name => [name, null]),
    ),
    onPremisesExtensionAttributes: Object.fromEntries(
        Array.from({ length: 15 }, (_, index) => [`extensionAttribute${index + 1}`, null]),
    ),
    licenseAssignmentStates: [],
    onPremisesProvisioningErrors: [],
    otherMails: [],
    provisionedPlans: [],
    serviceProvisioningErrors: [],
};

/**
 * Properties and relations of a user that Graph has and this simulation does not: those that other services than Entra
 * keep, and those that Graph works out.
 */
const unsimulatedProperties = [
    'aboutMe authorizationInfo birthday deviceEnrollmentLimit hireDate identities identityParentId interests mailboxSettings',
    'mySite pastProjects preferredName print responsibilities schools signInActivity skills',
].flatMap(line => line.split(' '));

/**
 * The licence that the simulated tenant has bought: Microsoft 365 Business Basic.
 * @see https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
const licenceSku = '3b555118-da6a-4418-894f-7df1e2096870';

const created = '2025-01-01T00:00:00Z';

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
        assignedLicenses: licencesOf(user),
        assignedPlans: user.plans.map(planResource),
        accountEnabled: true,
        createdDateTime: created,
        lastPasswordChangeDateTime: created,
        signInSessionsValidFromDateTime: created,
        securityIdentifier: securityIdentifierOf(user.id),
        userType: 'Member',
    };
}

/** A licence while any plan of it is enabled; a plan that was taken away is one that the licence leaves out. */
function licencesOf({ plans }: TenantUser): object[] {
    if (!plans.some(plan => plan.capabilityStatus === 'Enabled')) return [];
    const disabledPlans = plans.filter(plan => plan.capabilityStatus === 'Deleted').map(plan => plan.servicePlanId);
    return [{ disabledPlans, skuId: licenceSku }];
}

/** The object id in the form of Windows: its bytes as four numbers, the lowest byte first. */
function securityIdentifierOf(id: string): string {
    const [a = '', b = '', c = '', ...rest] = id.split('-');
    const bytes = Buffer.from([reversed(a), reversed(b), reversed(c), ...rest].join(''), 'hex');
    return `S-1-12-1-${[0, 4, 8, 12].map(at => bytes.readUInt32LE(at)).join('-')}`;
}

function reversed(hex: string): string {
    return Buffer.from(hex, 'hex').reverse().toString('hex');
}

function planResource({ servicePlanId, capabilityStatus, assigned }: AssignedPlan): object {
    const assignedDateTime = new Date(assigned).toISOString().replace(/\.\d+/, '');
    const service = isTeamsPlan(servicePlanId) ? 'TeamspaceAPI' : 'exchange';
    return { assignedDateTime, capabilityStatus, service, servicePlanId };
}

/** A user without anything, for the names and the types of what users have. */
export const nobody: Readonly<Record<string, unknown>> = userResource({
    id: '00000000-0000-0000-0000-000000000000',
    displayName: '',
    userPrincipalName: '@',
    mail: null,
    number: undefined,
    plans: [],
    teams: false,
});

/**
 * The names in `$select`, or the default ones; throws 400 for a name that Graph does not know, and 501 for one that it
 * knows and this simulation does not.
 */
export function selectedNames(select: string | null): string[] {
    if (!select) return defaultProperties;
    const names = select.split(',').map(name => name.trim());
    for (const name of names) if (!Object.hasOwn(nobody, name)) refuseProperty(name, '$select', 'Select and Expand');
    return names;
}

/** Throws 501 for what Graph's users have and these here do not, else 400. @param part of the query, as Graph names it */
export function refuseProperty(name: string, option: string, part: string): never {
    if (unsimulatedProperties.includes(name) || publishedUserMembers.has(name.toLowerCase()))
        throw notSimulated(`'${name}' of a user in ${option}`);
    throw badRequest(
        `Parsing OData ${part} failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
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
    const basicOnly = !isAllowed(caller, fullAccess, user.id);
    const hidden = (name: string) => basicOnly && !basicProperties.includes(name);
    return Object.fromEntries(selected.map(name => [name, hidden(name) ? emptyLike(all[name]) : all[name]]));
}

function emptyLike(value: unknown): unknown {
    return Array.isArray(value) ? [] : null;
}
