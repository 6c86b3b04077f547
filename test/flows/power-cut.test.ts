import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeRedProcess } from '../support/node-red-process';
import type { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { SeparateOffice } from '../support/separate-office';
import { greenWithin } from '../support/try-it';
import { available, dnd, endAll, pbxCall } from './day';

const [anna, , priya] = mails;

describe('A power cut', function () {
    this.timeout(120_000);
    let separate: SeparateOffice;
    let nodeRed: NodeRedProcess;
    let office: OfficeControl;

    before(async () => {
        separate = await SeparateOffice.open();
        nodeRed = separate.nodeRed;
        office = separate.control;
        await nodeRed.start();
        await nodeRed.deploy(separate.flows());
        await green();
    });

    after(() => separate?.close());

    const green = () => nodeRed.waitForGreen(connectingNodes(separate.flows()), greenWithin);

    it('leaves nothing behind: a setting that ended meanwhile is taken back, one that lasts goes on', async () => {
        await office.pbx(priya, { activity: 'dnd' });
        await office.pbx(anna, { call: 'start' });
        await office.shows({ [priya]: dnd, [anna]: pbxCall });
        const { mode } = await stat(join(nodeRed.userDir, 'presence-sync', 'claims.log'));
        assert.equal(mode & 0o777, 0o600, 'nobody else reads it');
        await nodeRed.kill();
        await office.pbx(priya, { activity: '' });
        await nodeRed.start();
        await green();
        await office.shows({ [priya]: available, [anna]: pbxCall });
        await endAll(office);
        await office.shows({ [priya]: available, [anna]: available });
    });
});
