import assert from 'node:assert/strict';
import { simulatedOffice } from '../../lib/simulator/running-office';

import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceOut = require('../../nodes/pbx-presence-out');
import presenceSimulator = require('../../nodes/presence-simulator');

import type { Outcome } from '../../lib/presence/message';
import { defaultPeople } from '../../lib/simulator/person';
import { LoadedFlow } from '../support/loaded-flow';

const simulator = (id: string) => ({ id, type: 'presence-simulator', z: 'tab', wires: [] });

describe('presence-simulator', () => {
    let flow: LoadedFlow;

    afterEach(() => flow?.unload());

    it('opens the office when it starts and closes it when it ends', async () => {
        const office = await simulatedOffice();
        flow = await LoadedFlow.load([presenceSimulator], [simulator('simulator')]);
        await flow.statusOf('simulator', 'green');
        assert.equal(office.running, true);
        await flow.node('simulator').close(true);
        assert.equal(office.running, false);
    });

    it('closes and opens the office on demand', async () => {
        const office = await simulatedOffice();
        flow = await LoadedFlow.load([presenceSimulator], [simulator('simulator')]);
        await flow.statusOf('simulator', 'green');

        assert.deepEqual(await flow.send('simulator', { payload: 'stop' }), { sent: [], errors: [], completed: 1 });
        await flow.statusOf('simulator', 'grey');
        assert.equal(office.running, false);

        assert.deepEqual(await flow.send('simulator', { payload: 'start' }), { sent: [], errors: [], completed: 1 });
        await flow.statusOf('simulator', 'green');
        assert.equal(office.running, true);
    });

    it('says what it understands when it is given something else', async () => {
        flow = await LoadedFlow.load([presenceSimulator], [simulator('simulator')]);
        for (const payload of [undefined, '', 'Stop', true, { payload: 'stop' }]) {
            const { errors, completed } = await flow.send('simulator', { payload });
            assert.deepEqual(errors, ['msg.payload must be "start" or "stop"']);
            assert.equal(completed, 0);
        }
    });

    it('refuses to run the office a second time, and the first one goes on', async () => {
        const office = await simulatedOffice();
        flow = await LoadedFlow.load([presenceSimulator], [simulator('first'), simulator('second')]);
        await flow.statusOf('first', 'green');
        const { text } = await flow.statusOf('second', 'red');
        assert.equal(text, 'Another presence-simulator node already runs the office');
        await flow.node('second').close(true);
        assert.equal(office.running, true);
    });

    it('lets everything of the PBX be tried', async () => {
        const office = await simulatedOffice();
        const connection = { id: 'pbx', type: 'pbx-connection', system: 'simulated' };
        const [anna, juergen, , lukas] = defaultPeople().map(({ mail }) => mail);
        flow = await LoadedFlow.load(
            [presenceSimulator, pbxConnection, pbxPresenceOut],
            [
                simulator('simulator'),
                { ...connection, participation: 'licence', licence: 'innovaphone-microsoft365', exclude: 'nobody' },
                { id: 'out', type: 'pbx-presence-out', z: 'tab', pbx: 'pbx', call: 'alien', wires: [['sent']] },
                { ...connection, id: 'second', participation: 'group', groups: 'sales' },
                { id: 'toSales', type: 'pbx-presence-out', z: 'tab', pbx: 'second', wires: [['sent']] },
            ],
        );
        for (const id of ['out', 'toSales']) await flow.statusOf(id, 'green');
        const outcomeOf = async (id: string, topic: string | undefined) =>
            (await flow.send(id, { topic, payload: { activity: 'on-the-phone', note: '' } })).sent.at(-1)?.outcome;
        const { written } = (await outcomeOf('out', anna)) as Outcome;
        assert.deepEqual([written, office.person(anna!).pbx.onThePhone], [true, true]);
        const reason = `No PBX user with the address ${lukas} takes part`;
        assert.deepEqual(await outcomeOf('out', lukas), { written: false, reason });
        assert.equal(((await outcomeOf('toSales', juergen)) as Outcome).written, false);
    });
});
