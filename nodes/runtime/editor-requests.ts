import type { NodeAPI } from 'node-red';
import { SyncError, toSyncError } from '../../lib/errors/errors';
import type { Language, Parameters, Sentence } from '../../lib/errors/sentence';
import { type Clock, systemClock, within } from '../../lib/time/clock';

/** How long a dialog is kept waiting at most, in ms. */
const patience = 30_000;

/** A sentence for the editor, in its language. */
export interface Told {
    code: string;
    parameters: Parameters;
    text: string;
}

/** What a dialog sends; anything may be missing or wrong. */
export type Asked = Record<string, unknown>;

/** The dialog that waits for the answer. */
export interface Waiting {
    /** Aborted when the dialog waits no more, or has waited long enough. */
    signal: AbortSignal;
    /** Of the editor. */
    language: Language;
}

/**
 * A request that a dialog of ours sends to the runtime, answered with JSON: what `answer` gives, else
 * `{ error: Told }`. Only JSON is taken: a form on another site cannot send it in the name of a user who is logged in.
 * @param options.late says which server has kept us waiting; Microsoft, if nothing is said
 * @param permission as Node-RED grants it to users of the editor, such as `azure-app.write`
 */
export function onEditorRequest(
    RED: NodeAPI,
    path: string,
    permission: string,
    answer: (asked: Asked, waiting: Waiting) => Promise<object>,
    {
        clock = systemClock,
        late = seconds => new SyncError('TEAMS_TIMEOUT', { host: 'Microsoft', seconds }),
    }: { clock?: Clock; late?: (seconds: number) => SyncError } = {},
): void {
    RED.httpAdmin.post(path, RED.auth.needsPermission(permission), (request, response) => {
        if (!request.is('application/json')) {
            response.sendStatus(415);
            return;
        }
        const ending = new AbortController();
        response.on('close', () => ending.abort());
        const asked: Asked = typeof request.body === 'object' && request.body !== null ? request.body : {};
        // The editor asks in its own language, which need not be that of the runtime.
        const language: Language = request.acceptsLanguages('en', 'de') === 'de' ? 'de' : 'en';
        within(clock, patience, answer(asked, { signal: ending.signal, language }))
            .then(result => {
                if (result) return result;
                throw late(patience / 1000);
            })
            .finally(() => ending.abort())
            .catch(thrown => ({ error: told(toSyncError(thrown), language) }))
            .then(result => {
                if (!response.writableEnded && !response.destroyed) response.json(result);
            })
            .catch(() => response.destroy());
    });
}

/** An error, or a line of a check, for the editor. Never holds a secret: the parameters of errors do not. */
export function told(
    { code, parameters, sentence }: Omit<Told, 'text'> & { sentence: Sentence },
    language: Language,
): Told {
    return { code, parameters, text: sentence[language] };
}
