import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A way to spoil the product that the model test must notice. */
interface Mutant {
    name: string;
    /** A file, or a folder in whose files everything that is found is replaced. */
    file: string;
    /** What is replaced by what. */
    edits: readonly (readonly [find: string, replace: string])[];
    /** What has to happen at random for it to show. */
    kinds?: string;
    /** A part of the names of the known sequences that have to show it, in place of random ones. */
    named?: string;
}

const people = 'pbx-setting,pbx-call,teams-client,teams-out,teams-call,teams-choice,teams-note';
const nothingDone = "return Promise.resolve({ written: false, reason: '' });";

const mutants: readonly Mutant[] = [
    {
        name: 'echo of only one part',
        file: 'lib/presence/judge-teams.ts',
        edits: [['const byCall = call.some(({ value }) => showsAs(value, false, shown));', 'const byCall = false;']],
        named: 'O2',
    },
    {
        name: 'no take-back in Teams',
        file: 'lib/teams/people.ts',
        edits: [['return this.#state(user, {}, writer, isSilence);', nothingDone]],
        named: 'O1: a dnd',
    },
    {
        name: 'no take-back in the PBX',
        file: 'lib/pbx/people.ts',
        edits: [['return this.#state({}, statementOf(user, writing, isSilence));', nothingDone]],
        named: 'O7',
    },
    {
        name: 'order ignored',
        file: 'lib/teams/reading/presence-reader.ts',
        edits: [
            ['const isOvertaken = (record.notified ?? 0) > notified;', 'const isOvertaken = false;'],
            ['sequenceNumber <= record.sequence) return;', "sequenceNumber === '') return;"],
            ['#isOutdated(record, shown.sequenceNumber)', '#isOutdated(record, undefined)'],
            ["if (from === 'undated' &&", 'if (from === -1 &&'],
        ],
        named: 'an answer that a notification has overtaken',
    },
    {
        name: 'no sweep',
        file: 'lib/teams/reading/change-delivery.ts',
        edits: [['this.#sweep.start();', '']],
        kinds: `${people},notifications-lost`,
    },
    {
        // Without the second and third the end of a lease is seen at once, and what is desired is written again.
        name: 'no renewal',
        file: 'lib/presence',
        edits: [
            ["return { do: 'renew', part: part.name, value: claim.value, rule: 'lease' };", 'continue;'],
            ['others.length > 0 || claim.ends <= now', 'others.length > 0'],
            ["claim.certainty !== 'ended' && endOf(claim) > now", "claim.certainty !== 'ended'"],
        ],
        named: 'O1: busy',
    },
    {
        name: 'one lease for all parts',
        file: 'lib/sync/reconciler.ts',
        edits: [
            [
                'this.#failures.served(record, state);',
                `this.#failures.served(record, state);
        for (const each of Object.values(record.parts))
            for (const other of liveClaims(each, now))
                if (claim) Object.assign(other, { ends: claim.ends, renew: claim.renew });`,
            ],
        ],
        named: 'O1: a dnd',
    },
    {
        name: 'claim logged after the request',
        file: 'lib/sync/reconciler.ts',
        edits: [['if (claim) await this.#write(record, step.part);', '']],
        named: 'O9: nor with a log that',
    },
    {
        name: 'desired dropped at lease end',
        file: 'lib/presence/next-step.ts',
        edits: [
            [
                'if (!state.desired && live.length === 0) continue;',
                `if (state.claims.some(({ ends, certainty }) => certainty !== 'ended' && ends <= now)) delete state.desired;
        if (!state.desired && live.length === 0) continue;`,
            ],
        ],
        named: 'O3',
    },
    {
        name: 'date as duration',
        file: 'lib',
        edits: [['.monotonic()', '.date()']],
        named: 'O10',
    },
    {
        name: 'a choice concluded from an ended claim',
        file: 'lib/presence/judge-teams.ts',
        edits: [
            [
                'const setting = liveClaims(preferredOf(record), now);\n    const call',
                `const setting = [...liveClaims(preferredOf(record), now), ...recentClaims(preferredOf(record), now)];
    const call`,
            ],
            [' && setting[0]!.ends > now;', ';'],
        ],
        named: 'O3',
    },
];

/** Names of mutants that the model test must kill are the arguments; none: all. */
function main(names: readonly string[]): void {
    const chosen = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
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
        const isAsset = (path: string): boolean => !path.endsWith('.ts');
        cpSync('lib', join(copy, 'dist', 'lib'), { recursive: true, filter: isAsset });
        const began = performance.now();
        const what = mutant.named ? ['--named', mutant.named] : ['--as-found', '--seed', '1', '--kinds', mutant.kinds!];
        const { stdout } = node(copy, 'dist/test/model/main.js', ...what);
        const seconds = ((performance.now() - began) / 1_000).toFixed(0);
        const how = /^(After|\s*WRONG).*/m.exec(stdout)?.[0].trim() ?? '';
        console.log(`${how ? 'noticed ' : 'SURVIVED'} ${mutant.name} (${seconds} s) ${how}`);
        return how !== '';
    } finally {
        rmSync(copy, { recursive: true, force: true });
    }
}

/** @throws Error where there is nothing to spoil */
function spoil(copy: string, { name, file, edits }: Mutant): void {
    for (const [find, replace] of edits) {
        const spoiled = filesOf(join(copy, file)).filter(path => {
            const text = readFileSync(path, 'utf8');
            if (!text.includes(find)) return false;
            writeFileSync(path, text.replaceAll(find, replace));
            return true;
        });
        if (spoiled.length === 0) throw new Error(`Mutant "${name}": ${file} has no "${find}" any more`);
    }
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
