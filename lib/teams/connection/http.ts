import { setImmediate } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type RequestInit, Response } from 'undici';
import { type ErrorCode, SyncError } from '../../errors/errors';
import { invisible } from '../../presence/foreign-text';
import { type CertificateFault, certificateFault, detailOf } from '../../support/certificate-fault';
import { defaultAuthorities } from '../../support/default-authorities';

/** HTTP with the trust and the proxy of one app registration. */
export interface Http {
    /**
     * The answer with its whole body.
     * @throws SyncError TEAMS_UNREACHABLE, TEAMS_TIMEOUT or one of TEAMS_CERTIFICATE_…, never a bare network error;
     * FIELD_INVALID for a variable of the environment that names no proxy
     */
    fetch(url: string, init?: HttpRequest): Promise<Response>;
    /** How many answers have come until now. */
    readonly answers: number;
    /** Drops all connections, dead or not: what is under way fails, what comes is sent over new ones. */
    drop(): void;
    close(): Promise<void>;
}

/** What `fetch` takes, and more. */
export interface HttpRequest extends RequestInit {
    /**
     * The request does no more when it arrives twice, so it is sent again at once when the server closes the connection
     * without an answer: a server may close an idle connection at the moment at which we use it. Default: false
     */
    repeatable?: boolean;
}

/** What is trusted: the system's authorities and more (`added`), or one authority and nothing else (`only`). */
export interface Trust {
    ca: string;
    extent: 'added' | 'only';
}

/** Milliseconds that one request may take, from connecting to the end of the body. */
const requestTimeout = 30_000;

/**
 * Connections of one registration to one host. Sixteen accounts that renew their subscriptions at once, while presence
 * is read and written, wait for none; a burst of thousands opens no more than these.
 */
const connections = 32;

/** How often a request is sent at most: where one idle connection is closed, others often are, too. */
const attempts = 3;
/** What a connection that the server has closed fails with. @see https://undici.nodejs.org/#/docs/api/Errors */
const closed: unknown[] = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** Milliseconds that an idle connection is kept where the service names no time: longer than a round of polling. */
const keepAliveTimeout = 30_000;

/**
 * Proxies are taken from HTTPS_PROXY (else ALL_PROXY) and NO_PROXY, in capitals or not, unless trust is confined to one authority.
 * @param trust `direct` for services of this machine: past any proxy
 * @see https://undici.nodejs.org/#/docs/api/EnvHttpProxyAgent
 */
export function createHttp(trust?: Trust | 'direct'): Http {
    let dispatcher: Dispatcher | undefined;
    let isClosed = false;
    let answers = 0;
    return {
        get answers() {
            return answers;
        },
        fetch: async (url, { repeatable = false, ...init } = {}) => {
            if (isClosed) throw networkError(new URL(url).host, new Error('closed'));
            dispatcher ??= dispatcherFor(trust);
            const signal = AbortSignal.timeout(requestTimeout);
            // Nobody of ours redirects; what would follow would take secrets to another host.
            const request = { ...init, dispatcher, signal, redirect: 'manual' } as const;
            try {
                const answer = await complete(await send(url, request, repeatable ? attempts : 1));
                answers += 1;
                return answer;
            } catch (error) {
                throw networkError(new URL(url).host, error);
            }
        },
        drop: () => {
            dispatcher?.destroy().catch(() => {});
            dispatcher = undefined;
        },
        close: async () => {
            isClosed = true;
            await dispatcher?.destroy();
        },
    };
}

/** Sends until there is an answer, or a failure that another connection would not help. */
async function send(url: string, request: RequestInit, attemptsLeft: number): Promise<Response> {
    try {
        return await fetch(url, request);
    } catch (error) {
        const isClosed = causesOf(error).some(({ code }) => closed.includes(code));
        if (!isClosed || attemptsLeft <= 1) throw error;
    }
    // Other connections that were closed meanwhile are found out first, so that none of them is used.
    await setImmediate();
    return send(url, request, attemptsLeft - 1);
}

function dispatcherFor(trust: Trust | 'direct' | undefined): Dispatcher {
    const pool = { connections, keepAliveTimeout };
    // Node.js would let the environment variable NODE_TLS_REJECT_UNAUTHORIZED decide.
    const verified = { rejectUnauthorized: true };
    if (trust === 'direct') return new Agent({ ...pool, connect: verified });
    if (trust?.extent === 'only') return new Agent({ ...pool, connect: { ...verified, ca: trust.ca } });
    const connect = trust ? { ...verified, ca: [...defaultAuthorities(), trust.ca] } : verified;
    const httpProxy = proxyOf('HTTP_PROXY');
    const httpsProxy = proxyOf('HTTPS_PROXY') || proxyOf('ALL_PROXY');
    // Undici would speak TLS to a SOCKS proxy that has settings for it.
    const isSocks = (httpsProxy || httpProxy).startsWith('socks5:');
    return new EnvHttpProxyAgent({
        ...{ ...pool, connect, requestTls: connect },
        // A proxy may itself be reached by TLS, and the added authority may be the proxy's.
        ...(isSocks ? {} : { proxyTls: connect }),
        ...{ httpProxy, httpsProxy, noProxy: exceptions() },
    });
}

type ProxyVariable = 'HTTP_PROXY' | 'HTTPS_PROXY' | 'ALL_PROXY';

/** What a variable of the environment holds, in small letters or capitals, without what only comes along. */
function environment(name: ProxyVariable | 'NO_PROXY'): string {
    const value = process.env[name.toLowerCase()] ?? process.env[name] ?? '';
    return value
        .replace(invisible, '')
        .trim()
        .replace(/^(["'\u2018-\u201e])(.*)["'\u2018-\u201e]$/, '$2')
        .trim();
}

/** Scheme, name and password, host and port of a proxy; a password may hold what else ends a name. */
const proxyParts =
    /^(?:([a-z][a-z\d+.-]*):(?=\/))?\/*(?:(.*)@)?([\p{L}\p{N}._-]+(?::\d+)?|\[[\da-f:.]+\](?::\d+)?)(?=$|[/?#])/iu;
const schemes: Readonly<Record<string, string>> = {
    http: 'http',
    https: 'https',
    socks: 'socks5',
    socks5: 'socks5',
    socks5h: 'socks5',
};

/**
 * The proxy that a variable of the environment names; empty for none. As other programs take them: a bare host and port is
 * reached by http, and a path is none of it.
 */
function proxyOf(name: ProxyVariable): string {
    const value = environment(name);
    if (value === '') return '';
    const [, scheme = 'http', user, host] = proxyParts.exec(value) ?? [];
    const known = Object.hasOwn(schemes, scheme.toLowerCase()) && schemes[scheme.toLowerCase()];
    const [login, ...password] = (user ?? '').split(':').map(escaped);
    const sender = user === undefined ? '' : `${login}:${password.join('%3A')}@`;
    const address = `${known}://${sender}${host}`;
    const why = 'it names no proxy, such as http://proxy.contoso.com:3128 (a % in its password is written as %25)';
    const isRight = known && host && login !== undefined && !password.includes(undefined) && URL.canParse(address);
    if (!isRight) throw new SyncError('FIELD_INVALID', { field: name, why });
    return address;
}

/** With all its escapes: name and password are sent as they read without. Undefined where they cannot be read. */
function escaped(text: string): string | undefined {
    try {
        return encodeURIComponent(decodeURIComponent(text));
    } catch {
        return undefined;
    }
}

/** The hosts that are reached without a proxy, whatever separates them. */
function exceptions(): string {
    const hosts = environment('NO_PROXY').split(/[\s,;|"']+/);
    return hosts.map(host => host.replace(/^[a-z]+:\/\/|\.?(?:\/[^\d].*|\/)?$/gi, '')).join();
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
    const detail = reasonOf(error, host);
    const fault = certificateFault(detail);
    return new SyncError(fault ? codes[fault] : 'TEAMS_UNREACHABLE', { host, detail }, error);
}

const codes: Record<CertificateFault, ErrorCode> = {
    outdated: 'TEAMS_CERTIFICATE_OUTDATED',
    elsewhere: 'TEAMS_CERTIFICATE_ELSEWHERE',
    untrusted: 'TEAMS_CERTIFICATE_UNTRUSTED',
};

/**
 * The system's code, such as ECONNREFUSED, and whose name was not found where that is a proxy's; else the words of the
 * innermost cause, such as what a proxy answered.
 */
function reasonOf(error: unknown, host: string): string {
    const chain = causesOf(error);
    const coded = chain.find(({ code }) => typeof code === 'string' && !code.startsWith('UND_ERR_'));
    const { hostname = host } = (coded ?? {}) as { hostname?: string };
    if (!host.startsWith(hostname)) return `${coded?.code} ${hostname}`;
    return coded ? detailOf(coded) : (chain.at(-1)?.message ?? String(error));
}

/** An error and its causes, innermost last. */
function causesOf(error: unknown): NodeJS.ErrnoException[] {
    const chain: NodeJS.ErrnoException[] = [];
    for (let each = error; each instanceof Error && chain.length < 5; each = each.cause) chain.push(each);
    return chain;
}
