import assert from 'node:assert/strict';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople } from '../../lib/simulator/person';
import { until } from '../lib/pbx/pbx-bench';
import { TenantFixture, tenantId } from '../lib/simulator/tenant/tenant-fixture';
import type { FlowNode } from '../support/checkout';
import { NodeRedProcess } from '../support/node-red-process';

const app = { name: 'presence-sync', password: 'a secret of the App', apis: ['PbxApi', 'PbxTableUsers'] };
const anna = defaultPeople()[0]!;

describe('Where pbx-presence-out writes', function () {
    this.timeout(120_000);
    const pbxs: SimulatedPbx[] = [];
    let nodeRed: NodeRedProcess;

    before(async () => {
        nodeRed = new NodeRedProcess();
        await nodeRed.start();
    });
    beforeEach(async () => {
        for (const _ of [1, 2]) pbxs.push(new SimulatedPbx({ people: defaultPeople(), app }));
        for (const pbx of pbxs) await pbx.start();
    });
    afterEach(async () => {
        await nodeRed.deploy([]);
        for (const pbx of pbxs.splice(0)) await pbx.stop();
    });
    after(() => nodeRed?.dispose());

    const tab = { id: 'tab', type: 'tab', label: 'Flow' };
    const payload = JSON.stringify({ activity: 'busy', note: 'M' });
    const inject: FlowNode = {
        ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, topic: anna.mail, payload, payloadType: 'json' },
        ...{ props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }], wires: [['out']] },
    };
    const out = (pbx: string): FlowNode => ({ id: 'out', type: 'pbx-presence-out', z: 'tab', pbx, wires: [[]] });
    const connection = (id: string, pbx: SimulatedPbx, more = {}): FlowNode => ({
        ...{ id, type: 'pbx-connection', system: 'innovaphone', role: 'client', address: pbx.url },
        ...{ appName: app.name, credentials: { password: app.password }, ...more },
    });
    const activities = () => pbxs.map(pbx => pbx.presenceOf(anna.guid).activity);

    /** Anna is shown as busy in the first PBX. */
    async function shown(): Promise<FlowNode[]> {
        const [first, second] = pbxs as [SimulatedPbx, SimulatedPbx];
        const flows = [tab, connection('one', first), connection('two', second), inject];
        await nodeRed.deploy([...flows, out('one')]);
        await nodeRed.waitForGreen([out('one')]);
        await nodeRed.adminRequest('POST', 'inject/inject', {});
        await until(() => activities()[0] === 'busy');
        return flows;
    }

    it('is left as it was when a dry run begins, and not by a deploy that only says that there is none', async () => {
        const flows = await shown();
        const deployed = async (more: Record<string, unknown>): Promise<void> => {
            await nodeRed.deploy([...flows, { ...out('one'), ...more }], 'nodes');
            await nodeRed.waitForGreen([out('one')]);
        };
        await deployed({ dryRun: false });
        assert.equal(activities()[0], 'busy');
        await deployed({ dryRun: true });
        await until(() => activities()[0] === '');
        await nodeRed.adminRequest('POST', 'inject/inject', {});
        await deployed({ dryRun: true, rate: 50 });
        assert.equal(activities()[0], '');
        await deployed({ dryRun: false });
        await nodeRed.adminRequest('POST', 'inject/inject', {});
        await until(() => activities()[0] === 'busy');
    });

    for (const type of ['nodes', 'full'] as const) {
        it(`is left as it was when the node gets another connection (${type})`, async () => {
            const flows = await shown();
            await nodeRed.deploy([...flows, out('two')], type);
            await until(() => activities()[0] === '');
            await nodeRed.waitForGreen([out('two')]);
            await nodeRed.adminRequest('POST', 'inject/inject', {});
            await until(() => activities()[1] === 'busy');
        });

        it(`is left as it was when the connection gets another PBX (${type})`, async () => {
            await shown();
            await nodeRed.deploy([tab, connection('one', pbxs[1]!), inject, out('one')], type);
            await until(() => activities()[0] === '');
            await nodeRed.waitForGreen([out('one')]);
            assert.deepEqual(activities(), ['', '']);
        });

        it(`shows the same when something else changes (${type})`, async () => {
            await shown();
            await nodeRed.deploy([tab, connection('one', pbxs[0]!, { name: 'changed' }), inject, out('one')], type);
            await nodeRed.waitForGreen([out('one')]);
            assert.deepEqual(activities(), ['busy', '']);
        });
    }

    it('is taken back also where the PBX was away when the node was deleted, and no other node uses it', async () => {
        const flows = await shown();
        await pbxs[0]!.stop();
        await nodeRed.waitForStatus('out', status => status.fill === 'yellow');
        await nodeRed.deploy(flows, 'full');
        await pbxs[0]!.start();
        await until(() => pbxs[0]!.connections === 1);
        await nodeRed.deploy([tab, connection('two', pbxs[1]!)], 'full');
        await until(() => activities()[0] === '');
    });
});

describe('Where teams-presence-writer writes', function () {
    this.timeout(120_000);
    const roles = ['Presence.ReadWrite.All', 'User.Read.All'];
    const [first, second] = [1, 2].map(number => ({
        clientId: `aaaaaaaa-0000-4000-8000-00000000000${number}`,
        clientSecret: `secret ${number}`,
    })) as [Registration, Registration];
    const tenants: TenantFixture[] = [];
    let nodeRed: NodeRedProcess;

    before(async () => {
        nodeRed = new NodeRedProcess();
        await nodeRed.start();
    });
    beforeEach(async () => {
        const registrations = [first, second].map(each => ({ ...each, publicClient: false, roles, scopes: [] }));
        for (const _ of [1, 2]) tenants.push(await TenantFixture.start({ people: [anna], registrations }));
    });
    afterEach(async () => {
        await nodeRed.deploy([]);
        for (const tenant of tenants.splice(0)) await tenant.stop();
    });
    after(() => nodeRed?.dispose());

    const tab = { id: 'tab', type: 'tab', label: 'Flow' };
    const payload = JSON.stringify({ availability: 'Busy', activity: 'InACall' });
    const inject: FlowNode = {
        ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, topic: anna.mail, payload, payloadType: 'json' },
        ...{ props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }], wires: [['out']] },
    };
    const out = (app: string, more = {}): FlowNode => ({
        ...{ id: 'out', type: 'teams-presence-writer', z: 'tab', app, lease: 15, wires: [[]], ...more },
    });
    /** The nodes of a registration in a tenant. */
    const registration = (id: string, { clientId, clientSecret }: Registration, number = 0): FlowNode[] => {
        const { tenant, authority } = tenants[number]!;
        const place = { cloud: 'custom', loginUrl: tenant.url, graphUrl: tenant.url, tenant: tenantId, clientId };
        const tls = { id: `tls ${id}`, type: 'tls-config', credentials: { cadata: authority.certificate } };
        return [{ id, type: 'azure-app', ...place, tls: tls.id, credentials: { clientSecret } }, tls];
    };
    const activity = (number = 0) => tenants[number]!.tenant.presenceOf(anna.teamsId).activity;

    /** Anna is shown in a call through the first registration. */
    async function shown(): Promise<FlowNode[]> {
        const flows = [tab, ...registration('one', first), ...registration('two', second), inject];
        await nodeRed.deploy([...flows, out('one')]);
        await nodeRed.waitForGreen([out('one')]);
        await nodeRed.adminRequest('POST', 'inject/inject', {});
        await until(() => activity() === 'InACall');
        return flows;
    }

    for (const type of ['nodes', 'full'] as const) {
        it(`is left as it was when the node gets another registration (${type})`, async () => {
            const flows = await shown();
            await nodeRed.deploy([...flows, out('two')], type);
            assert.equal(activity(), 'Available');
            await nodeRed.waitForGreen([out('two')]);
            await nodeRed.adminRequest('POST', 'inject/inject', {});
            await until(() => activity() === 'InACall');
        });

        it(`is left as it was when the registration gets another client id (${type})`, async () => {
            await shown();
            await nodeRed.deploy([tab, ...registration('one', second), inject, out('one')], type);
            assert.equal(activity(), 'Available');
        });

        it(`is left as it was when the registration gets another tenant (${type})`, async () => {
            await shown();
            await nodeRed.deploy([tab, ...registration('one', first, 1), inject, out('one')], type);
            await nodeRed.waitForGreen([out('one')]);
            assert.deepEqual([activity(0), activity(1)], ['Available', 'Available']);
        });

        it(`is left as it was when the registration is deleted (${type})`, async () => {
            await shown();
            await nodeRed.deploy([tab, inject, out('one')], type);
            assert.equal(activity(), 'Available');
        });

        it(`shows the same when something else changes (${type})`, async () => {
            await shown();
            const [app, ...others] = registration('one', first);
            const changed = [{ ...app!, name: 'changed' }, ...others, out('one', { lease: 20 })];
            await nodeRed.deploy([tab, inject, ...changed], type);
            await nodeRed.waitForGreen([out('one')]);
            assert.equal(activity(), 'InACall');
        });
    }
});

/** What an administrator enters of one. */
interface Registration {
    clientId: string;
    clientSecret: string;
}
