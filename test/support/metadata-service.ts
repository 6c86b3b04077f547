import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is asked of the service, and what it answers. */
interface Exchange {
    query: URLSearchParams;
    /** What the header of the proof holds, by Azure Arc. */
    proof: string | undefined;
}

/**
 * The service on a machine that gives tokens of managed identities: that of Azure's virtual machines, or the agent of Azure
 * Arc. It is as strict as they are about what marks a request as one of this machine.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
export class MetadataService {
    readonly asked: Exchange[] = [];
    readonly #server: Server;

    private constructor(server: Server) {
        this.#server = server;
    }

    /**
     * @param token for who asks as they must
     * @param options.refuses what it answers instead, with 400 @param options.key file whose content proves who asks
     */
    static async start(
        token: () => unknown,
        options: { refuses?: unknown; key?: { file: string; content: string } } = {},
    ): Promise<MetadataService> {
        const { refuses, key } = options;
        const server = createServer((request, response) => {
            const reply = (status: number, body: object, headers = {}): void =>
                void response
                    .writeHead(status, { 'content-type': 'application/json', ...headers })
                    .end(JSON.stringify(body));
            const exchange = exchangeOf(request);
            service.asked.push(exchange);
            const { query, proof } = exchange;
            if (request.headers.metadata !== 'true' || request.headers['x-forwarded-for'])
                return reply(400, {
                    error: 'invalid_request',
                    error_description: 'Required metadata header not specified',
                });
            if (!query.get('api-version') || !query.get('resource'))
                return reply(400, { error: 'invalid_request', error_description: 'A parameter is missing' });
            if (refuses) return reply(400, { error: refuses, error_description: 'Identity not found' });
            if (key && !proof) {
                response.writeHead(401, { 'www-authenticate': `Basic realm=${key.file}` }).end();
                return;
            }
            if (key && proof !== `Basic ${key.content}`) return reply(403, { error: 'forbidden' });
            const expires = Math.floor(Date.now() / 1000) + 86_400;
            const clientId = query.get('client_id');
            const identity = clientId ? { client_id: clientId } : {};
            reply(200, {
                access_token: token(),
                expires_on: String(expires),
                resource: query.get('resource'),
                token_type: 'Bearer',
                ...identity,
            });
        });
        const service = new MetadataService(server);
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        return service;
    }

    get address(): string {
        return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        await new Promise(resolve => this.#server.close(resolve));
    }
}

function exchangeOf({ url = '', headers }: IncomingMessage): Exchange {
    return { query: new URL(url, 'http://x').searchParams, proof: headers.authorization };
}
