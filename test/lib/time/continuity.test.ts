import assert from 'node:assert/strict';
import { Continuity } from '../../../lib/time/continuity';
import { FakeClock } from '../../support/fake-clock';

const second = 1_000;
const minute = 60 * second;

describe('Continuity', () => {
    let clock: FakeClock;
    let continuity: Continuity;
    let told: string[];
    let end: () => void;

    beforeEach(() => {
        clock = new FakeClock();
        continuity = new Continuity(clock);
        told = [];
        end = continuity.watch((interruption, gap) => told.push(`${interruption} ${gap / second}`));
    });
    afterEach(() => {
        end();
        assert.equal(clock.waiting, 0);
    });

    it('says nothing as long as time goes on as it should', async () => {
        await clock.advance(10 * minute);
        continuity.look();
        assert.deepEqual(told, []);
    });

    const interruptions: [what: string, happen: () => void, expected: string][] = [
        ['the host slept', () => clock.sleep(60 * minute), 'sleep 3600'],
        ['the date was set forward', async () => clock.stepDate(20 * minute), 'sleep 1200'],
        ['the date was set back', async () => clock.stepDate(-120 * minute), 'step 7200'],
        ['the process was stopped', () => clock.freeze(61 * second), 'freeze 60'],
    ];
    for (const [what, happen, expected] of interruptions) {
        it(`tells once, within a second, that ${what}`, async () => {
            await clock.advance(10 * second);
            await happen();
            await clock.advance(second);
            assert.deepEqual(told, [expected]);
            await clock.advance(10 * minute);
            continuity.look();
            assert.deepEqual(told, [expected]);
        });

        it(`tells before an input that ${what}, and not again with the tick`, async () => {
            await clock.advance(10 * second);
            await happen();
            assert.equal(continuity.look(), true);
            assert.deepEqual(told, [expected]);
            assert.equal(continuity.look(), false);
            await clock.advance(minute);
            assert.deepEqual(told, [expected]);
        });

        it(`tells a second time when it happens again (${what})`, async () => {
            await happen();
            await clock.advance(minute);
            await happen();
            await clock.advance(minute);
            assert.deepEqual(told, [expected, expected]);
        });
    }

    it('tells one interruption, not two, of a sleep from which the process wakes late', async () => {
        await clock.sleep(60 * minute);
        await clock.freeze(30 * second);
        await clock.advance(minute);
        assert.deepEqual(told, ['sleep 3600']);
    });

    it('bears what a time service corrects, again and again, and a tick that is late by less than five seconds', async () => {
        for (let times = 0; times < 100; times++) {
            clock.stepDate(times % 2 === 0 ? 1_900 : -1_900);
            await clock.advance(second);
            clock.stepDate(50);
            await clock.freeze(5_900);
            await clock.advance(second);
        }
        assert.deepEqual(told, []);
    });

    it('tells all who watch, and none who no longer do, not even of what happened while no one watched', async () => {
        const others: string[] = [];
        const endOther = continuity.watch(interruption => others.push(interruption));
        await clock.sleep(minute);
        await clock.advance(second);
        endOther();
        endOther();
        await clock.sleep(minute);
        await clock.advance(second);
        assert.deepEqual([others, told], [['sleep'], ['sleep 60', 'sleep 60']]);
        end();
        await clock.sleep(minute);
        continuity.look();
        end = continuity.watch(interruption => told.push(`late ${interruption}`));
        await clock.advance(minute);
        assert.deepEqual(told, ['sleep 60', 'sleep 60']);
    });

    it('may be looked at, and left, by those whom it tells', async () => {
        const leave = continuity.watch(() => {
            continuity.look();
            leave();
            end();
        });
        await clock.freeze(minute);
        await clock.advance(second);
        assert.equal(told.length, 1);
        assert.equal(clock.waiting, 0);
    });
});
