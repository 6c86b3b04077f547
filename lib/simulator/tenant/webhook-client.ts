import { rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import type { Clock } from '../../time/clock';

/** A notification endpoint has to be brief: more of its answer is not read. */
const longestAnswer = 16 * 1024;

/** What a notification endpoint answered. */
export interface WebhookAnswer {
    status: number;
    contentType: string;
    text: string;
}

/** Posts to notification endpoints over TLS, with the office's certificate authority trusted beside the usual ones. */
export class WebhookClient {
    readonly #clock: Clock;
    readonly #ca: string;
    #agent: Agent | undefined;

    constructor(options: { clock: Clock; ca: string }) {
        this.#clock = options.clock;
        this.#ca = options.ca;
    }

    start(): void {
        this.#agent ??= new Agent({ connect: { ca: [...rootCertificates, this.#ca] } });
    }

    /** Ends what is under way. */
    async stop(): Promise<void> {
        const agent = this.#agent;
        this.#agent = undefined;
        await agent?.destroy();
    }

    /** Posts `body`; rejects if there is no answer within `timeout` milliseconds, an `AbortError` in that case. */
    async post(url: string, body: string, contentType: string, timeout: number): Promise<WebhookAnswer> {
        const dispatcher = this.#agent;
        if (!dispatcher) throw new Error('The simulated tenant has stopped');
        const late = new AbortController();
        const timer = this.#clock.after(timeout, () => late.abort());
        try {
            const answer = await request(url, {
                method: 'POST',
                body,
                headers: { 'content-type': contentType },
                dispatcher,
                signal: late.signal,
            });
            const text = await readSome(answer.body);
            return { status: answer.statusCode, contentType: String(answer.headers['content-type'] ?? ''), text };
        } finally {
            this.#clock.cancel(timer);
        }
    }
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > longestAnswer) break;
    }
    return Buffer.concat(chunks).toString('utf8');
}
