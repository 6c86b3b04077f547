import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Fact, lines } from './microsoft-facts/fact';
import { fieldReports } from './microsoft-facts/field-reports';
import { signInFacts } from './microsoft-facts/sign-in';
import { throttlingFacts } from './microsoft-facts/throttling';

const tables: Record<keyof typeof lines, readonly Fact[]> = {
    throttling: throttlingFacts,
    signIn: signInFacts,
    fieldReports,
};
const facts = Object.values(tables).flat();

/** Every test that a fact names, as "file: title". */
function named(): string[] {
    return facts.flatMap(({ tests = {} }) =>
        Object.entries(tests).flatMap(([file, titles]) => titles.map(title => `${file}: ${title}`)),
    );
}

/** The tests that there are in these files below `test/`, as "file: title"; none of them runs. */
async function existing(files: readonly string[]): Promise<Set<string>> {
    const compiled = new Map(files.map(file => [join(__dirname, file.replace(/\.ts$/, '.js')), file]));
    const options = ['--no-config', '--dry-run', '--reporter', 'json'];
    const { stdout } = await promisify(execFile)(
        process.execPath,
        [require.resolve('mocha/bin/mocha.js'), ...options, ...compiled.keys()],
        { maxBuffer: 64 * 1024 * 1024 },
    );
    const { tests } = JSON.parse(stdout) as { tests: { file: string; fullTitle: string }[] };
    return new Set(tests.map(({ file, fullTitle }) => `${compiled.get(file)}: ${fullTitle}`));
}

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
        const files = new Set(facts.flatMap(({ tests = {} }) => Object.keys(tests)));
        const found = await existing([...files]);
        assert.deepEqual(
            named().filter(test => !found.has(test)),
            [],
        );
    }).timeout(60_000);
});
