import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { reportOf } from '../../lib/support/check-report';
import {
    type CheckLine,
    type CheckReport,
    certificateLine,
    checkApp,
    type Need,
    rolesFound,
} from '../../lib/teams/check/check-registration';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { createHttp } from '../../lib/teams/connection/http';
import { canActAsApp } from '../../lib/teams/connection/sign-in/token-source';
import { systemClock } from '../../lib/time/clock';
import { deployedNodes } from './config-node';
import { flowsStarted } from './flows';
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
        const needs = canActAsApp(settings) ? [...required, ...wanted] : required;
        const { lines } = await checkApp(settings, http, needs);
        const needed = linesOf(required);
        const isOnlyWanted = ({ id, ok }: CheckLine) => isPermission(id) && ok === false && !needed.includes(id);
        return reportOf(lines.map(line => (isOnlyWanted(line) ? { ...line, ok: 'warning' } : line)));
    } finally {
        await http.close();
    }
}

/** The same at the start of the flows, where only what is missing matters: without need there is no sign-in. */
export async function startReport(settings: RegistrationSettings, { required }: Needs): Promise<CheckReport> {
    const actsAsApp = required.some(need => need !== 'follow-delegated');
    if (actsAsApp && canActAsApp(settings)) return registrationReport(settings, { required, wanted: [] });
    const { certificate } = settings;
    return reportOf(certificate ? [certificateLine(certificate.certificate, systemClock.date())] : []);
}

/**
 * Has a config node look once, when all nodes of the deploy exist, whether it may do what it is used for, and log what is
 * missing.
 */
export function checkOnce(
    RED: NodeAPI,
    node: Node & Checked,
    closing: AbortSignal,
    look: () => Promise<CheckReport>,
): void {
    const allStarted = flowsStarted(RED);
    let report: Promise<CheckReport> | undefined;
    node.check = () => {
        report ??= allStarted.then(look);
        return report;
    };
    allStarted
        .then(async () => {
            if (!closing.aborted) warnOf(RED, node, (await node.check()).lines, closing);
        })
        // Settings that are wrong are told by the nodes that use them.
        .catch(() => {});
}

/**
 * Logs the lines of a report that belong into a log, in the language of the runtime. What else fails is told by the nodes
 * that use the registration; a licence may not matter.
 */
export function warnOf(RED: NodeAPI, node: Node, lines: readonly CheckLine[], closing: AbortSignal): void {
    if (closing.aborted) return;
    for (const line of lines) {
        const isMissing = line.ok === false && isPermission(line.id);
        if (isMissing || (line.ok === 'warning' && line.id === 'certificate')) node.warn(sentenceIn(RED)(line));
    }
}

/**
 * What a node shows whose registration lacks a permission to act as the app that it needs; undefined if all are there,
 * or if nothing could be looked at. Never rejects.
 */
export async function permissionTrouble(node: Checked, need: Need): Promise<SyncError | undefined> {
    const report = await node.check().catch(() => undefined);
    const needed = linesOf([need]);
    const missing = report?.lines.filter(({ id, ok }) => ok === false && needed.includes(id)) ?? [];
    if (missing.length === 0) return undefined;
    const names = missing.map(({ id }) => id.slice(permissionLine.length)).join(', ');
    return new SyncError('TEAMS_PERMISSIONS_NEEDED', { permissions: names });
}

/** What the lines of permissions are called, before their names. */
const permissionLine = 'permission:';

function isPermission(id: string): boolean {
    return id.startsWith(permissionLine);
}

/** The lines of the permissions that these needs want. */
function linesOf(needs: readonly Need[]): string[] {
    return rolesFound(needs, []).map(({ permission }) => `${permissionLine}${permission}`);
}
