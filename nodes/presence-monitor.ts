import type { NodeAPI } from 'node-red';
import * as v from 'valibot';
import { marksOf, type Summary } from '../lib/monitor/health';
import { peopleFilters, personActions } from '../lib/monitor/people-list';
import { systemClock } from '../lib/time/clock';
import { Interval } from '../lib/time/interval';
import { onMonitorRead, onMonitorWrite } from './runtime/monitor-requests';
import { nodesHealth } from './runtime/running-node';
import { peopleList } from './runtime/systems';
import { pauseEndOf } from './runtime/writers';

const count = (most: number) =>
    v.fallback(v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(0), v.maxValue(most))), undefined);

/** What the list is asked; what is wrong is as if it had not been said. */
const question = v.object({
    q: v.fallback(v.optional(v.string()), undefined),
    state: v.fallback(v.optional(v.picklist(peopleFilters)), undefined),
    offset: count(1_000_000),
    limit: count(1_000),
});

/** How everything is, is looked at this often, in ms, and no more than for so small a share of the time. */
const interval = 5_000;
const share = 0.005;

/** The sidebar: what it asks the runtime, and what it is told. Its panel is `editor/presence-monitor.ts`. */
export = (RED: NodeAPI): void => {
    const lookouts = new Interval(lookout(RED));
    RED.plugins.registerPlugin('presence-monitor', { type: 'teams-pbx-sidebar', onadd: () => lookouts.start() });
    onMonitorRead(RED, '/people', ({ query }, language) => {
        const { q: text, state: filter, offset, limit } = v.parse(question, query);
        return peopleList.page({ text, filter, offset, limit }, language);
    });
    onMonitorRead(RED, '/people.csv', ({ query }, language) => {
        const { q: text, state: filter } = v.parse(question, query);
        return peopleList.csv({ text, filter }, language);
    });
    onMonitorRead(RED, '/people/:key', ({ params }, language) => peopleList.report(String(params.key), language));
    onMonitorRead(RED, '/health', (_, language) => ({ marks: marksOf(nodesHealth(), language) }));
    for (const action of personActions)
        onMonitorWrite(RED, `/people/:key/${action}`, (key, asked, by) =>
            peopleList.act(key, action, by, action === 'pause' ? pauseEndOf(asked) : undefined),
        );
};

/** Tells all editors in one message that stays how everything is, where that has changed. */
function lookout(RED: NodeAPI): ConstructorParameters<typeof Interval>[0] {
    const clock = systemClock;
    let told = '';
    let took = 0;
    const run = async (): Promise<void> => {
        const begun = clock.monotonic();
        const { total, inStep } = peopleList.page({ limit: 0 }, 'en');
        const [worst] = marksOf(nodesHealth(), 'en');
        took = clock.monotonic() - begun;
        const summary: Summary = { total, inStep, level: worst?.level };
        const text = JSON.stringify(summary);
        if (text === told) return;
        told = text;
        RED.comms.publish('presence-sync/health', summary, true);
    };
    return { clock, interval: () => Math.max(interval, took / share), run };
}
