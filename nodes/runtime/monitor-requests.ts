import type { NodeAPI } from 'node-red';
import type { Language } from '../../lib/errors/sentence';

type Handler = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<Handler>[0];

/**
 * A question of the sidebar, answered with JSON; with 404 where there is nothing. Who asks must have the permission
 * `presence-sync.read`, which `read` and `*` contain.
 * @param path below `/presence-sync`
 */
export function onMonitorRead(
    RED: NodeAPI,
    path: string,
    answer: (request: Request, language: Language) => object | undefined,
): void {
    RED.httpAdmin.get(`/presence-sync${path}`, RED.auth.needsPermission('presence-sync.read'), (request, response) => {
        const found = answer(request, languageOf(request));
        if (found) response.set('Cache-Control', 'no-store').json(found);
        else response.sendStatus(404);
    });
}

/** The editor asks in its own language, which need not be that of the runtime. */
export function languageOf(request: Request): Language {
    return request.acceptsLanguages('en', 'de') === 'de' ? 'de' : 'en';
}
