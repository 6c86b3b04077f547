import assert from 'node:assert/strict';
import { appCertificate } from '../../../support/app-certificate';
import { NotificationEndpoint } from './notification-endpoint';
import { differences, publishedTypes } from './published-types';
import { account, anna, app, directoryApp, TenantFixture } from './tenant-fixture';

const sales = '5a1e5000-0000-4000-8000-000000000001';

describe("The simulated tenant against Microsoft's metadata", () => {
    let office: TenantFixture;
    let endpoint: NotificationEndpoint;
    let token: string;

    before(async () => {
        office = await TenantFixture.start();
        endpoint = await NotificationEndpoint.start(office.authority);
        token = await office.appToken(directoryApp);
    });
    after(async () => {
        await endpoint.stop();
        await office.stop();
    });

    /** The entity or entities of an answer have the published type. */
    const conforms = (value: unknown, type: string) => assert.deepEqual(differences(value, type), []);

    it('would notice a property that Microsoft does not have, and a value of another type', () => {
        assert.deepEqual(differences({ id: '1', shoeSize: 44 }, 'user'), ['user.shoeSize: unknown']);
        assert.deepEqual(differences([{ id: null }], 'Collection(user)'), ['Collection(user)[0].id: null']);
        assert.equal(differences({ accountEnabled: 'yes', businessPhones: null }, 'user').length, 2);
        assert.equal(differences({ assignedPlans: [{ servicePlanId: 'TEAMS1' }] }, 'user').length, 1);
    });

    it('has users with every property of theirs', async () => {
        const everything = Object.keys(publishedTypes.user!).join(',');
        const { status, body } = await office.graph(token, 'GET', `/users?$select=${everything}`);
        assert.equal(status, 200);
        assert.deepEqual(Object.keys(body.value[0]!).sort(), Object.keys(publishedTypes.user!).sort());
        conforms(body.value, 'Collection(user)');
        const delta = await office.graph(token, 'GET', `/users/delta?$select=${everything}`);
        conforms(delta.body.value, 'Collection(user)');
    });

    it('has groups', async () => {
        office.tenant.setGroup({ id: sales, displayName: 'Sales', members: [anna.teamsId] });
        const { body } = await office.graph(token, 'GET', `/groups/${sales}`);
        conforms(body, 'group');
        const members = await office.graph(token, 'GET', `/groups/${sales}/members`);
        conforms(members.body.value, 'Collection(user)');
    });

    it('has presences, with a status message', async () => {
        const reader = await office.appToken();
        const statusMessage = { message: { content: 'Back at ten', contentType: 'text' } };
        const path = `/users/${anna.teamsId}/presence`;
        await office.graph(reader, 'POST', `${path}/setStatusMessage`, { statusMessage });
        const { body } = await office.graph(reader, 'GET', path);
        assert.ok(body.statusMessage);
        conforms(body, 'presence');
    });

    it('has subscriptions and notifications', async () => {
        const user = await office.userToken(account, app);
        const { certificate } = appCertificate();
        const { status, body } = await office.graph(user, 'POST', '/subscriptions', {
            changeType: 'updated',
            resource: `/communications/presences/${anna.teamsId}`,
            notificationUrl: endpoint.url,
            expirationDateTime: new Date(Date.now() + 59 * 60_000).toISOString(),
            clientState: 'state',
            includeResourceData: true,
            encryptionCertificate: certificate.replace(/-----[^-]+-----|\s/g, ''),
            encryptionCertificateId: 'own',
        });
        assert.equal(status, 201);
        conforms(body, 'subscription');
        office.tenant.startCall(anna.teamsId);
        const [delivery] = await endpoint.received(1);
        const collection = JSON.parse(delivery!.text);
        assert.ok(collection.value[0].encryptedContent);
        conforms(collection, 'changeNotificationCollection');
    });
});
