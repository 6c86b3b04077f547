import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowNode, tryItExample } from '../support/checkout';
import { mails } from '../support/people';
import { greenWithin, nodeOf, startTryIt, type TryIt } from '../support/try-it';
import { begin, endAll, pbxCall, teamsCall } from './day';
import { type Mistake, mistakes, secrets, wrong } from './mistakes';

const [anna, juergen, priya] = mails;

describe('with wrong settings', function () {
    this.timeout(120_000);
    let tryIt: TryIt;

    before(async () => {
        tryIt = await startTryIt();
    });

    after(() => tryIt?.nodeRed.dispose());

    /** Resolves with the text of the node's status once that is red. */
    async function complaintOf(id: string): Promise<string> {
        const { text = '' } = await tryIt.nodeRed.waitForStatus(id, ({ fill }) => fill === 'red', greenWithin);
        return text;
    }

    /** The example with other values in its config nodes of this type. */
    function withValues(type: string, values: Record<string, unknown>): FlowNode[] {
        return tryItExample().map(node => (node.type === type ? { ...node, ...values } : node));
    }

    /** The example whose writer, or whatever else names an app, has an app registration of its own. */
    function withSecondApp(type: string, app: Record<string, unknown>): FlowNode[] {
        const flows = tryItExample();
        const second: FlowNode = { ...nodeOf(flows, 'azure-app'), id: '0ff1ce0900000001', ...app };
        nodeOf(flows, type).app = second.id;
        return [...flows, second];
    }

    const green = (...types: string[]) =>
        tryIt.nodeRed.waitForGreen(
            types.map(type => nodeOf(tryItExample(), type)),
            greenWithin,
        );

    describe('a node is red and says which field is wrong', () => {
        before(() => tryIt.nodeRed.deploy([...tryItExample(), ...mistakes.flatMap(({ nodes }) => nodes)]));

        for (const { what, nodes, says } of mistakes) {
            it(what, async () => {
                const node = nodes.at(-1);
                assert.ok(node);
                assert.match(await complaintOf(node.id), says);
            });
        }

        it('while the nodes beside it work', async () => {
            await green('teams-subscriber', 'teams-presence-writer', 'pbx-presence-in', 'pbx-presence-out');
            await begin(tryIt.office);
            await endAll(tryIt.office);
        });

        it('and no secret shows in a status, in the log or in the flows', async () => {
            const statuses = mistakes.map(({ nodes }: Mistake) => tryIt.nodeRed.status(nodes.at(-1)?.id ?? ''));
            const flows = await tryIt.nodeRed.getFlows();
            const file = readFileSync(join(tryIt.nodeRed.userDir, 'flows.json'), 'utf8');
            const told = [JSON.stringify(statuses), JSON.stringify(flows), tryIt.nodeRed.log.join('\n'), file];
            for (const secret of secrets) {
                assert.ok(!told.some(text => text.includes(secret)), `${secret} is told`);
            }
        });
    });

    describe('the other direction works', () => {
        it('with a wrong client secret of the writer, until that is corrected', async () => {
            const { nodeRed, office } = tryIt;
            const wrongSecret = { credentials: { clientSecret: wrong.clientSecret } };
            await nodeRed.deploy(withSecondApp('teams-presence-writer', wrongSecret));
            assert.match(await complaintOf(nodeOf(tryItExample(), 'teams-presence-writer').id), /Client secret/);
            await green('teams-subscriber', 'teams-notification-receiver', 'pbx-presence-out');
            await office.teams(juergen, { call: 'start' });
            await office.pbx(anna, { call: 'start' });
            await office.shows({ [juergen]: teamsCall });

            await nodeRed.deploy(
                withSecondApp('teams-presence-writer', { credentials: { clientSecret: '' } }),
                'nodes',
            );
            await green('teams-presence-writer', 'teams-subscriber', 'pbx-presence-in');
            await office.shows({ [anna]: pbxCall });
            await office.pbx(priya, { call: 'start' });
            await office.shows({ [priya]: pbxCall, [juergen]: teamsCall });
            await endAll(office);
        });

        it('with a wrong password of the subscriber, until that is corrected', async () => {
            const { nodeRed, office } = tryIt;
            const username = 'presence-sync-1@brandt-partner.example';
            const accounts = {
                accounts: [{ username, slot: 0 }],
                credentials: { password0: wrong.accountPassword },
            };
            await nodeRed.deploy(withValues('teams-accounts', accounts));
            assert.match(
                await complaintOf(nodeOf(tryItExample(), 'teams-subscriber').id),
                /Password of presence-sync-1/,
            );
            await green('teams-presence-writer', 'pbx-presence-in');
            await office.pbx(anna, { call: 'start' });
            await office.teams(juergen, { call: 'start' });
            await office.shows({ [anna]: pbxCall });

            await nodeRed.deploy(tryItExample(), 'nodes');
            await green('teams-presence-writer', 'teams-subscriber', 'pbx-presence-in');
            await office.shows({ [anna]: pbxCall, [juergen]: teamsCall });
            await endAll(office);
        });

        it('with a wrong tenant of the subscriber and the receiver, until that is corrected', async () => {
            const { nodeRed, office } = tryIt;
            const [flows, right] = [tryItExample(), '0ff1ce0900000001'];
            const app = nodeOf(flows, 'azure-app');
            nodeOf(flows, 'teams-presence-writer').app = right;
            await nodeRed.deploy(
                [...flows, { ...app, id: right }].map(node => (node === app ? { ...app, tenant: wrong.tenant } : node)),
            );
            assert.match(await complaintOf(nodeOf(flows, 'teams-subscriber').id), /Tenant/);
            await green('teams-presence-writer', 'pbx-presence-in');
            await begin(office).catch(() => undefined);
            await office.shows({ [anna]: pbxCall });

            await nodeRed.deploy([...flows, { ...app, id: right }], 'nodes');
            await green('teams-presence-writer', 'teams-subscriber', 'pbx-presence-in');
            await office.shows({ [anna]: pbxCall, [juergen]: teamsCall });
            await endAll(office);
        });
    });

    it('of the PBX both directions wait, and go on once they are corrected', async () => {
        const { nodeRed, office } = tryIt;
        await nodeRed.deploy(withValues('pbx-connection', { credentials: { password: wrong.appPassword } }));
        for (const type of ['pbx-presence-in', 'pbx-presence-out']) {
            assert.match(await complaintOf(nodeOf(tryItExample(), type).id), /password/i);
        }
        await nodeRed.deploy(withValues('pbx-connection', { credentials: { password: '' } }), 'nodes');
        await green('pbx-presence-in', 'pbx-presence-out', 'teams-subscriber', 'teams-presence-writer');
        await begin(office);
        await endAll(office);
    });

    describe('afterwards', () => {
        it('Node-RED still runs, and no secret is in its log', () => {
            assert.ok(tryIt.nodeRed.running);
            const log = tryIt.nodeRed.log.join('\n');
            for (const secret of secrets) assert.ok(!log.includes(secret), `${secret} is told`);
        });
    });
});
