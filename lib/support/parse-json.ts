/** What a text says in JSON; undefined for what is none, such as the error page of a proxy. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
