import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../lib/simulator/pbx/visibility';
import { defaultPeople } from '../../lib/simulator/person';
import { LoadedFlow } from '../support/loaded-flow';

import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceIn = require('../../nodes/pbx-presence-in');

const [anna] = defaultPeople();
const app = { name: 'presence-sync', password: 'a secret of the App', apis: ['PbxApi', 'PbxTableUsers'] };

describe('pbx-presence-in', function () {
    this.timeout(120_000);
    let pbx: SimulatedPbx;
    let flow: LoadedFlow;

    beforeEach(async () => {
        pbx = new SimulatedPbx({ people: [anna!], app, defaultVisibility: allRights });
        await pbx.start();
    });

    afterEach(async () => {
        delete process.env.PRESENCE_CALENDAR;
        await flow?.unload();
        await pbx.stop();
    });

    for (const [text, activity] of [
        ['true', 'busy'],
        ['True', 'busy'],
        ['false', ''],
        ['', ''],
    ] as const) {
        it(`takes from an environment variable whether calendars count: "${text}"`, async () => {
            process.env.PRESENCE_CALENDAR = text;
            pbx.setCalendar(anna!.guid, { activity: 'busy', note: { text: 'Board' } });
            flow = await LoadedFlow.load(
                [pbxConnection, pbxPresenceIn],
                [
                    { id: 'pbx', type: 'pbx-connection', system: 'innovaphone', address: pbx.url, appName: app.name },
                    {
                        ...{ id: 'in', type: 'pbx-presence-in', z: 'tab', pbx: 'pbx', wires: [['sent']] },
                        calendar: `\${PRESENCE_CALENDAR}`,
                    },
                ],
                { pbx: { password: app.password } },
            );
            const [{ payload }] = await once(flow.node('sent') as EventEmitter, 'input');
            assert.equal(payload.activity, activity);
        });
    }
});
