import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NotificationChannel } from './notification-channel';
import { parseNotification } from './notification-item';

/** Bytes that a notification may have. */
const longestBody = 1024 * 1024;

/**
 * The endpoint that Microsoft calls: answers the handshake, says 202 before the work, and shows a short page to a
 * browser, so that an administrator can test the public address.
 * Works below Express too: where the editor and the nodes share a root, the editor's parser has read the body already.
 * @param page the text for a browser
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export function notificationEndpoint(channel: NotificationChannel, page: () => string) {
    return (request: IncomingMessage, response: ServerResponse): void => {
        const [, query] = /\?([^#]*)/.exec(request.url ?? '') ?? [];
        const token = new URLSearchParams(query).get('validationToken');
        if (request.method === 'GET' || request.method === 'HEAD') return answer(response, 200, page());
        if (request.method !== 'POST') return answer(response, 405, 'Only GET and POST are understood here.');
        if (token !== null) {
            request.resume();
            channel.emit('asked', token);
            return answer(response, 200, token);
        }
        receive(request, response, channel);
    };
}

function receive(request: IncomingMessage, response: ServerResponse, channel: NotificationChannel): void {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
        return refuse(request, response, 415, 'A notification is JSON.');
    }
    if (Number(request.headers['content-length'] ?? 0) > longestBody) {
        return refuse(request, response, 413, 'A notification has at most 1 MiB.');
    }
    const { _body: isParsed, body } = request as IncomingMessage & { _body?: boolean; body?: unknown };
    if (isParsed) return take(response, channel, body);
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= longestBody) chunks.push(chunk);
        else if (!response.headersSent) refuse(request, response, 413, 'A notification has at most 1 MiB.');
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
        if (!response.headersSent) take(response, channel, parseNotification(Buffer.concat(chunks)));
    });
}

/** The work is done after the answer: Microsoft counts the time until the one, not until the other. */
function take(response: ServerResponse, channel: NotificationChannel, body: unknown): void {
    if (isFull(channel, body)) answer(response, 503, 'Too many notifications wait here: send this one again.');
    else answer(response, 202, '');
}

/** Nothing that comes from the internet may end Node-RED, whatever a listener makes of it. */
function isFull(channel: NotificationChannel, body: unknown): boolean {
    try {
        return channel.receive(body).full;
    } catch (error) {
        channel.emit('refused', error instanceof Error ? error.message : String(error));
        return false;
    }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
    response.setHeader('Connection', 'close');
    answer(response, status, text);
    request.resume();
}

function answer(response: ServerResponse, status: number, text: string): void {
    response.statusCode = status;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    // The token comes from outside: no browser shall take it for anything but text.
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.end(text);
}
