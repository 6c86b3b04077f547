import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { createServer, request as requestHttps, type Server } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { CertificateAuthority } from './certificate-authority';

/**
 * Headers that belong to one connection and are not passed on; the body's own framing is.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'];

/**
 * The office's reverse proxy, as an administrator would put one before Node-RED: gives a local address a public
 * `https:` address with a certificate that the office trusts. Graph sends notifications to no other.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export class Publisher {
    readonly port: number;
    readonly #authority: CertificateAuthority;
    readonly #targets = new Map<string, URL>();
    #server: Server | undefined;

    constructor(options: { authority: CertificateAuthority; port: number }) {
        this.#authority = options.authority;
        this.port = options.port;
    }

    /** Listens on 127.0.0.1; starting twice is harmless. Rejects when the port is taken. */
    async start(): Promise<void> {
        if (this.#server) return;
        const { key, cert } = await this.#authority.issue(['127.0.0.1', '::1', 'localhost']);
        const server = createServer({ key, cert }, (request, response) => this.#forward(request, response));
        await new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(this.port, '127.0.0.1', resolve);
        });
        this.#server = server;
    }

    /** Ends what is under way; what was published stays published for the next start. */
    async stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        if (!server) return;
        const closed = new Promise(resolve => server.close(resolve));
        server.closeAllConnections();
        await closed;
    }

    /**
     * Publishes a local `http:` or `https:` address and everything below its path; a path published again moves to
     * the new address. Returns the public address; it answers while the publisher runs. Throws for an address that
     * is not on this machine: nothing leaves it.
     */
    publish(localUrl: string): string {
        const target = toLocalUrl(localUrl);
        this.#targets.set(withoutSlash(target.pathname), target);
        return `https://127.0.0.1:${this.port}${target.pathname}${target.search}`;
    }

    #forward(request: IncomingMessage, response: ServerResponse): void {
        const path = request.url ?? '/';
        const target = this.#targetOf(path.replace(/[?#].*/s, ''));
        if (!target) {
            refuse(response, 404, 'Nothing is published at this path');
            return;
        }
        const secure = target.protocol === 'https:';
        const options = {
            protocol: target.protocol,
            hostname: target.hostname.replace(/^\[|\]$/g, ''),
            port: target.port,
            method: request.method,
            path,
            headers: forwardedHeaders(request),
            agent: false as const,
            // The local address need not be the name that the local certificate was made for.
            rejectUnauthorized: false,
        };
        const onward = (secure ? requestHttps : requestHttp)(options, answer => {
            response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
            answer.on('error', () => response.destroy());
            answer.pipe(response);
        });
        onward.on('error', () => refuse(response, 502, 'The published address does not answer'));
        response.on('close', () => onward.destroy());
        request.on('error', () => onward.destroy());
        request.pipe(onward);
    }

    #targetOf(path: string): URL | undefined {
        for (let prefix = withoutSlash(path); ; prefix = prefix.slice(0, prefix.lastIndexOf('/'))) {
            const target = this.#targets.get(prefix);
            if (target || prefix === '') return target;
        }
    }
}

function toLocalUrl(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
        throw new Error(`Only an http: or https: address can be published: ${text}`);
    if (!isOnThisMachine(url.hostname.replace(/^\[|\]$/g, '')))
        throw new Error(`Only an address of this machine can be published, not one of ${url.hostname}`);
    return url;
}

function isOnThisMachine(host: string): boolean {
    if (!isIP(host)) return host === 'localhost';
    const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []);
    return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4') || own.some(({ address }) => address === host);
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** "/a/" and "/a" are one path, "/" is "". */
function withoutSlash(path: string): string {
    return path.replace(/\/+$/, '');
}

function forwardedHeaders(request: IncomingMessage): Record<string, string | string[] | undefined> {
    return {
        ...endToEnd(request.headers),
        'x-forwarded-for': request.socket.remoteAddress,
        'x-forwarded-host': request.headers.host,
        'x-forwarded-proto': 'https',
    };
}

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
    if (response.headersSent) response.destroy();
    else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}
