import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { NodeAPI } from 'node-red';
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
});
