import { SimulatedOffice } from '../../lib/simulator/office';
import { manyPeople } from '../../lib/simulator/person';
import { startPipeline } from './pipeline';
import { figure, percentiles, section } from './report';

const people = 1_000;
/**
 * Changes per second: what the rate budget of 1,500 requests per 30 s lets through for as long as one likes (it keeps
 * half of it for bursts), so that it is the way that is timed and not the wait for the budget.
 */
const rate = 20;

/** Milliseconds from each change on one side to its effect on the other. */
async function timeChanges(
    mails: string[],
    change: (mail: string) => void,
    onEffect: (tell: (mail: string) => void) => () => void,
): Promise<number[]> {
    const startedAt = new Map<string, number>();
    const latencies: number[] = [];
    let off = (): void => {};
    const done = new Promise<void>(resolve => {
        off = onEffect(mail => {
            const start = startedAt.get(mail);
            if (start === undefined) return;
            startedAt.delete(mail);
            latencies.push(performance.now() - start);
            if (latencies.length === mails.length) resolve();
        });
    });
    for (const mail of mails) {
        startedAt.set(mail, performance.now());
        change(mail);
        await new Promise(resolve => setTimeout(resolve, 1_000 / rate));
    }
    await done;
    off();
    return latencies.sort((a, b) => a - b);
}

function report(name: string, latencies: number[]): void {
    figure(name, percentiles(latencies).text);
}

/** Calls back with the person's mail as soon as the wanted state shows. */
function watch(office: SimulatedOffice, isThere: (mail: string) => boolean) {
    return (tell: (mail: string) => void) => {
        const onChange = (mail: string): void => {
            if (isThere(mail)) tell(mail);
        };
        office.on('change', onChange);
        return () => void office.off('change', onChange);
    };
}

/** Both directions in one process with the simulated office: from a change on one side to its effect on the other. */
export async function benchChanges(): Promise<void> {
    section(`Both directions: ${people} people, ${rate} changes/s, notification delay of the simulator 10 ms`);
    const office = await SimulatedOffice.create({ people: manyPeople(people) });
    await office.start();
    const begin = performance.now();
    const pipeline = await startPipeline(office, people);
    figure('start to everything connected', `${((performance.now() - begin) / 1_000).toFixed(2)} s`);
    const mails = office.people().map(({ mail }) => mail);

    const shownInPbx = watch(office, mail => office.person(mail).pbx.activity === 'busy');
    report(
        'change in Teams -> write in the PBX',
        await timeChanges(mails, mail => office.setTeams(mail, { call: 'start' }), shownInPbx),
    );
    const goneInPbx = watch(office, mail => office.person(mail).pbx.activity === '');
    report(
        'end in Teams -> taken back in the PBX',
        await timeChanges(mails, mail => office.setTeams(mail, { call: 'end' }), goneInPbx),
    );
    const shownInTeams = watch(office, mail => office.person(mail).teams.activity === 'InACall');
    report(
        'change in the PBX -> write in Teams',
        await timeChanges(mails, mail => office.setPbx(mail, { call: 'start' }), shownInTeams),
    );
    const goneInTeams = watch(office, mail => office.person(mail).teams.activity === 'Available');
    report(
        'end in the PBX -> taken back in Teams',
        await timeChanges(mails, mail => office.setPbx(mail, { call: 'end' }), goneInTeams),
    );
    const { presenceWrites, pbxWrites } = office.counters();
    figure('writes', `${presenceWrites} in Teams, ${pbxWrites} in the PBX`);
    figure('memory', `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident, simulators included`);
    await pipeline.stop();
    await office.stop();
}
