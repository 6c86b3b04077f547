import { parseArgs } from 'node:util';
import { attack } from './attack';
import { full, short } from './extent';

const help = `What somebody can try who may connect, and has read along: a real Node-RED, a simulated office, loopback only.

  npm run attack -- [options]

  --short           fewer of everything, as in the tests
`;

async function main(args: string[]): Promise<void> {
    const { values } = parseArgs({ args, options: { short: { type: 'boolean' }, help: { type: 'boolean' } } });
    if (values.help) return void process.stdout.write(help);
    const begin = performance.now();
    process.stdout.write(`Node.js ${process.version}; "!!" marks what is not as it must be\n`);
    const verdicts = await attack(values.short ? short : full, line => process.stdout.write(`${line}\n`));
    const missed = verdicts.filter(({ isMet }) => !isMet);
    const took = ((performance.now() - begin) / 1_000).toFixed(0);
    process.stdout.write(`${verdicts.length - missed.length} of ${verdicts.length} hold, in ${took} s\n`);
    if (missed.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).then(
    () => process.exit(),
    error => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
    },
);
