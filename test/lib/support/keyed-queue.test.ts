import assert from 'node:assert/strict';
import { KeyedQueue } from '../../../lib/support/keyed-queue';
import { settle } from '../../support/fake-clock';

/** A queue whose runs end when the test says so. */
function slowQueue(parallel = 16) {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const queue = new KeyedQueue(key => {
        started.push(key);
        return new Promise(resolve => ends.push(resolve));
    }, parallel);
    const endOne = async () => {
        ends.shift()?.();
        await settle();
    };
    return { queue, started, endOne };
}

describe('KeyedQueue', () => {
    it('runs a key once at a time, and once more for all that came meanwhile', async () => {
        const { queue, started, endOne } = slowQueue();
        for (let turn = 0; turn < 3; turn++) queue.put('a');
        assert.deepEqual(started, ['a']);
        await endOne();
        assert.deepEqual(started, ['a', 'a']);
        await endOne();
        assert.deepEqual(started, ['a', 'a']);
    });

    it('works on many keys at once, up to its limit, in the order they came', async () => {
        const { queue, started, endOne } = slowQueue(2);
        for (const key of ['a', 'b', 'c', 'd']) queue.put(key);
        assert.deepEqual(started, ['a', 'b']);
        await endOne();
        assert.deepEqual(started, ['a', 'b', 'c']);
    });

    it('goes on when a run fails unexpectedly, and leaves no rejection to end the process', async () => {
        const unhandled: unknown[] = [];
        const listeners = process.listeners('unhandledRejection');
        process.removeAllListeners('unhandledRejection');
        process.on('unhandledRejection', reason => unhandled.push(reason));
        const ran: string[] = [];
        const queue = new KeyedQueue(async key => {
            ran.push(key);
            throw new Error('unexpected');
        }, 1);
        for (const key of ['a', 'b']) queue.put(key);
        await settle();
        process.removeAllListeners('unhandledRejection');
        for (const each of listeners) process.on('unhandledRejection', each);
        assert.deepEqual({ ran, unhandled }, { ran: ['a', 'b'], unhandled: [] });
    });
});
