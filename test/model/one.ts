import { known } from './known';
import { run } from './run';

async function main(): Promise<void> {
    for (const [name, plan] of Object.entries(known)) {
        if (!name.includes(process.argv[2] ?? '')) continue;
        console.log(name);
        for (const { person, at, what } of await run(plan)) console.log(`    ${at / 1000} ${person} ${what}`);
    }
}
void main();
