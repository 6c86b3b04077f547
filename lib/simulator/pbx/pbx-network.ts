import type { CertificateAuthority } from '../certificate-authority';
import { AppCaller } from './app-caller';
import { AppSession, type Session } from './app-session';
import type { CallingHost } from './calling-session';
import { LoopbackServer } from './loopback-server';
import { type CertificateKind, fingerprintOf, type ServerCertificate, serverCertificate } from './server-certificate';
import { longestMessage } from './wire';

/** Where a PBX listens. */
export interface PbxNetworkOptions {
    /** Issues the certificate; absent: plain `ws`. */
    authority?: CertificateAuthority;
    /** 0: a free port, kept from the first start on. */
    port: number;
    /** First part of the path, `PBX0` for a static PBX. */
    module: string;
}

/** The connections of one PBX: those that it takes, and the one that it makes to the URL of its App object. */
export class PbxNetwork {
    readonly caller: AppCaller;
    readonly module: string;
    readonly #host: CallingHost;
    readonly #authority: CertificateAuthority | undefined;
    readonly #sessions = new Set<Session>();
    #certificate: ServerCertificate | undefined;
    #port: number;
    #server: LoopbackServer | undefined;
    /** The start or stop that is under way; the next one waits for it. */
    #turn: Promise<void> = Promise.resolve();

    constructor(host: CallingHost, { authority, port, module }: PbxNetworkOptions) {
        this.#host = host;
        this.#authority = authority;
        this.#port = port;
        this.module = module;
        this.caller = new AppCaller(host, (session, ended) => this.#open(session, ended));
    }

    get port(): number {
        return this.#port;
    }

    get hasTls(): boolean {
        return this.#authority !== undefined;
    }

    get url(): string {
        return `${this.hasTls ? 'wss' : 'ws'}://127.0.0.1:${this.#port}${this.#path}`;
    }

    /** Undefined without TLS and before the first start. */
    get fingerprint(): string | undefined {
        return this.#certificate && fingerprintOf(this.#certificate.cert);
    }

    get sessions(): readonly Session[] {
        return [...this.#sessions];
    }

    get #path(): string {
        return `/${this.module}/APPS/websocket`;
    }

    start(): Promise<void> {
        return this.#inTurn(async () => {
            if (this.#server) return;
            if (this.#authority) this.#certificate ??= await serverCertificate(this.#authority, 'right');
            const server = new LoopbackServer({
                port: this.#port,
                path: this.#path,
                longestMessage,
                tls: this.#certificate,
                connected: socket => this.#open(new AppSession(socket, this.#host), () => {}),
            });
            this.#port = await server.start();
            this.#server = server;
            this.caller.start();
        });
    }

    stop(): Promise<void> {
        return this.#inTurn(async () => {
            const server = this.#server;
            this.#server = undefined;
            this.caller.stop();
            this.drop();
            await server?.stop();
        });
    }

    drop(): void {
        for (const session of this.#sessions) session.drop();
        this.#server?.drop();
    }

    /** @throws Error for a PBX without TLS */
    async changeCertificate(kind: CertificateKind): Promise<void> {
        if (!this.#authority) throw new Error('The simulated PBX has no certificate: it was made without an authority');
        this.#certificate = await serverCertificate(this.#authority, kind);
        this.#server?.useCertificate(this.#certificate);
    }

    #open(session: Session, ended: () => void): void {
        this.#sessions.add(session);
        session.start(() => {
            this.#sessions.delete(session);
            ended();
        });
    }

    #inTurn(step: () => Promise<void>): Promise<void> {
        const result = this.#turn.then(step);
        this.#turn = result.catch(() => {});
        return result;
    }
}
