import { parseArgs } from 'node:util';
import { full, short } from './extent';
import { knownFailures } from './known-failures';
import { runScenario, scenarios } from './scenarios';
import type { Verdict } from './verdict';

const help = `What goes wrong for hours and days, in minutes: real Node-RED, simulated office, each with a clock of its own.

  npm run soak -- [options]

  --scenario NAME   one of ${Object.keys(scenarios).join(', ')}
  --seed S          the same choices again; which of them meet is up to the machine
  --short           fewer people, changes and kills, as in the tests
`;

async function main(args: string[]): Promise<void> {
    const { values } = parseArgs({
        args,
        options: {
            scenario: { type: 'string' },
            seed: { type: 'string' },
            short: { type: 'boolean' },
            help: { type: 'boolean' },
        },
    });
    if (values.help) return void process.stdout.write(help);
    const { scenario: chosen, seed = String(Date.now() % 1_000_000) } = values;
    if (chosen !== undefined && !(chosen in scenarios)) throw new Error(`There is no scenario "${chosen}"\n\n${help}`);
    if (!/^\d+$/.test(seed)) throw new Error(`--seed must be a whole number, not "${seed}"`);
    process.stdout.write(`Node.js ${process.version}, --seed ${seed}; "!!" marks what is not as it must be\n`);
    for (const name of chosen === undefined ? Object.keys(scenarios) : [chosen]) {
        await report(name, Number(seed), values.short ? short : full);
    }
}

async function report(name: string, seed: number, extent: typeof full): Promise<void> {
    const scenario = scenarios[name]!;
    const known = knownFailures[name];
    process.stdout.write(`\n== ${name}: ${scenario.title}\n`);
    const begin = performance.now();
    const verdicts = await runScenario(scenario, extent, seed).catch(failed);
    for (const { what, value, isMet, target } of verdicts) {
        process.stdout.write(`${isMet ? 'ok' : '!!'} ${what}: ${value}  (${target})\n`);
    }
    const isRight = verdicts.every(({ isMet }) => isMet);
    if (known) process.stdout.write(`   ${isRight ? 'is right now, but listed as failing' : 'known'}: ${known}\n`);
    else if (!isRight) process.exitCode = 1;
    process.stdout.write(`   real time ${((performance.now() - begin) / 1_000).toFixed(0)} s\n`);
}

/** What broke off is a failure of its scenario, not of those after it. */
function failed(error: unknown): Verdict[] {
    const value = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ what: 'broke off', value, isMet: false, target: 'comes to its end' }];
}

main(process.argv.slice(2)).then(
    () => process.exit(),
    error => {
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        process.exit(1);
    },
);
