import type { PbxSettings } from '../../../lib/pbx/connection/pbx-settings';
import { PbxSystem } from '../../../lib/pbx/pbx-system';
import type { PbxChange } from '../../../lib/pbx/reading/presence-reader';
import { SimulatedPbx, type SimulatedPbxOptions } from '../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople } from '../../../lib/simulator/person';
import type { ConnectionState } from '../../../lib/support/connection-state';
import type { SyncError } from '../../../lib/support/errors';
import { FakeClock } from '../../support/fake-clock';

export const app = { name: 'presence-sync', password: 'pässword', apis: ['PbxApi', 'PbxTableUsers'] };

/** A simulated PBX and a system connected to it, and what the system has told. Time stands still unless a test moves it. */
export class PbxBench {
    readonly clock = new FakeClock();
    readonly pbx: SimulatedPbx;
    readonly system: PbxSystem;
    readonly changes: PbxChange[] = [];
    readonly states: ConnectionState[] = [];
    readonly log: string[] = [];
    usersTold = 0;

    private constructor(pbx: SimulatedPbx, settings: Partial<PbxSettings>) {
        this.pbx = pbx;
        this.system = new PbxSystem({
            settings: { url: pbx.url, appName: app.name, password: app.password, ...settings },
            clock: this.clock,
            random: () => 0.5,
            log: (level, text) => this.log.push(`${level} ${text}`),
        });
        this.system.on('change', change => this.changes.push(change));
        this.system.on('state', state => this.states.push(state));
        this.system.on('users', () => this.usersTold++);
    }

    static async create(
        options: Partial<SimulatedPbxOptions> = {},
        settings: Partial<PbxSettings> = {},
    ): Promise<PbxBench> {
        const pbx = new SimulatedPbx({ people: defaultPeople(), app: { ...app, apis: [...app.apis] }, ...options });
        await pbx.start();
        return new PbxBench(pbx, settings);
    }

    /** The same, with the system online and everybody's first state told. */
    static async online(
        options: Partial<SimulatedPbxOptions> = {},
        settings: Partial<PbxSettings> = {},
    ): Promise<PbxBench> {
        const bench = await PbxBench.create(options, settings);
        bench.system.start();
        await bench.settled();
        return bench;
    }

    /** Waits until the system is online and knows everybody's presence; a reconnect needs time to be moved. */
    async settled(): Promise<void> {
        await until(
            () => this.phase === 'online' && [...this.system.reader.snapshot()].length === this.system.directory.size,
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
    }
}

/** Lets the event loop turn until something is true; gives up after 10 s of real time. */
export async function until(isTrue: () => boolean): Promise<void> {
    const end = Date.now() + 10_000;
    while (!isTrue()) {
        if (Date.now() > end) throw new Error(`Never came true: ${isTrue}`);
        await turns(1);
    }
}

/** Lets the event loop turn, sockets included. */
export async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve));
}
