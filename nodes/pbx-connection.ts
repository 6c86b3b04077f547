import type { Node, NodeAPI } from 'node-red';
import * as v from 'valibot';
import { SyncError } from '../lib/errors/errors';
import type { Reason } from '../lib/errors/phrases';
import { oneLine } from '../lib/errors/sentence';
import { healthPart } from '../lib/monitor/health';
import type { OptionalApi } from '../lib/pbx/check/check-pbx';
import { checkPbx } from '../lib/pbx/check/check-pbx';
import { checkPbxName } from '../lib/pbx/connection/pbx-address';
import type { PbxSettings } from '../lib/pbx/connection/pbx-settings';
import { PbxSystem } from '../lib/pbx/pbx-system';
import type { ParticipationSettings } from '../lib/pbx/users/participation';
import type { MatchSettings } from '../lib/presence/user-matches';
import { decoded } from '../lib/support/web-server';
import { systemContinuity } from '../lib/time/continuity';
import { claimLog, holdsClaims } from './runtime/claim-log';
import { configNode, onSystemClose, openedOffice, ownServer, type SystemNode, tlsOptions } from './runtime/config-node';
import { type Asked, askedValues, mustBeDeployed, onEditorRequest } from './runtime/editor-requests';
import { pbxEndpoints } from './runtime/endpoints';
import {
    choice,
    list,
    missing,
    named,
    optional,
    readFields,
    required,
    requiredSecret,
    rows,
    text,
} from './runtime/fields';
import { type RunningNode, registerNode } from './runtime/running-node';
import { journal, pbxSystems } from './runtime/systems';

/** As Node-RED declares them. */
const pbxCredentials = { password: { type: 'password' } } as const;

const app = {
    appName: required('Name of the App object'),
    password: requiredSecret('Password of the App object'),
    pbxName: optional,
    domain: optional,
};
/** Where the PBX calls us. Without its name a slave that calls first could not be told from the master. */
const called = { ...app, pbxName: required('PBX name') };
/** Where we call it. */
const calling = {
    address: required('Address of the PBX'),
    ...app,
    module: optional,
    slaves: v.pipe(rows(text), v.filterItems(Boolean)),
    fingerprint: list(/[,;]/),
    tls: text,
};
const role = choice('The choice who calls', ['client', 'server']);
const users = list(/[,;\n]/);
const participating = {
    participation: choice('The choice who takes part', ['all', 'group', 'licence', 'listed']),
    groups: users,
    licence: text,
    include: users,
    exclude: users,
};
/** What must not be blank, by the choice who takes part. */
const notBlank = {
    all: {},
    group: { groups: v.pipe(users, named('Group'), v.nonEmpty(missing)) },
    licence: { licence: required('Licence') },
    listed: { include: v.pipe(users, named('The list of users'), v.nonEmpty(missing)) },
};
const matching = {
    match: choice('The choice how users match', ['address', 'name-upn', 'long-name', 'number']),
    mainNumber: text,
    pairs: v.pipe(
        rows(v.fallback(v.object({ pbx: text, teams: text }), { pbx: '', teams: '' })),
        v.filterItems(({ pbx, teams }) => pbx !== '' && teams !== ''),
    ),
};

/** The config node as other nodes see it. */
export interface PbxConnection extends Node<{ password?: string }>, SystemNode {
    /** The system, connecting from the first use on. Rejects with a SyncError that names the field, if one is wrong. */
    system(): Promise<PbxSystem>;
    /** The same, if a node uses it. */
    running(): Promise<PbxSystem> | undefined;
}

export = (RED: NodeAPI): void => {
    const takeCalls = pbxEndpoints(RED);

    const create = (own: RunningNode<PbxConnection>): void => {
        const { node, config, closing } = own;
        let system: Promise<PbxSystem> | undefined;
        let hangUp: (() => Promise<void>) | undefined;

        const log = (level: 'debug' | 'info' | 'warn', text: string): void =>
            node[level === 'info' ? 'log' : level](oneLine(text));
        const connect = async (): Promise<PbxSystem> => {
            const { password } = node.credentials ?? {};
            const settings = await pbxSettings(RED, { ...config, password }, closing);
            checkPbxName(settings.pbxName ?? '');
            const created = new PbxSystem({
                ...{ settings, participation: participationOf(config), matching: matchingOf(config) },
                ...{ continuity: systemContinuity, log, journal },
                book: { store: claimLog(RED), side: 'pbx', system: node.id },
            });
            await created.people.restore();
            if (closing.aborted) return created;
            if (created.server) {
                const { folder, ownPort } = callPlace(RED, config);
                const onCrowd = (error?: SyncError): void => {
                    if (error) node.warn(own.sentence(error));
                    created.crowded(error);
                };
                hangUp = await takeCalls(created.server, folder, onCrowd, ownPort);
            }
            if (closing.aborted) return created;
            const name = node.name || settings.pbxName || settings.appName;
            pbxSystems.set(node.id, { id: node.id, name, system: created });
            created.start();
            return created;
        };
        own.tells = () => {
            const links = pbxSystems.get(node.id)?.system.states() ?? [];
            const parts = links.map(({ name, role, state }) => healthPart('link', state, { name, role }));
            return { state: links[0]?.state, parts };
        };
        node.running = () => system;
        node.system = () => {
            system ??= connect();
            return system;
        };
        // What an earlier process has set in a PBX that no node uses any more is taken back, too.
        const lookForLeft = async (): Promise<void> => {
            await own.flows.started();
            if (!system && !closing.aborted && (await holdsClaims(RED, node.id))) await node.system();
        };
        lookForLeft().catch(() => {});
        onSystemClose(own, ['system', 'role', 'address', 'module'], async isOver => {
            const connected = await system?.catch(() => undefined);
            if (pbxSystems.get(node.id)?.system === connected) pbxSystems.delete(node.id);
            if (isOver) await connected?.people.clearAll();
            await connected?.stop();
            await hangUp?.();
        });
    };
    registerNode(RED, 'pbx-connection', create, { credentials: pbxCredentials });
    answerDialog(RED);
};

function answerDialog(RED: NodeAPI): void {
    const late = (seconds: number) => new SyncError('PBX_SILENT', { host: 'PBX', seconds });
    const check = async (asked: Asked, signal: AbortSignal): Promise<object> => {
        const config = askedPbx(RED, asked);
        const settings = await pbxSettings(RED, config, signal);
        matchingOf(config);
        const participation = participationOf(config);
        const node = isCalled(config) ? configNode<PbxConnection>(RED, config.id) : undefined;
        // Of a node that is deployed and in use.
        const system = node?.type === 'pbx-connection' ? await node.running()?.catch(() => undefined) : undefined;
        return checkPbx(settings, apisOf(RED, asked.uses), { participation, running: system?.running });
    };
    onEditorRequest(RED, '/pbx-connection/check', check, { late });
}

/**
 * The settings that a dialog describes.
 * @param config what a PBX connection holds, with its password; flows of old have less of it
 * @param closing ends the patience with a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
async function pbxSettings(RED: NodeAPI, config: Record<string, unknown>, closing: AbortSignal): Promise<PbxSettings> {
    if (isSimulated(config)) return simulated(config, closing);
    if (isCalled(config)) {
        const { urlName } = callPlace(RED, config);
        return { ...readFields(called, config), role: 'server', addresses: [], urlName };
    }
    const { address, slaves, tls, ...settings } = readFields(calling, config);
    return { ...settings, role: 'client', addresses: [address, ...slaves], ...tlsOptions(RED, tls) };
}

function isSimulated(config: object): boolean {
    return readFields({ system: text }, config).system === 'simulated';
}

/** Whether the PBX calls us. @throws SyncError FIELD_INVALID */
function isCalled(config: object): boolean {
    return readFields({ role }, config).role === 'server' && !isSimulated(config);
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(config: object, closing: AbortSignal): Promise<PbxSettings> {
    const { identity } = await openedOffice(closing);
    const password = v.optional(v.fallback(v.string(), ''), '');
    const entries = readFields({ appName: text, password, pbxName: optional, domain: optional }, config);
    return {
        ...entries,
        role: 'client',
        addresses: [identity.pbx.url, ...(identity.pbx.slaves?.map(({ url }) => url) ?? [])],
        appName: entries.appName || identity.pbx.appName,
        password: entries.password || identity.pbx.password,
        ca: identity.ca,
    };
}

/**
 * Where the PBX calls according to the URL of its App object.
 * @throws SyncError FIELD_MISSING, FIELD_INVALID
 * @see https://github.com/innovaphone/websocketphp8, makeWebSocketUri: the websocket is at the URL without its last component
 */
function callPlace(RED: NodeAPI, config: Record<string, unknown>) {
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
    const { appUrl } = readFields({ appUrl: required('URL of the App object') }, config);
    const url = URL.canParse(appUrl) ? new URL(appUrl) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol)) throw invalid('it must begin with http:// or https://');
    const [, folder, name] = /^(\/[^/].*)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!folder || !name) throw invalid('it needs a path of two parts, such as /pbx/presence-sync');
    return { folder: decoded(folder), urlName: decoded(name), ownPort: ownServer(RED, config, config.serverTls) };
}

/** Who of the PBX takes part. @throws SyncError FIELD_MISSING, FIELD_INVALID */
function participationOf(config: object): ParticipationSettings {
    const { participation: who, ...entries } = readFields(participating, config);
    readFields(notBlank[who], config);
    return { who, ...entries };
}

/** How users of both sides are matched. @throws SyncError FIELD_INVALID */
function matchingOf(config: object): MatchSettings {
    const { match: by, ...others } = readFields(matching, config);
    return { by, ...others };
}

/** What a dialog holds, though it is not deployed yet; see {@link askedValues}. */
function askedPbx(RED: NodeAPI, asked: Asked): Record<string, unknown> {
    const values = askedValues(RED, 'pbx-connection', asked, Object.keys(pbxCredentials));
    const slaves = Array.isArray(asked.slaves) ? askedValues(RED, 'pbx-connection', { ...asked.slaves }) : {};
    const tls = isCalled(values) ? values.listen === 'own-port' && values.serverTls : values.tls;
    if (tls && !isSimulated(values)) mustBeDeployed(RED, tls);
    return { ...values, slaves: Object.values(slaves), pairs: asked.pairs };
}

/** What the App object should have ticked for the nodes that use a PBX, beyond what is always needed. */
function apisOf(RED: NodeAPI, uses: unknown): OptionalApi[] {
    const apis = new Set<OptionalApi>(['PbxAdminApi']);
    for (const use of Array.isArray(uses) ? uses : []) {
        const { type, lineState, call } = askedValues(RED, 'pbx-connection', use);
        if (type === 'pbx-presence-in' && lineState === 'rcc') apis.add('RCC');
        if (type === 'pbx-presence-out' && call === 'alien') apis.add('PbxImpersonation');
    }
    return [...apis];
}
