import { EventEmitter } from 'node:events';
import { type Clock, systemClock, type Timer } from '../support/clock';
import type { ConnectionState } from '../support/connection-state';
import type { Frame } from './connection/frame';
import { PbxConnection } from './connection/pbx-connection';
import type { PbxSession } from './connection/pbx-session';
import type { Log, PbxSettings } from './connection/pbx-settings';
import { type PbxChange, PresenceReader } from './reading/presence-reader';
import { PresenceSubscriptions, type Unfollowed, unfollowedLine } from './reading/presence-subscriptions';
import type { Entry } from './reading/reduce-presence';
import { type DirectoryChange, UserDirectory } from './users/user-directory';
import { UserTable } from './users/user-table';
import { PresenceWriter } from './writing/presence-writer';
import { WriteLedger } from './writing/write-ledger';

export type { PbxSettings } from './connection/pbx-settings';
export type { PbxChange } from './reading/presence-reader';

/** Milliseconds within which changes of the directory are told together. */
const usersDelay = 100;

/** What a {@link PbxSystem} tells. */
export interface PbxSystemEvents {
    state: [ConnectionState];
    /** The directory is complete or has changed. */
    users: [];
    change: [PbxChange];
}

/** One innovaphone system: its users, what they show, and what we show for them. */
export class PbxSystem extends EventEmitter<PbxSystemEvents> {
    readonly directory = new UserDirectory();
    readonly reader: PresenceReader;
    readonly writer: PresenceWriter;
    readonly #connection: PbxConnection;
    readonly #table: UserTable;
    readonly #subscriptions: PresenceSubscriptions;
    readonly #ledger: WriteLedger;
    readonly #clock: Clock;
    readonly #log: Log;
    #usersTimer?: Timer;

    constructor(options: { settings: PbxSettings; clock?: Clock; random?: () => number; log?: Log }) {
        super();
        // One listener per node that uses the connection is no leak.
        this.setMaxListeners(0);
        const { settings, clock = systemClock, random = Math.random, log = () => undefined } = options;
        this.#clock = clock;
        this.#log = log;
        const { directory } = this;
        const ledger = new WriteLedger(() =>
            log('info', 'The PBX takes no presence beside the one of the user; it is set in its place from now on'),
        );
        this.#ledger = ledger;
        this.reader = new PresenceReader({ directory, ledger, clock, changed: change => this.#tell('change', change) });
        this.writer = new PresenceWriter({ directory, reader: this.reader, ledger, log });
        this.#table = new UserTable(directory, settings.domain, change => this.#usersChanged(change));
        this.#subscriptions = new PresenceSubscriptions((guid, entries, isFirst) =>
            this.#received(guid, entries, isFirst),
        );
        const use = {
            prepare: (session: PbxSession) => this.#prepare(session),
            online: (session: PbxSession) => this.writer.online(session),
            lost: () => this.#lost(),
            indication: (frame: Frame) => this.#indication(frame),
        };
        this.#connection = new PbxConnection({ settings, use, clock, random, log });
        this.#connection.on('state', state => this.#tell('state', state));
    }

    get state(): ConnectionState {
        return this.#connection.state;
    }

    /** Users whose presence the PBX does not tell, with the reason. */
    get unfollowed(): Iterable<Unfollowed> {
        return this.#subscriptions.unfollowed;
    }

    /** Connects and stays connected until {@link stop}. */
    start(): void {
        this.writer.start();
        this.#connection.start();
    }

    /** Ends the connection; what is set in the PBX stays, see {@link PresenceWriter.clearAll}. */
    async stop(): Promise<void> {
        this.writer.stop();
        this.#clock.cancel(this.#usersTimer);
        this.#usersTimer = undefined;
        await this.#connection.stop();
    }

    async #prepare(session: PbxSession): Promise<void> {
        this.#subscriptions.begin(session);
        const { removed } = await this.#table.read(session);
        for (const user of removed) this.#forget(user.pbx.guid);
        this.#tell('users');
        await Promise.all(Array.from(this.directory.all(), user => this.#subscriptions.follow(user)));
        const unfollowed = [...this.#subscriptions.unfollowed];
        if (unfollowed.length > 0) this.#log('warn', unfollowedLine(unfollowed));
    }

    #lost(): void {
        this.writer.lost();
        this.#subscriptions.end();
    }

    #indication(frame: Frame): void {
        if (frame.mt.startsWith('Replicate')) this.#table.indication(frame);
        else this.#subscriptions.indication(frame);
    }

    #received(guid: string, entries: Entry[], isFirst: boolean): void {
        this.reader.receive(guid, entries);
        if (isFirst) this.writer.keep(guid);
    }

    #usersChanged({ added, changed, removed }: DirectoryChange): void {
        for (const user of removed) {
            this.#subscriptions.unfollow(user);
            this.#forget(user.pbx.guid);
        }
        const renamed = changed.filter(({ from, to }) => from.pbx.name !== to.pbx.name);
        for (const { from } of renamed) this.#subscriptions.unfollow(from);
        for (const user of [...added, ...renamed.map(({ to }) => to)]) {
            this.#subscriptions.follow(user).catch((error: Error) => this.#log('debug', error.message));
        }
        this.#usersTimer ??= this.#clock.after(usersDelay, () => {
            this.#usersTimer = undefined;
            this.#tell('users');
        });
    }

    /** A listener that throws must not end the connection, let alone the process. */
    #tell<Name extends keyof PbxSystemEvents>(name: Name, ...values: PbxSystemEvents[Name]): void {
        try {
            (this as EventEmitter).emit(name, ...values);
        } catch (thrown) {
            this.#log('warn', `A listener of '${name}' has failed: ${String(thrown)}`);
        }
    }

    #forget(guid: string): void {
        this.reader.forget(guid);
        this.#ledger.forget(guid);
    }
}
