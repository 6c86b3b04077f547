import assert from 'node:assert/strict';
import { defaultBehaviour } from '../lib/simulator/pbx/behaviour';
import { behaviourValues } from '../lib/simulator/pbx/behaviour-values';
import { connectionFacts } from './innovaphone-facts/connection';
import { elsewhere } from './innovaphone-facts/elsewhere';
import { readingFacts } from './innovaphone-facts/reading';
import { unconfirmedLines } from './innovaphone-facts/unconfirmed';
import { writingFacts } from './innovaphone-facts/writing';
import { existingTests, namesOf } from './support/existing-tests';

const facts = [...connectionFacts, ...readingFacts, ...writingFacts, ...elsewhere];
const answered = facts.flatMap(({ answers = {} }) => Object.values(answers));

/** The answers of a switch that has a few; undefined for one that takes any number or text. */
function answersOf(behaviour: keyof typeof behaviourValues): readonly string[] | undefined {
    const values = behaviourValues[behaviour];
    if (values === 'boolean') return ['false', 'true'];
    return typeof values === 'string' ? undefined : [...values].sort();
}

describe('What is not confirmed of a PBX', () => {
    it('stands in the table, every line of it and every switch of the simulated PBX once', () => {
        const lines = facts.flatMap(({ line = [] }) => line);
        assert.deepEqual(lines.sort(), [...unconfirmedLines].sort());
        const switches = facts.flatMap(({ behaviour = [] }) => behaviour);
        assert.deepEqual(switches.sort(), Object.keys(defaultBehaviour).sort());
    });

    it('is run with each answer, or does not matter for a reason', () => {
        for (const { fact, behaviour, answers, none } of facts) {
            assert.equal(answers === undefined, none !== undefined, fact);
            if (!answers) continue;
            assert.ok(Object.keys(answers).length >= 2, fact);
            for (const tests of Object.values(answers)) assert.notEqual(namesOf(tests).length, 0, fact);
            const known = behaviour && answersOf(behaviour);
            if (known) assert.deepEqual(Object.keys(answers).sort(), known, fact);
        }
    });

    it('names tests that there are', async () => {
        const found = await existingTests(new Set(answered.flatMap(tests => Object.keys(tests))));
        assert.deepEqual(
            answered.flatMap(namesOf).filter(test => !found.has(test)),
            [],
        );
    }).timeout(120_000);
});
