import assert from 'node:assert/strict';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { FakeClock, settle } from '../../../support/fake-clock';
import { notificationItem, unsignedToken, validationClaims, validationToken } from './forged-notification';
import { decrypt, encryptionCertificate, NotificationEndpoint, type Received } from './notification-endpoint';
import { anna, app, ben, otherAccount, TenantFixture, tenantId, until } from './tenant-fixture';

const minute = 60_000;

describe('Trouble with simulated notifications', () => {
    let office: TenantFixture;
    let clock: FakeClock;
    let endpoint: NotificationEndpoint;
    let user: string;
    let certificate: Awaited<ReturnType<typeof encryptionCertificate>>;

    before(async () => {
        certificate = await encryptionCertificate();
    });
    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock, behaviour: { notificationDelay: 0 } });
        endpoint = await NotificationEndpoint.start(office.authority);
        user = await office.userToken();
    });
    afterEach(async () => {
        await office.stop();
        await endpoint.stop();
    });

    const create = async (more: object = {}, token = user) => {
        const { status, body } = await office.graph(token, 'POST', '/subscriptions', {
            changeType: 'updated',
            resource: `/communications/presences?$filter=id in ('${anna.teamsId}', '${ben.teamsId}')`,
            notificationUrl: endpoint.url,
            lifecycleNotificationUrl: `${endpoint.url}/lifecycle`,
            expirationDateTime: new Date(clock.date() + 59 * minute).toISOString(),
            clientState: 'state of the client',
            includeResourceData: true,
            encryptionCertificate: certificate.text,
            encryptionCertificateId: 'certificate 1',
            ...more,
        });
        assert.equal(status, 201);
        return body.id;
    };
    const items = (texts: Received[]) => texts.flatMap(({ text }) => JSON.parse(text).value);
    const contents = (texts: Received[] = endpoint.deliveries) =>
        items(texts).map(item => decrypt(item.encryptedContent, certificate.privateKey));
    const busy = () => office.tenant.startCall(anna.teamsId);
    const free = () => office.tenant.endCall(anna.teamsId);

    describe('on demand', () => {
        it('is lost', async () => {
            await create();
            office.tenant.faults.notifications.lose(1);
            busy();
            free();
            await endpoint.received(1);
            assert.deepEqual(
                contents().map(({ activity }) => activity),
                ['Available'],
            );
        });

        it('comes twice, each copy with a key of its own', async () => {
            await create();
            office.tenant.faults.notifications.duplicate(1);
            busy();
            await until(() => items(endpoint.deliveries).length === 2);
            const [first, second] = items(endpoint.deliveries);
            assert.deepEqual(contents()[0], contents()[1]);
            assert.notEqual(first.encryptedContent.dataKey, second.encryptedContent.dataKey);
        });

        it('comes late, after a newer one', async () => {
            await create();
            office.tenant.behaviour.sequenceInNotifications = true;
            office.tenant.faults.notifications.delay(1, 5_000);
            busy();
            free();
            await endpoint.received(1);
            await clock.advance(5_000);
            await endpoint.received(2);
            const [newer, older] = contents();
            assert.deepEqual([newer?.activity, older?.activity], ['Available', 'InACall']);
            assert.ok(String(newer?.sequenceNumber) > String(older?.sequenceNumber));
        });

        it('stays silent while the subscription stands', async () => {
            const id = await create();
            office.tenant.faults.silence(true);
            busy();
            office.tenant.sendLifecycle(undefined, 'missed');
            await clock.advance(minute);
            assert.equal((await office.graph(user, 'GET', `/subscriptions/${id}`)).status, 200);
            assert.equal(endpoint.deliveries.length, 0);
            office.tenant.faults.silence(false);
            free();
            await endpoint.received(1);
            assert.equal(contents()[0]?.activity, 'Available');
        });

        it('falls silent even in the middle of a delivery that is being retried', async () => {
            await create();
            endpoint.onDelivery = (_, response) => response.writeHead(500).end();
            busy();
            await endpoint.received(1);
            await until(() => clock.waiting >= 2);
            office.tenant.faults.silence(true);
            await clock.advance(minute);
            assert.equal(endpoint.deliveries.length, 1);
        });

        it('delivers as many at once as told', async () => {
            await create();
            office.tenant.behaviour.notificationsPerRequest = 2;
            for (let index = 0; index < 3; index++) {
                busy();
                free();
            }
            await until(() => items(endpoint.deliveries).length === 6);
            assert.ok(endpoint.deliveries.every(({ text }) => JSON.parse(text).value.length <= 2));
            assert.ok(endpoint.deliveries.every(({ text }) => JSON.parse(text).validationTokens.length === 1));
        });

        it('comes without validation tokens where the tenant is not prepared', async () => {
            await create();
            office.tenant.behaviour.validationTokens = false;
            busy();
            const [received] = await endpoint.received(1);
            assert.equal(JSON.parse(received!.text).validationTokens, null);
        });
    });

    describe('endpoints that answer late', () => {
        /** Lets `count` deliveries be answered by silence on the first try, and at once on the next. */
        const slowAnswers = async (count: number) => {
            for (let index = 0; index < count; index++) {
                const before = endpoint.deliveries.length;
                endpoint.onDelivery = () => undefined;
                if (index % 2 === 0) busy();
                else free();
                await endpoint.received(before + 1);
                endpoint.onDelivery = (_, response) => response.writeHead(202).end();
                await clock.advance(3_000);
                await until(() => clock.waiting >= 2);
                await clock.advance(1_000);
                await endpoint.received(before + 2);
                await until(() => office.tenant.counters.notificationsSent >= index + 1);
            }
        };

        it('are told ten minutes later for ten minutes', async () => {
            office.tenant.behaviour.endpointSample = 4;
            await create();
            await slowAnswers(2);
            await clock.advance(10 * minute);
            const before = endpoint.deliveries.length;
            busy();
            await clock.advance(10 * minute - 1);
            assert.equal(endpoint.deliveries.length, before);
            await clock.advance(1);
            await endpoint.received(before + 1);
        });

        it('lose what happens while they are too late', async () => {
            office.tenant.behaviour.endpointSample = 1;
            await create();
            endpoint.onDelivery = () => undefined;
            busy();
            await endpoint.received(1);
            await clock.advance(3_000);
            await until(() => clock.waiting >= 2);
            await clock.advance(1_000);
            await endpoint.received(2);
            await clock.advance(10_000);
            await until(() => clock.waiting >= 2);
            const before = endpoint.deliveries.length;
            endpoint.onDelivery = (_, response) => response.writeHead(202).end();
            await clock.advance(10 * minute);
            const tried = endpoint.deliveries.length;
            free();
            await clock.advance(minute);
            assert.equal(endpoint.deliveries.length, tried);
            assert.ok(tried - before <= 10);
            await clock.advance(10 * minute);
            busy();
            await endpoint.received(tried + 1);
        });
    });

    describe('lifecycle', () => {
        it('is told at its own address, to one subscription or to all', async () => {
            const first = await create();
            const second = await create({}, await office.userToken(otherAccount));
            office.tenant.sendLifecycle(first, 'reauthorizationRequired');
            await endpoint.received(1);
            office.tenant.sendLifecycle(undefined, 'missed');
            const received = await endpoint.received(3);
            assert.ok(received.every(({ url }) => url.pathname === '/notify/lifecycle'));
            const [item, ...others] = items(received);
            assert.deepEqual(
                [item.subscriptionId, item.lifecycleEvent, item.clientState, item.tenantId],
                [first, 'reauthorizationRequired', 'state of the client', tenantId],
            );
            assert.equal(item.resourceData, undefined);
            assert.ok(Date.parse(item.subscriptionExpirationDateTime) > clock.date());
            assert.deepEqual(others.map(each => each.subscriptionId).sort(), [first, second].sort());
        });

        it('needs an address', async () => {
            await create({ lifecycleNotificationUrl: undefined });
            office.tenant.sendLifecycle(undefined, 'reauthorizationRequired');
            busy();
            await endpoint.received(1);
            assert.equal(items(endpoint.deliveries)[0].lifecycleEvent, undefined);
        });

        it('asks for a renewal every 15 minutes where the tenant does so, until the subscription ends', async () => {
            office.tenant.behaviour.reauthorization = true;
            const id = await create();
            await clock.advance(15 * minute - 1);
            assert.equal(endpoint.deliveries.length, 0);
            await clock.advance(1);
            await endpoint.received(1);
            assert.equal(items(endpoint.deliveries)[0].lifecycleEvent, 'reauthorizationRequired');
            await clock.advance(15 * minute);
            await endpoint.received(2);
            await until(() => office.tenant.counters.notificationsSent === 2);
            await office.graph(user, 'DELETE', `/subscriptions/${id}`);
            await clock.advance(15 * minute);
            assert.equal(endpoint.deliveries.length, 2);
            assert.equal(clock.waiting, 0);
        });
    });

    describe('signing keys', () => {
        const keySet = async () => (await office.send('GET', '/common/discovery/v2.0/keys')).body;
        const tokenOf = async (count: number) => {
            const received = await endpoint.received(count);
            return JSON.parse(received[count - 1]!.text).validationTokens[0] as string;
        };
        const options = () => ({ audience: app.clientId, currentDate: new Date(clock.date()) });

        it('are replaced, the old ones stay published for a while', async () => {
            await create();
            busy();
            const old = await tokenOf(1);
            await office.tenant.rotateSigningKeys();
            free();
            const fresh = await tokenOf(2);
            const { keys } = await keySet();
            assert.equal(keys.length, 2);
            await jwtVerify(fresh, createLocalJWKSet({ keys: keys.slice(0, 1) }), options());
            await jwtVerify(old, createLocalJWKSet({ keys: keys.slice(1) }), options());
            assert.equal((await office.graph(user, 'GET', '/subscriptions')).status, 200);
        });

        it('are replaced and withdrawn', async () => {
            await create();
            busy();
            const old = await tokenOf(1);
            await office.tenant.rotateSigningKeys({ keepOld: false });
            const { keys } = await keySet();
            assert.equal(keys.length, 1);
            await assert.rejects(jwtVerify(old, createLocalJWKSet({ keys }), options()));
            free();
            await jwtVerify(await tokenOf(2), createLocalJWKSet({ keys }), options());
        });
    });

    describe('forgeries for tests of receivers', () => {
        it('carry the signature of the tenant, whatever they claim', async () => {
            const { keys } = (await office.send('GET', '/common/discovery/v2.0/keys')).body;
            const genuine = { tenantId, clientId: app.clientId, now: clock.date() };
            const verify = (token: string) =>
                jwtVerify(token, createLocalJWKSet({ keys }), {
                    audience: app.clientId,
                    currentDate: new Date(clock.date()),
                });
            assert.equal((await verify(validationToken(office.tenant, genuine))).payload.tid, tenantId);
            const expired = { exp: Math.floor(clock.date() / 1000) - 1 };
            await assert.rejects(verify(validationToken(office.tenant, { ...genuine, claims: expired })), /"exp"/);
            const other = { aud: 'another app' };
            await assert.rejects(verify(validationToken(office.tenant, { ...genuine, claims: other })), /"aud"/);
            const claims = validationClaims({ url: office.tenant.url, tenantId }, app.clientId, clock.date());
            await assert.rejects(verify(unsignedToken(claims)));
        });

        it('look like items of the tenant', async () => {
            await create();
            busy();
            const [real] = items(await endpoint.received(1));
            const [subscription] = office.tenant.subscriptions;
            const content = { id: anna.teamsId, availability: 'Busy', activity: 'InACall' };
            const forged = notificationItem(subscription!, { tenantId, userId: anna.teamsId, content });
            const { encryptedContent, organizationId, ...rest } = real;
            const { encryptedContent: ownContent, ...ownRest } = forged;
            assert.equal(organizationId, tenantId);
            assert.deepEqual(ownRest, rest);
            assert.deepEqual(decrypt(ownContent as typeof encryptedContent, certificate.privateKey), content);
        });
    });

    it('ends with the subscription, also where a notification is still held back', async () => {
        const id = await create();
        office.tenant.faults.notifications.delay(1, 1_000);
        busy();
        await office.graph(user, 'DELETE', `/subscriptions/${id}`);
        await clock.advance(minute);
        await settle();
        assert.equal(endpoint.deliveries.length, 0);
        assert.equal(clock.waiting, 0);
    });
});
