import { EntraError } from './entra-error';
import type { Registration } from './registration';

/** Scopes of OpenID Connect itself; they need no consent here. */
const openIdScopes = ['openid', 'profile', 'email', 'offline_access'];

/** Graph's own name; the simulated Graph also answers to its address. */
export const graphResource = 'https://graph.microsoft.com';

/** What a user grants: `answer` goes back in the response's `scope`, in the words of the request. */
export interface Grant {
    answer: string;
    openId: boolean;
    offline: boolean;
}

/** The part of a scope before its last slash, and the rest: "https://graph.microsoft.com/.default". */
function partsOf(scope: string): { resource: string | undefined; name: string } {
    const at = scope.lastIndexOf('/');
    if (at < 0) return { resource: undefined, name: scope };
    return { resource: scope.slice(0, at).replace(/\/$/, ''), name: scope.slice(at + 1) };
}

function isGraph(resource: string | undefined, url: string): boolean {
    return resource === undefined || resource === graphResource || resource === url;
}

/**
 * Checks the scopes of a delegated request against what the registration has consent for.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function grantDelegated(scope: string, registration: Registration, url: string, tenant: string): Grant {
    const wanted = scope.split(' ').filter(Boolean);
    if (wanted.length === 0) throw new EntraError(900144, { parameter: 'scope' });
    const answer: string[] = [];
    for (const each of wanted) {
        if (openIdScopes.includes(each)) {
            if (each !== 'offline_access') answer.push(each);
            continue;
        }
        const { resource, name } = partsOf(each);
        if (!isGraph(resource, url)) throw new EntraError(500011, { resource: resource ?? '', tenant });
        const granted = name === '.default' ? registration.scopes : registration.scopes.filter(own => own === name);
        if (granted.length === 0) throw new EntraError(65001, { client: registration.clientId });
        const prefix = resource === undefined ? '' : `${resource}/`;
        answer.push(...granted.map(own => prefix + own));
        if (name === '.default') answer.push(each);
    }
    return {
        answer: [...new Set(answer)].join(' '),
        openId: wanted.includes('openid'),
        offline: wanted.includes('offline_access'),
    };
}

/**
 * Checks the one scope of an app-only request: `<resource>/.default`.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
 */
export function checkApplicationScope(scope: string, url: string, tenant: string): void {
    if (scope === '') throw new EntraError(900144, { parameter: 'scope' });
    const { resource, name } = partsOf(scope);
    if (name !== '.default' || scope.includes(' ')) throw new EntraError(1002012, { scope });
    if (!isGraph(resource, url)) throw new EntraError(500011, { resource: resource ?? '', tenant });
}
