import assert from 'node:assert/strict';
import { pairOf } from '../../lib/presence/teams-states';
import type { SimulatedOffice } from '../../lib/simulator/office';
import { defaultPeople } from '../../lib/simulator/person';
import { simulatedOffice } from '../../lib/simulator/running-office';

import azureApp = require('../../nodes/azure-app');
import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceOut = require('../../nodes/pbx-presence-out');
import presenceSimulator = require('../../nodes/presence-simulator');
import teamsPresenceWriter = require('../../nodes/teams-presence-writer');

import { until } from '../lib/pbx/pbx-bench';
import { LoadedFlow } from '../support/loaded-flow';

const modules = [azureApp, pbxConnection, pbxPresenceOut, presenceSimulator, teamsPresenceWriter];
const people = defaultPeople();

const around = [
    { id: 'app', type: 'azure-app', cloud: 'simulated' },
    { id: 'pbx', type: 'pbx-connection', system: 'simulated' },
    { id: 'simulator', type: 'presence-simulator', z: 'tab' },
];
/** As flows of old hold them: without any of the choices. */
const writers = {
    'teams-presence-writer': {
        node: { id: 'writer', type: 'teams-presence-writer', z: 'tab', app: 'app', wires: [['sent']] },
        words: { availability: 'Busy', activity: 'InACall' },
        wouldBe: 'set to Busy/InACall in Teams',
    },
    'pbx-presence-out': {
        node: { id: 'writer', type: 'pbx-presence-out', z: 'tab', pbx: 'pbx', wires: [['sent']] },
        words: { activity: 'dnd', note: '', onThePhone: false },
        wouldBe: 'shown in the PBX as dnd',
    },
};
const call = writers['teams-presence-writer'].words;
const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;
const busy = pairOf('Busy/Busy')!;
const clear = { clear: true };

describe('What is chosen in the dialog of a presence writer', function () {
    this.timeout(120_000);
    let flow: LoadedFlow;
    let office: SimulatedOffice;
    let { mail: topic, teamsId } = people[0]!;

    afterEach(async () => {
        await flow.unload();
        office.tenant.setUserPreferred(teamsId, undefined);
        office.setTeams(topic, pairOf('Available/Available')!);
    });

    async function load(type: keyof typeof writers, choices: Record<string, unknown> = {}): Promise<void> {
        office = await simulatedOffice();
        // Of somebody new nothing is known of Teams yet.
        if (type === 'teams-presence-writer') ({ mail: topic, teamsId } = people.pop()!);
        flow = await LoadedFlow.load(modules, [...around, { ...writers[type].node, ...choices }]);
        await flow.statusOf('writer', 'green');
    }

    const send = async (payload: unknown) => (await flow.send('writer', { topic, payload })).sent[0]?.outcome;
    const explained = async () =>
        (await flow.send('writer', { topic, action: 'get' })).sent[0]?.payload as { settling?: string };
    const inTeams = () => {
        const { availability, activity } = office.person(topic).teams;
        return `${availability}/${activity}`;
    };

    for (const [type, { words, wouldBe }] of Object.entries(writers)) {
        describe(type, () => {
            const loaded = (choices?: Record<string, unknown>) => load(type as keyof typeof writers, choices);

            it('is a settle time, which flows of old have as well', async () => {
                await loaded();
                await send(words);
                assert.equal((await explained()).settling, undefined, 'the first change goes at once');
                flow.node('writer').receive({ topic, payload: clear } as never);
                assert.ok((await explained()).settling);
            });

            it('is no settle time, where it is 0', async () => {
                await loaded({ settle: '0' });
                await send(words);
                await send(clear);
                assert.equal((await explained()).settling, undefined);
            });

            it('is a dry run: the status and the outcome say so, and nothing is written', async () => {
                await loaded({ dryRun: 'true' });
                assert.equal(flow.status('writer')?.text, `${type}.status.dry-run: ${type}.status.connected`);
                const before = office.counters();
                assert.deepEqual(await send(words), { written: false, reason: `Dry run: would be ${wouldBe}` });
                const { presenceWrites, pbxWrites } = office.counters();
                assert.deepEqual([presenceWrites, pbxWrites], [before.presenceWrites, before.pbxWrites]);
            });
        });
    }

    it('is that the PBX leads: what is overruled in Teams is set again', async () => {
        await load('teams-presence-writer', { leads: 'pbx' });
        await send(busy);
        office.tenant.setUserPreferred(teamsId, pairOf('BeRightBack/BeRightBack'));
        await flow.send('writer', { topic, action: 'resync' });
        await until(() => inTeams() === 'Busy/Busy');
    });

    describe('for people who are offline in Teams', () => {
        const left = { written: false, reason: 'Left as it is in Teams: offline' };
        const offline = async (choices?: Record<string, unknown>) => {
            await load('teams-presence-writer', choices);
            office.tenant.setClientPresence(teamsId, undefined);
        };

        it('is that calls show, as in flows of old, and that settings wait', async () => {
            await offline();
            assert.deepEqual(await send(dnd), left);
            assert.equal((await send(call))?.written, true);
            assert.equal(inTeams(), 'Busy/InACall');
        });

        it('is that settings are set as well', async () => {
            await offline({ offline: 'everything' });
            assert.equal((await send(dnd))?.written, true);
            office.tenant.setClientPresence(teamsId, pairOf('Available/Available'));
            assert.equal(inTeams(), 'DoNotDisturb/DoNotDisturb');
        });

        it('is that nothing is set', async () => {
            await offline({ offline: 'nothing' });
            assert.deepEqual([await send(dnd), await send(call)], [left, left]);
            assert.equal(inTeams(), 'Offline/Offline');
        });
    });
});
