import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as the endpoints see it; header names in lower case. */
export interface HttpRequest {
    method: string;
    /** As sent, percent-encoded. */
    path: string;
    query: URLSearchParams;
    headers: Record<string, string>;
    text: string;
}

/** An answer; an object becomes JSON, no body becomes an empty one. */
export interface Reply {
    status: number;
    headers?: Record<string, string>;
    body?: object | string;
}

/** Larger requests are refused; 650 ids take about 26 kB. */
const largestBody = 4 * 1024 * 1024;

/** Reads the whole request; undefined if the body is larger than 4 MB. */
export async function readRequest(message: IncomingMessage): Promise<HttpRequest | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of message as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size <= largestBody) chunks.push(chunk);
    }
    if (size > largestBody) return undefined;
    const [path = '/', query = ''] = splitOnce(message.url ?? '/', '?');
    return {
        method: message.method ?? 'GET',
        path,
        query: new URLSearchParams(query),
        headers: toHeaders(Object.entries(message.headers)),
        text: Buffer.concat(chunks).toString('utf8'),
    };
}

/** Header names in lower case, each value one text. */
export function toHeaders(entries: [string, unknown][]): Record<string, string> {
    return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value ?? '')]));
}

/** Sends the answer; does nothing if the client has gone. */
export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
    if (response.destroyed || response.headersSent) return;
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
    const type: Record<string, string> =
        typeof body === 'object' ? { 'content-type': 'application/json; charset=utf-8' } : {};
    const length: Record<string, string> = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    response.writeHead(status, { ...type, ...length, ...headers }).end(text);
}

/** "a?b?c" at "?" -> ["a", "b?c"]. */
export function splitOnce(text: string, separator: string): [string, string?] {
    const at = text.indexOf(separator);
    return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
