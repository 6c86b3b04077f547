import { SyncError } from '../../errors/errors';
import { refusalOf, retryAfterOf } from './graph-error';
import type { GraphRequest } from './graph-request';

/** Requests that one `$batch` takes. @see https://learn.microsoft.com/graph/json-batching */
export const longestBatch = 20;

/** What `$batch` answers: the items in no particular order; bodies of empty answers may be absent. */
export interface BatchAnswer {
    responses?: { id: string; status: number; headers?: Record<string, string> | null; body?: unknown }[];
}

/** A request as an item of a batch; its place in the batch is its id. */
export function batchItem({ method, path, body, headers }: GraphRequest, place: number): object {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return { id: String(place), method, url: path, headers: { ...type, ...headers }, ...(body ? { body } : {}) };
}

/** What became of each request: the parsed answer, undefined for an empty one, or the error. */
export function outcomesOf(requests: readonly GraphRequest[], { responses = [] }: BatchAnswer, now: number): unknown[] {
    const byId = new Map(responses.map(response => [response.id, response]));
    return requests.map(({ what }, place) => {
        const response = byId.get(String(place));
        if (!response) return new SyncError('TEAMS_SERVICE_ERROR', { detail: 'a batch was answered in part' });
        const { status, body } = response;
        if (status < 300) return body ?? undefined;
        return refusalOf(what, status, body, retryAfterOf(headerOf(response.headers, 'retry-after'), now));
    });
}

function headerOf(headers: Record<string, string> | null | undefined, name: string): string | null {
    const found = Object.entries(headers ?? {}).find(([each]) => each.toLowerCase() === name);
    return found ? String(found[1]) : null;
}
