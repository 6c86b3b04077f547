import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import { RunningFlows } from '../../nodes/runtime/running-flows';

describe('What happens to flows', () => {
    it('is listened to once, however many nodes there are [A10]', async () => {
        const events = new EventEmitter();
        const RED = { events } as unknown as NodeAPI;
        const started = Array.from({ length: 50 }, () => RunningFlows.of(RED).started());
        assert.equal(events.listenerCount('flows:started'), 1);
        events.emit('flows:started', { type: 'full' });
        await Promise.all(started);
    });

    it('is told anew to what a deploy has started behind a node, also by way of link nodes', () => {
        const events = new EventEmitter();
        const node = { id: 'in' } as Node;
        const over = new AbortController();
        let times = 0;
        RunningFlows.of({ events } as unknown as NodeAPI).onDownstreamDeploy(node, () => times++, over.signal);
        const flows = [
            { id: 'in', wires: [['map']] },
            { id: 'map', wires: [['to']] },
            { id: 'to', type: 'link out', links: ['from'], wires: [] },
            { id: 'from', type: 'link in', links: ['to'], wires: [['writer']] },
            { id: 'writer', wires: [[]] },
            { id: 'other', wires: [['in']] },
        ];
        const timesOf = (type: string, diff: Record<string, string[]>): number => {
            times = 0;
            events.emit('flows:started', { type, config: { flows }, diff });
            return times;
        };
        assert.equal(timesOf('nodes', { changed: ['writer'] }), 1);
        assert.equal(timesOf('flows', { added: ['writer'], linked: ['from'] }), 1);
        assert.equal(timesOf('nodes', { rewired: ['in'] }), 1);
        for (const type of ['nodes', 'flows']) assert.equal(timesOf(type, { changed: ['other'] }), 0);
        // These have started the node itself, which tells everything then.
        assert.equal(timesOf('full', { changed: ['writer'] }), 0);
        assert.equal(timesOf('flows', { changed: ['map'], linked: ['in'] }), 0);
        over.abort();
        assert.equal(timesOf('nodes', { changed: ['writer'] }), 0);
    });
});
