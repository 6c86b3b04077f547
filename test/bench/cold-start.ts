import { usedHeap } from './memory';
import { OfficeProcess } from './office-process';
import { figure, section, verdict } from './report';
import { TeamsSide } from './teams-side';

const people = 10_000;
const accounts = 16;
const latency = 100;

/** From nothing to all subscriptions active and every state known; then what following costs in memory. */
export async function benchColdStart(): Promise<void> {
    section(`Cold start: ${people} users, ${accounts} accounts, ${latency} ms per Graph request, seed 1`);
    const office = await OfficeProcess.open({ people, accounts, latency, seed: 1 });
    const side = TeamsSide.of(office);
    const before = usedHeap();
    const begin = performance.now();
    await side.follow(office, people);
    const seconds = (performance.now() - begin) / 1_000;
    verdict('all subscriptions active, every state known', `${seconds.toFixed(2)} s`, seconds < 5, '< 5 s');
    const { requests, throttled, classes } = await office.counters();
    figure('requests to Graph', `${requests}, of them refused with 429: ${throttled}`);
    figure('presence requests', `${classes.presence.served} of 1500 in 30 s`);
    await new Promise(resolve => setTimeout(resolve, 2_000));
    const perUser = (usedHeap() - before) / people;
    verdict('memory per followed user', `${(perUser / 1024).toFixed(2)} KB`, perUser < 4 * 1024, '< 4 KB');
    await side.stop();
    office.close();
}
