import type { NodeAPI } from 'node-red';
import { toSyncError } from '../../lib/errors/errors';
import type { Language } from '../../lib/errors/sentence';
import { type Asked, askedIn, languageAsked } from './editor-requests';

type Handler = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<Handler>[0];

/**
 * A question of the sidebar, answered with JSON, or with a table for spreadsheets; with 404 where there is nothing. Who asks must have the permission
 * `presence-sync.read`, which `read` and `*` contain.
 * @param path below `/presence-sync`
 */
export function onMonitorRead(
    RED: NodeAPI,
    path: string,
    answer: (request: Request, language: Language) => object | string | undefined,
): void {
    RED.httpAdmin.get(`/presence-sync${path}`, RED.auth.needsPermission('presence-sync.read'), (request, response) => {
        const found = answer(request, languageAsked(request));
        response.set('Cache-Control', 'no-store');
        if (typeof found === 'string') response.type('text/csv').send(found);
        else if (found) response.json(found);
        else response.sendStatus(404);
    });
}

/**
 * Something that the sidebar has done, for whoever has the permission `presence-sync.write`; answered with 404 for what is
 * not there. Only JSON is taken: a form on another site cannot send it in the name of a user who is logged in.
 * @param path below `/presence-sync`, with `:key`
 * @param act gets the key, what is asked for, and the name of the user, empty where nobody has to log in; what it throws
 *   is told as a sentence
 * @returns whether it is there
 */
export function onMonitorWrite(
    RED: NodeAPI,
    path: string,
    act: (key: string, asked: Asked, by: string) => boolean,
): void {
    RED.httpAdmin.post(
        `/presence-sync${path}`,
        RED.auth.needsPermission('presence-sync.write'),
        (request, response) => {
            if (!request.is('application/json')) {
                response.sendStatus(415);
                return;
            }
            const { user } = request as Request & { user?: { username?: string } };
            try {
                if (act(String(request.params.key), askedIn(request), user?.username ?? '')) response.json({});
                else response.sendStatus(404);
            } catch (thrown) {
                const { code, sentence } = toSyncError(thrown);
                response.json({ error: { code, text: sentence[languageAsked(request)] } });
            }
        },
    );
}
