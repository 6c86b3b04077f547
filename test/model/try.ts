import * as fc from 'fast-check';
import { type Kind, kinds, sequenceOf, written } from './actions';
import { run } from './run';

async function main(): Promise<void> {
    const offices = Number(process.argv[2] ?? 4);
    const names = (process.argv[3]?.split(',') ?? Object.keys(kinds)) as Kind[];
    const seed = Number(process.argv[4] ?? 1);
    const t0 = performance.now();
    let bad = 0;
    for (const [index, people] of fc.sample(fc.array(sequenceOf(names), { minLength: 25, maxLength: 25 }), { numRuns: offices, seed }).entries()) {
        const wrong = await run({ people, seed: index });
        for (const { person, at, what } of wrong) {
            bad++;
            const again = await run({ people: [people[person]!], seed: index });
            console.log(`${at / 1000} ${what}\n    ${written(people[person]!)} ${again.length ? 'alone, too' : 'not alone'}`);
        }
    }
    console.log(offices * 25, 'sequences', bad, 'wrong', ((performance.now() - t0) / 1000).toFixed(1), 's');
}
void main();
