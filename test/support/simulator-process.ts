import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import { dateAheadVariable } from './clock-moved-by-parent';
import { movable, RemoteClock } from './remote-clock';

/** What `npm run simulator` says once it listens. */
export interface SimulatorDescription extends OfficeIdentity {
    controlUrl: string;
    notificationUrl: string;
}

/** The simulated office as an administrator starts it, in a process of its own whose time can be moved. */
export class SimulatorProcess {
    readonly clock: RemoteClock;

    private constructor(
        private readonly child: ChildProcess,
        readonly description: SimulatorDescription,
    ) {
        this.clock = new RemoteClock(() => child);
    }

    /** @param options of `npm run simulator` */
    static async start(options: readonly string[]): Promise<SimulatorProcess> {
        const child = fork(join(__dirname, '../../lib/simulator/main.js'), options, {
            env: { ...process.env, [dateAheadVariable]: '0' },
            execArgv: ['--require', movable, '--require', require.resolve('./end-with-parent')],
            stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        });
        const line = await new Promise<string>((resolve, reject) => {
            createInterface({ input: child.stdout! }).once('line', resolve);
            child.once('close', code => reject(new Error(`The simulated office ended with code ${code}`)));
        });
        return new SimulatorProcess(child, JSON.parse(line));
    }

    async stop(): Promise<void> {
        const { child } = this;
        if (child.exitCode !== null) return;
        const ended = new Promise(resolve => child.once('close', resolve));
        child.kill('SIGTERM');
        await ended;
    }
}
