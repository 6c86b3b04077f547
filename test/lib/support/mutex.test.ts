import assert from 'node:assert/strict';
import { Mutex } from '../../../lib/support/mutex';

describe('Mutex', () => {
    const never = new AbortController().signal;

    it('is given to one at a time, in order', async () => {
        const place = new Mutex();
        const order: string[] = [];
        const take = async (name: string): Promise<() => void> => {
            const release = await place.take({ onWait: () => order.push(`${name} waits`), signal: never });
            order.push(`${name} has it`);
            return release;
        };
        const first = await take('first');
        const second = take('second');
        const third = take('third');
        first();
        first();
        (await second)();
        (await third)();
        await take('fourth');
        assert.deepEqual(order, [
            'first has it',
            'second waits',
            'third waits',
            'second has it',
            'third has it',
            'fourth has it',
        ]);
    });

    it('passes over who has left the queue', async () => {
        const place = new Mutex();
        const release = await place.take({ onWait: () => {}, signal: never });
        const leaving = new AbortController();
        const second = place.take({ onWait: () => {}, signal: leaving.signal });
        const third = place.take({ onWait: () => {}, signal: never });
        leaving.abort(new Error('gone'));
        await assert.rejects(second, /gone/);
        release();
        await third;
        await assert.rejects(place.take({ onWait: () => {}, signal: leaving.signal }), /gone/);
    });
});
