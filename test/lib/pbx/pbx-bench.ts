import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SyncError } from '../../../lib/errors/errors';
import type { PbxSettings } from '../../../lib/pbx/connection/pbx-settings';
import {
    type FollowOptions,
    type ParticipationSettings,
    type PbxChange,
    PbxSystem,
    type PresenceFollower,
} from '../../../lib/pbx/pbx-system';
import type { PbxPeople } from '../../../lib/pbx/people';
import type { PbxPresence } from '../../../lib/presence/vocabulary';
import { SimulatedPbx, type SimulatedPbxOptions } from '../../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../../lib/simulator/pbx/visibility';
import { defaultPeople } from '../../../lib/simulator/person';
import type { ConnectionState } from '../../../lib/support/connection-state';
import type { ClaimBook } from '../../../lib/sync/logged-claims';
import { FakeClock } from '../../support/fake-clock';

export const app = { name: 'presence-sync', password: 'pässword', apis: ['PbxApi', 'PbxTableUsers'] };

/** The APIs that tell more than the two without which nothing goes. */
export const allApis = [...app.apis, 'PbxAdminApi', 'RCC', 'PbxImpersonation'];

type BenchOptions = Partial<SimulatedPbxOptions> & {
    slaves?: string[];
    role?: PbxSettings['role'];
    book?: ClaimBook;
};

/** What a bench is where a test does not say. */
let usualRole: PbxSettings['role'] = 'client';

/** Describes what holds whoever calls: the same tests where we call the PBX, and where it calls us. */
export function describeInBothRoles(title: string, suite: () => void): void {
    for (const role of ['client', 'server'] as const)
        describe(`${title} (${role} role)`, () => {
            before(() => {
                usualRole = role;
            });
            after(() => {
                usualRole = 'client';
            });
            suite();
        });
}

/** What the user's own sources say, as far as the system knows; undefined for a user of whom the PBX has told nothing. */
export function ownPresence({ reconciler }: PbxPeople, guid: string): PbxPresence | undefined {
    const state = reconciler.records.get(guid)?.state;
    if (!state?.list) return undefined;
    const { activity, note, onThePhone } = state.list.presence;
    return { activity, note, onThePhone: onThePhone && !state.isEcho };
}

/** A simulated PBX and a system connected to it, and what the system has told. Time stands still unless a test moves it. */
export class PbxBench {
    readonly clock = new FakeClock();
    readonly pbx: SimulatedPbx;
    readonly system: PbxSystem;
    /** Tells {@link changes}. */
    readonly follower: PresenceFollower;
    readonly changes: PbxChange[] = [];
    readonly states: ConnectionState[] = [];
    readonly log: string[] = [];
    usersTold = 0;

    /** In the server role, where the PBXs call. */
    readonly #server?: Server;

    private constructor(
        pbx: SimulatedPbx,
        server: Server | undefined,
        settings: Partial<PbxSettings>,
        following: Partial<FollowOptions>,
        participation: ParticipationSettings,
        book: ClaimBook | undefined,
    ) {
        this.pbx = pbx;
        this.#server = server;
        this.system = new PbxSystem({
            settings: {
                ...(server
                    ? { role: 'server', addresses: [], pbxName: pbx.pbxName }
                    : { role: 'client', addresses: [pbx, ...pbx.slaves].map(({ url }) => url) }),
                appName: app.name,
                password: app.password,
                ...settings,
            },
            participation,
            clock: this.clock,
            random: () => 0.5,
            log: (level, text) => this.log.push(`${level} ${text}`),
            ...(book ? { book } : {}),
        });
        server?.on('upgrade', (request, socket, head) => this.system.server?.upgrade(request, socket, head));
        this.follower = this.system.follow(following).on('change', change => this.changes.push(change));
        this.system.on('state', state => this.states.push(state));
        this.system.on('users', () => this.usersTold++);
    }

    /** @param options.slaves names of further PBXs of the system. @param options.role whether we call them or they us */
    static async create(
        { slaves = [], role = usualRole, book, ...options }: BenchOptions = {},
        settings: Partial<PbxSettings> = {},
        following: Partial<FollowOptions> = {},
        participation: ParticipationSettings = { who: 'all' },
    ): Promise<PbxBench> {
        const pbx = new SimulatedPbx({
            people: defaultPeople(),
            app: { ...app, apis: [...app.apis] },
            defaultVisibility: allRights,
            ...options,
            behaviour: { redialAfter: 10, ...options.behaviour },
        });
        for (const name of slaves) pbx.addSlave({ name });
        for (const each of [pbx, ...pbx.slaves]) await each.start();
        const server = role === 'server' ? await listening() : undefined;
        const bench = new PbxBench(pbx, server, settings, following, participation, book);
        if (server) bench.dial();
        return bench;
    }

    /** In the server role: the PBXs call, and hang up on an earlier call. */
    dial(): void {
        const { port } = this.#server!.address() as AddressInfo;
        for (const each of [this.pbx, ...this.pbx.slaves])
            each.dialOut(`http://127.0.0.1:${port}/firm.example/${app.name}`);
    }

    /** The same, with the system online and everybody's first state told. */
    static async online(
        options: BenchOptions = {},
        settings: Partial<PbxSettings> = {},
        following: Partial<FollowOptions> = {},
    ): Promise<PbxBench> {
        const bench = await PbxBench.create(options, settings, following);
        bench.system.start();
        await bench.settled();
        return bench;
    }

    /** Waits until the system is online and knows everybody's presence; a reconnect needs time to be moved. */
    async settled(): Promise<void> {
        await until(
            () => this.phase === 'online' && [...this.follower.snapshot()].length === this.system.directory.size,
        );
    }

    /** Loses the connection and comes back. */
    async reconnect(whileAway: () => void = () => undefined): Promise<void> {
        await this.pbx.stop();
        await until(() => this.phase === 'retrying');
        whileAway();
        await this.pbx.start();
        await this.clock.advance(1_000);
        await until(() => this.phase === 'online');
    }

    get phase(): ConnectionState['phase'] {
        return this.system.state.phase;
    }

    get error(): SyncError | undefined {
        const { state } = this.system;
        return 'error' in state ? state.error : undefined;
    }

    /** Resolves once the PBX has worked on everything sent so far, and the system on every answer. */
    async quiet(): Promise<void> {
        for (let last = -1; last !== this.pbx.counters.messages; ) {
            last = this.pbx.counters.messages;
            await turns(30);
        }
    }

    async stop(): Promise<void> {
        await this.system.stop();
        await this.pbx.stop();
        for (const slave of this.pbx.slaves) await slave.stop();
        this.#server?.close();
    }
}

async function listening(): Promise<Server> {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return server;
}

/** Lets the event loop turn until something is true; gives up after 10 s of real time. */
export async function until(isTrue: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!isTrue()) {
        if (Date.now() > end) throw new Error(`Never came true: ${isTrue}`);
        await turns(1);
    }
}

/** Lets the event loop turn, sockets included. */
export async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve));
}
