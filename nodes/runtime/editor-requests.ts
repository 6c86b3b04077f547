import { isDeepStrictEqual } from 'node:util';
import type { NodeAPI } from 'node-red';
import { SyncError, toSyncError } from '../../lib/errors/errors';
import type { Language } from '../../lib/errors/sentence';
import type { CheckLine } from '../../lib/support/check-report';
import { type Clock, systemClock, within } from '../../lib/time/clock';
import { configNode, deployedNodes } from './config-node';
import { entered, plain, variableIn } from './fields';
import { migrate } from './migrations';

/** How long a dialog is kept waiting at most, in ms. */
const patience = 30_000;

/** What a dialog sends; anything may be missing or wrong. */
export type Asked = Record<string, unknown>;

/**
 * A request that a dialog of ours sends to the runtime, answered with JSON: what `answer` gives, else
 * `{ error: { code, parameters, text } }`. Only JSON is taken: a form on another site cannot send it in the name of a user who is logged in.
 * @param path begins with the node type, which users of the editor must be permitted to write, as in `azure-app.write`
 * @param answer its signal is aborted when the dialog waits no more, or has waited long enough
 * @param options.reaches an address that is asked for is connected to, which tells of a network that only the host may know
 * @param options.late says which server has kept us waiting; Microsoft, if nothing is said
 */
export function onEditorRequest(
    RED: NodeAPI,
    path: string,
    answer: (asked: Asked, signal: AbortSignal) => Promise<object>,
    {
        clock = systemClock,
        late = seconds => new SyncError('TEAMS_TIMEOUT', { host: 'Microsoft', seconds }),
        reaches = false,
    }: { clock?: Clock; late?: (seconds: number) => SyncError; reaches?: boolean } = {},
): void {
    const [, type] = path.split('/');
    RED.httpAdmin.post(path, RED.auth.needsPermission(`${type}.write`), (request, response) => {
        if (!request.is('application/json')) {
            response.sendStatus(415);
            return;
        }
        const ending = new AbortController();
        response.on('close', () => ending.abort());
        const asked = askedIn(request);
        const language = languageAsked(request);
        const allowed = async (): Promise<object> => {
            if ((reaches || usesSecrets(asked)) && !(await mayDeploy(RED, request)))
                mustBeAsDeployed(RED, type!, asked);
            return answer(asked, ending.signal);
        };
        within(clock, patience, allowed())
            .then(result => {
                if (result) return result;
                throw late(patience / 1000);
            })
            .finally(() => ending.abort())
            .catch(thrown => ({ error: toSyncError(thrown) }))
            .then(result => {
                if (!response.writableEnded && !response.destroyed) response.json(told(result, language));
            })
            .catch(() => response.destroy());
    });
}

/** What a request asks for, whatever it has sent. */
export function askedIn({ body }: { body?: unknown }): Asked {
    return typeof body === 'object' && body !== null ? { ...body } : {};
}

/** The editor asks in its own language, which need not be that of the runtime. */
export function languageAsked(request: Parameters<Handler>[0]): Language {
    return request.acceptsLanguages('en', 'de') === 'de' ? 'de' : 'en';
}

/** What an app registration proves itself with that lies on this machine. */
const ofMachine = /token-file|managed-identity/;

/** Whether anything in it is known to the runtime alone: a stored secret, a variable of the environment, a file. */
function usesSecrets(value: unknown): boolean {
    if (typeof value === 'object' && value !== null)
        return ofMachine.test(plain((value as Asked).authentication)) || Object.values(value).some(usesSecrets);
    return value === unchanged || variableIn(plain(value)) !== undefined;
}

type Handler = ReturnType<NodeAPI['auth']['needsPermission']>;

/** Whether the user may deploy flows, by which the runtime does anything that it can. */
function mayDeploy(RED: NodeAPI, request: Parameters<Handler>[0]): Promise<boolean> {
    return new Promise(resolve => {
        const refuse = (): void => resolve(false);
        const unsent = { setHeader: () => unsent, status: () => unsent, end: refuse, send: refuse, sendStatus: refuse };
        RED.auth.needsPermission('flows.write')(request, unsent as never, () => resolve(true));
    });
}

/** What a test takes beside the fields of a node: what it is for, and secrets, which a flow does not hold. */
const typed = /^(?:uses|index|editor|password\d*|clientSecret|certificate|certificatePassword)$/;

/** Where something is sent, and whom it is sent to. */
const placeFields = ['cloud', 'loginUrl', 'graphUrl', 'system', 'role', 'address', 'fingerprint'];

/**
 * Whoever may only test what others deploy uses what the runtime alone knows as it is deployed: they could read it
 * otherwise, or have it sent to an address of their own.
 * @throws SyncError TEST_NOT_DEPLOYED
 */
function mustBeAsDeployed(RED: NodeAPI, type: string, asked: Asked): void {
    const node = deployedNodes<Asked>(RED).find(each => each.id === asked.id && each.type === type);
    if (!node) throw new SyncError('TEST_NOT_DEPLOYED');
    const rows = Array.isArray(node.accounts) ? node.accounts : [];
    const row = rows[Number(asked.index)] as Asked | undefined;
    // A flow of an older version lacks fields, which mean something all the same, and so does a row without a method.
    const known: Asked = migrate(type, { ...node, ...(row && { method: 'password', ...row }) });
    const { app, ...own } = asked;
    const named = typeof app === 'object' && app !== null ? (app as Asked).id : app;
    // A place that is left out is another one.
    const places = Object.fromEntries(placeFields.map(name => [name, own[name]]));
    for (const [name, value] of Object.entries({ ...places, ...own, ...('app' in asked ? { app: named } : {}) })) {
        const meant = value === noNode ? '' : value || '';
        const isSame = value === unchanged || typed.test(name) || isDeepStrictEqual(known[name] || '', meant);
        if (!isSame || (usesSecrets(value) && value !== unchanged && !(name in known)))
            throw new SyncError('TEST_NOT_DEPLOYED');
    }
    if (typeof app === 'object' && app !== null) mustBeAsDeployed(RED, 'azure-app', app as Asked);
}

/** Puts the sentence of each error, and of each line of a check, into words. No secret gets out: parameters hold none. */
function told(answer: object, language: Language): object {
    const { error, lines } = answer as { error?: SyncError; lines?: CheckLine[] };
    if (error) return { error: told(error, language) };
    if (lines) return { ...answer, lines: lines.map(line => told(line, language)) };
    if (!('sentence' in answer)) return answer;
    const { ok, code, parameters, sentence } = answer as CheckLine;
    return { ok, code, parameters, text: sentence[language] };
}

/** What the editor shows for a secret that only the runtime knows. */
const unchanged = '__PWRD__';
/** What it holds where no configuration node is chosen. */
const noNode = '_ADD_';

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
    secrets: readonly string[] = [],
): Record<string, string> {
    const values: Asked = typeof asked === 'object' && asked !== null ? { ...asked } : {};
    const id = entered(values.id);
    const node = configNode<{ type: string }>(RED, id);
    const deployed = node?.type === type ? node : undefined;
    const stored = (deployed && (RED.nodes.getCredentials(id) as Asked | null)) ?? {};
    const textOf = ([name, value]: [string, unknown]): [string, string] => {
        const isSecret = secrets.includes(name);
        const entry = isSecret && value === unchanged ? stored[name] : value;
        const text = plain(entry);
        const variable = variableIn(text);
        const held: unknown = variable && RED.util.getSetting(deployed as never, variable);
        // Blanks around a secret are part of it, and what looks like a variable may be one: who uses it says so.
        if (isSecret) return [name, String(held ?? (typeof entry === 'string' ? entry : text))];
        if (!variable) return [name, text === noNode ? '' : text];
        return [name, entered(held ?? text)];
    };
    return Object.fromEntries(Object.entries(values).map(textOf));
}

/** The editor knows a TLS configuration from its making on, the runtime from the deploy on. @throws SyncError FIELD_INVALID */
export function mustBeDeployed(RED: NodeAPI, id: string | undefined): void {
    if (id && !configNode(RED, id))
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why: 'deploy it first' });
}
