import assert from 'node:assert/strict';
import { known } from './known';
import { red } from './red';
import { run } from './run';

describe('Sequences that went wrong once', () => {
    for (const [name, plan] of Object.entries(known)) {
        it(name, async () => {
            const wrong = await run(plan);
            if (!red.includes(name)) assert.deepEqual(wrong, []);
            else assert.notDeepEqual(wrong, [], `It is right now: remove it from the list in red.ts`);
        }).timeout(120_000);
    }

    it('has a sequence for every name in the list of what is red', () => {
        assert.deepEqual(
            red.filter(name => !(name in known)),
            [],
        );
    });
});
