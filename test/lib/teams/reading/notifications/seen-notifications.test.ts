import assert from 'node:assert/strict';
import { SeenNotifications } from '../../../../../lib/teams/reading/notifications/seen-notifications';

describe('seen notifications', () => {
    const signature = (count: number): string =>
        `signature ${String(count).padStart(30, '0')}`.split('').reverse().join('');

    it('are known again, the last ones for sure, and no more than twice as many', () => {
        const seen = new SeenNotifications(100);
        for (let count = 0; count < 1_000; count++) {
            assert.equal(seen.has(signature(count)), false);
            seen.add(signature(count));
            assert.equal(seen.has(signature(count)), true);
        }
        const known = Array.from({ length: 1_000 }, (_, count) => seen.has(signature(count)));
        assert.ok(known.slice(-100).every(Boolean));
        assert.ok(known.filter(Boolean).length <= 200);
    });
});
