import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Full titles (every `describe` and the `it`, joined by spaces) by file below `test/`. */
export type Tests = Readonly<Record<string, readonly string[]>>;

/** Each test that is named, as "file: title". */
export function namesOf(tests: Tests): string[] {
    return Object.entries(tests).flatMap(([file, titles]) => titles.map(title => `${file}: ${title}`));
}

/** The tests that there are in these files below `test/`, as "file: title"; none of them runs. */
export async function existingTests(files: Iterable<string>): Promise<Set<string>> {
    const compiled = new Map(
        Array.from(files, file => [join(__dirname, '..', file.replace(/\.ts$/, '.js')), file] as const),
    );
    const options = ['--no-config', '--dry-run', '--reporter', 'json'];
    const { stdout } = await promisify(execFile)(
        process.execPath,
        [require.resolve('mocha/bin/mocha.js'), ...options, ...compiled.keys()],
        { maxBuffer: 64 * 1024 * 1024 },
    );
    const { tests } = JSON.parse(stdout) as { tests: { file: string; fullTitle: string }[] };
    return new Set(tests.map(({ file, fullTitle }) => `${compiled.get(file)}: ${fullTitle}`));
}
