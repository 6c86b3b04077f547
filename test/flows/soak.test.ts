import assert from 'node:assert/strict';
import { short } from '../soak/extent';
import { knownFailures } from '../soak/known-failures';
import { runScenario, scenarios } from '../soak/scenarios';

/** The others take minutes: `npm run soak`. */
const quick = ['kill', 'graph-10min', 'clock+20min'];
const seed = 1;

describe('A short soak', function () {
    this.timeout(180_000);

    for (const name of quick.filter(name => !(name in knownFailures))) {
        const scenario = scenarios[name]!;
        it(`leaves nothing wrong: ${scenario.title}`, async () => {
            // Waiting for new tokens takes too long here.
            const verdicts = await runScenario(scenario, { ...short, tokens: 0 }, seed);
            assert.deepEqual(
                verdicts.filter(({ isMet }) => !isMet),
                [],
            );
        });
    }
});
