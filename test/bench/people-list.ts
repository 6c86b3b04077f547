import { type PeopleFilter, PeopleList, type PeopleQuery } from '../../lib/monitor/people-list';
import { Journal } from '../../lib/presence/journal';
import { systemClock } from '../../lib/time/clock';
import { OfficeProcess } from './office-process';
import { startPipeline } from './pipeline';
import { figure, percentiles, section, verdict } from './report';

const people = 10_000;
/** Calls each way before it is asked, so that there is something to see. */
const traffic = { rate: 20, seconds: 10 };
const rounds = 100;
/** Milliseconds for a page of 200. */
const limit = 50;
const page = { offset: 0, limit: 200 };
const questions: Record<string, PeopleQuery> = {
    everybody: page,
    'the last page': { offset: people - 200, limit: 200 },
    'a search': { ...page, text: 'anna 1' },
    'a search with a filter': { ...page, text: 'a', filter: 'changed' satisfies PeopleFilter },
};

/** What the sidebar asks of the list of people, both directions at work beside it. */
export async function benchPeopleList(): Promise<void> {
    section(`List of people: ${people} people, pages of 200, ${rounds} questions of each kind`);
    const office = await OfficeProcess.open({ people, accounts: Math.ceil(people / 650), latency: 0, seed: 1 });
    const pipeline = await startPipeline(office, people);
    await office.changeBothWays(traffic);
    const { systems } = pipeline;
    const made = (): PeopleList => new PeopleList({ systems, journal: new Journal(), clock: systemClock });
    const first = took(() => made().page(page, 'en'));
    figure('the first question of all', `${first.toFixed(1)} ms`);
    const list = made();
    list.page(page, 'en');
    for (const [name, question] of Object.entries(questions)) {
        const times: number[] = [];
        let found = 0;
        for (let round = 0; round < rounds; round++) {
            times.push(took(() => (found = list.page(question, 'en').found)));
            // The directions go on in between.
            await new Promise(resolve => setImmediate(resolve));
        }
        const { p99, text } = percentiles(times);
        verdict(`${name} (${found} found)`, text, p99 < limit, `p99 < ${limit} ms`);
    }
    await pipeline.stop();
    office.close();
}

function took(work: () => unknown): number {
    const begin = performance.now();
    work();
    return performance.now() - begin;
}
