import assert from 'node:assert/strict';
import { type Fact, lines } from './microsoft-facts/fact';
import { fieldReports } from './microsoft-facts/field-reports';
import { signInFacts } from './microsoft-facts/sign-in';
import { throttlingFacts } from './microsoft-facts/throttling';
import { existingTests, namesOf } from './support/existing-tests';

const tables: Record<keyof typeof lines, readonly Fact[]> = {
    throttling: throttlingFacts,
    signIn: signInFacts,
    fieldReports,
};
const facts = Object.values(tables).flat();

describe('Facts about Microsoft', () => {
    for (const [name, table] of Object.entries(tables))
        it(`stand for every line of ${name}, and for no other`, () => {
            const known = lines[name as keyof typeof lines];
            assert.deepEqual(new Set(table.map(({ line }) => line)), new Set<string>(known));
        });

    it('name tests, or say why there are none', () => {
        for (const { fact, source, tests, none } of facts) {
            assert.match(source, /^(https:\/\/|[\w-]+\/[\w-]+#\d+$)/, fact);
            assert.equal(tests === undefined, none !== undefined, fact);
            if (!tests) continue;
            assert.notEqual(Object.keys(tests).length, 0, fact);
            for (const titles of Object.values(tests)) assert.notEqual(titles.length, 0, fact);
        }
    });

    it('name tests that there are', async () => {
        const found = await existingTests(new Set(facts.flatMap(({ tests = {} }) => Object.keys(tests))));
        const named = facts.flatMap(({ tests = {} }) => namesOf(tests));
        assert.deepEqual(
            named.filter(test => !found.has(test)),
            [],
        );
    }).timeout(120_000);
});
