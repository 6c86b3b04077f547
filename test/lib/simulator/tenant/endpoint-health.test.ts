import assert from 'node:assert/strict';
import { EndpointHealth } from '../../../../lib/simulator/tenant/endpoint-health';
import { FakeClock } from '../../../support/fake-clock';

const minute = 60_000;
const url = 'https://hooks.example/notify?a=1';

describe('EndpointHealth', () => {
    let clock: FakeClock;
    let health: EndpointHealth;

    beforeEach(() => {
        clock = new FakeClock();
        health = new EndpointHealth({ clock, sample: () => 100 });
    });

    const answers = (count: number, elapsed: number) => {
        for (let index = 0; index < count; index++) health.answered(url, elapsed);
    };

    it('is judged at the end of ten minutes', async () => {
        answers(100, 3_000);
        assert.equal(health.stateOf(url), 'well');
        await clock.advance(10 * minute - 1);
        assert.equal(health.stateOf(url), 'well');
        await clock.advance(1);
        assert.equal(health.stateOf(url), 'slow');
    });

    it('is slow with more than 10 % of the answers later than three seconds', async () => {
        answers(90, 2_999);
        answers(10, 3_000);
        await clock.advance(10 * minute);
        assert.equal(health.stateOf(url), 'well');
        answers(89, 2_999);
        answers(11, 3_000);
        await clock.advance(10 * minute);
        assert.equal(health.stateOf(url), 'slow');
    });

    it('is dropped with more than 15 % of the answers later than ten seconds', async () => {
        answers(84, 0);
        answers(16, 10_000);
        await clock.advance(10 * minute);
        assert.equal(health.stateOf(url), 'dropped');
    });

    it('recovers ten minutes later', async () => {
        answers(100, 10_000);
        await clock.advance(15 * minute);
        assert.equal(health.stateOf(url), 'dropped');
        await clock.advance(5 * minute);
        assert.equal(health.stateOf(url), 'well');
    });

    it('is not judged by what happened long ago', async () => {
        answers(100, 10_000);
        await clock.advance(20 * minute);
        assert.equal(health.stateOf(url), 'well');
    });

    it('is not judged by a few answers', async () => {
        answers(99, 10_000);
        await clock.advance(10 * minute);
        assert.equal(health.stateOf(url), 'well');
    });

    it('is the same for all paths of a host, and no other host', async () => {
        answers(100, 3_000);
        await clock.advance(10 * minute);
        assert.equal(health.stateOf('https://hooks.example/other'), 'slow');
        assert.equal(health.stateOf('https://hooks.example:8443/notify'), 'well');
    });
});
