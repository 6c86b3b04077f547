import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { AppClient, type Message } from './app-client';

/** The service of an app as a PBX finds it at the App URL, with its own reading of the login. */
export class AppService {
    readonly #server: ReturnType<typeof createServer>;
    readonly #scheme: string;
    readonly #webSockets = new WebSocketServer({ noServer: true });
    readonly #waiting: AppClient[] = [];
    readonly #all: AppClient[] = [];
    /** Paths that were asked for. */
    readonly paths: (string | undefined)[] = [];
    #wake: () => void = () => {};
    #port = 0;

    private constructor(tls?: { key: string; cert: string }) {
        this.#server = tls ? createTlsServer(tls) : createServer();
        this.#scheme = tls ? 'https' : 'http';
    }

    static async start(tls?: { key: string; cert: string }): Promise<AppService> {
        const service = new AppService(tls);
        service.#server.on('upgrade', (request, socket, head) => {
            service.paths.push(request.url);
            service.#webSockets.handleUpgrade(request, socket, head, webSocket => {
                const connection = new AppClient(webSocket);
                service.#all.push(connection);
                service.#waiting.push(connection);
                service.#wake();
            });
        });
        await new Promise<void>(resolve => service.#server.listen(0, '127.0.0.1', resolve));
        service.#port = (service.#server.address() as AddressInfo).port;
        return service;
    }

    /** The URL of the App object. */
    get url(): string {
        return `${this.#scheme}://127.0.0.1:${this.#port}/firm.example/sync/presence-sync`;
    }

    /** The next connection that comes. */
    async connection(): Promise<AppClient> {
        while (this.#waiting.length === 0) {
            await new Promise<void>(resolve => {
                this.#wake = resolve;
            });
        }
        return this.#waiting.shift()!;
    }

    /** Takes the next connection through the login; what comes next is PbxInfo. */
    async welcome(password: string): Promise<AppClient> {
        const connection = await this.connection();
        await verifiedLogin(connection, password);
        connection.send({ mt: 'AppLoginResult', ok: true });
        return connection;
    }

    async stop(): Promise<void> {
        for (const connection of this.#all) connection.end();
        await new Promise(resolve => this.#server.close(resolve));
    }
}

/** Answers AppChallenge and checks the digest of the AppLogin that follows. */
export async function verifiedLogin(connection: AppClient, password: string): Promise<Message> {
    const challenge = '0123456789ABCDEF';
    assert.deepEqual(await connection.next(), { mt: 'AppChallenge' });
    connection.send({ mt: 'AppChallengeResult', challenge });
    const login = await connection.next();
    assert.equal(login.mt, 'AppLogin');
    const { app, domain, sip, guid, dn } = login;
    // The PBX puts `info` last.
    const info = connection.lastText.slice(connection.lastText.indexOf('"info":') + 7, -1);
    const hashed = [app, domain, sip, guid, dn, info, challenge, password].join(':');
    assert.equal(login.digest, createHash('sha256').update(hashed).digest('hex'));
    return login;
}
