import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type RequestInit, Response } from 'undici';
import { SyncError } from '../support/errors';

/** HTTP with the trust and the proxy of one app registration. */
export interface Http {
    /** The answer with its whole body. @throws SyncError TEAMS_UNREACHABLE or TEAMS_TIMEOUT, never a bare network error. */
    fetch(url: string, init?: RequestInit): Promise<Response>;
    close(): Promise<void>;
}

/** What is trusted: the system's authorities and more (`added`), or one authority and nothing else (`only`). */
export interface Trust {
    ca: string;
    extent: 'added' | 'only';
}

/** Milliseconds that one request may take, from connecting to the end of the body. */
const requestTimeout = 30_000;

/** Proxies are taken from HTTPS_PROXY and NO_PROXY unless trust is confined to one authority. */
export function createHttp(trust?: Trust): Http {
    const dispatcher = dispatcherFor(trust);
    return {
        fetch: async (url, init) => {
            const host = new URL(url).host;
            try {
                return await complete(
                    await fetch(url, { ...init, dispatcher, signal: AbortSignal.timeout(requestTimeout) }),
                );
            } catch (error) {
                throw networkError(host, error);
            }
        },
        close: () => dispatcher.destroy(),
    };
}

function dispatcherFor(trust: Trust | undefined): Dispatcher {
    if (trust?.extent === 'only') return new Agent({ connect: { ca: trust.ca } });
    const connect = trust ? { ca: [...rootCertificates, trust.ca] } : {};
    return new EnvHttpProxyAgent({ connect, requestTls: connect });
}

/** Reads the body at once: a connection can also break on the way. */
async function complete(response: Response): Promise<Response> {
    const { status, headers } = response;
    const body = await response.text();
    return new Response(body === '' ? null : body, { status, headers });
}

function networkError(host: string, error: unknown): SyncError {
    if (error instanceof Error && error.name === 'TimeoutError') {
        return new SyncError('TEAMS_TIMEOUT', { host, seconds: requestTimeout / 1000 }, error);
    }
    const cause = error instanceof Error ? (error.cause as { code?: string; message?: string } | undefined) : undefined;
    const detail = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
    return new SyncError('TEAMS_UNREACHABLE', { host, detail }, error);
}
