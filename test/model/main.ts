import { parseArgs } from 'node:util';
import { known } from './known';
import { allKinds } from './plans';
import { run, type Watch } from './run';
import { type Search, search, told } from './search';

/**
 * `npm run model -- --sequences 20000 --seed 1 --kinds pbx-call,teams-call`: looks for sequences that go wrong. With `--all`
 * also among what `off.ts` leaves out, with `--keep-on` beyond the first, with `--as-found` without making it smaller, with
 * `--office` for so many people at once. `npm run model -- --named O1`: shows what happens in the named sequences.
 */
async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            sequences: { type: 'string', default: '1000' },
            seed: { type: 'string', default: String(Date.now() % 1_000_000) },
            kinds: { type: 'string' },
            office: { type: 'string' },
            all: { type: 'boolean', default: false },
            'keep-on': { type: 'boolean', default: false },
            'as-found': { type: 'boolean', default: false },
            named: { type: 'string' },
        },
    });
    if (values.named !== undefined) return showNamed(values.named);
    const kinds = values.kinds?.split(',');
    const unknown = kinds?.find(kind => !allKinds.includes(kind));
    if (unknown) throw new Error(`'${unknown}' is none of ${allKinds.join(', ')}`);
    const { all, 'keep-on': keepOn, 'as-found': asFound } = values;
    const size = values.office ? Number(values.office) : undefined;
    const [sequences, seed] = [Number(values.sequences), Number(values.seed)];
    await look({ sequences, seed, kinds, all, first: !keepOn, asFound, size });
}

async function look(options: Search): Promise<void> {
    console.log(`${options.sequences} sequences, seed ${options.seed}`);
    const began = performance.now();
    const progress = (done: number): void => {
        if (process.stdout.isTTY) process.stdout.write(`\r${done} `);
    };
    const found = await search({ ...options, progress });
    for (const each of found) console.log(told(each));
    console.log(`${found.length} wrong, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    if (found.length > 0) process.exitCode = 1;
}

/** @param name a part of the name */
async function showNamed(name: string): Promise<void> {
    for (const [title, plan] of Object.entries(known).filter(([each]) => each.includes(name))) {
        console.log(title);
        const wrong = await run(plan, changesShown());
        if (wrong.length > 0) process.exitCode = 1;
        for (const { person, at, what } of wrong) console.log(`    WRONG for ${person} at ${at / 1_000} s: ${what}`);
    }
}

/** Prints what shows for a person whenever it is something else. */
function changesShown(): Watch {
    const last: string[] = [];
    return (at, all) => {
        for (const [person, { teams, tel, ours, calls }] of all.entries()) {
            const text = `Teams ${teams}, in the PBX own '${tel}', ours '${ours}'${calls ? ', call of ours' : ''}`;
            if (last[person] !== text) console.log(`    ${at / 1_000} s, ${person}: ${text}`);
            last[person] = text;
        }
    };
}

void main();
