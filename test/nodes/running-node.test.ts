import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import type { Node, NodeAPI } from 'node-red';
import { systemClock } from '../../lib/time/clock';
import { RunningNode } from '../../nodes/runtime/running-node';
import { FakeClock } from '../support/fake-clock';

describe('the end of a node', () => {
    const clock = new FakeClock();

    beforeEach(() => {
        mock.method(systemClock, 'after', (delay: number, run: () => void) => clock.after(delay, run));
        mock.method(systemClock, 'cancel', (timer: object | undefined) => clock.cancel(timer));
    });
    afterEach(() => mock.restoreAll());

    for (const [what, close, waits] of [
        ['for what never ends, for 6 s: containers are killed after 10 s', () => new Promise<void>(() => {}), 6_000],
        ['for nothing that has ended', () => Promise.resolve(), 0],
        ['for nothing that fails', () => Promise.reject(new Error('away')), 0],
    ] as const)
        it(`waits ${what} [A12]`, async () => {
            const node = Object.assign(new EventEmitter(), { type: 'x', warn: () => {} });
            const RED = { events: new EventEmitter() } as unknown as NodeAPI;
            const own = new RunningNode(RED, node as unknown as Node, { id: 'a', type: 'x' } as never);
            own.onClose(close);
            const begun = clock.monotonic();
            let took: number | undefined;
            node.emit('close', false, () => {
                took = clock.monotonic() - begun;
            });
            await clock.advance(20_000);
            assert.equal(took, waits);
        });
});
