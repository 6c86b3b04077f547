import assert from 'node:assert/strict';
import { RequestWindow } from '../../../../lib/pbx/connection/pending-requests';

describe('The request window', () => {
    it('runs no more than its size at once, in order, and all in the end', async () => {
        const window = new RequestWindow(3);
        const order: number[] = [];
        let running = 0;
        let most = 0;
        const task = (index: number) => async () => {
            most = Math.max(most, ++running);
            order.push(index);
            await new Promise(resolve => setImmediate(resolve));
            running--;
            return index;
        };
        const results = await Promise.all(Array.from({ length: 20 }, (_, index) => window.run(task(index))));
        assert.equal(most, 3);
        assert.deepEqual(order, results);
        assert.equal(await window.run(task(20)), 20);
    });

    it('goes on after a failure', async () => {
        const window = new RequestWindow(1);
        const failed = window.run(() => Promise.reject(new Error('no')));
        const next = window.run(async () => 'yes');
        await assert.rejects(failed, /no/);
        assert.equal(await next, 'yes');
    });
});
