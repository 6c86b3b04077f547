import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageDescription } from '../support/checkout';
import { Workshop } from './installation';

/** The tool of the Node-RED flow library that grades packages. @see https://github.com/node-red/node-red-dev-cli */
const validator = 'node-red-dev@0.1.6';

/** @see https://nodered.org/docs/creating-nodes/scorecard */
const checks = {
    P01: 'has a licence',
    P03: 'names its repository',
    P04: 'has a scoped name',
    P05: 'has the keyword "node-red"',
    P06: 'states a Node-RED version that is current',
    P07: 'admits the oldest Node.js of the current Node-RED',
    P08: 'has a name of its own',
    N01: 'has node types of its own',
    N02: 'uses every node in an example',
    D02: 'depends on nothing that is known to be incompatible',
};

type Card = Record<string, { test: boolean; packages?: string[] } | undefined>;

describe('the flow library scorecard', () => {
    let workshop: Workshop;
    let card: Card;

    before(async () => {
        workshop = await Workshop.open();
        card = await grade(workshop);
    });

    after(() => workshop.close());

    for (const [code, meaning] of Object.entries(checks)) {
        it(`${code} ${meaning}`, () => assert.equal(card[code]?.test, true, JSON.stringify(card[code])));
    }

    it('D01 has eight dependencies at most, where more than six are only warned of', () => {
        assert.ok(Object.keys(packageDescription.dependencies).length <= 8);
    });

    it('D03 takes its dependencies in their latest versions', () => {
        assert.equal(card.D03?.test, true, JSON.stringify(card.D03));
    });
});

async function grade(workshop: Workshop): Promise<Card> {
    const userDir = await workshop.install('user-directory', [await workshop.pack()]);
    const tool = await workshop.install('validator', [validator]);
    // The tool wants the package by itself, as it is unpacked from the tarball, and not in a node_modules folder.
    const subject = join(workshop.folder, 'package');
    await cp(join(userDir, 'node_modules', packageDescription.name), subject, { recursive: true });
    const output = join(workshop.folder, 'scorecard.json');
    const program = join(tool, 'node_modules/node-red-dev/bin/run');
    const preload = ['--require', join(__dirname, 'scorecard-offline.js')];
    const run = promisify(execFile);
    await run(process.execPath, [...preload, program, 'validate', '--path', subject, '--output', output]);
    return JSON.parse(await readFile(output, 'utf8'));
}
