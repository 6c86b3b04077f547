import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { configNode } from './config-node';
import type { Asked } from './editor-requests';
import { entered } from './entered';
import { type AppFields, type AppSecrets, appCredentials, registrationSettings } from './registration-settings';

/** What the editor shows for a secret that only the runtime knows. */
const unchanged = '__PWRD__';

const variable = /^\$(?:\{[^}]+\}|\([^)]+\))$/;

/**
 * The values of a node as its dialog holds them, though they are not deployed yet, as text: a secret that was not
 * changed is taken from the credentials of the node, and `${NAME}` is replaced as at a deploy.
 * @param type what the node must be, so that no dialog can ask for the secrets of another node
 * @param secrets the names of its credentials
 */
export function askedValues(
    RED: NodeAPI,
    type: string,
    asked: unknown,
    secrets: readonly string[],
): Record<string, string> {
    const values: Asked = typeof asked === 'object' && asked !== null ? { ...asked } : {};
    const id = entered(values.id);
    const node = configNode<{ type: string }>(RED, id);
    const deployed = node?.type === type ? node : undefined;
    const stored = (deployed && (RED.nodes.getCredentials(id) as Asked | null)) ?? {};
    const textOf = ([name, value]: [string, unknown]): [string, string] => {
        const text = entered(secrets.includes(name) && value === unchanged ? stored[name] : value);
        if (!variable.test(text)) return [name, text];
        const reference = `\${${text.slice(2, -1)}}`;
        return [name, entered(RED.util.evaluateNodeProperty(reference, 'env', deployed as never, {}))];
    };
    return Object.fromEntries(Object.entries(values).map(textOf));
}

/**
 * The settings of an app registration as its dialog, or the editor, holds them.
 * @throws SyncError that names the field that is missing or wrong
 */
export function askedSettings(RED: NodeAPI, asked: unknown, closing: AbortSignal): Promise<RegistrationSettings> {
    const values: AppFields & AppSecrets = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
    const isChosen = values.tls && values.tls !== '_ADD_';
    if (isChosen && !configNode(RED, values.tls)) {
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why: 'deploy it first' });
    }
    return registrationSettings(RED, values, values, closing);
}
