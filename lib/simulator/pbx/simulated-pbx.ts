import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../../support/clock';
import type { CertificateAuthority } from '../certificate-authority';
import type { Person } from '../person';
import { type AppObject, AppSession, longestMessage, type SessionHost } from './app-session';
import { type Behaviour, defaultBehaviour } from './behaviour';
import type { Api, Send } from './frame';
import { LoopbackServer } from './loopback-server';
import { PbxApi } from './pbx-api';
import { PbxTableUsers } from './pbx-table-users';
import { pbxUser, type UserOptions } from './pbx-user';
import { PresenceBoard } from './presence-board';
import type { Entry } from './presence-list';
import { UserTable } from './user-table';

const path = '/PBX0/APPS/websocket';

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
    behaviour?: Partial<Behaviour>;
    /** What is special about a user object. */
    userOptions?: (person: Person, index: number) => UserOptions;
    /** For {@link Behaviour.latency} only. */
    clock?: Clock;
}

/** A user as colleagues and phones show them. */
export interface SimulatedPresence {
    /** The newest entry that is neither line state nor the PBX's own `im:`; `""` is available. */
    activity: string;
    note: string;
    /** The user is in a call of this PBX. */
    onThePhone: boolean;
    /** Every entry, newest first, the line state among them. */
    entries: Entry[];
}

/**
 * An innovaphone PBX on 127.0.0.1, as an App object sees it through the App websocket. User objects and presence
 * outlive {@link stop}, connections and subscriptions do not. Every method that names a user throws an Error when
 * there is no such user. Emits `change` with the GUID whenever a user's entries or call state are others.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class SimulatedPbx extends EventEmitter<{ change: [guid: string] }> implements SessionHost {
    readonly app: Readonly<AppObject>;
    readonly clock: Clock;
    /** May be changed at any time. */
    readonly behaviour: Behaviour;
    /** Since construction; messages in both directions, and SetPresence requests that were accepted. */
    readonly counters = { messages: 0, writes: 0 };
    /** While true, clients can connect and send, and nothing is executed or answered, pings included. */
    deaf = false;

    readonly #systemName: string;
    readonly #pbxName: string;
    readonly #authority: CertificateAuthority | undefined;
    readonly #users = new UserTable();
    readonly #people = new Map<string, { person: Person; options: UserOptions | undefined }>();
    readonly #board: PresenceBoard;
    readonly #sessions = new Set<AppSession>();
    #tls: { key: string; cert: string } | undefined;
    #port: number;
    #server: LoopbackServer | undefined;
    /** The start or stop that is under way; the next one waits for it. */
    #turn: Promise<void> = Promise.resolve();

    constructor(options: SimulatedPbxOptions) {
        super();
        this.app = options.app;
        this.clock = options.clock ?? systemClock;
        this.behaviour = { ...defaultBehaviour, ...options.behaviour };
        this.#systemName = options.systemName ?? options.people[0]?.mail.split('@')[1] ?? 'office.example';
        this.#pbxName = options.pbxName ?? 'pbx-main';
        this.#authority = options.authority;
        this.#port = options.port ?? 0;
        this.#board = new PresenceBoard(this.behaviour, guid => this.emit('change', guid));
        for (const [index, person] of options.people.entries()) {
            this.addPerson(person, options.userOptions?.(person, index));
        }
    }

    /** The port it listens on, or will; 0 as long as none is chosen. */
    get port(): number {
        return this.#port;
    }

    /** The address of the App websocket. */
    get url(): string {
        return `${this.#authority ? 'wss' : 'ws'}://127.0.0.1:${this.#port}${path}`;
    }

    /** @throws what listening throws, for example that the port is in use */
    start(): Promise<void> {
        return this.#inTurn(async () => {
            if (this.#server) return;
            this.#tls ??= await this.#authority?.issue(['127.0.0.1', '::1', 'localhost']);
            const server = new LoopbackServer({
                port: this.#port,
                path,
                longestMessage,
                tls: this.#tls,
                connected: socket => this.#open(new AppSession(socket, this)),
            });
            this.#port = await server.start();
            this.#server = server;
        });
    }

    /** Breaks all connections and frees the port; may be called twice. */
    stop(): Promise<void> {
        return this.#inTurn(async () => {
            const server = this.#server;
            this.#server = undefined;
            this.dropConnections();
            await server?.stop();
        });
    }

    /** Breaks all connections, as a network failure does; clients may connect again at once. */
    dropConnections(): void {
        for (const session of this.#sessions) session.drop();
        this.#server?.drop();
    }

    addPerson(person: Person, options?: UserOptions): void {
        this.#users.add(pbxUser(person, this.#pbxName, options));
        this.#people.set(person.guid, { person, options });
    }

    /** Changes what is given and leaves the rest as it is. */
    updatePerson(guid: string, change: Partial<Omit<Person, 'guid'>> & UserOptions): void {
        this.#users.get(guid);
        const before = this.#people.get(guid)!;
        const person = { ...before.person, ...change, guid };
        const options = { ...before.options, ...change };
        this.#users.update(pbxUser(person, this.#pbxName, options));
        this.#people.set(guid, { person, options });
    }

    removePerson(guid: string): void {
        this.#users.remove(guid);
        this.#people.delete(guid);
        this.#board.remove(guid);
    }

    presenceOf(guid: string): SimulatedPresence {
        this.#users.get(guid);
        const list = this.#board.of(guid);
        return { ...list.setting, onThePhone: list.inCall, entries: list.shown(true) };
    }

    /** The user's own setting, made at a phone or in myApps: the entry `tel:`. */
    setPresence(guid: string, { activity, note = '' }: { activity: string; note?: string }): void {
        this.#users.get(guid);
        this.#board.change(guid, list => list.set('tel:', activity, note));
    }

    /** Puts the user in a call; a user who is in one already stays there. */
    startCall(guid: string): void {
        this.#setInCall(guid, true);
    }

    endCall(guid: string): void {
        this.#setInCall(guid, false);
    }

    /** Lets the PBX add an `im:` entry, as it does whenever a client of the user comes or goes. */
    setClientOnline(guid: string, online: boolean): void {
        this.#users.get(guid);
        this.#board.change(guid, list => list.setClientOnline(online));
    }

    /** For the sessions only. */
    openApi(name: string, send: Send): Api | undefined {
        if (name === 'PbxTableUsers') return new PbxTableUsers(this.#users, send);
        if (name !== 'PbxApi') return undefined;
        const written = () => {
            this.counters.writes++;
        };
        const { behaviour } = this;
        return new PbxApi(
            { users: this.#users, board: this.#board, behaviour, systemName: this.#systemName, written },
            send,
        );
    }

    #setInCall(guid: string, inCall: boolean): void {
        this.#users.get(guid);
        this.#board.change(guid, list => {
            list.inCall = inCall;
        });
    }

    #open(session: AppSession): void {
        this.#sessions.add(session);
        session.start(() => this.#sessions.delete(session));
    }

    #inTurn(step: () => Promise<void>): Promise<void> {
        const result = this.#turn.then(step);
        this.#turn = result.catch(() => {});
        return result;
    }
}
