import { fork } from 'node:child_process';
import { benchChanges } from './changes';
import { benchChurn } from './churn';
import { benchClaimLog } from './claim-log';
import { benchColdStart } from './cold-start';
import { benchForgeries } from './forgeries';
import { benchGrowth } from './growth';
import { benchBurst, benchLineStates } from './line-states';
import { benchNotifications } from './notifications';
import { benchPbxChanges } from './pbx-changes';
import { benchPbxColdStart } from './pbx-cold-start';
import { benchPbxWrites } from './pbx-writes';
import { benchPeopleList } from './people-list';
import { benchSweep } from './sweep';

/** The parts of the bench, in the order in which they run; each in a process of its own. */
const parts: Record<string, () => Promise<void>> = {
    'cold-start': benchColdStart,
    notifications: benchNotifications,
    'line-states': benchLineStates,
    burst: benchBurst,
    churn: benchChurn,
    forgeries: benchForgeries,
    'pbx-cold-start': benchPbxColdStart,
    'pbx-changes': benchPbxChanges,
    'pbx-writes': benchPbxWrites,
    changes: benchChanges,
    sweep: benchSweep,
    'people-list': benchPeopleList,
    growth: benchGrowth,
    'claim-log': benchClaimLog,
};

async function main([chosen, isPart]: string[]): Promise<void> {
    if (chosen !== undefined && !(chosen in parts)) {
        throw new Error(`There is no part "${chosen}"; the parts are ${Object.keys(parts).join(', ')}`);
    }
    if (isPart) return parts[chosen!]!();
    process.stdout.write(`Node.js ${process.version}; "!!" marks a missed figure\n`);
    for (const name of chosen === undefined ? Object.keys(parts) : [chosen]) {
        if ((await run(name)) !== 0) process.exitCode = 1;
    }
}

function run(name: string): Promise<number | null> {
    return new Promise(resolve => {
        fork(__filename, [name, 'part'], { execArgv: ['--expose-gc'] }).on('exit', resolve);
    });
}

main(process.argv.slice(2)).then(
    () => process.exit(),
    error => {
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        process.exit(1);
    },
);
