import assert from 'node:assert/strict';
import { Outbox } from '../../../../lib/simulator/tenant/outbox';
import { FakeClock, settle } from '../../../support/fake-clock';

const hour = 3_600_000;

describe('Outbox', () => {
    let clock: FakeClock;
    let status: number;
    let posts: { after: number; body: string; timeout: number }[];
    let sent: number;
    let vanishing: boolean;
    let elapsed: number[];
    let outbox: Outbox<string>;

    beforeEach(() => {
        clock = new FakeClock();
        status = 202;
        posts = [];
        sent = 0;
        vanishing = false;
        elapsed = [];
        const start = clock.monotonic();
        outbox = new Outbox({
            clock,
            webhooks: {
                post: async (_, body, __, timeout) => {
                    posts.push({ after: clock.monotonic() - start, body, timeout });
                    return { status, contentType: '', text: '' };
                },
            },
            url: () => 'https://127.0.0.1/notify',
            delay: () => 0,
            mostAtOnce: () => 20,
            compose: names => names.join(),
            deliverable: () => true,
            vanishing: () => vanishing,
            onAnswer: ms => elapsed.push(ms),
            onSent: count => {
                sent += count;
            },
        });
    });

    it('sends at most twenty changes in one request', async () => {
        for (let index = 0; index < 45; index++) outbox.push(String(index));
        await settle();
        assert.deepEqual(
            posts.map(({ body }) => body.split(',').length),
            [20, 20, 5],
        );
        assert.equal(sent, 45);
    });

    it('waits longer and longer, and allows a retry more time than the first try', async () => {
        status = 503;
        outbox.push('anna');
        await clock.advance(60_000);
        assert.deepEqual(
            posts.map(({ after }) => after),
            [0, 1_000, 3_000, 8_000, 18_000, 38_000],
        );
        assert.deepEqual([posts[0]?.timeout, posts[1]?.timeout], [3_000, 10_000]);
    });

    it('gives up after four hours and goes on with the next change', async () => {
        status = 503;
        outbox.push('anna');
        await clock.advance(5 * hour);
        assert.ok(posts.at(-1)!.after <= 4 * hour && posts.at(-1)!.after > 3.9 * hour);
        assert.equal(clock.waiting, 0);
        assert.equal(sent, 0);
        status = 200;
        outbox.push('ben');
        await settle();
        assert.equal(posts.at(-1)!.body, 'ben');
        assert.equal(sent, 1);
    });

    it('lets notices vanish, those that wait for another try too', async () => {
        status = 503;
        outbox.push('anna');
        await settle();
        vanishing = true;
        await clock.advance(hour);
        assert.equal(posts.length, 1);
        vanishing = false;
        status = 202;
        outbox.push('ben');
        await settle();
        assert.deepEqual(
            posts.map(({ body }) => body),
            ['anna', 'ben'],
        );
        assert.deepEqual(elapsed, [0, 0]);
    });

    it('sends nothing once closed', async () => {
        status = 503;
        outbox.push('anna');
        await settle();
        outbox.close();
        outbox.push('ben');
        await clock.advance(hour);
        assert.equal(posts.length, 1);
        assert.equal(clock.waiting, 0);
    });
});
