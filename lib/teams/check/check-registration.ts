import type { AssignedPlan } from '@microsoft/microsoft-graph-types';
import { decodeJwt, type JWTPayload } from 'jose';
import { toSyncError } from '../../errors/errors';
import published from '../../published/graph-permissions.json';
import { failedLine, reportOf } from '../../support/check-report';
import { type Clock, systemClock } from '../../time/clock';
import type { Http } from '../connection/http';
import { certificateFacts, expiresSoon } from '../connection/sign-in/certificate';
import type { Account, AppRegistration } from '../connection/sign-in/registration';
import { signInError } from '../connection/sign-in/sign-in-error';
import { accountTokens, appTokens, canActAsApp, type TokenSource } from '../connection/sign-in/token-source';
import { type CheckLine, type CheckReport, line } from './check-sentences';

export type { CheckLine, CheckReport } from './check-sentences';

/** What a registration is used for; a group is given by its name, or by its object id. */
export type Need = 'follow-app-only' | 'follow-delegated' | 'write' | 'group-by-name' | 'group-by-id';

/** What is asked of Graph, by method and path. */
type Call = keyof typeof published.calls;
type Kind = 'application' | 'delegated';

const reads: readonly Call[] = ['GET /users', 'GET /users/delta', 'POST /communications/getPresencesByUserId'];

/** The calls that each need makes: `test/permissions` holds that there are no others. */
export const callsFor: Record<Need, readonly Call[]> = {
    'follow-app-only': reads,
    'follow-delegated': [
        ...reads,
        'POST /subscriptions',
        'PATCH /subscriptions/{id}',
        'GET /subscriptions/{id}',
        'DELETE /subscriptions/{id}',
        'GET /subscriptions',
    ],
    write: [
        ...reads,
        'POST /users/{id}/presence/setPresence',
        'POST /users/{id}/presence/clearPresence',
        'POST /users/{id}/presence/setUserPreferredPresence',
        'POST /users/{id}/presence/clearUserPreferredPresence',
        'POST /users/{id}/presence/setStatusMessage',
    ],
    'group-by-name': ['GET /groups', 'GET /groups/{id}/transitiveMembers'],
    'group-by-id': ['GET /groups/{id}/transitiveMembers'],
};

/** What would be of use besides, but need not be: only a warning says that it is missing. */
interface Wanted {
    wanted?: readonly Need[];
}

/** What accounts are for beside following. */
export interface AccountNeeds extends Wanted {
    needs?: readonly Need[];
}

interface CheckOptions extends Wanted {
    clock?: Clock;
}

/** Signs in as the app and compares what it may do with what it is used for. Never rejects: what fails is a line. */
export async function checkApp(
    app: AppRegistration,
    http: Http,
    needs: readonly Need[],
    { wanted, clock = systemClock }: CheckOptions = {},
): Promise<CheckReport> {
    const ends = endLines(app, clock.date());
    if (!canActAsApp(app)) return reportOf([await tenantLine(app, http), proofLine(app, needs)]);
    const { claims, failed } = await signIn(() => appTokens(app, http, clock));
    if (!claims) return reportOf([failed, ...ends]);
    const name = nameOf(app, claims);
    return reportOf([
        line('sign-in', true, 'CHECK_APP_SIGNED_IN', { app: name }),
        ...ends,
        ...permissionLines({ needs, wanted, roles: stringsOf(claims.roles) }, name),
    ]);
}

interface AccountCheckOptions extends CheckOptions, AccountNeeds {
    /** Asked instead of signing in once more: failed sign-ins count towards a lock. */
    tokens?: TokenSource;
    /** The same of the app itself. */
    asApp?: TokenSource;
}

/** Signs in as an account and compares what it may do with what following presence takes. Never rejects. */
export async function checkAccount(
    app: AppRegistration,
    account: Account,
    http: Http,
    { tokens, asApp, needs = [], wanted, clock = systemClock }: AccountCheckOptions = {},
): Promise<CheckReport> {
    const { claims, failed, token } = await signIn(() => tokens ?? accountTokens(app, account, http, clock));
    if (!claims) return reportOf([failed]);
    const byPassword = 'password' in account;
    // A sign-in by hand may have come back by a redirect, which takes no public client flows.
    const isPublic = byPassword && !canActAsApp(app);
    const names = { account: account.username };
    const name = nameOf(app, claims);
    const granted = { needs: ['follow-delegated', ...needs] as const, wanted, scopes: stringsOf(claims.scp) };
    let permissions = permissionLines(granted, name);
    // Where the app has a permission itself, it reads in its own name.
    if (canActAsApp(app) && permissions.some(({ ok }) => ok !== true)) {
        const own = await signIn(() => asApp ?? appTokens(app, http, clock));
        if (own.claims) permissions = permissionLines({ ...granted, roles: stringsOf(own.claims.roles) }, name);
    }
    return reportOf([
        line('sign-in', true, 'CHECK_ACCOUNT_SIGNED_IN', names),
        ...(isPublic ? [line('public-client', true, 'CHECK_PUBLIC_CLIENT_ALLOWED')] : []),
        ...(byPassword ? [line('second-factor', true, 'CHECK_NO_SECOND_FACTOR', names)] : []),
        ...permissions,
        await licenceLine(app, names, token, http),
    ]);
}

type SignedIn =
    | { claims: JWTPayload; token: string; failed?: undefined }
    | { claims?: undefined; token?: undefined; failed: CheckLine };

/** What the token says, or the line that tells why there is none. */
async function signIn(source: () => TokenSource): Promise<SignedIn> {
    try {
        const token = await source().token();
        return { claims: decodeJwt(token), token };
    } catch (thrown) {
        const error = toSyncError(thrown);
        return { failed: failedLine(idOf(error.code), error) };
    }
}

/** An error stands in the line that it takes the place of. */
function idOf(code: string): string {
    if (code === 'TEAMS_MFA_REQUIRED') return 'second-factor';
    if (code === 'TEAMS_SECRET_MISSING' || code === 'TEAMS_PUBLIC_CLIENT_REFUSED') return 'public-client';
    return 'sign-in';
}

function proofLine(app: AppRegistration, needs: readonly Need[]): CheckLine {
    const enough = needs.every(need => need === 'follow-delegated');
    if (enough) return line('proof', true, 'CHECK_ACCOUNTS_ONLY');
    return line('proof', false, 'CHECK_PROOF_MISSING', { app: app.clientId });
}

/** Without a secret the app cannot sign in, but whether a tenant exists may be asked without. */
async function tenantLine(app: AppRegistration, http: Http): Promise<CheckLine> {
    const { tenant, clientId, loginUrl } = app;
    try {
        const address = `${loginUrl}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
        const answer = await http.fetch(address);
        if (!answer.ok) throw signInError({ errorMessage: await answer.text() }, { tenant, clientId });
        return line('tenant', true, 'CHECK_TENANT_FOUND', { tenant });
    } catch (error) {
        return failedLine('tenant', toSyncError(error));
    }
}

/** What is needed and what is granted: to the app itself, to its accounts, or to both. */
interface Granted extends Wanted {
    needs: readonly Need[];
    roles?: readonly string[];
    scopes?: readonly string[];
}

/** One line for each permission that the needs take, with what allows its calls, or what is missing. */
function permissionLines({ needs, wanted = [], roles, scopes }: Granted, app: string): CheckLine[] {
    const kind: Kind = scopes ? 'delegated' : 'application';
    const needed = new Set(callsOf(needs, kind));
    const all = [...new Set([...needed, ...callsOf(wanted, kind)])];
    return leastFor(all, kind).map(({ permission, calls }) => {
        const id = `permission:${permission}`;
        const allowing = (of: Kind, granted: readonly string[] = []) =>
            calls.map(call =>
                [permission, ...permissionsOf(call, of)].find(
                    each => granted.includes(each) && permissionsOf(call, of).includes(each),
                ),
            );
        const [byScope, byRole] = [allowing('delegated', scopes), allowing('application', roles)];
        const missing = calls.filter((_, index) => !byScope[index] && !byRole[index]);
        if (missing.length > 0) {
            const ok = missing.some(call => needed.has(call)) ? false : 'warning';
            return line(id, ok, scopes ? 'CHECK_SCOPE_MISSING' : 'CHECK_ROLE_MISSING', { permission, app });
        }
        const isByScope = byScope.every(Boolean);
        const names = [...new Set(isByScope ? byScope : byRole)].filter(Boolean).join(', ');
        return line(id, true, isByScope ? 'CHECK_SCOPE_GRANTED' : 'CHECK_ROLE_GRANTED', { permission: names, app });
    });
}

/** When the proof of a registration ends, as far as that is known. @param now milliseconds since the epoch */
export function endLines({ certificate, secretEnds }: AppRegistration, now: number): CheckLine[] {
    if (certificate) return [certificateLine(certificate.certificate, now)];
    if (secretEnds === undefined) return [];
    const notAfter = new Date(secretEnds);
    const facts = endOf(notAfter, now);
    // Whether it has ended in truth is seen at the sign-in: the note may be an old one.
    if (secretEnds <= now) return [line('secret', 'warning', 'CHECK_SECRET_ENDED', facts)];
    if (expiresSoon(notAfter, now)) return [line('secret', 'warning', 'CHECK_SECRET_ENDS_SOON', facts)];
    return [line('secret', true, 'CHECK_SECRET_VALID', facts)];
}

function endOf(notAfter: Date, now: number): { date: string; days: number } {
    return { date: notAfter.toISOString().slice(0, 10), days: Math.floor((notAfter.getTime() - now) / 86_400_000) };
}

export function certificateLine(pem: string, now: number): CheckLine {
    const { subject, notAfter } = certificateFacts(pem);
    const facts = { subject, ...endOf(notAfter, now) };
    if (notAfter.getTime() <= now) return line('certificate', false, 'CHECK_CERTIFICATE_EXPIRED', facts);
    if (expiresSoon(notAfter, now)) return line('certificate', 'warning', 'CHECK_CERTIFICATE_EXPIRES_SOON', facts);
    return line('certificate', true, 'CHECK_CERTIFICATE_VALID', facts);
}

/**
 * Whether the account has a Teams licence, by the service of its plans, since plan ids differ between clouds. That
 * following presence takes one is not documented, so its absence is a warning.
 * @see https://learn.microsoft.com/graph/api/resources/assignedplan
 */
async function licenceLine(
    app: AppRegistration,
    names: { account: string },
    token: string,
    http: Http,
): Promise<CheckLine> {
    const unknown = line('licence', 'warning', 'CHECK_LICENCE_UNKNOWN', names);
    try {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await http.fetch(`${app.graphUrl}/v1.0/me?$select=assignedPlans`, { headers });
        const { assignedPlans } = (await answer.json()) as { assignedPlans?: AssignedPlan[] };
        if (!Array.isArray(assignedPlans)) return unknown;
        const found = assignedPlans.some(
            plan => plan.service === 'TeamspaceAPI' && plan.capabilityStatus === 'Enabled',
        );
        return found
            ? line('licence', true, 'CHECK_LICENCE_FOUND', names)
            : line('licence', 'warning', 'CHECK_LICENCE_MISSING', names);
    } catch {
        return unknown;
    }
}

/** The name of the app as the portal shows it, where the token tells it. */
function nameOf(app: AppRegistration, { app_displayname }: JWTPayload): string {
    return typeof app_displayname === 'string' && app_displayname ? app_displayname : app.clientId;
}

/** The `roles` of a token of the app, or the `scp` of one of an account. */
function stringsOf(value: unknown): string[] {
    return Array.isArray(value) ? value.map(String) : String(value ?? '').split(' ');
}

/** What accounts do for following is not asked of the app. */
function callsOf(needs: readonly Need[], kind: Kind): Call[] {
    return needs.filter(need => kind === 'delegated' || need !== 'follow-delegated').flatMap(need => callsFor[need]);
}

/** By Microsoft's table; the first allows least. */
function permissionsOf(call: Call, kind: Kind): readonly string[] {
    return published.calls[call][kind];
}

/** The least permissions that allow these calls, each with those that it is asked for. */
function leastFor(calls: readonly Call[], kind: Kind): { permission: string; calls: Call[] }[] {
    const allows = (permission: string, call: Call): boolean => permissionsOf(call, kind).includes(permission);
    let kept = [...new Set(calls.flatMap(call => permissionsOf(call, kind).slice(0, 1)))];
    // What the others allow together needs no permission of its own: writing includes reading.
    for (const one of kept) {
        const others = kept.filter(other => other !== one);
        if (calls.every(call => others.some(other => allows(other, call)))) kept = others;
    }
    return kept.map(permission => ({
        permission,
        calls: calls.filter(call => kept.find(each => allows(each, call)) === permission),
    }));
}

/** The least permissions that these needs take, by Microsoft's table. */
export function permissionsFor(needs: readonly Need[], kind: Kind): string[] {
    return leastFor(callsOf(needs, kind), kind).map(({ permission }) => permission);
}
