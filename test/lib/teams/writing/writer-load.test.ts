import assert from 'node:assert/strict';
import type { Person } from '../../../../lib/simulator/person';
import { person, userOf } from '../teams-fixture';
import { inACall, minute, type TestWriter, WriterFixture } from './writer-fixture';

const period = 30_000;
/** Milliseconds by which the service answers late, and by which the clock moves on. */
const latency = 100;
const step = 50;

describe('PresenceWriter under load', function () {
    this.timeout(120_000);
    let fixture: WriterFixture;
    let writer: TestWriter;
    let people: Person[];

    afterEach(() => fixture.stop());

    /** @param requests allowed in 30 s, to the service and to us */
    async function open(size: number, requests: number): Promise<void> {
        people = Array.from({ length: size }, (_, index) => person(index));
        fixture = await WriterFixture.start({ people, throttling: { presence: { requests, period } } });
        let seed = 1;
        const random = (): number => {
            seed = (seed * 48_271) % 2_147_483_647;
            return seed / 2_147_483_647;
        };
        writer = fixture.writer({ people: { random, book: fixture.office.book } }, { requestsPer30s: requests });
        await writer.people.restore();
        // The sign-in is over, and whatever it took has left the window.
        await writer.set(userOf(people[0]!), inACall);
        await writer.clear(userOf(people[0]!));
        await fixture.office.clock.advance(2 * period);
        await fixture.office.rest();
        fixture.office.simulated.faults.latency = latency;
    }

    /** Moves the clock on; unlike the fixture's own way it lets answers be late. */
    async function pass(ms: number): Promise<void> {
        const { clock, requests } = fixture.office;
        for (let passed = 0; passed < ms; passed += step) {
            await clock.advance(step);
            for (let calm = 0, seen = -1; calm < 12; calm++) {
                await new Promise(resolve => setImmediate(resolve));
                if (requests.length !== seen) calm = 0;
                seen = requests.length;
            }
        }
    }

    function throttled(): number {
        return fixture.office.simulated.throttling.throttled;
    }

    it('drains a burst of two windows of changes by the beginning of the second, without a 429', async () => {
        await open(3_000, 1_500);
        const begun = fixture.office.clock.monotonic();
        let written = 0;
        for (const each of people) writer.set(userOf(each), inACall).then(() => (written += 1), assert.fail);
        while (written < people.length) await pass(200);
        const windows = (fixture.office.clock.monotonic() - begun) / period;
        assert.equal(throttled(), 0);
        assert.ok(windows <= 1.1, `${windows} windows`);
        assert.ok(people.every(each => fixture.shown(each) === 'Busy/InACall'));
    });

    it('shows 6 changes per hour of each user within 3 s, with renewals, reads and all, without a 429', async () => {
        // A fifth of 10,000 users, and of the budget.
        await open(2_000, 300);
        const minutes = 20;
        const perStep = (people.length * 6 * step) / (60 * minute);
        const { clock, simulated } = fixture.office;
        const latencies: number[] = [];
        const busy = new Set<Person>();
        let due = 0;
        let next = 0;
        for (let passed = 0; passed < minutes * minute; passed += step) {
            for (due += perStep; due >= 1; due--) {
                // A stride that shares no factor with their number visits everybody in turn.
                const each = people[(next++ * 7_919) % people.length]!;
                const begun = clock.monotonic();
                const isOver = busy.delete(each);
                if (!isOver) busy.add(each);
                const change = isOver ? writer.clear(userOf(each)) : writer.set(userOf(each), inACall);
                change.then(() => latencies.push(clock.monotonic() - begun), assert.fail);
            }
            await pass(step);
        }
        await pass(5_000);
        latencies.sort((a, b) => a - b);
        assert.ok(latencies.length >= 3_990, String(latencies.length));
        assert.ok(latencies[Math.floor(latencies.length * 0.99)]! < 3_000);
        assert.equal(throttled(), 0);
        const { peak } = simulated.throttling.counters.presence;
        assert.ok(peak > 100 && peak <= 300, String(peak));
        const expected = (each: Person): string => (busy.has(each) ? 'Busy/InACall' : 'Available/Available');
        assert.ok(people.every(each => fixture.shown(each) === expected(each)));
    });
});
