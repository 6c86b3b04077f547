import { type Clock, systemClock } from '../../time/clock';
import type { CertificateAuthority } from '../certificate-authority';
import type { Person } from '../person';
import type { ApiConnection } from './api-connection';
import type { AppCall } from './app-caller';
import type { AppObject } from './app-session';
import { type Behaviour, defaultBehaviour } from './behaviour';
import type { CallingHost } from './calling-session';
import type { Api, Frame } from './frame';
import { Installation } from './installation';
import { type AppLogin, appLogin, checkLogin } from './login-check';
import { type ApiPlace, openApi } from './open-api';
import { PbxConfig } from './pbx-config';
import { PbxFaults } from './pbx-faults';
import { PbxNetwork } from './pbx-network';
import type { UserOptions } from './pbx-user';
import type { CertificateKind } from './server-certificate';
import { Switchboard } from './switchboard';
import { Traffic } from './traffic';
import { UnallowedSubscriptions } from './unallowed-subscriptions';
import type { Rights, Viewer } from './visibility';

/** What a simulated PBX is made of. */
export interface SimulatedPbxOptions {
    people: Person[];
    /** The one App object that may connect. */
    app: AppObject;
    /** The PBX's domain. Default: that of the first person's address. */
    systemName?: string;
    /** Default `pbx-main`. */
    pbxName?: string;
    /** Issues the certificate; absent: plain `ws`. */
    authority?: CertificateAuthority;
    /** 0 (the default): a free port, kept from the first start on. */
    port?: number;
    /** First part of the path of the App websocket. Default `PBX0`. */
    module?: string;
    behaviour?: Partial<Behaviour>;
    /** What is special about a user object. */
    userOptions?: (person: Person, index: number) => UserOptions;
    /** See {@link SimulatedPbx.defaultVisibility}. Default: nothing, as where no visibility names the App object. */
    defaultVisibility?: Partial<Rights>;
    /** For what waits: latency, RCC's ticks, answers that are held back. */
    clock?: Clock;
    /**
     * Makes a slave of this PBX, see {@link SimulatedPbx.addSlave}; then system name, behaviour, visibility and clock are
     * those of the master.
     */
    master?: SimulatedPbx;
}

/**
 * An innovaphone PBX on 127.0.0.1, as an App object sees it through the App websocket. User objects and presence
 * outlive {@link stop}, connections and subscriptions do not. Every method that names a user throws an Error when
 * there is no such user. Emits `change` with the GUID whenever a user's entries or call state are others.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class SimulatedPbx extends Switchboard implements CallingHost {
    readonly app: Readonly<AppObject>;
    readonly clock: Clock;
    /** May be changed at any time; that of a master and its slaves is one. */
    readonly behaviour: Behaviour;
    /** Since construction; messages in both directions, and SetPresence requests that were accepted. */
    readonly counters = { messages: 0, writes: 0 };
    /** Since construction, in more detail: messages by direction and `mt`, connections and logins. */
    readonly traffic = new Traffic();
    readonly faults = new PbxFaults();
    /** Presence subscriptions here that lack a right. */
    readonly unallowed = new UnallowedSubscriptions();
    /** May be changed at any time. */
    readonly config: PbxConfig;
    /** While true, clients can connect and send, and nothing is executed or answered, pings included. */
    deaf = false;

    readonly #authority: CertificateAuthority | undefined;
    readonly #master: SimulatedPbx | undefined;
    readonly #slaves: SimulatedPbx[] = [];
    readonly #network: PbxNetwork;

    constructor(options: SimulatedPbxOptions) {
        super(options.master?.installation ?? installationOf(options), options.pbxName ?? 'pbx-main');
        this.app = options.app;
        this.clock = this.installation.clock;
        this.behaviour = this.installation.behaviour;
        this.config = new PbxConfig({ systemName: this.installation.systemName, pbxName: this.pbxName });
        this.#authority = options.authority;
        this.#master = options.master;
        const { authority, port = 0, module = 'PBX0' } = options;
        this.#network = new PbxNetwork(this, { authority, port, module });
        this.installation.on('change', guid => this.emit('change', guid));
        for (const [index, person] of options.people.entries()) {
            this.addPerson(person, options.userOptions?.(person, index));
        }
    }

    get systemName(): string {
        return this.installation.systemName;
    }

    /** The port it listens on, or will; 0 as long as none is chosen. */
    get port(): number {
        return this.#network.port;
    }

    /** The address of the App websocket. */
    get url(): string {
        return this.#network.url;
    }

    /** SHA-256 of the certificate, pairs of capitals with colons; undefined without TLS and before the first start. */
    get fingerprint(): string | undefined {
        return this.#network.fingerprint;
    }

    /** Connections that are logged in, in either direction. */
    get connections(): number {
        return this.#network.sessions.filter(({ loggedIn }) => loggedIn).length;
    }

    /** Presence subscriptions that are alive, of all connections of this PBX. */
    get subscriptions(): number {
        return this.#network.sessions.reduce((sum, session) => sum + session.subscriptions, 0);
    }

    /** The slaves of this PBX, in the order in which they were added. */
    get slaves(): readonly SimulatedPbx[] {
        return this.#slaves;
    }

    /** How it gets on with the URL that {@link dialOut} has named; undefined while it calls nobody. */
    get call(): AppCall | undefined {
        return this.#network.caller.state;
    }

    /** @throws what listening throws, for example that the port is in use */
    start(): Promise<void> {
        return this.#network.start();
    }

    /** Breaks all connections, frees the port and calls nobody; may be called twice. Slaves run on. */
    stop(): Promise<void> {
        return this.#network.stop();
    }

    /** Breaks all connections, as a network failure does; clients may connect again at once. */
    dropConnections(): void {
        this.#network.drop();
    }

    /** Sends any text or bytes on every connection that is logged in, as only something broken does. */
    sendRaw(data: string | Buffer): void {
        for (const session of this.#network.sessions) if (session.loggedIn) session.sendRaw(data);
    }

    /**
     * The PBX calls this URL of its App object, as with the tick "Websocket": while it runs, and again
     * {@link Behaviour.redialAfter} after each end.
     * @param url such as `http://127.0.0.1:1880/pbx/presence-sync`; undefined: it hangs up and calls nobody
     * @param ca PEM of the authority that must have signed the service's certificate; absent: any certificate will do
     * @throws Error for a URL that is no http: or https: address of this machine, or lacks the app's name
     */
    dialOut(url: string | undefined, ca?: string): void {
        this.#network.caller.dial(url, ca);
    }

    /**
     * Asks the service at the URL that {@link dialOut} has named whether the App object's password is right, as PBX
     * Manager does, over a connection of its own.
     * @returns the AppCheckLoginResult
     * @throws Error if there is no URL, no connection or no answer
     */
    async checkLogin(challenge = '1234'): Promise<Frame> {
        const { target } = this.#network.caller;
        if (!target) throw new Error('The simulated PBX has no URL of its App object');
        return checkLogin(target, this.#appLogin(challenge), challenge, this);
    }

    /**
     * Adds another PBX of the same system, with the same users, presence, calls and behaviour, and a port, connections,
     * faults and counters of its own. Users whose option `loc` is its name are homed there. It does not run yet.
     */
    addSlave({ name, ...options }: { name: string } & Pick<SimulatedPbxOptions, 'port' | 'module'>): SimulatedPbx {
        const app = { ...this.app };
        const authority = this.#authority;
        const slave = new SimulatedPbx({ ...options, people: [], app, pbxName: name, authority, master: this });
        this.#slaves.push(slave);
        return slave;
    }

    /**
     * New connections see a new certificate.
     * @throws Error for a PBX without TLS
     */
    changeCertificate(kind: CertificateKind = 'right'): Promise<void> {
        return this.#network.changeCertificate(kind);
    }

    /** The App object as somebody who looks at users. */
    get viewer(): Viewer {
        return { name: this.app.name, groups: this.app.groups ?? [] };
    }

    /** For the sessions only. */
    openApi(name: string, connection: ApiConnection): Api | undefined {
        return openApi(this, name, connection);
    }

    /** For the APIs only. */
    get admin(): ApiPlace['admin'] {
        return {
            config: this.config,
            location: name => this.#locationOf(name),
            apps: () => [{ name: this.app.name, connections: this.connections }],
            appLogin: (app, challenge) => (app === this.app.name ? this.#appLogin(challenge) : undefined),
        };
    }

    /** As the login at the service begins: with the app's name there, which is the last component of its URL. */
    #appLogin(challenge: string): AppLogin {
        const app = this.#network.caller.target?.url.app ?? this.app.name;
        const domain = this.behaviour.appLoginDomain === 'present' ? { domain: this.systemName } : {};
        return appLogin({ app, ...domain }, challenge, this.app.password);
    }

    /** Where any PBX of the same system listens. */
    #locationOf(name: string): ReturnType<ApiPlace['admin']['location']> {
        const master = this.#master ?? this;
        const pbx = [master, ...master.slaves].find(({ pbxName }) => pbxName === name);
        if (!pbx) return undefined;
        const { port, hasTls: tls, module } = pbx.#network;
        return { port, tls, module, dns: pbx.config.dns };
    }
}

function installationOf({ people, clock = systemClock, ...options }: SimulatedPbxOptions): Installation {
    const installation = new Installation({
        systemName: options.systemName ?? people[0]?.mail.split('@')[1] ?? 'office.example',
        behaviour: { ...defaultBehaviour, ...options.behaviour },
        clock,
    });
    installation.setOtherwise(options.defaultVisibility ?? {});
    return installation;
}
