import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorTable } from '../lib/errors/errors';
import { rules } from '../lib/presence/rules';
import { checkout } from './support/checkout';
import { existingTests } from './support/existing-tests';

const read = (paper: string): string => readFileSync(join(checkout, paper), 'utf8');

/** A file below `test/` and the end of a title, as a row of the table of conflicts names them. */
interface Named {
    file: string;
    title: string;
}

/** The tests in the last cell of each row: "known: *title*; *title*. `teams/writing/restart`: *title*". */
function namedTests(table: string): Named[] {
    const cells = table.split('\n').flatMap(line => (line.startsWith('|') ? (line.split('|').at(-2) ?? []) : []));
    return cells.flatMap(cell => {
        let files: string[] = [];
        const named: Named[] = [];
        for (const [token, many, title] of cell.matchAll(/known:|((?:`[^`]+`(?: and )?)+):|\*([^*]+)\*/g)) {
            if (title) named.push(...files.map(file => ({ file, title })));
            else if (many) files = Array.from(many.matchAll(/`([^`]+)`/g), ([, path]) => fileOf(path!));
            else if (token === 'known:') files = ['model/known.test.ts'];
        }
        return named;
    });
}

function fileOf(path: string): string {
    return `${path.startsWith('nodes/') ? '' : 'lib/'}${path}.test.ts`;
}

describe('The papers', function () {
    this.timeout(120_000);

    it('name files that exist', () => {
        const folders = ['lib', 'nodes', 'test', 'docs', 'examples'];
        const files = folders.flatMap(folder =>
            readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' }).map(path => join(folder, path)),
        );
        const known = new Set([...files, ...readdirSync(checkout), ...files.map(file => basename(file))]);
        const named = read('ARCHITECTURE.md').matchAll(/`([\w./-]+\.(?:ts|grit))`/g);
        assert.deepEqual(
            Array.from(named, ([, path]) => path).filter(path => !known.has(path!)),
            [],
        );
    });

    it('name tests of conflicts that exist', async () => {
        const named = namedTests(read('docs/conflicts.md'));
        const tests = [...(await existingTests(new Set(named.map(({ file }) => file))))];
        const isThere = ({ file, title }: Named): boolean =>
            tests.some(test => test.startsWith(`${file}: `) && test.endsWith(title));
        assert.ok(named.length > 30, `only ${named.length} are named`);
        assert.deepEqual(
            named.filter(each => !isThere(each)),
            [],
        );
    });

    it('name codes of errors that exist, the same in both languages', () => {
        const [english, german] = ['troubleshooting.md', 'troubleshooting.de.md'].map(file =>
            Array.from(read(`docs/${file}`).matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g), ([, code]) => code!),
        );
        assert.ok(english!.length > 50);
        assert.deepEqual(german, english);
        assert.deepEqual(
            english!.filter(code => !(code in errorTable)),
            [],
        );
    });

    it('name rules that exist', () => {
        const rows = read('docs/conflicts.md')
            .split('\n')
            .map(line => line.split('|'))
            .filter(cells => cells.length === 7);
        const named = rows.flatMap(cells => Array.from(cells[4]!.matchAll(/`([^`]+)`/g), ([, rule]) => rule!));
        assert.ok(named.length > 10);
        assert.deepEqual(
            named.filter(rule => !(rule in rules)),
            [],
        );
    });
});
