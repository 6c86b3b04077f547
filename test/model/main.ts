import { parseArgs } from 'node:util';
import { allKinds } from './plans';
import { search, told } from './search';

/**
 * `npm run model -- --sequences 20000 --seed 1 --kinds pbx-call,teams-call`; with `--all` also what `off.ts` leaves out, with
 * `--keep-on` beyond the first that goes wrong, with `--as-found` without making it smaller, with `--office` for so many people at once.
 */
async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            sequences: { type: 'string', default: '1000' },
            seed: { type: 'string', default: String(Date.now() % 1_000_000) },
            kinds: { type: 'string' },
            all: { type: 'boolean', default: false },
            'keep-on': { type: 'boolean', default: false },
            office: { type: 'string' },
            'as-found': { type: 'boolean', default: false },
        },
    });
    const kinds = values.kinds?.split(',');
    const unknown = kinds?.find(kind => !allKinds.includes(kind));
    if (unknown) throw new Error(`'${unknown}' is none of ${allKinds.join(', ')}`);
    const [sequences, seed] = [Number(values.sequences), Number(values.seed)];
    console.log(`${sequences} sequences, seed ${seed}`);
    const began = performance.now();
    const progress = (done: number): void => {
        if (process.stdout.isTTY) process.stdout.write(`\r${done} `);
    };
    const size = values.office ? Number(values.office) : undefined;
    const { all, 'keep-on': keepOn, 'as-found': asFound } = values;
    const found = await search({ sequences, seed, kinds, all, first: !keepOn, asFound, size, progress });
    for (const each of found) console.log(told(each));
    console.log(`${found.length} wrong, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    if (found.length > 0) process.exitCode = 1;
}

void main();
