import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SyncError } from '../../errors/errors';
import { decoded } from '../../support/web-server';
import { Caller, type CallerUse } from './caller';
import { longestReceived } from './dial';
import { closeCodes, PbxSocket } from './pbx-socket';

/** Callers at once that have not logged in: each may hold as much as {@link longestReceived}. */
const mostStrangers = 100;

/**
 * The endpoint that the URL of the App object points to. The owner of an HTTP server hands over what arrives below that
 * URL's folder: upgrades for any path there, and requests for the page and the icon.
 */
export class PbxServer {
    readonly #options: CallerUse;
    readonly #sockets = new Set<PbxSocket>();
    readonly #webSockets = new WebSocketServer({
        noServer: true,
        perMessageDeflate: false,
        maxPayload: longestReceived,
    });
    #isOpen = false;

    constructor(options: CallerUse) {
        this.#options = options;
    }

    /** From now on callers are let in. */
    open(): void {
        this.#isOpen = true;
    }

    /** Ends all connections; resolves when they are gone. May be called twice. */
    async close(): Promise<void> {
        this.#isOpen = false;
        await Promise.all([...this.#sockets].map(socket => socket.close(closeCodes.goingAway)));
    }

    /** Takes the `upgrade` event of an HTTP server. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
        socket.on('error', () => undefined);
        this.#webSockets.handleUpgrade(request, socket, head, webSocket => this.accept(webSocket, request));
    }

    /** Takes a websocket that stands. */
    accept(webSocket: WebSocket, request: IncomingMessage): void {
        if (!this.#isOpen) {
            webSocket.on('error', () => undefined);
            webSocket.close(closeCodes.tryAgainLater);
            return;
        }
        const { clock, log } = this.#options;
        const host = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '?';
        this.#makeRoom();
        const socket = new PbxSocket({ host, clock, log, isStranger: true });
        this.#sockets.add(socket);
        void socket.ended.then(() => this.#sockets.delete(socket));
        new Caller(socket, this.#options).start();
        // A socket that stands cannot fail to open.
        void socket.open(() => webSocket);
    }

    /** A PBX that calls finds room, however many others do: the stranger that has been here longest goes. */
    #makeRoom(): void {
        const strangers = [...this.#sockets].filter(({ isStranger }) => isStranger);
        const [oldest] = strangers;
        if (!oldest || strangers.length < mostStrangers) return;
        this.#sockets.delete(oldest);
        oldest.fail(new SyncError('PBX_CONNECTION_LOST', { host: oldest.host }));
    }

    /**
     * Names of the files that {@link page} serves: the PBX and myApps append `.htm` and `.png` to the App's URL. Where its
     * last part is not the name of the App object, there are files of both names.
     * @see https://wiki.innovaphone.com/index.php?title=Reference14r1:Concept_Apps
     */
    get files(): string[] {
        const { appName, urlName = appName } = this.#options.settings;
        return [...new Set([urlName, appName])].flatMap(name => [`${name}.htm`, `${name}.png`]);
    }

    /** @returns false when the request is for something else than {@link files} and has not been answered */
    page(request: IncomingMessage, response: ServerResponse): boolean {
        if (request.method !== 'GET' && request.method !== 'HEAD') return false;
        const file = decoded(request.url?.split('?')[0]?.split('/').at(-1) ?? '');
        if (!this.files.includes(file)) return false;
        if (file.endsWith('.htm')) serve(response, 'text/html; charset=utf-8', appPage);
        else serve(response, 'image/png', appIcon);
        return true;
    }
}

function serve(response: ServerResponse, type: string, content: string | Buffer): void {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) };
    response.writeHead(200, { ...headers, 'X-Content-Type-Options': 'nosniff' }).end(content);
}

/** The icon that the PBX and myApps show for the App object: a picture in PNG, 64 pixels wide. */
const appIcon = Buffer.from(
    [
        'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAYAAACqaXHeAAACM0lEQVR42u1bMUvEMBTOX3B1uR/g4CQ6uTkL+gMqOKqcgy43OOqo08EJcqAO',
        'gri4iIu3O7gKruckQrlBcHv2O9qjh2kvTdsj6XsPPihp8pr3JXkvSROlcmRp/7wVoR1hECGMQJ4gjOuMurdUUYkN73tk8Cz0jYmIMgaetXaR',
        'XhGYGE8NR8DZeD0J8ZgPGREQTvmEhjk8Y8eYbn1iipaKYyVXAtoqnjBwJWCgmDm/f85QMTZ+jFoI2Lm4p+uXN3r9GNLo55cSwTPS8A55GkdA',
        '5+aZPr9HZCrIizLeE7B1dkvvwy+yFZSFDi8JOOg9TnVzW4EO6PKKAFS4apk3CapMt89reTg7jO+Nk6tJGTwjDe/yesI8h4M1AVljHukmHh55',
        '8nQ4TQBaMavia8ddYz3Im0XCvKKDFQG6UFfU+Fkk4BtOEoCuq5MyE5s6dNZGAGZxOodXtiI6x4hvOUeArqJVjFedX6mC2MoJ0IW+dKizBXTo',
        'QqJzBOikqsrUqVsIkCEgTlDCoEyEZCosiyFZDsuGiGyJebYputo5ou3LFdp9WKC9JzUGnpGGd43dFl8+PKXN7vrE6CwgD/I26scIDAruFmca',
        'nwB5bUlw8teYScvreoIzBJQBxnVR4xPY+ATnCIBzsyUAZb0nIO3tiwJlvSfA1vgEQoAMAXGCEga9JoD9RKgRU+GqSPBuMVSXT3B+Oez7QUn2',
        'R2XZH5Zmf1ye94UJ9ldm5NKUXJuTi5NydVYuTzO+Pv8H4Y8DiWb0fMIAAAAASUVORK5CYII=',
    ].join(''),
    'base64',
);

/** What a person sees who opens the App in myApps or a browser. */
const appPage = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Presence sync</title>
<p>This App keeps the presence of PBX users and Microsoft Teams users in step. There is nothing to do here.</p>
<p lang="de">Diese App gleicht die Präsenz von PBX- und Microsoft-Teams-Benutzern ab. Hier ist nichts zu tun.</p>
</html>
`;
