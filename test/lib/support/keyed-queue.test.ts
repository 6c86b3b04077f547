import assert from 'node:assert/strict';
import { KeyedQueue } from '../../../lib/support/keyed-queue';
import { settle } from '../../support/fake-clock';

/** A queue whose tasks end when the test says so. */
function slowQueue(parallel = 16) {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const queue = new KeyedQueue<string>((key, task) => {
        started.push(`${key}:${task}`);
        return new Promise(resolve => ends.push(resolve));
    }, parallel);
    const endOne = async () => {
        ends.shift()?.();
        await settle();
    };
    return { queue, started, endOne };
}

describe('KeyedQueue', () => {
    it('runs one task of a key at a time and keeps only the newest that waits', async () => {
        const { queue, started, endOne } = slowQueue();
        assert.equal(queue.put('a', '1'), undefined);
        assert.equal(queue.put('a', '2'), undefined);
        assert.equal(queue.put('a', '3'), '2');
        assert.deepEqual(started, ['a:1']);
        await endOne();
        assert.deepEqual(started, ['a:1', 'a:3']);
        await endOne();
        assert.deepEqual(started, ['a:1', 'a:3']);
    });

    it('works on many keys at once, up to its limit, in the order they came', async () => {
        const { queue, started, endOne } = slowQueue(2);
        for (const key of ['a', 'b', 'c', 'd']) queue.put(key, '1');
        assert.deepEqual(started, ['a:1', 'b:1']);
        await endOne();
        assert.deepEqual(started, ['a:1', 'b:1', 'c:1']);
    });

    it('goes on when a task fails unexpectedly, and leaves no rejection to end the process', async () => {
        const unhandled: unknown[] = [];
        const listeners = process.listeners('unhandledRejection');
        process.removeAllListeners('unhandledRejection');
        process.on('unhandledRejection', reason => unhandled.push(reason));
        const ran: string[] = [];
        const queue = new KeyedQueue<string>(async key => {
            ran.push(key);
            throw new Error('unexpected');
        }, 1);
        for (const key of ['a', 'b']) queue.put(key, '1');
        await settle();
        process.removeAllListeners('unhandledRejection');
        for (const each of listeners) process.on('unhandledRejection', each);
        assert.deepEqual({ ran, unhandled }, { ran: ['a', 'b'], unhandled: [] });
    });
});
