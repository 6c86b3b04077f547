import { randomUUID } from 'node:crypto';
import { GraphError } from './graph-error';
import type { WebhookAnswer, WebhookClient } from './webhook-client';

const timeLimit = 10_000;

/**
 * Asks a notification endpoint whether it wants notifications: it must send the token back within ten seconds.
 * Throws 400 `ValidationError` otherwise.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
export async function validateEndpoint(webhooks: WebhookClient, url: string): Promise<void> {
    const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
    const query = new URLSearchParams({ validationToken: token }).toString();
    const [address] = url.split('#');
    const target = `${address}${url.includes('?') ? '&' : '?'}${query}`;
    const answer = await webhooks.post(target, '', 'text/plain; charset=utf-8', timeLimit).catch(refuse);
    check(answer, token);
}

function check(answer: WebhookAnswer, token: string): void {
    if (answer.status !== 200)
        throw failed(`Notification endpoint must respond with 200 OK to validation request, not ${answer.status}.`);
    if (!/^text\/plain\b/i.test(answer.contentType)) throw failed('Response must be of content type text/plain.');
    if (answer.text !== token) throw failed('Response must exactly match validationToken query parameter.');
}

function refuse(error: unknown): never {
    const { name, code } = error as { name?: string; code?: string };
    if (name === 'AbortError')
        throw new GraphError(400, 'ValidationError', 'Subscription validation request timed out.');
    throw failed(`The endpoint could not be reached (${code ?? name ?? 'unknown'}).`);
}

function failed(why: string): GraphError {
    return new GraphError(400, 'ValidationError', `Subscription validation request failed. ${why}`);
}
