import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../lib/presence/message';
import { defaultPeople } from '../../lib/simulator/person';
import { simulatedOffice } from '../../lib/simulator/running-office';

import azureApp = require('../../nodes/azure-app');
import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceIn = require('../../nodes/pbx-presence-in');
import presenceSimulator = require('../../nodes/presence-simulator');
import teamsAccounts = require('../../nodes/teams-accounts');
import teamsSubscriber = require('../../nodes/teams-subscriber');

import { keptList } from '../../nodes/runtime/subscriber-settings';
import { until } from '../lib/simulator/tenant/tenant-fixture';
import { LoadedFlow } from '../support/loaded-flow';
import { mails } from '../support/people';

type Tell = (error: unknown, list?: unknown) => void;

const modules = [azureApp, pbxConnection, pbxPresenceIn, presenceSimulator, teamsAccounts, teamsSubscriber];
const [anna, juergen, priya] = mails;

const app = { id: 'app', type: 'azure-app', cloud: 'simulated' };
const pbx = { id: 'pbx', type: 'pbx-connection', system: 'simulated' };
const simulator = { id: 'simulator', type: 'presence-simulator', z: 'tab' };
const subscriber = { id: 'subscriber', type: 'teams-subscriber', z: 'tab', wires: [['sent']] };
function teamsId(mail: string): string {
    return defaultPeople().find(person => person.mail === mail)!.teamsId;
}

/** Polls, with nothing but an app registration. */
const polling = { ...subscriber, delivery: 'polling', app: 'app', fast: 1, slow: 2 };

describe('teams-subscriber', function () {
    this.timeout(120_000);
    let flow: LoadedFlow;

    afterEach(async () => {
        await flow?.unload();
    });

    /** Topics of what it sends from now on, until there are `count`. */
    function topics(count: number): Promise<string[]> {
        const sent: string[] = [];
        return new Promise(resolve => {
            flow.node('sent').on('input', (message: { topic?: string }) => {
                sent.push(String(message.topic));
                if (sent.length === count) resolve(sent.sort());
            });
        });
    }

    async function load(...nodes: Parameters<typeof LoadedFlow.load>[1]): Promise<void> {
        flow = await LoadedFlow.load(modules, [app, pbx, simulator, ...nodes]);
    }

    describe('that polls', () => {
        it('needs neither accounts nor a receiver', async () => {
            await load({ ...polling, scope: 'pbx', pbx: 'pbx' });
            assert.equal((await topics(mails.length)).length, mails.length);
            await flow.statusOf('subscriber', 'green');
        });

        it('shows in yellow that the secret of its registration ends soon [E5]', async () => {
            const secretEnds = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
            const ending = { ...app, secretEnds };
            flow = await LoadedFlow.load(modules, [ending, pbx, simulator, { ...polling, scope: 'pbx', pbx: 'pbx' }]);
            await topics(mails.length);
            await until(() =>
                /; The client secret ends in (9|10) days, on /.test(flow.status('subscriber')?.text ?? ''),
            );
            assert.deepEqual([flow.status('subscriber')?.fill, flow.status('subscriber')?.shape], ['yellow', 'dot']);
        });

        it('takes for one person whose numbers the PBX connection finds to be one', async () => {
            const { tenant } = await simulatedOffice();
            const id = teamsId(anna);
            const { number } = defaultPeople().find(({ mail }) => mail === anna)!;
            tenant.updatePerson(id, { number: `+49 (0)7031 555-${number}` });
            try {
                const byNumber = { ...pbx, match: 'number', mainNumber: '07031 555' };
                flow = await LoadedFlow.load(modules, [
                    ...[app, byNumber, simulator],
                    { ...polling, scope: 'pbx', pbx: 'pbx' },
                ]);
                assert.equal((await topics(mails.length)).length, mails.length);
            } finally {
                tenant.updatePerson(id, { number });
            }
        });

        it('takes for one person whom the PBX connection pairs by hand, and the PBX side tells so too', async () => {
            // Each of the two would match somebody else by address.
            const paired = { ...pbx, pairs: [{ pbx: anna, teams: juergen }] };
            const pbxIn = { id: 'in', type: 'pbx-presence-in', z: 'tab', pbx: 'pbx', wires: [['sent']] };
            flow = await LoadedFlow.load(modules, [
                ...[app, paired, simulator, pbxIn],
                { ...polling, scope: 'pbx', pbx: 'pbx' },
            ]);
            await Promise.all(['subscriber', 'in'].map(id => flow.statusOf(id, 'green')));
            type Told = { user: PresenceUser; payload: { availability?: string; activity?: string } };
            const told = (isIt: (message: Told) => boolean): Promise<PresenceUser> =>
                new Promise(resolve => {
                    (flow.node('sent') as EventEmitter).on('input', message => isIt(message) && resolve(message.user));
                });
            const office = await simulatedOffice();
            const inTeams = told(({ payload }) => payload.availability === 'DoNotDisturb');
            office.setTeams(juergen, { availability: 'DoNotDisturb', activity: 'DoNotDisturb' });
            const inPbx = told(({ payload }) => payload.activity === 'dnd');
            office.setPbx(anna, { activity: 'dnd' });
            const users = [await inTeams, await inPbx];
            // The office outlives the test.
            office.setTeams(juergen, { availability: 'Available', activity: 'Available' });
            office.setPbx(anna, { activity: '' });
            for (const user of users) {
                assert.equal(user.pbx?.guid, defaultPeople().find(({ mail }) => mail === anna)!.guid);
                assert.equal(user.teams?.id, teamsId(juergen));
            }
        });

        it('sends changes', async () => {
            await load({ ...polling, scope: 'all' });
            await flow.statusOf('subscriber', 'green');
            const office = await simulatedOffice();
            const change = new Promise<unknown>(resolve => {
                flow.node('sent').on('input', (message: { topic?: string; presence?: { previous?: unknown } }) => {
                    if (message.topic === anna && message.presence?.previous) resolve(message);
                });
            });
            office.setTeams(anna, { call: 'start' });
            const { payload, presence } = (await change) as Record<string, Record<string, unknown>>;
            office.setTeams(anna, { call: 'end' });
            assert.deepEqual(payload, { availability: 'Busy', activity: 'InACall' });
            assert.equal(presence?.via, 'poll');
        });

        it('follows the members of a group', async () => {
            const { tenant } = await simulatedOffice();
            const members = [anna, priya].map(teamsId);
            const group = { id: '99999999-0000-4000-8000-000000000001', displayName: 'Sales', members };
            tenant.setGroup(group);
            try {
                await load({ ...polling, scope: 'group', group: 'Sales' });
                assert.deepEqual(await topics(2), [anna, priya].sort());
            } finally {
                tenant.removeGroup(group.id);
            }
        });

        it('says that it follows nobody where a group has no members that it may read [B5]', async () => {
            const { tenant } = await simulatedOffice();
            const group = {
                id: '99999999-0000-4000-8000-000000000002',
                displayName: 'Board',
                members: [teamsId(anna)],
            };
            tenant.setGroup({ ...group, visibility: 'HiddenMembership' });
            try {
                await load({ ...polling, scope: 'group', group: 'Board' });
                const { text } = await flow.statusOf('subscriber', 'green');
                assert.equal(text, 'teams-subscriber.status.group-empty');
            } finally {
                tenant.removeGroup(group.id);
            }
        });

        it('says that there is no such group', async () => {
            await load({ ...polling, scope: 'group', group: 'Nobody' });
            const { text = '' } = await flow.statusOf('subscriber', 'red');
            assert.match(text, /^The tenant has no group Nobody/);
        });
    });

    describe('with a list from messages', () => {
        beforeEach(async () => {
            await load({ ...polling, scope: 'list' });
            await flow.statusOf('subscriber', 'green');
        });

        it('follows whom a message names, and is done with it', async () => {
            const first = topics(1);
            const done = await flow.send('subscriber', { payload: [anna.toUpperCase()] });
            assert.deepEqual([done.errors, done.completed], [[], 1]);
            assert.deepEqual(await first, [anna]);
            const second = topics(1);
            await flow.send('subscriber', { payload: [juergen], action: 'add' });
            assert.deepEqual(await second, [juergen]);
            await flow.send('subscriber', { payload: [anna], action: 'remove' });
            await flow.send('subscriber', { payload: [juergen, priya], action: 'replace' });
            assert.deepEqual(kept(), [juergen, priya].sort());
        });

        it('says what is wrong with a message', async () => {
            for (const payload of [undefined, null, anna, {}, [5, {}], [anna, ''], [null]]) {
                const { errors } = await flow.send('subscriber', { payload });
                assert.match(errors.join(), /^msg\.payload must be a list/, JSON.stringify(payload));
            }
            for (const action of ['Add', 7, '']) {
                const { errors } = await flow.send('subscriber', { payload: [anna], action });
                assert.match(errors.join(), /^msg\.action must be "replace"/);
            }
            assert.deepEqual(kept(), []);
        });

        const kept = (): unknown => {
            const list = flow.node('subscriber').context().get('list') ?? [];
            return [...(list as string[])].sort();
        };
    });

    it('goes on with the list that it has kept', async () => {
        const node = { context: () => ({ get: (_: string, tell: Tell) => tell(null, [anna, 5]) }), warn: () => {} };
        assert.deepEqual(await keptList(node as never), [anna]);
        let warning = '';
        const broken = {
            context: () => ({ get: (_: string, tell: Tell) => tell(new Error('no store')) }),
            warn: (text: string) => {
                warning = text;
            },
        };
        assert.deepEqual([await keptList(broken as never), warning], [[], 'Error: no store']);
    });

    it('takes no messages without a list', async () => {
        await load({ ...polling, scope: 'all' });
        const { errors } = await flow.send('subscriber', { payload: [anna] });
        assert.match(errors.join(), /^This node takes no messages/);
    });

    describe('with a setting that is missing or wrong', () => {
        for (const [what, settings, says] of [
            ['accounts', { delivery: 'automatic', app: 'app' }, /accounts is missing$/],
            ['app registration', { delivery: 'polling', app: '' }, /^App registration is missing$/],
            ['PBX', { ...polling, scope: 'pbx', pbx: '' }, /^PBX is missing$/],
            ['group', { ...polling, scope: 'group', group: ' ' }, /^Group is missing$/],
            ['scope', { ...polling, scope: 'somebody' }, /^Users to follow is not valid/],
            ['delivery', { delivery: 'pigeon', accounts: 'accounts' }, /^The way changes arrive is not valid/],
            ['fast interval', { ...polling, scope: 'all', fast: '0.1' }, /people in a call is not valid: it must be 1/],
            ['slow interval', { ...polling, scope: 'all', slow: 'often' }, /everybody else is not valid: it must be 2/],
            ['plans', { ...polling, scope: 'all', licence: 'plans', plans: [] }, /^A service plan is missing$/],
            ['plan', { ...polling, scope: 'all', licence: 'plans', plans: ['E5'] }, /^A service plan is not valid/],
        ] as const) {
            it(`names it: ${what}`, async () => {
                await load(
                    { id: 'accounts', type: 'teams-accounts', app: 'app', accounts: [] },
                    { ...subscriber, ...settings },
                );
                assert.match((await flow.statusOf('subscriber', 'red')).text ?? '', says);
            });
        }
    });

    it('follows only users with a service plan, and names the others', async () => {
        const { tenant } = await simulatedOffice();
        const plan = '57ff2da0-773e-42df-b2af-ffb7a2317929';
        const id = teamsId(anna);
        tenant.setPlans(id, []);
        try {
            await load({ ...polling, scope: 'pbx', pbx: 'pbx', licence: 'plans', plans: [plan] });
            assert.ok(!(await topics(mails.length - 1)).includes(anna));
            const warned = new Promise<string>(resolve => {
                flow.node('subscriber').warn = (text: unknown) => resolve(String(text));
            });
            assert.match(await warned, new RegExp(anna));
        } finally {
            tenant.setPlans(id, [plan]);
        }
    });
});
