import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { PbxSettings } from '../../lib/pbx/connection/pbx-settings';
import { askedValues } from './asked-values';
import { configNode } from './config-node';
import type { Asked } from './editor-requests';
import { entered } from './entered';
import { openedOffice } from './opened-office';
import { callPlace, fingerprintsOf, type PbxFields, slavesOf } from './pbx-fields';
import { tlsOptions } from './tls-options';

/** What a PBX connection keeps among its credentials. */
export interface PbxSecrets {
    password?: string;
}

/** As Node-RED declares them. */
export const pbxCredentials = { password: { type: 'password' } } as const;

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
    const isServer = isCalled(fields);
    if (!isServer && !entered(fields.address)) throw new SyncError('FIELD_MISSING', { field: 'Address of the PBX' });
    if (!entered(fields.appName)) throw new SyncError('FIELD_MISSING', { field: 'Name of the App object' });
    if (!password) throw new SyncError('FIELD_MISSING', { field: 'Password of the App object' });
    const common = {
        appName: entered(fields.appName),
        password,
        pbxName: entered(fields.pbxName) || undefined,
        domain: entered(fields.domain) || undefined,
    };
    if (isServer) {
        const { app: urlName } = callPlace(fields);
        // Without it a slave that calls first could not be told from the master.
        if (!common.pbxName) throw new SyncError('FIELD_MISSING', { field: 'PBX name' });
        return { ...common, role: 'server', addresses: [], urlName };
    }
    return {
        ...common,
        role: 'client',
        addresses: [entered(fields.address), ...slavesOf(fields)],
        module: entered(fields.module) || undefined,
        fingerprint: fingerprintsOf(fields),
        ...tlsOptions(RED, fields.tls),
    };
}

/** Whether the PBX calls us. @throws SyncError FIELD_INVALID */
export function isCalled({ system, role }: PbxFields): boolean {
    const chosen = entered(role) || 'client';
    if (chosen !== 'client' && chosen !== 'server')
        throw new SyncError('FIELD_INVALID', { field: 'The choice who calls', why: 'it is none of the choices' });
    return chosen === 'server' && entered(system) !== 'simulated';
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

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(fields: PbxFields, password: string | undefined, closing: AbortSignal): Promise<PbxSettings> {
    const { identity } = await openedOffice(closing);
    const slaves = identity.pbx.slaves?.map(({ url }) => url) ?? [];
    return {
        role: 'client',
        addresses: [identity.pbx.url, ...slaves],
        appName: entered(fields.appName) || identity.pbx.appName,
        password: password || identity.pbx.password,
        pbxName: entered(fields.pbxName) || undefined,
        domain: entered(fields.domain) || undefined,
        ca: identity.ca,
    };
}
