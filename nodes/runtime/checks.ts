import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { Language } from '../../lib/errors/sentence';
import type { CheckLine as AnyLine, CheckReport as AnyReport } from '../../lib/support/check-report';
import {
    type CheckLine,
    type CheckReport,
    certificateLine,
    checkApp,
    type Need,
} from '../../lib/teams/check/check-registration';
import { rolesFound, scopesFound } from '../../lib/teams/check/permissions';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { createHttp } from '../../lib/teams/connection/http';
import { appTokens, canActAsApp } from '../../lib/teams/connection/sign-in/token-source';
import { systemClock } from '../../lib/time/clock';
import { deployedNodes } from './config-node';
import { type Told, told } from './editor-requests';
import { sentenceIn } from './status';

/** A config node that has looked, once per start, whether it may do what the running flows use it for. */
export interface Checked {
    /** Rejects with a SyncError where a setting is wrong. */
    check(): Promise<CheckReport>;
}

/** A node that uses an app registration, as far as that says what for. */
interface UseOfApp {
    type?: string;
    /** Of a teams-subscriber. */
    delivery?: string;
    scope?: string;
}

/** What a registration must be allowed to do, and what it should be. */
export interface Needs {
    required: Need[];
    wanted: Need[];
}

/** What the nodes that use a registration need of it. While none does, nothing is a mistake. */
export function needsOf(uses: readonly UseOfApp[]): Needs {
    if (uses.length === 0) return { required: [], wanted: ['follow-app-only', 'write'] };
    const required = new Set<Need>();
    const wanted = new Set<Need>();
    for (const { type, delivery, scope } of uses) {
        if (type === 'teams-presence-writer') required.add('write');
        if (type !== 'teams-subscriber') continue;
        if (delivery === 'polling') required.add('follow-app-only');
        else required.add('follow-delegated');
        if (delivery !== 'polling' && delivery !== 'notifications') wanted.add('follow-app-only');
        // Accounts may read groups too, with a delegated permission.
        if (scope === 'group') (delivery === 'polling' ? required : wanted).add('groups');
    }
    return { required: [...required], wanted: [...wanted] };
}

/** The nodes that use a registration in the flows that run. */
export function usesOf(RED: NodeAPI, app: string): UseOfApp[] {
    const all = deployedNodes<UseOfApp & { app: string; accounts: string }>(RED);
    const accounts = new Set(all.filter(one => one.type === 'teams-accounts' && one.app === app).map(({ id }) => id));
    return all.filter(one => {
        // A subscriber has a registration of its own only while it polls.
        if (one.type !== 'teams-subscriber') return one.type !== 'teams-accounts' && one.app === app;
        return one.delivery === 'polling' ? one.app === app : accounts.has(one.accounts ?? '');
    });
}

/** Signs in as an app registration, once, and compares what it may do with what it is used for. Never rejects. */
export async function registrationReport(
    settings: RegistrationSettings,
    { required, wanted }: Needs,
): Promise<CheckReport> {
    const http = createHttp(settings.trust);
    try {
        const tokens = canActAsApp(settings) ? appTokens(settings, http) : undefined;
        const { ok, lines } = await checkApp(settings, http, required, { tokens });
        const signedIn = lines.some(line => line.id === 'sign-in' && line.ok === true);
        if (wanted.length === 0 || !signedIn) return { ok, lines };
        const known = new Set(lines.map(({ id }) => id));
        const more = (await checkApp(settings, http, wanted, { tokens })).lines.filter(({ id }) => !known.has(id));
        const milder = more.map((line): CheckLine => (line.ok === false ? { ...line, ok: 'warning' } : line));
        return { ok, lines: [...lines, ...milder] };
    } finally {
        await http.close();
    }
}

/** The same at the start of the flows, where only what is missing matters: without need there is no sign-in. */
export async function startReport(settings: RegistrationSettings, { required }: Needs): Promise<CheckReport> {
    const actsAsApp = required.some(need => need !== 'follow-delegated');
    if (actsAsApp && canActAsApp(settings)) return registrationReport(settings, { required, wanted: [] });
    const { certificate } = settings;
    return { ok: true, lines: certificate ? [certificateLine(certificate.certificate, systemClock.date())] : [] };
}

/**
 * Logs the lines of a report that belong into a log, in the language of the runtime. What else fails is told by the nodes
 * that use the registration; a licence may not matter.
 */
export function warnOf(RED: NodeAPI, node: Node, lines: readonly CheckLine[]): void {
    const sentence = sentenceIn(RED);
    for (const line of lines) {
        const isMissing = line.ok === false && line.id.startsWith('permission:');
        if (isMissing || (line.ok === 'warning' && line.id === 'certificate')) node.warn(sentence(line));
    }
}

/**
 * What a node shows whose registration lacks a permission that it needs; undefined if all are there, or if nothing
 * could be looked at. Never rejects.
 */
export async function permissionTrouble(node: Checked, need: Need): Promise<SyncError | undefined> {
    const report = await node.check().catch(() => undefined);
    const permissions = need === 'follow-delegated' ? scopesFound([]) : rolesFound([need], []);
    const needed = permissions.map(({ permission }) => `permission:${permission}`);
    const missing = report?.lines.filter(({ id, ok }) => ok === false && needed.includes(id)) ?? [];
    if (missing.length === 0) return undefined;
    const names = missing.map(({ id }) => id.slice('permission:'.length)).join(', ');
    return new SyncError('TEAMS_PERMISSIONS_NEEDED', { permissions: names });
}

/** A report for the editor, in its language. */
export function toldReport({ ok, lines }: AnyReport, language: Language): object {
    return { ok, lines: lines.map(line => toldLine(line, language)) };
}

/** A line for the editor, in its language. */
export function toldLine(line: AnyLine, language: Language): Told & { ok: AnyLine['ok'] } {
    return { ok: line.ok, ...told(line, language) };
}
