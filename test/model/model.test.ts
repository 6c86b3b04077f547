import assert from 'node:assert/strict';
import { search, told } from './search';

describe('Both directions with everything that people do and that goes wrong', () => {
    it('shows on each side what its own sources and those of the other say, in 1,000 sequences', async () => {
        const found = await search({ sequences: 1_000, seed: 1 });
        assert.deepEqual(found.map(told), []);
    }).timeout(600_000);
});
