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

/** What it took to know everybody, from nothing or after a dropped connection, in seconds. */
interface Took {
    time: number;
    /** Of our process: tells growth also where others use the machine. */
    cpu: number;
}

interface Measured {
    start: Took;
    /** On the PBX side alone. */
    reconnect?: Took;
}

type Side = keyof typeof latency;

/** A start with more and more people: the time for each must not grow with their number. */
export async function benchGrowth(): Promise<void> {
    for (const side of ['teams', 'pbx'] as const) {
        section(
            `Growth of the ${side === 'teams' ? 'Teams' : 'PBX'} side: ${sizes.join(', ')} people, ${latency[side]} ms`,
        );
        let smallest: Measured | undefined;
        for (const people of sizes) {
            const measured = await measure(side, people);
            smallest ??= measured;
            say(`${people} people, start`, people, measured.start, smallest.start);
            if (measured.reconnect) say(`${people} people, reconnect`, people, measured.reconnect, smallest.reconnect!);
        }
    }
}

function say(name: string, people: number, { time, cpu }: Took, smallest: Took): void {
    const each = (seconds: number): string => `${((seconds / people) * 1e6).toFixed(0)} µs`;
    const ratio = time / people / (smallest.time / sizes[0]);
    const value = `${time.toFixed(2)} s, ${each(time)} per person (CPU ${each(cpu)}), ratio ${ratio.toFixed(2)}`;
    if (people === sizes[0]) figure(name, value);
    else verdict(name, value, ratio <= tolerance, `<= ${tolerance}`);
}

/** Each office is measured in a process of its own, so that none profits from what another has warmed up. */
async function measure(side: Side, people: number): Promise<Measured> {
    const child = new Child<{ side: Side; people: number }, never>(__filename);
    const measured = await child.ask<Measured>({ side, people });
    child.close();
    return measured;
}

async function took(work: Promise<unknown>): Promise<Took> {
    const [begin, before] = [performance.now(), process.cpuUsage()];
    await work;
    const { user, system } = process.cpuUsage(before);
    return { time: (performance.now() - begin) / 1_000, cpu: (user + system) / 1e6 };
}

async function measureTeams(people: number): Promise<Measured> {
    const accounts = Math.ceil(people / usersPerAccount);
    const office = await OfficeProcess.open({ people, accounts, latency: latency.teams, seed: 1 });
    const side = TeamsSide.of(office);
    const start = await took(side.follow(office, people));
    await side.stop();
    office.close();
    return { start };
}

async function measurePbx(people: number): Promise<Measured> {
    const pbx = await PbxProcess.open({ people, latency: latency.pbx });
    const system = pbxSide(pbx);
    // Who is told is part of what a start costs.
    system.follow().on('change', () => {});
    const first = took(online(system));
    system.start();
    const start = await first;
    const lost = new Promise<void>(resolve => system.on('state', ({ phase }) => phase === 'retrying' && resolve()));
    await pbx.gap({ changed: 0, back: 0, joined: 0, left: 0 });
    await lost;
    const reconnect = await took(online(system));
    await system.stop();
    pbx.close();
    return { start, reconnect };
}

if (require.main === module) {
    serve<{ side: Side; people: number }, never>(({ side, people }) =>
        side === 'teams' ? measureTeams(people) : measurePbx(people),
    );
}
