import {
    constants,
    createDecipheriv,
    createHmac,
    createPublicKey,
    type JsonWebKey,
    privateDecrypt,
    verify,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Office } from './office.ts';

interface Item {
    subscriptionId: string;
    clientState: string;
    changeType: string;
    resource: string;
    encryptedContent: { data: string; dataSignature: string; dataKey: string };
}

/** What a notification says once it has been checked. */
export interface Notification {
    subscriptionId: string;
    clientState: string;
    id: string;
    availability: string;
    activity: string;
}

const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';

/**
 * A notification endpoint as Microsoft's documentation describes it, and nothing of ours.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data
 */
export class NotificationReceiver {
    handshakes = 0;
    readonly #office: Office;
    readonly #server: Server;
    readonly #bodies: string[] = [];
    #onBody: () => void = () => undefined;

    constructor(office: Office) {
        this.#office = office;
        this.#server = createServer(async (request, response) => {
            const token = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('validationToken');
            const body = await text(request);
            if (token !== null) {
                this.handshakes += 1;
                response.writeHead(200, { 'content-type': 'text/plain' }).end(token);
                return;
            }
            this.#bodies.push(body);
            response.writeHead(202).end();
            this.#onBody();
        });
    }

    async start(): Promise<void> {
        this.#server.listen(this.#office.notificationPort, '127.0.0.1');
        await once(this.#server, 'listening');
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        this.#server.close();
        await once(this.#server, 'close');
    }

    /** The next notifications, checked and decrypted; throws for any that is not genuine. */
    async next(): Promise<Notification[]> {
        if (this.#bodies.length === 0)
            await new Promise<void>(resolve => {
                this.#onBody = resolve;
            });
        const { value, validationTokens } = JSON.parse(this.#bodies.shift()!) as {
            value: Item[];
            validationTokens: string[];
        };
        if (validationTokens.length === 0) throw new Error('There is no validation token');
        for (const token of validationTokens) await this.#checkToken(token);
        return value.map(({ subscriptionId, clientState, encryptedContent }) => ({
            subscriptionId,
            clientState,
            ...this.#decrypt(encryptedContent),
        }));
    }

    /** Signature, audience, issuer, publisher and time. */
    async #checkToken(token: string): Promise<void> {
        const { loginUrl, tenantId, app } = this.#office;
        const { keys } = (await (await fetch(`${loginUrl}/common/discovery/v2.0/keys`)).json()) as {
            keys: (JsonWebKey & { kid: string })[];
        };
        const [header = '', payload = '', signature = ''] = token.split('.');
        const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
        const jwk = keys.find(({ kid }) => kid === decode(header).kid);
        if (!jwk) throw new Error('The key of the validation token is not published');
        const key = createPublicKey({ key: jwk, format: 'jwk' });
        if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
            throw new Error('The signature of the validation token is wrong');
        const { aud, iss, azp, appid, exp } = decode(payload);
        const issuers = [`${loginUrl}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`];
        if (aud !== app.clientId || !issuers.includes(iss) || (azp ?? appid) !== publisher || exp * 1000 < Date.now())
            throw new Error(`The validation token is not for us: ${JSON.stringify(decode(payload))}`);
    }

    #decrypt({
        data,
        dataSignature,
        dataKey,
    }: Item['encryptedContent']): Omit<Notification, 'subscriptionId' | 'clientState'> {
        const padding = constants.RSA_PKCS1_OAEP_PADDING;
        const key = privateDecrypt({ key: this.#office.app.key, padding }, Buffer.from(dataKey, 'base64'));
        const encrypted = Buffer.from(data, 'base64');
        if (createHmac('sha256', key).update(encrypted).digest('base64') !== dataSignature)
            throw new Error('The content of the notification was altered');
        const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
        return JSON.parse(Buffer.concat([decipher.update(encrypted), decipher.final()]).toString());
    }
}
