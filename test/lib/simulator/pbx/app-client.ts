import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

export interface Message {
    mt: string;
    [field: string]: unknown;
}

/** What AppLogin carries beside the digest. */
export interface Credentials {
    app: string;
    password: string;
    domain?: string;
    sip?: string;
    guid?: string;
    dn?: string;
    /** JSON text that goes into the message as it is. */
    info?: string;
}

/** A hand-written client of the App websocket, with its own reading of the login. */
export class AppClient {
    readonly socket: WebSocket;
    /** The text of the newest message. */
    lastText = '';
    readonly #received: Message[] = [];
    #wake: () => void = () => {};

    /** @param socket open, or on its way */
    constructor(socket: WebSocket) {
        this.socket = socket;
        socket.on('message', data => {
            this.lastText = String(data);
            this.#received.push(JSON.parse(this.lastText) as Message);
            this.#wake();
        });
        socket.on('close', () => this.#wake());
        socket.on('error', () => {});
    }

    static async open(url: string, options?: ClientOptions): Promise<AppClient> {
        const client = new AppClient(new WebSocket(url, options));
        await once(client.socket, 'open');
        return client;
    }

    static async loggedIn(url: string, credentials: Credentials, options?: ClientOptions): Promise<AppClient> {
        const client = await AppClient.open(url, options);
        const result = await client.login(credentials);
        assert.equal(result.ok, true);
        return client;
    }

    send(message: object | string): void {
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    /** The next message, whatever it is. */
    async next(): Promise<Message> {
        while (this.#received.length === 0) {
            if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection is closed');
            await new Promise<void>(resolve => {
                this.#wake = resolve;
            });
        }
        return this.#received.shift()!;
    }

    async request(message: object): Promise<Message> {
        this.send(message);
        return this.next();
    }

    async challenge(): Promise<string> {
        const { mt, challenge } = await this.request({ mt: 'AppChallenge' });
        assert.equal(mt, 'AppChallengeResult');
        return String(challenge);
    }

    async login(credentials: Credentials): Promise<Message> {
        this.send(loginFrame(credentials, await this.challenge()));
        return this.next();
    }

    /** Passes only if nothing has been sent since the last message that was read: messages keep their order. */
    async nothing(): Promise<void> {
        await this.challenge();
    }

    /** The close code, after which nothing more was received. */
    async closed(): Promise<number> {
        const code =
            this.socket.readyState === WebSocket.CLOSED ? 0 : ((await once(this.socket, 'close'))[0] as number);
        assert.deepEqual(this.#received, []);
        return code;
    }

    end(): void {
        this.socket.terminate();
    }
}

/** AppLogin as text, so that `info` is on the wire exactly as it was hashed. */
export function loginFrame(credentials: Credentials, challenge: string): string {
    const { app, password, domain = '', sip = '', guid = '', dn = '', info } = credentials;
    const hashed = `${app}:${domain}:${sip}:${guid}:${dn}${info === undefined ? '' : `:${info}`}:${challenge}:${password}`;
    const digest = createHash('sha256').update(hashed).digest('hex');
    const frame = JSON.stringify({ mt: 'AppLogin', app, domain, sip, guid, dn, digest });
    return info === undefined ? frame : `${frame.slice(0, -1)}, "info": ${info} }`;
}
