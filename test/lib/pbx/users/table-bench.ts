import { SyncError } from '../../../../lib/errors/errors';
import { dial } from '../../../../lib/pbx/connection/dial';
import { PbxSession } from '../../../../lib/pbx/connection/pbx-session';
import { PbxSocket } from '../../../../lib/pbx/connection/pbx-socket';
import { type UserChange, UserDirectory } from '../../../../lib/pbx/users/user-directory';
import { UserTable, type UserTableOptions } from '../../../../lib/pbx/users/user-table';
import { SimulatedPbx, type SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import { app, turns, until } from '../pbx-bench';

/** A simulated PBX and a user table that reads from it, both by a clock that stands still unless a test moves it. */
export class TableBench {
    readonly clock = new FakeClock();
    readonly pbx: SimulatedPbx;
    readonly directory = new UserDirectory();
    readonly table: UserTable;
    /** Who takes no part. */
    readonly leftOut: UserTableOptions['leftOut'];
    /** What was told together, each time. */
    readonly changes: UserChange[][] = [];
    readonly log: string[] = [];
    /** Everything that the PBX has sent. */
    readonly received: string[] = [];
    /** The most ReplicateNext that have waited for their answers at once. */
    mostWaiting = 0;
    #socket?: PbxSocket;

    constructor(options: Partial<SimulatedPbxOptions> = {}, settings: Partial<UserTableOptions> = {}) {
        this.pbx = new SimulatedPbx({ people: defaultPeople(), app: { ...app }, clock: this.clock, ...options });
        this.leftOut = settings.leftOut ?? { absent: new Map(), look: () => {} };
        this.table = new UserTable({
            directory: this.directory,
            clock: this.clock,
            log: (level, text) => this.log.push(`${level} ${text}`),
            changed: changes => this.changes.push(changes),
            leftOut: this.leftOut,
            ...settings,
        });
    }

    /** Names of those in the directory, sorted. */
    get names(): string[] {
        return Array.from(this.directory.all(), ({ pbx }) => pbx.name).sort();
    }

    /** Connects anew and reads; moves time on while nothing else happens. */
    async read(): Promise<UserChange[]> {
        const session = await this.connect();
        return this.finished(this.table.read(session));
    }

    /** Moves time on until the work is done. */
    async finished<Result>(work: Promise<Result>): Promise<Result> {
        let isDone = false;
        const end = () => {
            isDone = true;
        };
        work.then(end, end);
        while (!isDone) await this.tick();
        return work;
    }

    /** Lets everything happen that needs no time, and then 10 ms pass. */
    async tick(): Promise<void> {
        const { received, sent } = this.pbx.traffic;
        for (let last = -1; last !== this.pbx.counters.messages; ) {
            last = this.pbx.counters.messages;
            await turns(3);
            const waiting = received.of('ReplicateNext') - sent.of('ReplicateNextResult');
            this.mostWaiting = Math.max(this.mostWaiting, waiting);
        }
        await this.clock.advance(10);
    }

    async until(isTrue: () => boolean): Promise<void> {
        for (let count = 0; !isTrue(); count++) {
            if (count > 5_000) throw new Error(`Never came true: ${isTrue}`);
            await this.tick();
        }
    }

    async stop(): Promise<void> {
        this.table.end();
        await Promise.all([this.#socket?.close(), until(() => this.pbx.connections === 0)]);
        await this.pbx.stop();
    }

    /** Loses the connection there is, if any, and logs in anew. */
    async connect(): Promise<PbxSession> {
        const { clock, pbx } = this;
        await pbx.start();
        const host = 'pbx';
        this.#socket?.fail(new SyncError('PBX_CONNECTION_LOST', { host }));
        const socket = new PbxSocket({ host, clock, log: () => undefined });
        this.#socket = socket;
        const settings = { role: 'client', addresses: [pbx.url], appName: app.name, password: app.password } as const;
        await socket.open(() => dial(pbx.url, settings));
        const session = new PbxSession({ socket, app: app.name, clock });
        socket.on('frame', (_, text) => this.received.push(text));
        await this.finished(session.login(app.password));
        session.identify();
        return session;
    }
}
