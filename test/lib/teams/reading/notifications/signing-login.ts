import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateAuthority } from '../../../../../lib/simulator/certificate-authority';
import { openIdConfiguration } from '../../../../../lib/simulator/tenant/openid-documents';
import { SigningKeys } from '../../../../../lib/simulator/tenant/signing-keys';

/** A sign-in service whose tokens the test writes itself. */
export class SigningLogin {
    readonly #server: Server;
    readonly #keys: SigningKeys;
    /** Whose keys these are; absent: any tenant's. */
    keyIssuer: string | undefined;

    private constructor(server: Server, keys: SigningKeys) {
        this.#server = server;
        this.#keys = keys;
    }

    static async start(authority: CertificateAuthority, tenantId: string): Promise<SigningLogin> {
        const server = createServer(await authority.issue(['127.0.0.1']));
        const login = new SigningLogin(server, await SigningKeys.create());
        server.on('request', (request, response) => {
            const keys = request.url?.endsWith('/keys');
            const document = keys
                ? login.#keys.keySet(login.keyIssuer ?? `${login.url}/{tenantid}/v2.0`)
                : openIdConfiguration(login.url, tenantId, tenantId);
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        return login;
    }

    get url(): string {
        return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    sign(claims: Record<string, unknown>): string {
        return this.#keys.sign(claims);
    }

    /** Signs with a new key from now on. */
    rotate(): Promise<void> {
        return this.#keys.rotate(true);
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        await new Promise(resolve => this.#server.close(resolve));
    }
}
