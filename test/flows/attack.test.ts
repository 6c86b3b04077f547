import assert from 'node:assert/strict';
import { attack } from '../attack/attack';
import { short } from '../attack/extent';

describe('A short attack', function () {
    this.timeout(180_000);

    it('sets nothing off, keeps nobody out, and is told', async () => {
        const verdicts = await attack(short);
        assert.deepEqual(
            verdicts.filter(({ isMet }) => !isMet),
            [],
        );
    });
});
