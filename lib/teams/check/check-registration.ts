import type { AssignedPlan } from '@microsoft/microsoft-graph-types';
import { decodeJwt, type JWTPayload } from 'jose';
import { toSyncError } from '../../errors/errors';
import { failedLine, reportOf } from '../../support/check-report';
import { type Clock, systemClock } from '../../time/clock';
import type { Http } from '../connection/http';
import { certificateFacts, expiresSoon } from '../connection/sign-in/certificate';
import type { Account, AppRegistration } from '../connection/sign-in/registration';
import { signInError } from '../connection/sign-in/sign-in-error';
import { accountTokens, appTokens, canActAsApp, type TokenSource } from '../connection/sign-in/token-source';
import { type CheckLine, type CheckReport, line } from './check-sentences';

export type { CheckLine, CheckReport } from './check-sentences';

/** What a registration is used for. */
export type Need = 'follow-app-only' | 'follow-delegated' | 'write' | 'groups';

/** A permission that is asked for, and others that serve as well. */
interface Requirement {
    permission: string;
    instead: readonly string[];
}

/** @see https://learn.microsoft.com/graph/permissions-reference */
const readUsers: Requirement = {
    permission: 'User.Read.All',
    instead: ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
};
const readPresence: Requirement = { permission: 'Presence.Read.All', instead: ['Presence.ReadWrite.All'] };
const writePresence: Requirement = { permission: 'Presence.ReadWrite.All', instead: [] };
const readGroups: Requirement = {
    permission: 'GroupMember.Read.All',
    instead: ['GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All', ...readUsers.instead.slice(1)],
};

const application: Record<Need, readonly Requirement[]> = {
    'follow-app-only': [readUsers, readPresence],
    'follow-delegated': [],
    write: [readUsers, writePresence],
    groups: [readGroups],
};

/**
 * For subscriptions. Only `Presence.Read.All` creates one: no permission to write takes its place.
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions
 */
const delegated: readonly Requirement[] = [
    { ...readUsers, instead: [...readUsers.instead, 'User.ReadBasic.All'] },
    { ...readPresence, instead: [] },
];

interface CheckOptions {
    /** Asked instead of signing in once more: failed sign-ins count towards a lock. */
    tokens?: TokenSource;
    clock?: Clock;
}

/** Signs in as the app and compares what it may do with what it is used for. Never rejects: what fails is a line. */
export async function checkApp(
    app: AppRegistration,
    http: Http,
    needs: readonly Need[],
    { tokens, clock = systemClock }: CheckOptions = {},
): Promise<CheckReport> {
    const certificate = app.certificate ? [certificateLine(app.certificate.certificate, clock.date())] : [];
    if (!canActAsApp(app)) return reportOf([await tenantLine(app, http), proofLine(app, needs)]);
    const { claims, failed } = await signIn(() => tokens ?? appTokens(app, http, clock));
    if (!claims) return reportOf([failed, ...certificate]);
    const name = nameOf(app, claims);
    return reportOf([
        line('sign-in', true, 'CHECK_APP_SIGNED_IN', { app: name }),
        ...certificate,
        ...rolesFound(needs, stringsOf(claims.roles)).map(each => permissionLine(each, 'ROLE', name)),
    ]);
}

/** Signs in as an account and compares what it may do with what following presence takes. Never rejects. */
export async function checkAccount(
    app: AppRegistration,
    account: Account,
    http: Http,
    { tokens, clock = systemClock }: CheckOptions = {},
): Promise<CheckReport> {
    const { claims, failed, token } = await signIn(() => tokens ?? accountTokens(app, account, http, clock));
    if (!claims) return reportOf([failed]);
    const byPassword = 'password' in account;
    const isPublic = !byPassword || !canActAsApp(app);
    const names = { account: account.username };
    const name = nameOf(app, claims);
    const scopes = String(claims.scp ?? '').split(' ');
    return reportOf([
        line('sign-in', true, 'CHECK_ACCOUNT_SIGNED_IN', names),
        ...(isPublic ? [line('public-client', true, 'CHECK_PUBLIC_CLIENT_ALLOWED')] : []),
        ...(byPassword ? [line('second-factor', true, 'CHECK_NO_SECOND_FACTOR', names)] : []),
        ...delegated.map(each => permissionLine(found(each, scopes), 'SCOPE', name)),
        await licenceLine(app, names, { token, scopes }, http),
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

function permissionLine({ permission, granted }: PermissionFound, kind: 'ROLE' | 'SCOPE', app: string): CheckLine {
    const code = `CHECK_${kind}_${granted ? 'GRANTED' : 'MISSING'}` as const;
    return line(`permission:${permission}`, granted, code, { permission, app });
}

export function certificateLine(pem: string, now: number): CheckLine {
    const { subject, notAfter } = certificateFacts(pem);
    const days = Math.floor((notAfter.getTime() - now) / 86_400_000);
    const facts = { subject, date: notAfter.toISOString().slice(0, 10), days };
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
    { token, scopes }: { token: string; scopes: string[] },
    http: Http,
): Promise<CheckLine> {
    const unknown = line('licence', 'warning', 'CHECK_LICENCE_UNKNOWN', names);
    // User.ReadBasic.All sees no plans, whether there are any or not.
    if (!scopes.some(each => /^(User\.Read|Directory\.Read)(Write)?(\.All)?$/.test(each))) return unknown;
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

function stringsOf(value: unknown): string[] {
    return Array.isArray(value) ? value.map(String) : [];
}

/** Whether a permission that is needed is there. */
interface PermissionFound {
    permission: string;
    granted: boolean;
}

/** The application permissions that a need wants, against the `roles` of a token of the app. */
export function rolesFound(needs: readonly Need[], roles: readonly string[]): PermissionFound[] {
    const wanted = new Set(needs.flatMap(need => application[need]));
    const written = wanted.has(writePresence);
    // Writing includes reading: one line is enough.
    return [...wanted].filter(each => !(written && each === readPresence)).map(each => found(each, roles));
}

function found({ permission, instead }: Requirement, granted: readonly string[]): PermissionFound {
    return { permission, granted: [permission, ...instead].some(each => granted.includes(each)) };
}
