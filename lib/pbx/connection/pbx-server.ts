import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SyncError } from '../../errors/errors';
import { RecentTexts } from '../../support/recent-texts';
import type { Crowd } from '../../support/waiting-connections';
import { decoded } from '../../support/web-server';
import { Caller, type CallerUse, type Paces } from './caller';
import { longestReceived } from './dial';
import { PasswordPace } from './password-pace';
import type { PbxSession } from './pbx-session';
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
    /** Of callers from where a PBX has logged in before, and of all others, behind whose wrong passwords no PBX shall wait. */
    readonly #paces: Record<'known' | 'unknown', Paces>;
    /** Addresses from where a PBX has logged in. */
    readonly #known = new RecentTexts(mostStrangers);
    #isOpen = false;

    constructor(options: CallerUse) {
        this.#options = options;
        const { clock } = options;
        const check = new PasswordPace(clock, 500);
        const login = () => new PasswordPace(clock, 50);
        this.#paces = { known: { login: login(), check }, unknown: { login: login(), check } };
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

    /** Takes the `upgrade` event of an HTTP server, whose `crowd` grows with each stranger who has to make room. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, crowd?: Crowd): void {
        socket.on('error', () => undefined);
        this.#webSockets.handleUpgrade(request, socket, head, webSocket => this.#accept(webSocket, request, crowd));
    }

    #accept(webSocket: WebSocket, request: IncomingMessage, crowd?: Crowd): void {
        if (!this.#isOpen) {
            webSocket.on('error', () => undefined);
            webSocket.close(closeCodes.tryAgainLater);
            return;
        }
        const { clock, log } = this.#options;
        const host = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '?';
        this.#makeRoom(crowd);
        const socket = new PbxSocket({ host, clock, log, isStranger: true });
        this.#sockets.add(socket);
        void socket.ended.then(() => this.#sockets.delete(socket));
        const identified = (session: PbxSession): void => {
            this.#known.add(host);
            this.#options.identified(session);
        };
        const paces = this.#paces[this.#known.has(host) ? 'known' : 'unknown'];
        new Caller(socket, { ...this.#options, identified }, paces).start();
        // A socket that stands cannot fail to open.
        void socket.open(() => webSocket);
    }

    /** A PBX that calls finds room, however many others do: the stranger that has been here longest goes. */
    #makeRoom(crowd?: Crowd): void {
        const strangers = [...this.#sockets].filter(({ isStranger }) => isStranger);
        const [oldest] = strangers;
        if (!oldest || strangers.length < mostStrangers) return;
        this.#sockets.delete(oldest);
        crowd?.grow();
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

function serve(response: ServerResponse, type: string, content: Buffer): void {
    const headers = { 'Content-Type': type, 'Content-Length': content.length };
    response.writeHead(200, { ...headers, 'X-Content-Type-Options': 'nosniff' }).end(content);
}

/** The icon that the PBX and myApps show for the App object, 64 pixels wide. */
const appIcon = readFileSync(join(__dirname, 'app.png'));
/** What a person sees who opens the App in myApps or a browser. */
const appPage = readFileSync(join(__dirname, 'app.html'));
