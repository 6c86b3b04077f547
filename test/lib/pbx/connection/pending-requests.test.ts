import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { PendingRequests } from '../../../../lib/pbx/connection/pending-requests';
import { FakeClock, settle } from '../../../support/fake-clock';

const late = () => new SyncError('PBX_SILENT', { host: 'pbx', seconds: 10 });

describe('Pending requests', () => {
    it('are settled by the result with their source', async () => {
        const pending = new PendingRequests(new FakeClock(), 10_000);
        const first = pending.wait('SetPresence', '1', late);
        const second = pending.wait('SetPresence', '2', late);
        assert.ok(pending.settle({ mt: 'SetPresenceResult', src: '2', x: 2 }));
        assert.ok(pending.settle({ mt: 'SetPresenceResult', src: '1', x: 1 }));
        assert.ok(!pending.settle({ mt: 'SetPresenceResult', src: '1' }));
        assert.ok(!pending.settle({ mt: 'PresenceUpdate', src: '1' }));
        assert.deepEqual([(await first).x, (await second).x], [1, 2]);
    });

    it('give a result without source to the oldest of its kind', async () => {
        const pending = new PendingRequests(new FakeClock(), 10_000);
        const row = pending.wait('ReplicateNext', '9', late);
        assert.ok(pending.settle({ mt: 'ReplicateNextResult' }));
        assert.equal((await row).mt, 'ReplicateNextResult');
        assert.ok(!pending.settle({ mt: 'ReplicateNextResult' }));
    });

    it('that are alike are settled in the order of asking', async () => {
        const clock = new FakeClock();
        const pending = new PendingRequests(clock, 10_000);
        const first = pending.wait('ReplicateNext', '9', late);
        const second = pending.wait('ReplicateNext', '9', late);
        const third = assert.rejects(pending.wait('ReplicateNext', '9', late), { code: 'PBX_SILENT' });
        assert.ok(pending.settle({ mt: 'ReplicateNextResult', src: '9', x: 1 }));
        assert.ok(pending.settle({ mt: 'ReplicateNextResult', src: '9', x: 2 }));
        assert.deepEqual([(await first).x, (await second).x], [1, 2]);
        await clock.advance(10_000);
        await third;
        assert.ok(!pending.settle({ mt: 'ReplicateNextResult', src: '9' }));
        assert.equal(clock.waiting, 0);
    });

    it('fall due one by one', async () => {
        const clock = new FakeClock();
        const pending = new PendingRequests(clock, 10_000);
        const outcomes: string[] = [];
        const ask = (src: string) =>
            pending.wait('SetPresence', src, late).then(
                () => outcomes.push(`${src} answered`),
                (error: SyncError) => outcomes.push(`${src} ${error.code}`),
            );
        void ask('1');
        await clock.advance(4_000);
        void ask('2');
        void ask('3');
        await clock.advance(6_000);
        assert.deepEqual(outcomes, ['1 PBX_SILENT']);
        pending.settle({ mt: 'SetPresenceResult', src: '2' });
        await clock.advance(4_000);
        assert.deepEqual(outcomes, ['1 PBX_SILENT', '2 answered', '3 PBX_SILENT']);
        assert.equal(clock.waiting, 0);
    });

    it('all fail with the connection', async () => {
        const clock = new FakeClock();
        const pending = new PendingRequests(clock, 10_000);
        const asked = assert.rejects(pending.wait('AppChallenge', '', late), { code: 'PBX_CONNECTION_LOST' });
        pending.fail(new SyncError('PBX_CONNECTION_LOST', { host: 'pbx' }));
        await asked;
        await settle();
        assert.equal(clock.waiting, 0);
    });

    for (const [change, by] of [
        ['set back', 3_600_000],
        ['set forward', -3_600_000],
    ] as const) {
        it(`fall due in time, and none too early, when the date is ${change}`, async () => {
            const clock = new FakeClock();
            const pending = new PendingRequests(clock, 10_000);
            const outcomes: string[] = [];
            const ask = (src: string) => pending.wait('SetPresence', src, late).catch(() => outcomes.push(src));
            void ask('1');
            await clock.advance(4_000);
            void ask('2');
            clock.stepDate(-by);
            await clock.advance(2_000);
            void ask('3');
            await clock.advance(3_000);
            assert.deepEqual(outcomes, []);
            await clock.advance(1_000);
            assert.deepEqual(outcomes, ['1']);
            await clock.advance(4_000);
            assert.deepEqual(outcomes, ['1', '2']);
            await clock.advance(1_999);
            assert.deepEqual(outcomes, ['1', '2']);
            await clock.advance(4_001);
            assert.deepEqual(outcomes, ['1', '2', '3']);
            assert.equal(clock.waiting, 0);
        });
    }
});
