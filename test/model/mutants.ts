import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A way to spoil the product that the model test must notice. */
interface Mutant {
    name: string;
    /** A file, or a folder in whose files everything that is found is replaced. */
    file: string;
    find: string;
    replace: string;
    /** What has to happen for it to show; absent: everything. */
    kinds?: string;
    /** The named sequences that notice it, where it takes luck to find one. */
    named?: string;
}

const people = 'pbx-setting,pbx-call,teams-client,teams-out,teams-call,teams-choice,teams-note';

const mutants: readonly Mutant[] = [
    {
        name: 'echo of only one part',
        file: 'lib/presence/teams-states.ts',
        find: 'const source = held.preferred ?? held.session;',
        replace: 'const source = held.session;',
        kinds: 'pbx-setting,teams-client',
    },
    {
        name: 'no take-back in Teams',
        file: 'lib/teams/writing/presence-writer.ts',
        find: 'return this.#put(user, {});',
        replace: "return Promise.resolve({ written: false, reason: '' });",
        kinds: 'pbx-call,pbx-setting',
    },
    {
        name: 'no take-back in the PBX',
        file: 'lib/pbx/writing/presence-writer.ts',
        find: 'return this.#put(user, emptyTarget, owner);',
        replace: 'return Promise.resolve(nothingHeld);',
        kinds: 'teams-call,teams-client',
    },
    {
        name: 'order ignored',
        file: 'lib/teams/reading/presence-reader.ts',
        find: 'const isOvertaken = followed.notified > notified || this.#settledAt(id) > startedAt;',
        replace: 'const isOvertaken = false;',
        named: 'overtaken',
    },
    {
        name: 'no sweep',
        file: 'lib/teams/reading/change-delivery.ts',
        find: 'this.#sweep.start();',
        replace: '',
        kinds: `${people},notifications-lost`,
    },
    {
        name: 'no renewal',
        file: 'lib/teams/writing/presence-writer.ts',
        find: 'renew: user => this.#beginRenewal(user)',
        replace: 'renew: () => false',
        kinds: 'pbx-call,pbx-setting,teams-client',
    },
    {
        name: 'date as duration',
        file: 'lib/teams',
        find: '.monotonic()',
        replace: '.date()',
        kinds: 'pbx-call,pbx-setting,teams-client,date-step',
    },
];

/** What the product of today does anyhow, or cannot do yet; each becomes a mutant as soon as there is a line to spoil. */
const waiting = [
    'one lease for all parts',
    'claim logged after the request',
    'desired dropped at lease end',
    'a choice concluded from an ended claim',
];

/** Names of mutants that the model test must kill are the arguments; none: all. */
function main(names: readonly string[]): void {
    const chosen = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
    for (const name of waiting) if (names.length === 0) console.log(`not yet  ${name}`);
    const survivors = chosen.filter(mutant => !isKilled(mutant));
    console.log(`${chosen.length - survivors.length} of ${chosen.length} mutants were noticed`);
    if (survivors.length > 0) process.exitCode = 1;
}

function isKilled(mutant: Mutant): boolean {
    const copy = mkdtempSync(join(tmpdir(), 'mutant-'));
    try {
        for (const part of ['lib', 'nodes', 'test', 'tsconfig.json', 'package.json']) {
            cpSync(part, join(copy, part), { recursive: true });
        }
        symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
        spoil(copy, mutant);
        node(copy, 'node_modules/typescript/bin/tsc', '--noCheck');
        const began = performance.now();
        const kinds = mutant.kinds ? ['--kinds', mutant.kinds] : [];
        const where = mutant.named ? ['--named', mutant.named] : ['--as-found', '--seed', '1', ...kinds];
        const { status, stdout } = node(copy, 'dist/test/model/main.js', ...where);
        const seconds = ((performance.now() - began) / 1_000).toFixed(0);
        const how = /(After|WRONG).*/.exec(stdout)?.[0] ?? '';
        console.log(`${status === 1 ? 'noticed ' : 'SURVIVED'} ${mutant.name} (${seconds} s) ${how}`);
        return status === 1 && how !== '';
    } finally {
        rmSync(copy, { recursive: true, force: true });
    }
}

/** @throws Error where there is nothing to spoil */
function spoil(copy: string, { name, file, find, replace }: Mutant): void {
    const spoiled = filesOf(join(copy, file)).filter(path => {
        const text = readFileSync(path, 'utf8');
        if (!text.includes(find)) return false;
        writeFileSync(path, text.replaceAll(find, replace));
        return true;
    });
    if (spoiled.length === 0) throw new Error(`Mutant "${name}": ${file} has no "${find}" any more`);
}

function filesOf(path: string): string[] {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names.filter(name => name.endsWith('.ts')).map(name => join(path, name));
}

function node(cwd: string, ...args: string[]) {
    return spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
}

main(process.argv.slice(2));
