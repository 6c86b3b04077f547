const texts = '@teams-pbx/node-red-presence-sync/azure-app:';

/** Asks the runtime, at a path below the editor's address. @throws Error with a sentence for the person who asks */
export function ask<Answer>(path: string, body: object): Promise<Answer> {
    return request(path, { type: 'POST', contentType: 'application/json', data: JSON.stringify(body) });
}

/**
 * Reads from the runtime, likewise.
 * @throws Error as {@link ask}, also where there is nothing, see {@link isGone}
 */
export function read<Answer>(path: string): Promise<Answer> {
    return request(path, { type: 'GET' });
}

/** What was asked for is there no more. */
export function isGone(error: unknown): boolean {
    return error instanceof Gone;
}

class Gone extends Error {}

function request<Answer>(path: string, settings: JQuery.AjaxSettings): Promise<Answer> {
    return new Promise((resolve, reject) => {
        $.ajax(path, {
            ...settings,
            headers: { 'Accept-Language': RED.i18n.lang() },
            success: answer => {
                const { error } = answer as { error?: { text: string } };
                if (error) reject(new Error(error.text));
                else resolve(answer as Answer);
            },
            error: ({ status }) => {
                const isForbidden = status === 401 || status === 403;
                const reason = isForbidden ? 'azure-app.test.not-permitted' : 'azure-app.test.no-answer';
                const sentence = RED._(`${texts}${reason}`);
                reject(status === 404 ? new Gone(sentence) : new Error(sentence));
            },
        });
    });
}
