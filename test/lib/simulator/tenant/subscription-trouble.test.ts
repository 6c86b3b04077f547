import assert from 'node:assert/strict';
import { FakeClock } from '../../../support/fake-clock';
import { NotificationEndpoint } from './notification-endpoint';
import { anna, ben, otherAccount, TenantFixture } from './tenant-fixture';

const minute = 60_000;

describe('Trouble with simulated subscriptions', () => {
    let office: TenantFixture;
    let clock: FakeClock;
    let endpoint: NotificationEndpoint;
    let user: string;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
        endpoint = await NotificationEndpoint.start(office.authority);
        user = await office.userToken();
    });
    afterEach(async () => {
        await office.stop();
        await endpoint.stop();
    });

    const create = (token = user) =>
        office.graph(token, 'POST', '/subscriptions', {
            changeType: 'updated',
            resource: `/communications/presences?$filter=id in ('${anna.teamsId}', '${ben.teamsId}')`,
            notificationUrl: endpoint.url,
            expirationDateTime: new Date(clock.date() + 59 * minute).toISOString(),
        });
    const createAndDelete = async () => {
        const { body } = await create();
        assert.equal((await office.graph(user, 'DELETE', `/subscriptions/${body.id}`)).status, 204);
    };

    it('can refuse a user, and names them', async () => {
        office.tenant.faults.refuseUser(ben.teamsId.toUpperCase());
        const { status, body } = await create();
        assert.equal(status, 500);
        assert.match(body.error.message, new RegExp(ben.teamsId));
        assert.doesNotMatch(body.error.message, new RegExp(anna.teamsId));
        office.tenant.faults.refuseUser(ben.teamsId, false);
        assert.equal((await create()).status, 201);
    });

    it('refuses those who have left', async () => {
        office.tenant.removePerson(ben.teamsId);
        const { status, body } = await create();
        assert.equal(status, 500);
        assert.match(body.error.message, new RegExp(ben.teamsId));
    });

    it('can refuse some creates after a delete, as a conflict', async () => {
        office.tenant.behaviour.createAfterDelete = { failures: 2, duration: 0, status: 409 };
        await createAndDelete();
        for (let index = 0; index < 2; index++) {
            const { status, body } = await create();
            assert.equal(status, 409);
            assert.match(body.error.message, /A subscripton already exists/);
        }
        assert.equal((await create()).status, 201);
    });

    it('can refuse creates for a while after a delete, as an error of its own', async () => {
        office.tenant.behaviour.createAfterDelete = { failures: 0, duration: 30_000, status: 500 };
        await createAndDelete();
        assert.equal((await create(await office.userToken(otherAccount))).status, 201);
        await clock.advance(29_999);
        assert.equal((await create()).status, 500);
        await clock.advance(1);
        assert.equal((await create()).status, 201);
    });

    it('can refuse creates for a quota that nobody sees', async () => {
        office.tenant.behaviour.phantomQuota = true;
        const { status, body } = await create();
        assert.equal(status, 403);
        assert.match(body.error.message, /limit of 10000 subscriptions/);
        assert.deepEqual((await office.graph(user, 'GET', '/subscriptions')).body.value, []);
    });

    it('does not know presence in the clouds of a government', async () => {
        office.tenant.behaviour.cloud = 'us-government';
        assert.equal((await create()).status, 400);
        assert.equal(endpoint.handshakes.length, 0);
    });

    it('does not slow down with ten thousand changes', async () => {
        await create();
        const began = performance.now();
        for (let index = 0; index < 10_000; index++) {
            office.tenant.startCall(anna.teamsId);
            office.tenant.endCall(anna.teamsId);
        }
        assert.ok(performance.now() - began < 2_000);
    });
});
