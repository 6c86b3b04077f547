import { constants, createDecipheriv, createHmac, generateKeyPair, type KeyObject, privateDecrypt } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { issueCertificate } from '../../../../lib/simulator/issue-certificate';

/** A POST as the endpoint got it. */
export interface Received {
    url: URL;
    contentType: string;
    text: string;
}

type Handler = (received: Received, response: ServerResponse) => void;

/** An endpoint for notifications that answers the handshake and collects the rest. */
export class NotificationEndpoint {
    readonly handshakes: Received[] = [];
    readonly deliveries: Received[] = [];
    /** Answers the handshake; may be replaced. */
    onHandshake: Handler = ({ url }, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' }).end(url.searchParams.get('validationToken'));
    };
    /** Answers deliveries; may be replaced. */
    onDelivery: Handler = (_, response) => response.writeHead(202).end();
    readonly #server: Server;

    private constructor(server: Server) {
        this.#server = server;
    }

    static async start(authority: CertificateAuthority): Promise<NotificationEndpoint> {
        const server = createServer(await authority.issue(['127.0.0.1', 'localhost']));
        const endpoint = new NotificationEndpoint(server);
        server.on('request', (request, response) => endpoint.#take(request, response));
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        return endpoint;
    }

    get url(): string {
        return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/notify`;
    }

    async stop(): Promise<void> {
        const closed = new Promise(resolve => this.#server.close(resolve));
        this.#server.closeAllConnections();
        await closed;
    }

    /** Resolves once `count` deliveries have come in. */
    async received(count: number): Promise<Received[]> {
        while (this.deliveries.length < count) await once(this.#server, 'delivery');
        return this.deliveries;
    }

    #take(request: IncomingMessage, response: ServerResponse): void {
        const chunks: Buffer[] = [];
        request.on('data', chunk => chunks.push(chunk));
        request.on('end', () => {
            const url = new URL(request.url ?? '', this.url);
            const contentType = request.headers['content-type'] ?? '';
            const received = { url, contentType, text: Buffer.concat(chunks).toString() };
            if (url.searchParams.has('validationToken')) {
                this.handshakes.push(received);
                this.onHandshake(received, response);
            } else {
                this.deliveries.push(received);
                this.onDelivery(received, response);
                this.#server.emit('delivery');
            }
        });
    }
}

/** A self-signed certificate as a client sends it (base64 of the DER), with its key. */
export async function encryptionCertificate(
    bits = 2048,
): Promise<{ text: string; privateKey: KeyObject; thumbprint: string }> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
    const certificate = issueCertificate({ commonName: 'notifications', key: privateKey, now: Date.now() });
    return {
        text: certificate.raw.toString('base64'),
        privateKey,
        thumbprint: certificate.fingerprint.replaceAll(':', ''),
    };
}

/** Decrypts as Microsoft describes it; throws if the signature does not fit. */
export function decrypt(
    content: { data: string; dataKey: string; dataSignature: string },
    privateKey: KeyObject,
): Record<string, unknown> {
    const key = privateDecrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
        Buffer.from(content.dataKey, 'base64'),
    );
    const data = Buffer.from(content.data, 'base64');
    if (createHmac('sha256', key).update(data).digest('base64') !== content.dataSignature)
        throw new Error('The signature of the content is wrong');
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    return JSON.parse(decipher.update(data, undefined, 'utf8') + decipher.final('utf8'));
}
