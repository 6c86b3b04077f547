import assert from 'node:assert/strict';
import { type Grant, type Priority, RateBudget, type RateLimit } from '../../../lib/support/rate-budget';
import { FakeClock, settle } from '../../support/fake-clock';

/** A service that counts each request at some moment before it answers, and remembers all of them. */
class Service {
    readonly counted: number[] = [];
    readonly #budget: RateBudget;
    readonly #clock: FakeClock;
    readonly #slowest: number;
    readonly #random: () => number;

    /** @param slowest the longest latency in ms */
    constructor(budget: RateBudget, clock: FakeClock, slowest = 0, random = () => 1) {
        this.#budget = budget;
        this.#clock = clock;
        this.#slowest = slowest;
        this.#random = random;
    }

    /** Sends `count` requests as soon as the budget lets them, in batches of 20. */
    send(count: number, priority: Priority = 'edge'): void {
        if (count === 0) return;
        this.#budget
            .take(priority, Math.min(20, count))
            .then(grant => {
                this.#serve(grant);
                this.send(count - grant.count, priority);
            })
            .catch(() => {});
    }

    #serve(grant: Grant): void {
        const latency = Math.round(this.#slowest * this.#random());
        this.#clock.after(Math.round(latency * this.#random()), () => {
            for (let item = 0; item < grant.count; item++) this.counted.push(this.#clock.monotonic());
            this.#clock.after(latency, () => grant.answered());
        });
    }

    /** The most that any window of this length holds: it begins with one of the requests. */
    busiest(period: number): number {
        const moments = this.counted.sort((a, b) => a - b);
        let most = 0;
        for (let first = 0, end = 0; first < moments.length; first++) {
            while (end < moments.length && moments[end]! < moments[first]! + period) end += 1;
            most = Math.max(most, end - first);
        }
        return most;
    }
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
    };
}

describe('RateBudget', () => {
    const limits: RateLimit[] = [
        { requests: 1_500, period: 30_000 },
        { requests: 7, period: 1_000 },
        { requests: 1, period: 100 },
    ];
    for (const limit of limits)
        for (const slowest of [0, 0.3, 3])
            it(`keeps to ${limit.requests} in any ${limit.period} ms with latencies up to ${slowest} periods`, async () => {
                const clock = new FakeClock();
                const budget = new RateBudget(limit, clock);
                const service = new Service(budget, clock, slowest * limit.period, seeded(7));
                service.send(limit.requests * 2);
                await clock.advance(limit.period / 3);
                service.send(limit.requests);
                // An idle time fills the budget no further than one window.
                for (let turn = 0; turn < 40; turn++) await clock.advance(limit.period);
                service.send(limit.requests * 2);
                for (let turn = 0; turn < 40; turn++) await clock.advance(limit.period);
                assert.equal(service.counted.length, limit.requests * 5);
                const busiest = service.busiest(limit.period);
                assert.ok(busiest <= limit.requests, String(busiest));
                assert.equal(clock.waiting, 0);
            });

    it('drains a burst of two windows at 95 % of the limit and more', async () => {
        const clock = new FakeClock();
        const service = new Service(new RateBudget({ requests: 1_500, period: 30_000 }, clock), clock, 100);
        const begun = clock.monotonic();
        service.send(3_000);
        while (service.counted.length < 3_000) await clock.advance(100);
        const windows = (clock.monotonic() - begun) / 30_000;
        // What fits into so many windows at 95 %, counted from the first request.
        assert.ok(3_000 >= 0.95 * 1_500 * (1 + windows), `${windows} windows`);
    });

    it('counts a request until one period after its answer, not after its departure', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 1, period: 1_000 }, clock);
        const first = await budget.take('edge');
        let isServed = false;
        const second = budget.take('edge').then(() => {
            isServed = true;
        });
        await clock.advance(5_000);
        first.answered();
        await clock.advance(999);
        assert.equal(isServed, false);
        await clock.advance(1);
        assert.equal(isServed, true);
        await second;
    });

    it('gives as many places as fit, and frees those that are given back', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 10, period: 1_000 }, clock);
        const first = await budget.take('edge', 8);
        assert.equal(first.count, 8);
        const second = await budget.take('edge', 8);
        assert.equal(second.count, 2);
        assert.equal(budget.used, 10);
        const third = budget.take('edge', 8);
        first.giveBack(5);
        assert.equal((await third).count, 5);
        first.answered();
        first.answered();
        first.giveBack(8);
        await clock.advance(1_000);
        assert.equal(budget.used, 7);
    });

    it('serves edges before renewals before sweeps', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 1, period: 1_000 }, clock);
        const served: Priority[] = [];
        const take = async (priority: Priority): Promise<void> => {
            const grant = await budget.take(priority);
            served.push(priority);
            grant.answered();
        };
        const waiting = (['sweep', 'sweep', 'renewal', 'edge', 'sweep', 'edge'] as const).map(take);
        await clock.advance(10_000);
        await Promise.all(waiting);
        assert.deepEqual(served, ['sweep', 'edge', 'edge', 'renewal', 'sweep', 'sweep']);
    });

    it('keeps the last fifth from sweeps and the last tenth from renewals', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 100, period: 1_000 }, clock);
        const given = async (priority: Priority): Promise<number> => (await budget.take(priority, 100)).count;
        assert.equal(await given('sweep'), 80);
        assert.equal(await given('renewal'), 10);
        let isServed = false;
        const sweep = budget.take('sweep').then(() => {
            isServed = true;
        });
        assert.equal(await given('edge'), 10);
        await clock.advance(60_000);
        assert.equal(isServed, false, 'nothing was answered yet');
        assert.ok(sweep);
    });

    it('lets nobody through while the service asks to hold off, and everybody afterwards', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 100, period: 1_000 }, clock);
        const service = new Service(budget, clock);
        budget.holdOff(5_000);
        budget.holdOff(1_000);
        service.send(3);
        await clock.advance(4_999);
        assert.deepEqual(service.counted, []);
        await clock.advance(2);
        assert.equal(service.counted.length, 3);
        assert.equal(clock.waiting, 0);
    });

    it('goes on after such a pause although what was answered before still counts', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 100, period: 30_000 }, clock);
        const service = new Service(budget, clock);
        service.send(3);
        await clock.advance(1_000);
        budget.holdOff(2_000);
        service.send(3);
        await clock.advance(2_001);
        assert.equal(service.counted.length, 6);
    });

    it('goes on at its pace when the date is set back', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 10, period: 1_000 }, clock);
        const service = new Service(budget, clock);
        budget.holdOff(2_000);
        service.send(20);
        clock.stepDate(-3_600_000);
        await clock.advance(6_000);
        assert.equal(service.counted.length, 20);
    });

    it('serves a hundred thousand who wait as fast as it serves a few', async () => {
        const clock = new FakeClock();
        const budget = new RateBudget({ requests: 200_000, period: 1_000 }, clock);
        budget.holdOff(1_000);
        let served = 0;
        for (let waiting = 0; waiting < 100_000; waiting++) {
            budget
                .take('edge')
                .then(() => {
                    served += 1;
                })
                .catch(() => {});
        }
        const begun = performance.now();
        await clock.advance(1_000);
        await settle();
        assert.equal(served, 100_000);
        assert.ok(performance.now() - begun < 2_000);
    });
});
