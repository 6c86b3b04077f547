import assert from 'node:assert/strict';
import { outsideRows, taggedTests } from './outside-rows';

describe('What was found from outside', () => {
    const tags = [...taggedTests().keys()];

    it('is shown by a test, row by row', () => {
        const without = Object.keys(outsideRows).filter(row => !tags.includes(row));
        assert.deepEqual(without, []);
    });

    it('has a row for each tag', () => {
        assert.deepEqual(
            tags.filter(tag => !(tag in outsideRows)),
            [],
        );
    });
});
