import assert from 'node:assert/strict';
import { simulatedOffice } from '../../lib/simulator/running-office';

import presenceSimulator = require('../../nodes/presence-simulator');

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
});
