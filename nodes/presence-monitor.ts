import type { NodeAPI } from 'node-red';
import * as v from 'valibot';
import { marksOf } from '../lib/monitor/health';
import { peopleFilters, personActions } from '../lib/monitor/people-list';
import { onMonitorRead, onMonitorWrite } from './runtime/monitor-requests';
import { nodesHealth } from './runtime/running-node';
import { peopleList } from './runtime/systems';
import { pauseEndOf } from './runtime/writers';

const count = (most: number) =>
    v.optional(v.fallback(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(0), v.maxValue(most)), 0));

/** What the list is asked; what is wrong is as if it had not been said. */
const question = v.object({
    q: v.optional(v.fallback(v.string(), ''), ''),
    state: v.optional(v.fallback(v.picklist(peopleFilters), 'differs')),
    offset: count(1_000_000),
    limit: count(1_000),
});

/** The sidebar: what it asks the runtime. Its panel is `editor/presence-monitor.ts`. */
export = (RED: NodeAPI): void => {
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
