import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeRedProcess } from '../support/node-red-process';
import type { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { SeparateOffice } from '../support/separate-office';
import { greenWithin } from '../support/try-it';
import { available, dnd, endAll, pbxCall } from './day';

const [anna, , priya] = mails;
/** A context store that lasts; what is new is on the disk after one second at the latest. */
const lasting = { contextStorage: { default: { module: 'localfilesystem', config: { flushInterval: 1 } } } };

describe('A power cut with a context store that lasts', function () {
    this.timeout(60_000);
    let separate: SeparateOffice;
    let nodeRed: NodeRedProcess;
    let office: OfficeControl;

    before(async () => {
        separate = await SeparateOffice.open(lasting);
        nodeRed = separate.nodeRed;
        office = separate.control;
        await nodeRed.start();
        await nodeRed.deploy(separate.flows());
        await green();
    });

    after(() => separate?.close());

    const green = () => nodeRed.waitForGreen(connectingNodes(separate.flows()), greenWithin);

    /** What the nodes have on the disk. */
    async function stored(): Promise<string> {
        const folder = join(nodeRed.userDir, 'context');
        const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
        const texts = files
            .filter(file => file.isFile())
            .map(file => readFile(join(file.parentPath, file.name), 'utf8').catch(() => ''));
        return (await Promise.all(texts)).join('\n');
    }

    /** Resolves when so many users are on the disk. */
    async function storedUsers(count: number): Promise<void> {
        const end = Date.now() + 10_000;
        while ((await stored()).split('"userId"').length - 1 !== count) {
            assert.ok(Date.now() < end, await stored());
            await new Promise(resolve => setTimeout(resolve, 50));
        }
    }

    it('leaves nothing behind: a setting that ended meanwhile is taken back, one that lasts goes on', async () => {
        await office.pbx(priya, { activity: 'dnd' });
        await office.pbx(anna, { call: 'start' });
        await office.shows({ [priya]: dnd, [anna]: pbxCall });
        await storedUsers(2);
        await nodeRed.kill();
        await office.pbx(priya, { activity: '' });
        await nodeRed.start();
        await green();
        await office.shows({ [priya]: available, [anna]: pbxCall });
        await storedUsers(1);
        await endAll(office);
        await storedUsers(0);
    });
});
