import { createHash } from 'node:crypto';

/** A message of the App websocket. */
export interface Message {
    mt: string;
    api?: string;
    src?: string;
    error?: unknown;
    errorText?: string;
    [field: string]: unknown;
}

/** A presence as the PBX tells it; the newest entry comes first. */
export interface PresenceEntry {
    contact: string;
    status?: string;
    activity?: string;
    note?: string;
}

const timeLimit = 10_000;

/**
 * A client of the PBX, written from innovaphone's documentation of the App websocket alone.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class InnovaphoneClient {
    readonly #socket: WebSocket;
    readonly #received: Message[] = [];
    #wake: () => void = () => undefined;
    #sources = 0;

    private constructor(socket: WebSocket) {
        this.#socket = socket;
        socket.onmessage = ({ data }) => {
            this.#received.push(JSON.parse(String(data)));
            this.#wake();
        };
        socket.onclose = () => this.#wake();
    }

    /** Logs in as an App object; throws with the text of the PBX where it refuses. */
    static async login(url: string, app: { appName: string; password: string }): Promise<InnovaphoneClient> {
        const socket = new WebSocket(url);
        const client = new InnovaphoneClient(socket);
        await new Promise<void>((resolve, reject) => {
            socket.onopen = () => resolve();
            socket.onerror = () => reject(new Error(`There is no PBX at ${url}`));
        });
        client.send({ mt: 'AppChallenge' });
        const { challenge } = await client.receive(({ mt }) => mt === 'AppChallengeResult');
        const login = { app: app.appName, domain: '', sip: '', guid: '', dn: '' };
        const text = `${app.appName}:::::${challenge}:${app.password}`;
        client.send({ mt: 'AppLogin', ...login, digest: createHash('sha256').update(text, 'utf8').digest('hex') });
        const result = await client.receive(({ mt }) => mt === 'AppLoginResult');
        if (result.ok !== true) throw new Error(`The PBX refuses the login: ${result.errorText ?? result.error}`);
        return client;
    }

    /** A name for a request or subscription that has not been used. */
    newSource(): string {
        this.#sources += 1;
        return `check-${this.#sources}`;
    }

    send(message: Message): void {
        this.#socket.send(JSON.stringify(message));
    }

    /** The first message, of those that came and those that will, which is wanted. */
    async receive(isWanted: (message: Message) => boolean): Promise<Message> {
        const late = Date.now() + timeLimit;
        for (;;) {
            const at = this.#received.findIndex(isWanted);
            if (at >= 0) return this.#received.splice(at, 1)[0]!;
            if (this.#socket.readyState === WebSocket.CLOSED) throw new Error('The PBX has closed the connection');
            if (Date.now() > late) throw new Error('The PBX does not answer');
            await new Promise<void>(resolve => {
                const timer = setTimeout(resolve, 100);
                this.#wake = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
        }
    }

    /** A request and its answer; throws with the text of the PBX where it refuses. */
    async ask(api: string, mt: string, fields: { src?: string; [field: string]: unknown } = {}): Promise<Message> {
        const { src = this.newSource() } = fields;
        this.send({ ...fields, api, mt, src });
        const answer = await this.receive(message => message.mt === `${mt}Result` && message.src === src);
        if (answer.error !== undefined) throw new Error(`${mt}: ${answer.errorText ?? answer.error}`);
        return answer;
    }

    /** The user table, row by row; each request has a source of its own. */
    async replicateUsers(): Promise<Record<string, unknown>[]> {
        const columns = Object.fromEntries(['guid', 'h323', 'cn', 'e164', 'loc', 'emails'].map(name => [name, {}]));
        await this.ask('PbxTableUsers', 'ReplicateStart', { add: true, del: true, columns });
        const rows: Record<string, unknown>[] = [];
        for (;;) {
            const { columns: row } = await this.ask('PbxTableUsers', 'ReplicateNext');
            if (row === undefined) return rows;
            rows.push(row as Record<string, unknown>);
        }
    }

    /** Follows a user, and returns the source by which the updates are told apart. */
    async subscribePresence(sip: string): Promise<string> {
        const src = this.newSource();
        await this.ask('PbxApi', 'SubscribePresence', { sip, src });
        return src;
    }

    /** The next state of a followed user. */
    async presenceUpdate(src: string): Promise<PresenceEntry[]> {
        const update = await this.receive(({ mt, src: of }) => mt === 'PresenceUpdate' && of === src);
        return update.presence as PresenceEntry[];
    }

    close(): void {
        this.#socket.close();
    }
}
