import published from '../../published/graph-permissions.json';
import { GraphError } from './graph-error';
import { graphResource } from './scopes';
import type { SigningKeys } from './signing-keys';

/** Who calls Graph, as the bearer token says. */
export interface Caller {
    /** The app's client id. */
    appId: string;
    /** The signed-in user's object id; absent for an app-only token. */
    userId: string | undefined;
    /** Application permissions of an app-only token, delegated ones otherwise. */
    permissions: ReadonlySet<string>;
    /** When the token expires, milliseconds since the epoch. */
    expires: number;
}

/** Permissions of which one is enough; `own` are delegated ones that reach only the signed-in user's own data. */
export interface Access {
    application: readonly string[];
    delegated: readonly string[];
    own?: readonly string[];
    /** The error code that this part of Graph uses. */
    code?: 'Forbidden' | 'Authorization_RequestDenied';
}

/** Delegated permissions such as `User.Read`, without a part for whom: the signed-in user. */
const ofOneself = /^[A-Za-z]+\.[A-Za-z]+$/;

/** What Microsoft's table says of a call. */
export function accessTo(call: keyof typeof published.calls, code?: Access['code']): Access {
    const { application, delegated } = published.calls[call];
    return {
        application,
        delegated: delegated.filter(name => !ofOneself.test(name)),
        own: delegated.filter(name => ofOneself.test(name)),
        ...(code && { code }),
    };
}

/** The caller of a request; throws 401 for a token that is missing, expired or not the tenant's. */
export function authenticate(authorization: string | undefined, keys: SigningKeys, now: number): Caller {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthenticated('Access token is empty.');
    const claims = keys.verify(token);
    if (!claims) throw unauthenticated('Access token validation failure. Invalid signature.');
    if (claims.aud !== graphResource) throw unauthenticated('Access token validation failure. Invalid audience.');
    const expires = Number(claims.exp) * 1000;
    if (!(expires > now)) throw unauthenticated('Lifetime validation failed, the token is expired.');
    const permissions = Array.isArray(claims.roles) ? claims.roles.map(String) : String(claims.scp).split(' ');
    return {
        appId: String(claims.azp ?? claims.appid),
        userId: claims.idtyp === 'user' ? String(claims.oid) : undefined,
        permissions: new Set(permissions),
        expires,
    };
}

/** Whether the caller has one of the permissions. @param owner object id of the user whose data it is */
export function isAllowed(caller: Caller, access: Access, owner?: string): boolean {
    return wantedOf(caller, access, owner).some(permission => caller.permissions.has(permission));
}

/** Throws 403 unless the caller {@link isAllowed}. */
export function demand(caller: Caller, access: Access, owner?: string): void {
    if (!isAllowed(caller, access, owner))
        throw forbidden(caller, wantedOf(caller, access, owner), access.code ?? 'Forbidden');
}

function wantedOf({ userId }: Caller, { application, delegated, own = [] }: Access, owner?: string): string[] {
    if (userId === undefined) return [...application];
    return [...delegated, ...(userId === owner ? own : [])];
}

function forbidden(caller: Caller, wanted: readonly string[], code: string): GraphError {
    if (code === 'Authorization_RequestDenied')
        return new GraphError(403, code, 'Insufficient privileges to complete the operation.');
    const kind = caller.userId === undefined ? ['role', 'Roles'] : ['scope', 'Scopes'];
    const needs = wanted.length === 0 ? 'API does not support this kind of token.' : oneOf(wanted);
    const has = [...caller.permissions].join(', ');
    return new GraphError(403, code, `Missing ${kind[0]} permissions on the request. ${needs} ${kind[1]}: '${has}'.`);
}

function oneOf(wanted: readonly string[]): string {
    return `API requires one of '${wanted.join(', ')}'.`;
}

function unauthenticated(message: string): GraphError {
    const challenge = 'Bearer realm="", error="invalid_token"';
    return new GraphError(401, 'InvalidAuthenticationToken', message, { 'www-authenticate': challenge });
}
