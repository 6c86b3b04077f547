import assert from 'node:assert/strict';
import { NotificationFaults } from '../../../../lib/simulator/tenant/notification-faults';
import { FakeClock } from '../../../support/fake-clock';

describe('NotificationFaults', () => {
    let clock: FakeClock;
    let faults: NotificationFaults;
    let delivered: number[];

    beforeEach(() => {
        clock = new FakeClock();
        faults = new NotificationFaults(clock);
        delivered = [];
    });

    const pass = (...numbers: number[]) => {
        for (const number of numbers) faults.pass(() => delivered.push(number));
    };

    it('does nothing unasked', () => {
        pass(1, 2, 3);
        assert.deepEqual(delivered, [1, 2, 3]);
    });

    it('loses as many as told', () => {
        faults.lose(2);
        pass(1, 2, 3);
        assert.deepEqual(delivered, [3]);
    });

    it('doubles as many as told', () => {
        faults.duplicate(1);
        pass(1, 2);
        assert.deepEqual(delivered, [1, 1, 2]);
    });

    it('delays some, which others overtake', async () => {
        faults.delay(1, 5_000);
        pass(1, 2);
        await clock.advance(4_999);
        assert.deepEqual(delivered, [2]);
        await clock.advance(1);
        assert.deepEqual(delivered, [2, 1]);
    });

    it('reverses as many as told, once they are complete', () => {
        faults.reorder(3);
        pass(1, 2);
        assert.deepEqual(delivered, []);
        pass(3, 4);
        assert.deepEqual(delivered, [3, 2, 1, 4]);
        assert.equal(clock.waiting, 0);
    });

    it('does not hold them for ever', async () => {
        faults.reorder(3);
        pass(1, 2);
        await clock.advance(2_000);
        assert.deepEqual(delivered, [2, 1]);
        pass(3);
        assert.deepEqual(delivered, [2, 1, 3]);
    });

    it('lets nothing through while silent, and nothing of it later', () => {
        faults.silent = true;
        pass(1);
        faults.silent = false;
        pass(2);
        assert.deepEqual(delivered, [2]);
    });

    it('takes everything back', () => {
        faults.silent = true;
        faults.lose(1);
        faults.duplicate(1);
        faults.delay(1, 1);
        faults.reorder(2);
        faults.clear();
        pass(1, 2);
        assert.deepEqual(delivered, [1, 2]);
    });
});
