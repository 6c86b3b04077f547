import type { NodeAPI } from 'node-red';
import * as v from 'valibot';
import { SyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import type { OptionalApi } from '../../lib/pbx/check/check-pbx';
import type { PbxSettings } from '../../lib/pbx/connection/pbx-settings';
import type { ParticipationSettings } from '../../lib/pbx/users/participation';
import type { MatchSettings } from '../../lib/presence/user-matches';
import { decoded } from '../../lib/support/web-server';
import { tlsOptions } from './config-node';
import { type Asked, askedValues, mustBeDeployed } from './editor-requests';
import { choice, list, missing, named, optional, port, readFields, required, rows, text } from './fields';
import { openedOffice } from './simulated';

/** As Node-RED declares them. */
export const pbxCredentials = { password: { type: 'password' } } as const;

/** Blanks around a password are part of it. */
const password = v.optional(v.fallback(v.string(), ''), '');
/** Where the PBX calls us. */
const called = {
    appName: required('Name of the App object'),
    password: v.pipe(password, named('Password of the App object'), v.nonEmpty(missing)),
    pbxName: optional,
    domain: optional,
};
/** Where we call it. */
const calling = {
    address: required('Address of the PBX'),
    ...called,
    module: optional,
    slaves: v.pipe(rows(text), v.filterItems(Boolean)),
    fingerprint: list(/[,;]/),
    tls: text,
};
const role = choice('The choice who calls', ['client', 'server']);
const place = { appUrl: required('URL of the App object'), listen: text };
const users = list(/[,;\n]/);
const participating = {
    participation: choice('The choice who takes part', ['all', 'group', 'licence', 'listed']),
    groups: users,
    licence: text,
    include: users,
    exclude: users,
};
/** What must not be blank, by the choice who takes part. */
const asked = {
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

/** Where PBXs call, in the role `server`. */
export interface CallPlace {
    /** Path of the websocket: that of the App object's URL without its last component. */
    folder: string;
    /** Last component of the URL. */
    app: string;
    /** Of its own; absent: that of Node-RED. */
    port?: number;
}

/**
 * The settings that a dialog describes.
 * @param config what a PBX connection holds, with its password; flows of old have less of it
 * @param closing ends the patience with a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
export async function pbxSettings(RED: NodeAPI, config: object, closing: AbortSignal): Promise<PbxSettings> {
    if (isSimulated(config)) return simulated(config, closing);
    if (isCalled(config)) {
        const settings = readFields(called, config);
        const { app: urlName } = callPlace(config);
        // Without it a slave that calls first could not be told from the master.
        const { pbxName } = readFields({ pbxName: required('PBX name') }, config);
        return { ...settings, pbxName, role: 'server', addresses: [], urlName };
    }
    const { address, slaves, tls, ...settings } = readFields(calling, config);
    return { ...settings, role: 'client', addresses: [address, ...slaves], ...tlsOptions(RED, tls) };
}

export function isSimulated(config: object): boolean {
    return readFields({ system: text }, config).system === 'simulated';
}

/** Whether the PBX calls us. @throws SyncError FIELD_INVALID */
export function isCalled(config: object): boolean {
    return readFields({ role }, config).role === 'server' && !isSimulated(config);
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(config: object, closing: AbortSignal): Promise<PbxSettings> {
    const { identity } = await openedOffice(closing);
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
export function callPlace(config: object): CallPlace {
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
    const { appUrl, listen } = readFields(place, config);
    const url = URL.canParse(appUrl) ? new URL(appUrl) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol)) throw invalid('it must begin with http:// or https://');
    const [, folder, app] = /^(\/[^/].*)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!folder || !app) throw invalid('it needs a path of two parts, such as /pbx/presence-sync');
    const ownPort = listen === 'own-port' ? readFields({ port }, config) : {};
    return { folder: decoded(folder), app: decoded(app), ...ownPort };
}

/** Who of the PBX takes part. @throws SyncError FIELD_MISSING, FIELD_INVALID */
export function participationOf(config: object): ParticipationSettings {
    const { participation: who, ...entries } = readFields(participating, config);
    readFields(asked[who], config);
    return { who, ...entries };
}

/** How users of both sides are matched. @throws SyncError FIELD_INVALID */
export function matchingOf(config: object): MatchSettings {
    const { match: by, ...others } = readFields(matching, config);
    return { by, ...others };
}

/** What a dialog holds, though it is not deployed yet; see {@link askedValues}. */
export function askedPbx(RED: NodeAPI, asked: Asked): Record<string, unknown> {
    const values = askedValues(RED, 'pbx-connection', asked, Object.keys(pbxCredentials));
    const slaves = Array.isArray(asked.slaves) ? askedValues(RED, 'pbx-connection', { ...asked.slaves }) : {};
    const tls = isCalled(values) ? values.listen === 'own-port' && values.serverTls : values.tls;
    if (tls && !isSimulated(values)) mustBeDeployed(RED, tls);
    return { ...values, slaves: Object.values(slaves), pairs: asked.pairs };
}

/** What the App object should have ticked for the nodes that use a PBX, beyond what is always needed. */
export function apisOf(RED: NodeAPI, uses: unknown): OptionalApi[] {
    const apis = new Set<OptionalApi>(['PbxAdminApi']);
    for (const use of Array.isArray(uses) ? uses : []) {
        const { type, lineState, call } = askedValues(RED, 'pbx-connection', use);
        if (type === 'pbx-presence-in' && lineState === 'rcc') apis.add('RCC');
        if (type === 'pbx-presence-out' && call === 'alien') apis.add('PbxImpersonation');
    }
    return [...apis];
}
