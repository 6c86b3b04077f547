import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { OfficeCounters } from '../../lib/simulator/office';
import type { PbxSystemState } from '../../lib/simulator/pbx-orders';
import type { FlowNode } from '../support/checkout';
import type { NodeRedProcess } from '../support/node-red-process';
import type { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { complaints, greenWithin, nodeOf, startTryIt, type TryIt } from '../support/try-it';
import { available, begin, dnd, endAll, pbxCall, teamsCall } from './day';

const [anna, juergen, priya, lukas, marta, emre] = mails;

describe('with the simulated office in Node-RED', function () {
    this.timeout(120_000);
    let tryIt: TryIt;
    let nodeRed: NodeRedProcess;
    let office: OfficeControl;

    before(async () => {
        tryIt = await startTryIt();
        ({ nodeRed, office } = tryIt);
    });

    after(() => nodeRed?.dispose());

    const green = () => nodeRed.waitForGreen(connectingNodes(tryIt.flows()), greenWithin);
    const waitFor = (fill: string, type: string) =>
        nodeRed.waitForStatus(nodeOf(tryIt.flows(), type).id, status => status.fill === fill);

    /** What the PBX has been asked for since it was made, as far as it costs, and what stands. */
    async function asked(): Promise<unknown> {
        const { pbxs } = await nodeRed.adminRequest<PbxSystemState>('GET', 'presence-simulator/pbx');
        const [{ connections, subscriptions, traffic }] = JSON.parse(JSON.stringify(pbxs));
        const { ReplicateStart, ReplicateNext, SubscribePresence } = traffic.received;
        assert.ok(subscriptions > 0 && SubscribePresence > 0);
        const requests = { ReplicateStart, ReplicateNext, SubscribePresence };
        return { connections, subscriptions, opened: traffic.connections, logins: traffic.logins, requests };
    }

    /** The flows with one node changed as an administrator would. */
    function changed(type: string, change: Partial<FlowNode>): FlowNode[] {
        const flows = tryIt.flows();
        Object.assign(nodeOf(flows, type), change);
        return flows;
    }

    describe('switching the office off and on', () => {
        it('says so at the nodes', async () => {
            await begin(office);
            await office.switch(false);
            await waitFor('grey', 'presence-simulator');
            await waitFor('yellow', 'pbx-presence-in');
            await waitFor('yellow', 'pbx-presence-out');
        });

        it('shows afterwards what has changed meanwhile', async () => {
            await office.pbx(anna, { call: 'end' });
            await office.teams(juergen, { call: 'end' });
            await office.pbx(priya, { call: 'start' });
            await office.teams(lukas, { call: 'start' });
            await office.pbx(marta, { activity: 'dnd' });
            await office.teams(emre, 'Away/Away');
            await office.switch(true);
            await green();
            const away = { pbx: 'away', onThePhone: false, teams: 'Away/Away' };
            const shown = { [priya]: pbxCall, [lukas]: teamsCall, [marta]: dnd, [emre]: away };
            await office.shows({ [anna]: available, [juergen]: available, ...shown }, greenWithin);
            await endAll(office);
        });

        it('goes on with notifications', async () => {
            await begin(office);
            await endAll(office);
        });

        it('can be done several times in a row', async () => {
            for (let times = 0; times < 3; times++) {
                await office.switch(false);
                await office.switch(true);
            }
            await office.pbx(anna, { call: 'start' });
            await office.teams(juergen, { call: 'start' });
            await green();
            await office.shows({ [anna]: pbxCall, [juergen]: teamsCall }, greenWithin);
            await endAll(office);
        });
    });

    describe('a deploy', () => {
        for (const type of ['full', 'nodes'] as const) {
            it(`of type ${type} takes the presence-simulator out, and another adds it again`, async () => {
                await begin(office);
                const without = tryIt.flows().filter(node => node.type !== 'presence-simulator');
                await nodeRed.deploy(without, type);
                await waitFor('yellow', 'pbx-presence-in');
                await office.pbx(anna, { call: 'end' });
                await nodeRed.deploy(tryIt.flows(), type);
                await green();
                await office.shows({ [anna]: available, [juergen]: teamsCall }, greenWithin);
                await endAll(office);
            });
        }

        for (const type of ['full', 'flows', 'nodes'] as const) {
            it(`of type ${type} that changes another node leaves calls as they are shown`, async () => {
                await begin(office);
                await nodeRed.deploy(changed('debug', { name: `changed by ${type}` }), type);
                await green();
                await office.keeps({ [anna]: pbxCall, [juergen]: teamsCall });
                await endAll(office);
            });
        }

        for (const type of [
            'presence-map',
            'pbx-presence-in',
            'pbx-presence-out',
            'teams-subscriber',
            'teams-notification-receiver',
            'teams-presence-writer',
            'azure-app',
            'teams-accounts',
            'pbx-connection',
        ]) {
            it(`that changes the ${type} during calls leaves nobody busy`, async () => {
                await begin(office);
                await nodeRed.deploy(changed(type, { name: `changed by ${type}` }), 'nodes');
                await office.pbx(anna, { call: 'end' });
                await office.teams(lukas, { call: 'start' });
                await green();
                await office.shows({ [anna]: available, [juergen]: teamsCall, [lukas]: teamsCall }, greenWithin);
                await endAll(office);
            });
        }

        it('that changes one flow node leaves the PBX connection and the subscription alone', async () => {
            await nodeRed.deploy(tryIt.flows(), 'nodes');
            await green();
            const before = await office.quiet();
            await nodeRed.deploy(changed('presence-map', { name: 'once' }), 'nodes');
            await green();
            assert.deepEqual(atRest(await office.quiet()), atRest(before));
            await nodeRed.deploy(changed('pbx-presence-in', { name: 'once' }), 'nodes');
            await green();
            assert.deepEqual(atRest(await office.quiet()), atRest(before));
            await begin(office);
            await endAll(office);
        });

        describe('or a lost connection during calls takes nothing back', () => {
            const drop = async () => {
                const { pbxMessages } = await office.counters();
                await nodeRed.adminRequest('POST', 'presence-simulator/pbx', { drop: true });
                while ((await office.counters()).pbxMessages === pbxMessages) await delay(50);
            };
            const subscriptions = ['teams-subscriber', 'teams-accounts', 'azure-app', 'pbx-connection'];
            for (const [what, happens] of [
                ['the PBX breaks the connection', drop],
                ...subscriptions.map(
                    type =>
                        [
                            `the ${type} is changed`,
                            () => nodeRed.deploy(changed(type, { name: 'changed' }), 'nodes'),
                        ] as const,
                ),
            ] as const) {
                it(what, async () => {
                    await begin(office);
                    const { pbxWrites, presenceWrites } = await office.quiet();
                    await happens();
                    await green();
                    const after = await office.quiet();
                    assert.deepEqual(
                        { pbxWrites: after.pbxWrites, presenceWrites: after.presenceWrites },
                        { pbxWrites, presenceWrites },
                    );
                    await endAll(office);
                    await nodeRed.deploy(tryIt.flows(), 'nodes');
                    await green();
                });
            }
        });

        for (const type of ['pbx-presence-in', 'pbx-presence-out']) {
            it(`that changes a ${type} and adds another asks nothing of the PBX anew`, async () => {
                await nodeRed.deploy(tryIt.flows(), 'nodes');
                await green();
                await office.quiet();
                const before = await asked();
                const added = { ...nodeOf(tryIt.flows(), type), id: '0ff1ce0100000098', name: 'added', wires: [[]] };
                await nodeRed.deploy([...changed(type, { name: 'changed' }), added], 'nodes');
                await nodeRed.waitForStatus(added.id, ({ fill }) => fill === 'green', greenWithin);
                await green();
                await office.quiet();
                assert.deepEqual(await asked(), before);
                await nodeRed.deploy(tryIt.flows(), 'nodes');
                await green();
                assert.deepEqual(await asked(), before);
            });
        }
    });

    describe('afterwards', () => {
        it('nothing but outages has been complained of', () => {
            // A notification can still be on its way when a deploy ends its subscription, and a new subscription can be
            // asked for while a deploy takes the endpoint away.
            const outage =
                /Connection to PBX|cannot be reached|office is not running|unknown subscription|validation request/;
            assert.deepEqual(
                complaints(nodeRed).filter(line => !outage.test(line)),
                [],
            );
        });
    });

    describe('a new mapping of a state that lasts', () => {
        const away = { pbx: 'away', onThePhone: false, teams: 'DoNotDisturb/DoNotDisturb' };
        const mapping = {
            toPbx: [
                { when: 'DoNotDisturb', set: 'away' },
                { when: '*', set: 'clear' },
            ],
        };

        for (const [type, also] of [
            ['full', []],
            ['flows', []],
            ['nodes', []],
            ['nodes', ['teams-subscriber']],
        ] as const) {
            it(`is applied by a deploy of type ${type}${also.length > 0 ? ` that changes ${also} too` : ''}`, async () => {
                await office.teams(anna, 'DoNotDisturb/DoNotDisturb');
                await office.shows({ [anna]: dnd });
                const flows = changed('presence-map', mapping);
                for (const other of also) nodeOf(flows, other).name = 'renamed';
                await nodeRed.deploy(flows, type);
                await office.shows({ [anna]: away }, greenWithin);
                await nodeRed.deploy(tryIt.flows(), 'nodes');
                await green();
                await office.shows({ [anna]: dnd });
                await endAll(office);
            });
        }
    });

    describe('calls that end while a part of the flows is away', () => {
        for (const type of ['full', 'flows', 'nodes'] as const) {
            for (const missing of ['presence-map', 'pbx-presence-in', 'teams-subscriber', 'pbx-presence-out']) {
                it(`are over on both sides once a deploy of type ${type} brings back the ${missing}`, async () => {
                    await begin(office);
                    const away = tryIt.flows().filter(node => node.type !== missing);
                    await nodeRed.deploy(away, type);
                    await office.pbx(anna, { call: 'end' });
                    await office.teams(juergen, { call: 'end' });
                    await nodeRed.deploy(tryIt.flows(), type);
                    await green();
                    await office.shows({ [anna]: available, [juergen]: available }, greenWithin);
                });
            }
        }
    });

    describe('a second node where one is enough', () => {
        for (const type of ['teams-subscriber', 'teams-notification-receiver', 'presence-simulator']) {
            it(`says so: ${type}, and takes over when the first one goes`, async () => {
                const first = nodeOf(tryIt.flows(), type);
                const second = { ...first, id: '0ff1ce0100000099' };
                await nodeRed.deploy([...tryIt.flows(), second], 'nodes');
                const { text } = await nodeRed.waitForStatus(second.id, ({ fill }) => fill === 'red');
                assert.match(text ?? '', /^Another /);
                await office.teams(anna, { call: 'start' });
                await office.shows({ [anna]: teamsCall });

                await nodeRed.deploy([...tryIt.flows().filter(({ id }) => id !== first.id), second], 'nodes');
                await nodeRed.waitForStatus(second.id, ({ fill }) => fill === 'green', greenWithin);
                await office.teams(anna, { call: 'end' });
                await office.shows({ [anna]: available }, greenWithin);
                await nodeRed.deploy(tryIt.flows(), 'nodes');
                await green();
                await office.teams(anna, { call: 'start' });
                await office.shows({ [anna]: teamsCall }, greenWithin);
                await endAll(office);
            });
        }
    });
});

/** The counters without what the subscriber reads every few seconds, whatever is deployed. */
function atRest({
    pbxMessages,
    pbxWrites,
    presenceWrites,
    notificationsSent,
}: OfficeCounters): Partial<OfficeCounters> {
    return { pbxMessages, pbxWrites, presenceWrites, notificationsSent };
}
