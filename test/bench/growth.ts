import { Child, serve } from './child';
import { OfficeProcess } from './office-process';
import { PbxProcess } from './pbx-process';
import { online, pbxSide } from './pbx-side';
import { figure, section, verdict } from './report';
import { TeamsSide } from './teams-side';

/** The first is what the others are compared with. */
const sizes = [10_000, 20_000, 40_000, 60_000] as const;
/** Users that one communication user follows. */
const usersPerAccount = 650;
/** Milliseconds per Graph request, and that each message of the PBX is held back. */
const latency = { teams: 100, pbx: 20 };
/** How much longer than in the smallest office each person may take. */
const tolerance = 1.25;

/** Seconds from nothing to everybody known, and on the PBX side the same after a dropped connection. */
interface Times {
    start: number;
    reconnect?: number;
}

type Side = keyof typeof latency;

/** A start with more and more people: the time for each must not grow with their number. */
export async function benchGrowth(): Promise<void> {
    for (const side of ['teams', 'pbx'] as const) {
        section(
            `Growth of the ${side === 'teams' ? 'Teams' : 'PBX'} side: ${sizes.join(', ')} people, ${latency[side]} ms`,
        );
        let smallest: Times | undefined;
        for (const people of sizes) {
            const times = await measured(side, people);
            smallest ??= times;
            say(`${people} people, start`, times.start / people, smallest.start / sizes[0], times.start);
            const { reconnect } = times;
            if (reconnect === undefined) continue;
            say(`${people} people, reconnect`, reconnect / people, smallest.reconnect! / sizes[0], reconnect);
        }
    }
}

/** @param each seconds per person; @param first the same in the smallest office */
function say(name: string, each: number, first: number, seconds: number): void {
    const ratio = each / first;
    const value = `${seconds.toFixed(2)} s, ${(each * 1e6).toFixed(0)} µs per person, ratio ${ratio.toFixed(2)}`;
    if (ratio === 1) figure(name, value);
    else verdict(name, value, ratio <= tolerance, `<= ${tolerance}`);
}

/** Each office is measured in a process of its own, so that none profits from what another has warmed up. */
async function measured(side: Side, people: number): Promise<Times> {
    const child = new Child<{ side: Side; people: number }, never>(__filename);
    const times = await child.ask<Times>({ side, people });
    child.close();
    return times;
}

async function measureTeams(people: number): Promise<Times> {
    const accounts = Math.ceil(people / usersPerAccount);
    const office = await OfficeProcess.open({ people, accounts, latency: latency.teams, seed: 1 });
    const side = TeamsSide.of(office);
    const begin = performance.now();
    await side.follow(office, people);
    const start = (performance.now() - begin) / 1_000;
    await side.stop();
    office.close();
    return { start };
}

async function measurePbx(people: number): Promise<Times> {
    const pbx = await PbxProcess.open({ people, latency: latency.pbx });
    const system = pbxSide(pbx);
    // Who is told is part of what a start costs.
    system.follow().on('change', () => {});
    const first = online(system);
    system.start();
    const start = await first;
    const lost = new Promise<void>(resolve => system.on('state', ({ phase }) => phase === 'retrying' && resolve()));
    await pbx.gap({ changed: 0, back: 0, joined: 0, left: 0 });
    await lost;
    const reconnect = await online(system);
    await system.stop();
    pbx.close();
    return { start, reconnect };
}

if (require.main === module) {
    serve<{ side: Side; people: number }, never>(({ side, people }) =>
        side === 'teams' ? measureTeams(people) : measurePbx(people),
    );
}
