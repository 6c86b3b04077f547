import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFile } from '../../lib/support/record-file';
import type { NodeRedProcess } from '../support/node-red-process';
import type { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { SeparateOffice } from '../support/separate-office';
import { greenWithin, nodeOf } from '../support/try-it';
import { available, begin, dnd, endAll, pbxCall, teamsCall } from './day';

const [anna, juergen, priya, lukas, marta] = mails;

describe('Node-RED and the office stop and start', function () {
    this.timeout(120_000);
    let separate: SeparateOffice;
    let nodeRed: NodeRedProcess;
    let office: OfficeControl;

    before(async () => {
        separate = await SeparateOffice.open({ settings: { runtimeState: { enabled: true, ui: true } } });
        nodeRed = separate.nodeRed;
        office = separate.control;
        await nodeRed.start();
        await nodeRed.deploy(separate.flows());
        await green();
    });

    after(() => separate?.close());

    const green = () => nodeRed.waitForGreen(connectingNodes(separate.flows()), greenWithin);
    const waitForYellow = (type: string) =>
        nodeRed.waitForStatus(nodeOf(separate.flows(), type).id, ({ fill }) => fill === 'yellow');

    const log = async () => decodeFile(await readFile(join(nodeRed.userDir, 'presence-sync', 'claims.log')));

    it('takes back on both sides what it has set when Node-RED stops', async () => {
        await begin(office);
        await office.pbx(priya, { activity: 'dnd' });
        await office.shows({ [priya]: dnd });
        assert.equal(await nodeRed.stop(), 0);
        await office.shows(
            {
                [anna]: { ...pbxCall, teams: 'Available/Available' },
                [juergen]: { ...teamsCall, pbx: '' },
                [priya]: { ...dnd, teams: 'Available/Available' },
            },
            0,
        );
        assert.equal(separate.office.tenant.subscriptions.length, 0);
    });

    it('has closed the log of what it has set, so that it is believed after a reboot of the host', async () => {
        const { state, isWhole } = await log();
        assert.deepEqual({ state, isWhole }, { state: 'closed', isWhole: true });
    });

    it('catches up on what has changed in the meantime when Node-RED starts again', async () => {
        await office.teams(juergen, { call: 'end' });
        await office.pbx(priya, { activity: '' });
        await office.pbx(lukas, { call: 'start' });
        await office.teams(marta, 'DoNotDisturb/DoNotDisturb');
        await nodeRed.start();
        await green();
        await office.shows({
            [anna]: pbxCall,
            [juergen]: available,
            [priya]: available,
            [lukas]: pbxCall,
            [marta]: dnd,
        });
        await endAll(office);
    });

    it('goes on with what it knows and has set when a deploy changes nothing', async () => {
        const { faults } = separate.office.tenant;
        const next = faults.next.bind(faults);
        const directoryReads: string[] = [];
        faults.next = (method, path) => {
            if (/\/users(\?|$)/.test(path)) directoryReads.push(path);
            return next(method, path);
        };
        await begin(office);
        const { presenceWrites } = await office.quiet();
        await nodeRed.deploy(await nodeRed.getFlows());
        await green();
        assert.equal((await office.quiet()).presenceWrites, presenceWrites);
        assert.deepEqual(directoryReads, []);
        await office.keeps({ [anna]: pbxCall, [juergen]: teamsCall });
        faults.next = next;
        await endAll(office);
    });

    it('writes down what it sets also after the flows were stopped and started', async () => {
        const switchFlows = (state: string) => nodeRed.adminRequest('POST', 'flows/state', { state });
        await switchFlows('stop');
        assert.equal((await log()).state, 'closed');
        nodeRed.feed.forget();
        await switchFlows('start');
        await green();
        await begin(office);
        // The answers are written down a moment after they show.
        await office.quiet();
        const { state, records } = await log();
        const entries = records as { side: string; claims?: { sure: string }[] }[];
        const held = entries.filter(({ claims }) => claims?.some(({ sure }) => sure === 'confirmed'));
        assert.deepEqual([state, [...new Set(held.map(({ side }) => side))].sort()], ['open', ['pbx', 'teams']]);
        await endAll(office);
    });

    it('goes on after an outage of both systems', async () => {
        await begin(office);
        await office.switch(false);
        await waitForYellow('pbx-presence-in');
        await office.pbx(anna, { call: 'end' });
        await office.teams(juergen, { call: 'end' });
        await office.pbx(lukas, { call: 'start' });
        await office.teams(marta, { call: 'start' });
        await office.switch(true);
        await green();
        await office.shows(
            { [anna]: available, [juergen]: available, [lukas]: pbxCall, [marta]: teamsCall },
            greenWithin,
        );
        // The tenant has forgotten the subscription meanwhile: until there is another one, a read every 5 s finds it.
        await office.teams(priya, { call: 'start' });
        await office.shows({ [priya]: teamsCall }, greenWithin);
        await office.teams(priya, { call: 'end' });
    });

    it('starts before the office does', async () => {
        await nodeRed.stop();
        await endAll(office);
        await office.switch(false);
        await nodeRed.start();
        await waitForYellow('pbx-presence-in');
        await waitForYellow('teams-subscriber');
        await waitForYellow('teams-presence-writer');
        await office.pbx(anna, { call: 'start' });
        await office.teams(juergen, { call: 'start' });
        await office.switch(true);
        await green();
        await office.shows({ [anna]: pbxCall, [juergen]: teamsCall });
        await endAll(office);
    });

    it('is right again after a power cut', async () => {
        await begin(office);
        await office.pbx(priya, { call: 'start' });
        await office.shows({ [priya]: pbxCall });
        await nodeRed.kill();
        await office.pbx(priya, { call: 'end' });
        await office.teams(juergen, { call: 'end' });
        await office.teams(lukas, { call: 'start' });
        await nodeRed.start();
        await green();
        await office.shows({
            [anna]: { onThePhone: true, teams: 'Busy/InACall' },
            [juergen]: available,
            [lukas]: teamsCall,
        });
        await office.shows({ [priya]: available }, greenWithin);
        await endAll(office);
    });

    /** Who runs containers kills them 10 s after they were asked to stop. */
    async function stopInTime(): Promise<void> {
        const begun = performance.now();
        assert.equal(await nodeRed.stop(), 0);
        assert.ok(performance.now() - begun < 8_000, `${performance.now() - begun} ms`);
    }

    it('stops in time while Graph hangs [A12]', async () => {
        await begin(office);
        separate.office.tenant.faults.latency = 60_000;
        await office.pbx(priya, { call: 'start' });
        await stopInTime();
        separate.office.tenant.faults.latency = 0;
    });

    it('stops in time while the office is away [A12]', async () => {
        await nodeRed.start();
        await green();
        await office.pbx(priya, { call: 'end' });
        await begin(office);
        await office.switch(false);
        await stopInTime();
    });
});
