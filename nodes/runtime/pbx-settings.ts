import type { NodeAPI } from 'node-red';
import * as v from 'valibot';
import { SyncError } from '../../lib/errors/errors';
import type { OptionalApi } from '../../lib/pbx/check/check-apis';
import type { PbxSettings } from '../../lib/pbx/connection/pbx-settings';
import { askedValues } from './asked-values';
import { configNode } from './config-node';
import type { Asked } from './editor-requests';
import { entered } from './entered';
import { choice, list, missing, named, optional, readFields, required, rows, text } from './fields';
import { openedOffice } from './opened-office';
import { callPlace, type PbxFields } from './pbx-fields';
import { tlsOptions } from './tls-options';

/** What a PBX connection keeps among its credentials. */
export interface PbxSecrets {
    password?: string;
}

/** As Node-RED declares them. */
export const pbxCredentials = { password: { type: 'password' } } as const;

/** Where the PBX calls us. */
const called = {
    appName: required('Name of the App object'),
    // Blanks around a password are part of it.
    password: v.pipe(
        v.optional(v.fallback(v.string(), ''), ''),
        named('Password of the App object'),
        v.nonEmpty(missing),
    ),
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
};
const role = choice('The choice who calls', ['client', 'server']);

/**
 * The settings that a dialog describes.
 * @param closing ends the patience with a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
export async function pbxSettings(
    RED: NodeAPI,
    fields: PbxFields,
    { password }: PbxSecrets,
    closing: AbortSignal,
): Promise<PbxSettings> {
    if (entered(fields.system) === 'simulated') return simulated(fields, password, closing);
    const entries = { ...fields, password };
    if (isCalled(fields)) {
        const settings = readFields(called, entries);
        const { app: urlName } = callPlace(fields);
        // Without it a slave that calls first could not be told from the master.
        const { pbxName } = readFields({ pbxName: required('PBX name') }, fields);
        return { ...settings, pbxName, role: 'server', addresses: [], urlName };
    }
    const { address, slaves, ...settings } = readFields(calling, entries);
    return { ...settings, role: 'client', addresses: [address, ...slaves], ...tlsOptions(RED, fields.tls) };
}

/** Whether the PBX calls us. @throws SyncError FIELD_INVALID */
export function isCalled(fields: PbxFields): boolean {
    return readFields({ role }, fields).role === 'server' && entered(fields.system) !== 'simulated';
}

/** What a dialog holds, though it is not deployed yet; see {@link askedValues}. */
export function askedFields(RED: NodeAPI, asked: Asked): PbxFields & PbxSecrets {
    const values = askedValues(RED, 'pbx-connection', asked, Object.keys(pbxCredentials));
    const slaves = Array.isArray(asked.slaves) ? askedValues(RED, 'pbx-connection', { ...asked.slaves }, []) : {};
    const [tls, serverTls] = ['tls', 'serverTls'].map(name => (values[name] === '_ADD_' ? '' : values[name]));
    const used = isCalled(values) ? values.listen === 'own-port' && serverTls : tls;
    if (used && values.system !== 'simulated' && !configNode(RED, used))
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why: 'deploy it first' });
    return { ...values, tls, serverTls, slaves: Object.values(slaves), pairs: asked.pairs };
}

/** What the App object should have ticked for the nodes that use a PBX, beyond what is always needed. */
export function apisOf(uses: readonly { type?: string; lineState?: string; call?: string }[]): OptionalApi[] {
    const apis = new Set<OptionalApi>(['PbxAdminApi']);
    for (const { type, lineState, call } of uses) {
        if (type === 'pbx-presence-in' && lineState === 'rcc') apis.add('RCC');
        if (type === 'pbx-presence-out' && call === 'alien') apis.add('PbxImpersonation');
    }
    return [...apis];
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(fields: PbxFields, password: string | undefined, closing: AbortSignal): Promise<PbxSettings> {
    const { identity } = await openedOffice(closing);
    const slaves = identity.pbx.slaves?.map(({ url }) => url) ?? [];
    return {
        role: 'client',
        addresses: [identity.pbx.url, ...slaves],
        appName: entered(fields.appName) || identity.pbx.appName,
        password: password || identity.pbx.password,
        ...readFields({ pbxName: optional, domain: optional }, fields),
        ca: identity.ca,
    };
}
