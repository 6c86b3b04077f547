import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkout } from './support/checkout';

/**
 * `npm run test:file -- test/lib/errors/errors.test.ts` runs the tests of single files; `npm run watch` compiles after
 * each change of a file and runs the tests near it. Both compile only what has changed, and leave `dist/` standing.
 */

/** Files that are saved together within this time are one change, in ms. */
const settling = 50;

const bin = (name: string): string => join(checkout, 'node_modules', '.bin', name);

/** Compiles what has changed. False if that has errors, which are then on the screen. */
function compiled(): boolean {
    const isEditorRight = runs(bin('tsc'), '-p', 'nodes/editor');
    return runs(bin('tsc'), '--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo') && isEditorRight;
}

function runs(command: string, ...options: string[]): boolean {
    return spawnSync(command, options, { cwd: checkout, stdio: 'inherit' }).status === 0;
}

/** Whether the tests of these source files pass. */
function pass(files: string[]): boolean {
    const tests = files.map(file => join('dist', file.replace(/\.ts$/, '.js')));
    return runs(bin('mocha'), '--no-config', '--timeout', '20000', '--reporter', 'dot', ...tests);
}

/** The tests of a source file: itself, the one of its name, else all in the folder that mirrors its own. */
function testsNear(file: string): string[] {
    if (file.endsWith('.test.ts')) return [file];
    const folder = file.startsWith('test') ? dirname(file) : join('test', dirname(file));
    const own = join(folder, `${basename(file, '.ts')}.test.ts`);
    if (existsSync(join(checkout, own))) return [own];
    if (!existsSync(join(checkout, folder))) return [];
    const names = readdirSync(join(checkout, folder)).filter(name => name.endsWith('.test.ts'));
    return names.map(name => join(folder, name));
}

function watchAll(): void {
    const changed = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const run = (): void => {
        const tests = [...new Set([...changed].flatMap(testsNear))];
        changed.clear();
        if (compiled() && tests.length > 0) pass(tests);
    };
    for (const folder of ['lib', 'nodes', 'test']) {
        watch(join(checkout, folder), { recursive: true }, (_, name) => {
            if (!name?.endsWith('.ts')) return;
            changed.add(join(folder, name));
            clearTimeout(timer);
            timer = setTimeout(run, settling);
        });
    }
    console.log('Waiting for changes');
}

// The compiler makes only half of dist/.
if (!existsSync(join(checkout, 'dist', 'nodes', 'locales'))) runs('npm', 'run', 'build');
const asked = process.argv.slice(2);
if (asked.includes('--watch')) watchAll();
else process.exitCode = pass(asked) ? 0 : 1;
