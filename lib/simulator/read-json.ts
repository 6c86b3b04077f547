import type { IncomingMessage } from 'node:http';

/** The longest body that is read, in bytes. */
const longestBody = 10_000;

/** A request that is refused before anything is done: `status` is 400, 413 or 415. */
export class RequestRefused extends Error {
    readonly status: number;

    constructor(status: number, sentence: string) {
        super(sentence);
        this.name = 'RequestRefused';
        this.status = status;
    }
}

/**
 * The JSON of a request, at most 10 kB, whether or not an Express body parser was there first.
 * Rejects with {@link RequestRefused}.
 */
export async function readJson(request: IncomingMessage & { body?: unknown }): Promise<unknown> {
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
        throw new RequestRefused(415, 'The request needs the header Content-Type: application/json');
    if (Number(request.headers['content-length'] ?? 0) > longestBody) throw tooLong();
    if (request.body !== undefined) return request.body;
    const text = await readText(request);
    try {
        return JSON.parse(text);
    } catch {
        throw new RequestRefused(400, 'The body is not valid JSON');
    }
}

async function readText(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        length += chunk.length;
        if (length > longestBody) throw tooLong();
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
}

function tooLong(): RequestRefused {
    return new RequestRefused(413, `The body is longer than ${longestBody / 1000} kB`);
}
