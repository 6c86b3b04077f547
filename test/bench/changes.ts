import { usedHeap } from './memory';
import { OfficeProcess } from './office-process';
import { startPipeline } from './pipeline';
import { figure, percentiles, section, verdict } from './report';

const people = 5_000;
/**
 * Changes per second each way: what the rate budget of 1,500 requests per 30 s lets through for as long as one likes
 * (it keeps half of it for bursts), so that it is the way that is timed and not the wait for the budget.
 */
const rate = 20;
const seconds = 60;
/** Milliseconds that the simulated Graph takes before it notifies; the simulated PBX tells at once. */
const notificationDelay = 10;
/** Milliseconds beside that. */
const limit = 30;
/** Bytes for each person, both sides together. */
const memory = 4 * 1_024;

/** Both directions at the same time, the simulators in a process of their own: from a change on one side to its effect on the other. */
export async function benchChanges(): Promise<void> {
    section(
        `Both directions: ${people} people, ${rate} changes/s each way at once, notification delay ${notificationDelay} ms`,
    );
    const office = await OfficeProcess.open({ people, accounts: Math.ceil(people / 650), latency: 0, seed: 1 });
    await loadCode();
    const before = usedHeap();
    const begin = performance.now();
    const pipeline = await startPipeline(office, people);
    figure('start to everything connected', `${((performance.now() - begin) / 1_000).toFixed(2)} s`);
    await new Promise(resolve => setTimeout(resolve, 2_000));
    const perPerson = (usedHeap() - before) / people;
    verdict('memory per person', `${(perPerson / 1_024).toFixed(2)} KB`, perPerson <= memory, '<= 4 KB');

    const { presenceWrites } = await office.counters();
    const effects = await office.changeBothWays({ rate, seconds });
    say('change in Teams -> write in the PBX', effects.shownInPbx, notificationDelay);
    say('end in Teams -> taken back in the PBX', effects.goneInPbx, notificationDelay);
    say('change in the PBX -> write in Teams', effects.shownInTeams, 0);
    say('end in the PBX -> taken back in Teams', effects.goneInTeams, 0);
    verdict('changes without effect', String(effects.missing), effects.missing === 0, 'none');
    const written = (await office.counters()).presenceWrites - presenceWrites;
    figure('writes in Teams', `${written} for ${rate * seconds} changes in the PBX`);
    figure('memory', `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident`);
    await pipeline.stop();
    office.close();
}

/** A small office for once: what our code takes is no person's. */
async function loadCode(): Promise<void> {
    const few = 50;
    const office = await OfficeProcess.open({ people: few, accounts: 1, latency: 0, seed: 1 });
    const pipeline = await startPipeline(office, few);
    await office.changeBothWays({ rate, seconds: 2 });
    await pipeline.stop();
    office.close();
}

/** @param delay ms of the simulators, which are none of ours */
function say(name: string, latencies: number[], delay: number): void {
    const { p99, text } = percentiles(latencies);
    verdict(name, text, p99 <= delay + limit, `p99 <= ${delay} + ${limit} ms`);
}
