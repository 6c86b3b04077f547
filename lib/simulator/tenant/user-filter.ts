import { demandAdvanced } from './advanced-query';
import { type Condition, type Constant, parseFilter } from './filter-syntax';
import { GraphError } from './graph-error';
import type { GraphRequest } from './graph-request';
import { notSimulated } from './not-simulated';
import type { TenantUser } from './tenant-user';
import { nobody, refuseProperty, userResource } from './user-resource';

/** Whether a user is wanted. */
export type UserFilter = (user: TenantUser) => boolean;

type Test = (value: unknown) => boolean;

type Comparison = Condition & { kind: 'compare' | 'in' | 'call' };

/** Properties whose every filter is an advanced query. */
const advancedOnly = [
    'companyName employeeHireDate employeeType faxNumber mobilePhone officeLocation onPremisesExtensionAttributes',
    'onPremisesImmutableId onPremisesLastSyncDateTime onPremisesSamAccountName passwordPolicies postalCode',
    'preferredLanguage showInAddressList streetAddress',
].flatMap(line => line.split(' '));

/** The other properties that a filter can name. */
const byDefault = [
    'accountEnabled ageGroup assignedLicenses assignedPlans businessPhones city consentProvidedForMinor country',
    'createdDateTime creationType deletedDateTime department displayName employeeId externalUserState',
    'externalUserStateChangeDateTime givenName id imAddresses isResourceAccount jobTitle mail mailNickname',
    'onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails proxyAddresses state',
    'surname usageLocation userPrincipalName userType',
].flatMap(line => line.split(' '));

const endsWithAllowed = ['mail', 'otherMails', 'proxyAddresses', 'userPrincipalName'];

/** What can be asked of the items of a list, where they are more than texts. */
const itemProperties: Record<string, readonly string[]> = {
    assignedLicenses: ['disabledPlans', 'skuId'],
    assignedPlans: ['assignedDateTime', 'capabilityStatus', 'service', 'servicePlanId'],
};

/**
 * The `$filter` of a request for users; undefined if there is none. Throws 400 for what Graph cannot filter by, and for
 * an advanced query without its parameters.
 * @see https://learn.microsoft.com/graph/aad-advanced-queries#support-for-filter-by-properties-of-azure-ad-directory-objects
 */
export function userFilter(request: GraphRequest): UserFilter | undefined {
    const filter = request.query.get('$filter')?.trim();
    if (!filter) return undefined;
    const test = new UserConditions(request, filter).testOf(parseFilter(filter));
    return user => test(userResource(user));
}

/** Turns conditions on users into tests. */
class UserConditions {
    readonly #request: GraphRequest;
    readonly #filter: string;

    constructor(request: GraphRequest, filter: string) {
        this.#request = request;
        this.#filter = filter;
    }

    testOf(condition: Condition): Test {
        switch (condition.kind) {
            case 'and':
            case 'or':
                return joined(
                    condition.kind,
                    condition.parts.map(part => this.testOf(part)),
                );
            case 'not':
                return this.#negated(this.testOf(condition.part));
            case 'any':
                return this.#someItem(condition);
            case 'count':
                return this.#counted(condition);
            default:
                return this.#ofProperty(condition);
        }
    }

    #negated(test: Test): Test {
        demandAdvanced(this.#request, "Operator 'not'");
        return value => !test(value);
    }

    #ofProperty(condition: Comparison): Test {
        const { path } = condition;
        this.#check(path);
        const [name = ''] = path;
        const isList = Array.isArray(nobody[name]);
        if (isList || (name === 'onPremisesExtensionAttributes') !== path.length > 1) throw this.#unsupported(name);
        const test = this.#comparison(condition, name);
        return user => test(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], user));
    }

    #someItem({ path, variable, part }: Condition & { kind: 'any' }): Test {
        this.#check(path);
        const [name = ''] = path;
        if (path.length > 1 || !Array.isArray(nobody[name])) throw this.#unsupported(name);
        if (name === 'assignedPlans') demandAdvanced(this.#request, "Operator 'any'");
        const test = this.#ofItem(part, name, variable);
        return user => ((user as Record<string, unknown>)[name] as unknown[]).some(test);
    }

    #ofItem(part: Condition, name: string, variable: string): Test {
        switch (part.kind) {
            case 'and':
            case 'or':
                return joined(
                    part.kind,
                    part.parts.map(each => this.#ofItem(each, name, variable)),
                );
            case 'not':
                return this.#negated(this.#ofItem(part.part, name, variable));
            case 'any':
            case 'count':
                throw this.#unsupported(name);
            default:
                return this.#ofItemProperty(part, name, variable);
        }
    }

    #ofItemProperty(part: Comparison, name: string, variable: string): Test {
        const [first, property, ...rest] = part.path;
        const known = itemProperties[name];
        const isKnown = property === undefined ? known === undefined : known?.includes(property);
        if (first !== variable || rest.length > 0 || !isKnown) throw this.#unsupported(name);
        const test = this.#comparison(part, name);
        return item => test(property === undefined ? item : (item as Record<string, unknown>)[property]);
    }

    /** Whether a list is empty or has one item. */
    #counted({ path, operator, value }: Condition & { kind: 'count' }): Test {
        this.#check(path);
        const [name = ''] = path;
        if (path.length > 1 || !Array.isArray(nobody[name])) throw this.#unsupported(name);
        if (!['eq', 'ne'].includes(operator) || (value !== 0 && value !== 1)) throw this.#unsupported(name);
        demandAdvanced(this.#request, "'$count'");
        return user =>
            (((user as Record<string, unknown>)[name] as unknown[]).length === value) === (operator === 'eq');
    }

    /** Throws for a property that users do not have, and for one that no filter can name. */
    #check([name = '']: string[]): void {
        if (!Object.hasOwn(nobody, name)) refuseProperty(name, '$filter', 'Filter');
        if (advancedOnly.includes(name)) demandAdvanced(this.#request, `Filter by the property '${name}'`);
        else if (name === 'employeeOrgData') throw notSimulated("'employeeOrgData' of a user in $filter");
        else if (!byDefault.includes(name)) throw this.#unsupported(name);
    }

    #comparison(condition: Comparison, name: string): Test {
        if (condition.kind !== 'call')
            this.#checkTypes(name, condition.kind === 'in' ? condition.values : [condition.value]);
        if (condition.kind === 'in') {
            const wanted = condition.values.map(value => equalTo(value));
            return value => wanted.some(test => test(value));
        }
        if (condition.kind === 'call') return this.#textTest(condition, name);
        const { operator, value } = condition;
        if (value === null) demandAdvanced(this.#request, 'A filter by null');
        switch (operator) {
            case 'eq':
                return equalTo(value);
            case 'ne':
                demandAdvanced(this.#request, "Operator 'ne'");
                return negate(equalTo(value));
            case 'ge':
                return other => typeof other === 'string' && folded(other)! >= folded(value)!;
            case 'le':
                return other => typeof other === 'string' && folded(other)! <= folded(value)!;
            default:
                throw this.#unsupported(name);
        }
    }

    /** @see https://learn.microsoft.com/graph/filter-query-parameter (at most 15 expressions in `in`) */
    #checkTypes(name: string, values: readonly Constant[]): void {
        const isTruth = typeof nobody[name] === 'boolean';
        const isWrong = values.some(value => value !== null && (typeof value === 'boolean') !== isTruth);
        if (isWrong || values.length > 15) throw this.#unsupported(name);
    }

    #textTest({ name: call, value }: Condition & { kind: 'call' }, name: string): Test {
        if (typeof value !== 'string' || typeof textSample(name) !== 'string') throw this.#unsupported(name);
        const wanted = value.toLowerCase();
        if (call === 'startswith') return text => typeof text === 'string' && text.toLowerCase().startsWith(wanted);
        if (call !== 'endswith' || !endsWithAllowed.includes(name)) throw this.#unsupported(name);
        demandAdvanced(this.#request, "Operator 'endsWith'");
        return text => typeof text === 'string' && text.toLowerCase().endsWith(wanted);
    }

    #unsupported(name: string): GraphError {
        const message = `Unsupported or invalid query filter clause specified for property '${name}' of resource 'User': '${this.#filter}'.`;
        return new GraphError(400, 'Request_UnsupportedQuery', message);
    }
}

/** Texts and lists of texts can be searched by their beginning; what is empty here is a text. */
function textSample(name: string): unknown {
    if (itemProperties[name] || name === 'id' || name.endsWith('DateTime')) return undefined;
    return Array.isArray(nobody[name]) ? '' : (nobody[name] ?? '');
}

/** Text is compared without regard to case, as Entra does. */
function equalTo(value: Constant): Test {
    const wanted = folded(value);
    return other => (Array.isArray(other) ? other.some(each => folded(each) === wanted) : folded(other) === wanted);
}

function folded(value: unknown): string | undefined {
    return value === null || value === undefined ? undefined : String(value).toLowerCase();
}

function joined(word: 'and' | 'or', tests: Test[]): Test {
    return word === 'and' ? value => tests.every(test => test(value)) : value => tests.some(test => test(value));
}

function negate(test: Test): Test {
    return value => !test(value);
}
