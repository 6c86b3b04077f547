import assert from 'node:assert/strict';
import { guidOf, seededRandom, shuffled } from '../../../lib/simulator/random';

describe('seeded randomness', () => {
    it('is the same for the same seed, and another for another', () => {
        const take = (seed: number) => {
            const random = seededRandom(seed);
            return Array.from({ length: 20 }, () => random());
        };
        assert.deepEqual(take(1), take(1));
        assert.notDeepEqual(take(1), take(2));
        assert.ok(take(3).every(number => number >= 0 && number < 1));
    });

    it('is spread evenly', () => {
        const random = seededRandom(7);
        const tenths = new Array<number>(10).fill(0);
        for (let index = 0; index < 10_000; index++) tenths[Math.floor(random() * 10)]! += 1;
        assert.ok(
            tenths.every(count => count > 850 && count < 1_150),
            tenths.join(),
        );
    });

    it('shuffles without loss, and leaves the list as it was', () => {
        const items = Array.from({ length: 100 }, (_, index) => index);
        const mixed = shuffled(items, seededRandom(1));
        assert.notDeepEqual(mixed, items);
        assert.deepEqual(
            [...mixed].sort((a, b) => a - b),
            items,
        );
    });

    it('makes GUIDs that look random', () => {
        assert.match(guidOf('anna'), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.equal(guidOf('anna'), guidOf('anna'));
        assert.notEqual(guidOf('anna'), guidOf('ben'));
    });
});
