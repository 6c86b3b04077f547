import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SyncError } from '../../../../lib/errors/errors';
import { ClientLinks } from '../../../../lib/pbx/connection/client-links';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import type { PbxLinks } from '../../../../lib/pbx/connection/pbx-links';
import type { PbxSession } from '../../../../lib/pbx/connection/pbx-session';
import type { PbxSettings } from '../../../../lib/pbx/connection/pbx-settings';
import { ServerLinks } from '../../../../lib/pbx/connection/server-links';
import { SimulatedPbx, type SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../../../lib/simulator/pbx/visibility';
import { defaultPeople } from '../../../../lib/simulator/person';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import { Crowd } from '../../../../lib/support/waiting-connections';
import { FakeClock } from '../../../support/fake-clock';
import { turns, until } from '../pbx-bench';

export const app = {
    name: 'presence-sync',
    password: 'pässword',
    apis: ['PbxApi', 'PbxTableUsers', 'PbxAdminApi'],
};

/** The links with a simulated PBX, in either role. Time stands still unless a test moves it, for the PBX too. */
export class LinksBench {
    readonly clock: FakeClock;
    readonly pbx: SimulatedPbx;
    readonly links: PbxLinks;
    /** What was told of strangers who have to make room. */
    readonly crowds: boolean[] = [];
    /** The URL of the App object in the server role. */
    readonly appUrl: string;
    readonly log: string[] = [];
    /** Every state of the master, the latest at the end. */
    readonly states: ConnectionState[] = [];
    readonly told: string[] = [];
    /** What has been told to {@link subscribe}. */
    readonly presence: Frame[] = [];
    readonly #role: PbxSettings['role'];
    readonly #server: Server;

    private constructor(
        role: PbxSettings['role'],
        pbx: SimulatedPbx,
        clock: FakeClock,
        server: Server,
        settings: Partial<PbxSettings>,
        prepare: (session: PbxSession) => void,
    ) {
        this.#role = role;
        this.#server = server;
        this.pbx = pbx;
        this.clock = clock;
        this.appUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/firm.example/sync/${app.name}`;
        this.links = new { client: ClientLinks, server: ServerLinks }[role]({
            settings: {
                role,
                addresses: role === 'client' ? [pbx, ...pbx.slaves].map(({ url }) => url) : [],
                appName: app.name,
                password: app.password,
                ...(role === 'server' && { pbxName: 'pbx-main' }),
                ...settings,
            },
            clock,
            random: () => 0.5,
            log: (level, text) => this.log.push(`${level} ${text}`),
        });
        this.#listen(prepare);
        const crowd = new Crowd(clock, isCrowded => this.crowds.push(isCrowded));
        server.on('upgrade', (request, socket, head) => this.links.server?.upgrade(request, socket, head, crowd));
        server.on('request', (request, response) => {
            if (!this.links.server?.page(request, response)) response.writeHead(404).end();
        });
    }

    /**
     * Nothing is started yet.
     * @param options.slaves names of slaves
     * @param options.prepare what is done with a session that is up; the default calls it ready
     */
    static async create(
        role: PbxSettings['role'],
        options: Partial<SimulatedPbxOptions> & {
            slaves?: string[];
            prepare?: (session: PbxSession) => void;
        } = {},
        settings: Partial<PbxSettings> = {},
    ): Promise<LinksBench> {
        const { slaves = [], prepare = session => session.ready(), behaviour, ...pbxOptions } = options;
        const clock = new FakeClock();
        const pbx = new SimulatedPbx({
            people: defaultPeople(),
            app: { ...app, apis: [...app.apis] },
            defaultVisibility: allRights,
            clock,
            behaviour: { redialAfter: 500, ...behaviour },
            ...pbxOptions,
        });
        for (const name of slaves) pbx.addSlave({ name });
        for (const each of [pbx, ...pbx.slaves]) await each.start();
        const server = createServer();
        await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
        return new LinksBench(role, pbx, clock, server, settings, prepare);
    }

    static async online(...options: Parameters<typeof LinksBench.create>): Promise<LinksBench> {
        const bench = await LinksBench.create(...options);
        bench.start();
        await until(() => bench.links.states().every(({ state }) => state.phase === 'online'));
        if (bench.pbx.slaves.length > 0) await until(() => bench.links.states().length > bench.pbx.slaves.length);
        await bench.quiet();
        return bench;
    }

    /** Both sides: in the server role the PBXs begin to call. */
    start(): void {
        this.links.start();
        if (this.#role === 'server') for (const each of [this.pbx, ...this.pbx.slaves]) each.dialOut(this.appUrl);
    }

    get state(): ConnectionState {
        return this.links.states()[0]!.state;
    }

    get phase(): ConnectionState['phase'] {
        return this.state.phase;
    }

    get error(): SyncError | undefined {
        return 'error' in this.state ? this.state.error : undefined;
    }

    /** Subscribes a user's presence at the master, which is told in {@link presence}. @returns the result */
    subscribe(sip: string): Promise<Frame> {
        const session = this.links.master!;
        const src = session.newSource();
        session.mux.listen(src, frame => this.presence.push(frame));
        return session.request('PbxApi', 'SubscribePresence', { sip }, src);
    }

    /** Lets time pass in small steps until something is true, at most five minutes. */
    async waitFor(isTrue: () => boolean): Promise<number> {
        for (let waited = 0; waited <= 300_000; waited += 250) {
            await this.quiet();
            if (isTrue()) return waited;
            await this.clock.advance(250);
        }
        throw new Error(`Never came true: ${isTrue}`);
    }

    /** Resolves once nothing is on its way any more. */
    async quiet(): Promise<void> {
        const messages = () => [this.pbx, ...this.pbx.slaves].reduce((sum, each) => sum + each.counters.messages, 0);
        for (let last = -1; last !== messages(); ) {
            last = messages();
            await turns(10);
        }
    }

    async stop(): Promise<void> {
        const stopped = this.links.stop();
        await this.clock.advance(1_000);
        await stopped;
        for (const each of [...this.pbx.slaves, this.pbx]) await each.stop();
        this.#server.closeAllConnections();
        await new Promise(resolve => this.#server.close(resolve));
    }

    #listen(prepare: (session: PbxSession) => void): void {
        const nameOf = (session: PbxSession) => session.info.pbx ?? '?';
        this.links.on('up', session => {
            this.told.push(`up ${nameOf(session)}`);
            prepare(session);
        });
        this.links.on('down', session => this.told.push(`down ${nameOf(session)}`));
        this.links.on('state', () => {
            if (this.state !== this.states.at(-1)) this.states.push(this.state);
        });
    }
}
