import { seededRandom } from '../../lib/simulator/random';
import type { Extent } from './extent';
import { dateStep, freeze, graphAway, interrupted, pbxAway, sleep } from './interruptions';
import { killed } from './kills';
import { Site } from './site';
import type { Verdict } from './verdict';

const minute = 60_000;
const hour = 60 * minute;

export interface Scenario {
    /** What happens, for a report. */
    title: string;
    isWritable?: false;
    run: (site: Site, extent: Extent, seed: number) => Promise<Verdict[]>;
}

/** By the name that the command takes. */
export const scenarios: Record<string, Scenario> = {
    kill: {
        title: 'Node-RED is killed in calls and changes',
        run: (site, extent, seed) => killed(site, extent, seededRandom(seed), { right: 'green' }),
    },
    'kill-without-log': {
        title: 'Node-RED is killed in calls and changes, its user directory is not writable',
        isWritable: false,
        run: (site, extent, seed) => killed(site, extent, seededRandom(seed), { right: 'settled', callsOnly: true }),
    },
    'restart-1min': {
        title: 'Node-RED is killed and started again a minute later',
        run: (site, extent, seed) => killed(site, once(extent), seededRandom(seed), { right: 'green', down: minute }),
    },
    'restart-20min': {
        title: 'Node-RED is killed and started again after 20 minutes, when all that it had set in Teams has ended',
        run: (site, extent, seed) =>
            killed(site, once(extent), seededRandom(seed), { right: 'settled', down: 20 * minute }),
    },
    'graph-10min': {
        title: 'Microsoft 365 is away for 10 minutes',
        run: (site, extent) => interrupted(site, extent, graphAway(10)),
    },
    'graph-20min': {
        title: 'Microsoft 365 is away for 20 minutes',
        run: (site, extent) => interrupted(site, extent, graphAway(20)),
    },
    'pbx-10min': {
        title: 'The PBX is away for 10 minutes',
        run: (site, extent) => interrupted(site, extent, pbxAway(10)),
    },
    'sleep-1h': {
        title: 'The host of Node-RED sleeps for an hour',
        run: (site, extent) => interrupted(site, extent, sleep(1)),
    },
    freeze: {
        title: 'Node-RED is stopped (SIGSTOP) and continued',
        run: (site, extent) => interrupted(site, extent, freeze),
    },
    'clock+20min': {
        title: 'The clock of the host is set forward by 20 minutes',
        run: (site, extent) => interrupted(site, extent, dateStep(20 * minute)),
    },
    'clock+26h': {
        title: 'The clock of the host is set forward by 26 hours',
        run: (site, extent) => interrupted(site, extent, dateStep(26 * hour)),
    },
    'clock-2h': {
        title: 'The clock of the host is set back by 2 hours',
        run: (site, extent) => interrupted(site, extent, dateStep(-2 * hour)),
    },
};

/** Runs one scenario on a site of its own. */
export async function runScenario({ isWritable, run }: Scenario, extent: Extent, seed: number): Promise<Verdict[]> {
    const site = await Site.open({ people: extent.people, seed, isWritable });
    try {
        return await run(site, extent, seed);
    } finally {
        await site.close();
    }
}

function once(extent: Extent): Extent {
    return { ...extent, kills: 1 };
}
