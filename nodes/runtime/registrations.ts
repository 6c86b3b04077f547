import { domainToASCII } from 'node:url';
import type { Node, NodeAPI } from 'node-red';
import * as v from 'valibot';
import { SyncError, toSyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import type { HealthPart } from '../../lib/monitor/health';
import { reportOf } from '../../lib/support/check-report';
import type { ConnectionState } from '../../lib/support/connection-state';
import {
    type CheckLine,
    type CheckReport,
    checkApp,
    endLines,
    type Need,
    permissionsFor,
} from '../../lib/teams/check/check-registration';
import { endpointsOf } from '../../lib/teams/connection/clouds';
import { checkRegistration, type RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { createHttp } from '../../lib/teams/connection/http';
import { type ReadCertificate, readCertificate } from '../../lib/teams/connection/sign-in/certificate';
import { canActAsApp } from '../../lib/teams/connection/sign-in/token-source';
import { isGroupId } from '../../lib/teams/users/scopes';
import { systemClock } from '../../lib/time/clock';
import { deployedNodes, openedOffice, tlsOptions } from './config-node';
import { askedValues, mustBeDeployed } from './editor-requests';
import { day, entered, named, number, origin, plain, readFields, secret, text, variableIn } from './fields';
import type { RunningNode } from './running-node';

/** The fields that say which registration of which tenant it is. */
export const registrationPlace: readonly string[] = ['cloud', 'graphUrl', 'tenant', 'clientId'];

/** As Node-RED declares them. */
export const appCredentials = {
    clientSecret: { type: 'password' },
    /** PEM with private key, or a PFX file in base64. */
    certificate: { type: 'password' },
    /** Of the private key or the PFX file. */
    certificatePassword: { type: 'password' },
} as const;

export type AppSecrets = Partial<Record<keyof typeof appCredentials, string>>;

const range = { usual: undefined, least: 100, most: 10_000, whole: true };
const fields = {
    /** Blank is worldwide. */
    cloud: text,
    tls: text,
    tenant: v.pipe(
        text,
        v.transform(entry => (/^[\p{L}\p{N}.-]+$/u.test(entry) && domainToASCII(entry.replace(/\.$/, ''))) || entry),
    ),
    clientId: text,
    /** `certificate`, `token-file` or `managed-identity`; else it is a secret. */
    authentication: text,
    requestsPer30s: number('Requests per 30 s', 'it must be 100 to 10000', range),
};
const noGuid: Reason = 'it is no GUID';
const isBlankOrGuid = (entry: string): boolean => entry === '' || v.UUID_REGEX.test(entry);
/** Of each way to prove itself. */
const ofSecret = { secretEnds: day('End of the client secret') };
/** Blank: where Azure's workload identity has put it. */
const ofTokenFile = { tokenFile: text };
/** The client id of an identity that was assigned to this machine; blank for its own. */
const ofIdentity = { identity: v.pipe(text, named('Managed identity'), v.check(isBlankOrGuid, noGuid)) };
/** Where the cloud is none of Microsoft's. */
const addresses = { loginUrl: origin('Sign-in address'), graphUrl: origin('Graph address') };

/**
 * @param config what an azure-app node holds; flows of older versions lack some of it
 * @param closing ends the wait for a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
export async function registrationSettings(
    RED: NodeAPI,
    config: object,
    secrets: AppSecrets,
    closing: AbortSignal,
): Promise<RegistrationSettings> {
    const { cloud, tls, authentication, ...identity } = readFields(fields, config);
    const registration = { ...identity, ...(await proofOf(authentication, secrets, config)) };
    const { ca } = tlsOptions(RED, tls);
    const settings: RegistrationSettings =
        cloud === 'simulated'
            ? await simulated(registration, closing)
            : {
                  ...registration,
                  ...(cloud === 'custom' ? readFields(addresses, config) : endpointsOf(cloud || 'worldwide')),
                  ...(ca ? { trust: { ca, extent: 'added' } } : {}),
              };
    checkRegistration(settings);
    return settings;
}

/** The same as a dialog holds it, deployed or not. @throws SyncError that names the field that is missing or wrong */
export function askedSettings(RED: NodeAPI, asked: unknown, closing: AbortSignal): Promise<RegistrationSettings> {
    const values = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
    mustBeDeployed(RED, values.tls);
    return registrationSettings(RED, values, values, closing);
}

/** @throws SyncError that names what is wrong with what was entered */
export function certificateOf(entry: string, password: string | undefined): Promise<ReadCertificate> {
    // A variable of the environment often holds a PEM in one line.
    if (entry.includes('-----BEGIN')) return readCertificate({ pem: entry.replaceAll('\\n', '\n'), password });
    return readCertificate({ pfx: Buffer.from(entry, 'base64'), password });
}

type Proof = Pick<RegistrationSettings, 'clientSecret' | 'secretEnds' | 'certificate' | 'federated'>;

async function proofOf(authentication: string, secrets: AppSecrets, config: object): Promise<Proof> {
    if (authentication === 'managed-identity')
        return { federated: { managedIdentity: readFields(ofIdentity, config).identity } };
    if (authentication === 'token-file') {
        const tokenFile = readFields(ofTokenFile, config).tokenFile || process.env.AZURE_FEDERATED_TOKEN_FILE;
        if (!tokenFile) throw new SyncError('FIELD_MISSING', { field: 'Token file' });
        return { federated: { tokenFile } };
    }
    if (authentication !== 'certificate') {
        const clientSecret = entered(secret(secrets.clientSecret, 'Client secret')) || undefined;
        if (clientSecret && v.UUID_REGEX.test(clientSecret))
            throw new SyncError('FIELD_INVALID', {
                field: 'Client secret',
                why: 'it is the id of a secret: enter its value',
            });
        return { clientSecret, secretEnds: readFields(ofSecret, config).secretEnds };
    }
    const entry = secret(secrets.certificate, 'Certificate').trim();
    const password = secret(secrets.certificatePassword, 'Password of the certificate');
    if (!entry) throw new SyncError('FIELD_MISSING', { field: 'Certificate' });
    return { certificate: (await certificateOf(entry, password || undefined)).certificate };
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(
    registration: Omit<RegistrationSettings, 'loginUrl' | 'graphUrl' | 'trust'>,
    closing: AbortSignal,
): Promise<RegistrationSettings> {
    const { identity } = await openedOffice(closing);
    const { clientSecret, certificate, federated } = registration;
    return {
        ...registration,
        loginUrl: identity.loginUrl,
        graphUrl: identity.graphUrl,
        trust: { ca: identity.ca, extent: 'only' },
        tenant: registration.tenant || identity.tenantId,
        clientId: registration.clientId || identity.app.clientId,
        clientSecret: certificate || federated ? undefined : (clientSecret ?? identity.app.clientSecret),
    };
}

/** A config node that has looked, once per start, whether it may do what the running flows use it for. */
export interface Checked {
    /** Rejects with a SyncError where a setting is wrong. */
    check(): Promise<CheckReport>;
}

/** A node that uses an app registration, as far as that says what for. */
export interface UseOfApp {
    type?: string;
    /** Of a teams-subscriber. */
    delivery?: string;
    scope?: string;
    group?: string;
}

/** What a registration must be allowed to do, and what it should be. */
type Needs = Record<'required' | 'wanted', Need[]>;

/** What following takes beside presence. Whether a variable of the environment holds a name or an id is not known. */
function groupNeeds({ scope, group }: UseOfApp): Needs {
    if (scope !== 'group') return { required: [], wanted: [] };
    const name = plain(group);
    if (!name || variableIn(name)) return { required: ['group-by-id'], wanted: ['group-by-name'] };
    return { required: [isGroupId(name) ? 'group-by-id' : 'group-by-name'], wanted: [] };
}

/** What the nodes that use a registration need of it. While none does, nothing is a mistake. */
export function needsOf(uses: readonly UseOfApp[]): Needs {
    if (uses.length === 0) return { required: [], wanted: ['follow-app-only', 'write'] };
    const required = new Set<Need>();
    const wanted = new Set<Need>();
    for (const use of uses) {
        const { type, delivery } = use;
        if (type === 'teams-presence-writer') required.add('write');
        if (type !== 'teams-subscriber') continue;
        if (delivery === 'polling') required.add('follow-app-only');
        else required.add('follow-delegated');
        if (delivery !== 'polling' && delivery !== 'notifications') wanted.add('follow-app-only');
        const group = groupNeeds(use);
        // Accounts may read groups too, with a delegated permission.
        for (const need of group.required) (delivery === 'polling' ? required : wanted).add(need);
        for (const need of group.wanted) wanted.add(need);
    }
    return { required: [...required], wanted: [...wanted] };
}

/** What accounts need beside the presence that they are for. */
export function accountNeeds(uses: readonly UseOfApp[]): { needs: Need[]; wanted: Need[] } {
    const groups = uses.map(groupNeeds);
    return { needs: groups.flatMap(({ required }) => required), wanted: groups.flatMap(({ wanted }) => wanted) };
}

/** The nodes that use a registration in the flows that run. */
function usesOf(RED: NodeAPI, app: string): UseOfApp[] {
    const all = deployedNodes<UseOfApp & { app: string; accounts: string }>(RED);
    return all.filter(one => {
        // A subscriber has a registration of its own only while it polls.
        const byAccounts = one.type === 'teams-subscriber' && one.delivery !== 'polling';
        const used = byAccounts ? all.find(({ id }) => id === one.accounts) : one;
        return used?.app === app;
    });
}

/** Signs in as an app registration, once, and compares what it may do with what it is used for. Never rejects. */
export async function registrationReport(
    settings: RegistrationSettings,
    { required, wanted }: Needs,
): Promise<CheckReport> {
    const http = createHttp(settings.trust);
    try {
        return await checkApp(settings, http, required, { wanted });
    } finally {
        await http.close();
    }
}

/** The same at the start of the flows, where only what is missing matters: without need there is no sign-in. */
export async function startReport(RED: NodeAPI, app: string, settings: RegistrationSettings): Promise<CheckReport> {
    const { required } = needsOf(usesOf(RED, app));
    const actsAsApp = required.some(need => need !== 'follow-delegated');
    if (actsAsApp && canActAsApp(settings)) return registrationReport(settings, { required, wanted: [] });
    return reportOf(endLines(settings, systemClock.date()));
}

/**
 * Has a config node look once, when all nodes of the deploy exist, whether it may do what it is used for, and log what is
 * missing. Returns what the overview says of that.
 */
export function checkOnce(own: RunningNode<Node & Checked>, look: () => Promise<CheckReport>): RunningNode['tells'] {
    const report = own.flows.started().then(() => (own.closing.aborted ? { ok: true, lines: [] } : look()));
    own.node.check = () => report;
    // Settings that are wrong are told by the nodes that use them.
    report.then(({ lines }) => warnOf(own, lines)).catch(() => {});
    let state: ConnectionState = { phase: 'connecting' };
    let parts: HealthPart[] = [];
    const take = ({ lines }: CheckReport): void => {
        state = { phase: 'online' };
        parts = lines.flatMap(({ ok, sentence }) =>
            ok === true ? [] : [{ level: ok === false ? 'bad' : 'warning', kind: 'check', sentence }],
        );
    };
    report.then(take, thrown => {
        state = { phase: 'failed', error: toSyncError(thrown) };
    });
    return () => ({ state, parts });
}

/**
 * Logs the lines of a report that belong into a log, in the language of the runtime. What else fails is told by the nodes
 * that use the registration; a licence may not matter.
 */
export function warnOf(own: RunningNode, lines: readonly CheckLine[]): void {
    if (own.closing.aborted) return;
    for (const line of lines) {
        const isMissing = line.ok === false && line.parameters.permission !== undefined;
        if (isMissing || (line.ok === 'warning' && (line.id === 'certificate' || line.id === 'secret')))
            own.node.warn(own.sentence(line));
    }
}

/** Has a node show that the proof of its registration ends soon. */
export function showEnding(own: RunningNode, app: (Node & { ending?: CheckLine }) | undefined): void {
    const show = (): void => own.remark(app?.ending && own.sentence(app.ending));
    app?.on('ending' as never, show);
    own.closing.addEventListener('abort', () => app?.off('ending' as never, show));
    show();
}

/**
 * What a node shows whose registration lacks a permission to act as the app that it needs; undefined if all are there,
 * or if nothing could be looked at. Never rejects.
 */
export async function permissionTrouble(node: Checked, need: Need): Promise<SyncError | undefined> {
    const report = await node.check().catch(() => undefined);
    const needed = permissionsFor([need], 'application');
    const lacked = report?.lines.filter(({ ok }) => ok === false).map(({ parameters }) => parameters.permission) ?? [];
    const permissions = needed.filter(permission => lacked.includes(permission)).join(', ');
    return permissions ? new SyncError('TEAMS_PERMISSIONS_NEEDED', { permissions }) : undefined;
}
