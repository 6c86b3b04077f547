import assert from 'node:assert/strict';
import { RecentTexts } from '../../../lib/support/recent-texts';

describe('RecentTexts', () => {
    it('knows the last ones again, and no other', () => {
        const recent = new RecentTexts(100);
        for (let count = 0; count < 1_000; count++) {
            assert.equal(recent.has(`text ${count}`), false);
            recent.add(`text ${count}`);
            assert.equal(recent.has(`text ${count}`), true);
        }
        const known = Array.from({ length: 1_000 }, (_, count) => recent.has(`text ${count}`));
        assert.ok(known.slice(-100).every(Boolean));
        assert.equal(known.filter(Boolean).length, 100);
    });
});
