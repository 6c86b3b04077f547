import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { FakeClock, settle } from '../../../support/fake-clock';
import { decrypt, encryptionCertificate, NotificationEndpoint } from './notification-endpoint';
import {
    account,
    anna,
    app,
    ben,
    nobody,
    otherAccount,
    person,
    poorApp,
    TenantFixture,
    tenantId,
    until,
} from './tenant-fixture';

const minute = 60_000;

describe('Simulated subscriptions', () => {
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

    const inMinutes = (minutes: number) => new Date(clock.date() + minutes * minute).toISOString();
    const wanted = (more: object = {}) => ({
        changeType: 'updated',
        resource: `/communications/presences?$filter=id in ('${anna.teamsId}', '${ben.teamsId.toUpperCase()}')`,
        notificationUrl: endpoint.url,
        expirationDateTime: inMinutes(59),
        clientState: 'state of the client',
        ...more,
    });
    const rich = {
        includeResourceData: true,
        get encryptionCertificate() {
            return certificate.text;
        },
        encryptionCertificateId: 'certificate 1',
    };
    const create = (more: object = {}, token = user) => office.graph(token, 'POST', '/subscriptions', wanted(more));
    const one = (method: string, id: string, body?: object, token = user) =>
        office.graph(token, method, `/subscriptions/${id}`, body);
    /** Moves time on once the tenant waits for it. */
    const advanceWhenWaiting = async (timers: number, ms: number) => {
        await until(() => clock.waiting >= timers);
        await clock.advance(ms);
    };

    describe('create', () => {
        it('asks the endpoint first, then stands', async () => {
            let standing = -1;
            endpoint.onHandshake = ({ url }, response) => {
                standing = office.tenant.subscriptions.length;
                response.setHeader('content-type', 'text/plain; charset=utf-8');
                response.end(url.searchParams.get('validationToken'));
            };
            const { status, body } = await create({ notificationUrl: `${endpoint.url}?key=a%20b&flag` });
            assert.equal(status, 201);
            assert.equal(standing, 0);
            const [handshake] = endpoint.handshakes;
            assert.match(handshake?.contentType ?? '', /^text\/plain/);
            assert.equal(handshake?.text, '');
            assert.match(handshake?.url.search ?? '', /^\?key=a%20b&flag&validationToken=Validation%3A\+/);
            assert.equal(body.applicationId, app.clientId);
            assert.equal(body.clientState, 'state of the client');
            assert.equal(body.expirationDateTime, inMinutes(59));
            assert.equal(body.changeType, 'updated');
            assert.ok(body.creatorId);
            assert.equal(office.tenant.subscriptions.length, 1);
        });

        it('asks for each address', async () => {
            assert.equal((await create({ lifecycleNotificationUrl: `${endpoint.url}/lifecycle` })).status, 201);
            assert.deepEqual(
                endpoint.handshakes.map(({ url }) => url.pathname),
                ['/notify', '/notify/lifecycle'],
            );
        });

        it('refuses an endpoint that does not answer as it must', async () => {
            const token = (url: URL) => url.searchParams.get('validationToken');
            const answers: NotificationEndpoint['onHandshake'][] = [
                (_, response) => response.writeHead(401).end(),
                ({ url }, response) => response.writeHead(202, { 'content-type': 'text/plain' }).end(token(url)),
                ({ url }, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(token(url)),
                (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('another token'),
                (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(100_000)),
                (_, response) => response.destroy(),
            ];
            for (const answer of answers) {
                endpoint.onHandshake = answer;
                const { status, body } = await create();
                assert.equal(status, 400);
                assert.equal(body.error.code, 'ValidationError');
                assert.match(body.error.message, /^Subscription validation request failed\./);
            }
            assert.equal(office.tenant.subscriptions.length, 0);
            assert.equal((await create({ notificationUrl: 'https://127.0.0.1:9/' })).status, 400);
        });

        it('refuses an endpoint whose certificate it does not trust', async () => {
            const stranger = await NotificationEndpoint.start(await CertificateAuthority.create());
            try {
                const { status, body } = await create({ notificationUrl: stranger.url });
                assert.equal(status, 400);
                assert.equal(body.error.code, 'ValidationError');
                assert.equal(stranger.handshakes.length, 0);
            } finally {
                await stranger.stop();
            }
        });

        it('waits ten seconds for the endpoint', async () => {
            endpoint.onHandshake = () => undefined;
            const answer = create();
            await until(() => endpoint.handshakes.length > 0);
            await clock.advance(9_999);
            assert.equal(clock.waiting, 1);
            await clock.advance(1);
            const { status, body } = await answer;
            assert.equal(status, 400);
            assert.equal(body.error.message, 'Subscription validation request timed out.');
        });

        it('is for signed-in users with the permission to read', async () => {
            const refused = await create({}, await office.appToken());
            assert.equal(refused.status, 403);
            assert.equal(refused.body.error.code, 'Forbidden');
            assert.equal((await create({}, await office.userToken(account, poorApp))).status, 403);
        });

        it('allows one for each app and user', async () => {
            assert.equal((await create()).status, 201);
            const { status, body } = await create();
            assert.equal(status, 409);
            assert.equal(body.error.code, 'ExtensionError');
            assert.match(body.error.message, /A subscripton already exists\. It must be deleted before a another/);
            assert.equal((await create({}, await office.userToken(otherAccount))).status, 201);
        });

        it('allows one even while the first is being made', async () => {
            const held: (() => void)[] = [];
            endpoint.onHandshake = ({ url }, response) => {
                held.push(() => {
                    response.setHeader('content-type', 'text/plain');
                    response.end(url.searchParams.get('validationToken'));
                });
            };
            const first = create();
            await until(() => held.length > 0);
            assert.equal((await create()).status, 409);
            held[0]!();
            assert.equal((await first).status, 201);
        });

        it('refuses wrong fields', async () => {
            const ecCertificate = (await office.authority.issue(['localhost'])).cert.replace(/-----.*-----|\n/g, '');
            const wrong: Record<string, object> = {
                changeType: { changeType: 'created,updated' },
                'no resource': { resource: undefined },
                'other resource': { resource: '/shoes' },
                $select: { resource: `communications/presences?$filter=id in ('${anna.teamsId}')&$select=id` },
                'no ids': { resource: 'communications/presences?$filter=id in ()' },
                'mail address': { resource: `communications/presences/${anna.mail}` },
                'http:': { notificationUrl: endpoint.url.replace('https', 'http') },
                'no url': { notificationUrl: 'here' },
                'lifecycle http:': { lifecycleNotificationUrl: 'http://127.0.0.1/' },
                'no expiration': { expirationDateTime: undefined },
                'wrong expiration': { expirationDateTime: 'tomorrow' },
                past: { expirationDateTime: inMinutes(-1) },
                'more than an hour': { expirationDateTime: inMinutes(60.1) },
                'long clientState': { clientState: 'x'.repeat(129) },
                'no certificate': { includeResourceData: true },
                'no certificate id': { ...rich, encryptionCertificateId: undefined },
                'long certificate id': { ...rich, encryptionCertificateId: 'x'.repeat(129) },
                'no X.509': { ...rich, encryptionCertificate: 'bm90IGEgY2VydGlmaWNhdGU=' },
                'no base64': { ...rich, encryptionCertificate: '-----BEGIN CERTIFICATE-----' },
                'EC key': { ...rich, encryptionCertificate: ecCertificate },
                'short key': { ...rich, encryptionCertificate: (await encryptionCertificate(1024)).text },
                'unknown field': { colour: 'red' },
            };
            for (const [what, fields] of Object.entries(wrong)) assert.equal((await create(fields)).status, 400, what);
            assert.equal(endpoint.handshakes.length, 0);
        });

        it('follows at most 650 users, all of them known', async () => {
            const people = Array.from({ length: 651 }, (_, index) => person(index));
            const firm = await TenantFixture.start({ people, clock });
            const ownEndpoint = await NotificationEndpoint.start(firm.authority);
            try {
                const token = await firm.userToken();
                const follow = (ids: string[]) => {
                    const resource = `/communications/presences?$filter=id in (${ids.map(id => `'${id}'`).join(',')})`;
                    return firm.graph(token, 'POST', '/subscriptions', {
                        ...wanted({ resource }),
                        notificationUrl: ownEndpoint.url,
                    });
                };
                const ids = people.map(each => each.teamsId);
                assert.equal((await follow(ids)).status, 400);
                const unknown = await follow([ids[0]!, nobody]);
                assert.equal(unknown.status, 500);
                assert.match(unknown.body.error.message, new RegExp(nobody));
                assert.equal((await follow([...ids.slice(0, 650), ids[0]!])).status, 201);
            } finally {
                await firm.stop();
                await ownEndpoint.stop();
            }
        });
    });

    describe('life', () => {
        it('raises short ones to 45 minutes', async () => {
            const { body } = await create({ expirationDateTime: inMinutes(5) });
            assert.equal(body.expirationDateTime, inMinutes(45));
        });

        it('ends in time, and makes room for the next', async () => {
            const { body } = await create({ expirationDateTime: inMinutes(45) });
            await clock.advance(45 * minute);
            assert.equal(office.tenant.subscriptions.length, 0);
            assert.equal((await one('GET', body.id)).status, 404);
            assert.equal((await create()).status, 201);
            office.tenant.startCall(anna.teamsId);
            await endpoint.received(1);
        });

        it('is shown to its owner, without its secrets', async () => {
            const { body } = await create(rich);
            const shown = await one('GET', body.id);
            assert.equal(shown.status, 200);
            assert.equal(shown.body.clientState, null);
            assert.equal(shown.body.encryptionCertificate, null);
            assert.equal(shown.body.encryptionCertificateId, 'certificate 1');
            assert.equal((await office.graph(user, 'GET', '/subscriptions')).body.value[0]!.id, body.id);
            const other = await office.userToken(otherAccount);
            assert.deepEqual((await office.graph(other, 'GET', '/subscriptions')).body.value, []);
            for (const method of ['GET', 'DELETE'])
                assert.equal((await one(method, body.id, undefined, other)).status, 404);
            const byApp = await office.graph(await office.appToken(), 'GET', '/subscriptions');
            assert.equal(byApp.body.value.length, 1);
        });

        it('is renewed', async () => {
            const { body } = await create();
            await clock.advance(30 * minute);
            const { status, body: renewed } = await one('PATCH', body.id, { expirationDateTime: inMinutes(59) });
            assert.equal(status, 200);
            assert.equal(renewed.expirationDateTime, inMinutes(59));
            await clock.advance(58 * minute);
            assert.equal(office.tenant.subscriptions.length, 1);
            await clock.advance(minute);
            assert.equal(office.tenant.subscriptions.length, 0);
        });

        it('moves to another address only if that one agrees', async () => {
            const { body } = await create();
            const moved = await one('PATCH', body.id, { notificationUrl: `${endpoint.url}/moved` });
            assert.equal(moved.body.notificationUrl, `${endpoint.url}/moved`);
            endpoint.onHandshake = (_, response) => response.writeHead(404).end();
            assert.equal((await one('PATCH', body.id, { notificationUrl: `${endpoint.url}/again` })).status, 400);
            office.tenant.startCall(anna.teamsId);
            const [received] = await endpoint.received(1);
            assert.equal(received?.url.pathname, '/notify/moved');
        });

        it('takes a new certificate', async () => {
            const { body } = await create(rich);
            const next = await encryptionCertificate();
            const change = { encryptionCertificate: next.text, encryptionCertificateId: 'certificate 2' };
            await one('PATCH', body.id, { expirationDateTime: inMinutes(59), ...change });
            office.tenant.startCall(anna.teamsId);
            const [received] = await endpoint.received(1);
            const [item] = JSON.parse(received!.text).value;
            assert.equal(item.encryptedContent.encryptionCertificateId, 'certificate 2');
            assert.equal(decrypt(item.encryptedContent, next.privateKey).activity, 'InACall');
        });

        it('refuses wrong renewals', async () => {
            const { body } = await create();
            for (const fields of [
                {},
                { clientState: 'new' },
                { resource: `communications/presences/${ben.teamsId}`, expirationDateTime: inMinutes(59) },
                { expirationDateTime: inMinutes(61) },
                { notificationUrl: 'http://127.0.0.1/' },
            ])
                assert.equal((await one('PATCH', body.id, fields)).status, 400);
            const fields = { expirationDateTime: inMinutes(59) };
            assert.equal((await one('PATCH', nobody, fields)).status, 404);
            assert.equal((await one('PATCH', body.id, fields, await office.appToken())).status, 403);
        });

        it('is reauthorized and removed', async () => {
            const { body } = await create();
            assert.equal((await one('POST', `${body.id}/reauthorize`)).status, 204);
            assert.equal((await one('DELETE', body.id)).status, 204);
            assert.equal((await one('DELETE', body.id)).status, 404);
            assert.equal((await create()).status, 201);
        });

        it('is forgotten when the tenant stops, and lost on demand', async () => {
            await create();
            await office.tenant.stop();
            await office.tenant.start();
            assert.equal(office.tenant.subscriptions.length, 0);
            assert.equal((await create()).status, 201);
            office.tenant.loseSubscriptions();
            assert.deepEqual((await office.graph(user, 'GET', '/subscriptions')).body.value, []);
        });
    });

    describe('notifications', () => {
        const items = (texts: { text: string }[]) => texts.flatMap(({ text }) => JSON.parse(text).value);

        it('carry the encrypted presence and a token that proves where they come from', async () => {
            const { body } = await create(rich);
            office.tenant.startCall(anna.teamsId);
            const [received] = await endpoint.received(1);
            assert.match(received!.contentType, /^application\/json/);
            const collection = JSON.parse(received!.text);
            assert.equal(collection.value.length, 1);
            const [item] = collection.value;
            assert.equal(item.subscriptionId, body.id);
            assert.equal(item.clientState, 'state of the client');
            assert.equal(item.changeType, 'updated');
            assert.equal(item.tenantId, tenantId);
            assert.equal(item.resource, `communications/presences/${anna.teamsId}`);
            assert.equal(item.subscriptionExpirationDateTime, body.expirationDateTime);
            assert.equal(item.resourceData.id, anna.teamsId);
            assert.equal(item.resourceData.availability, undefined);
            assert.equal(item.encryptedContent.encryptionCertificateId, 'certificate 1');
            assert.equal(item.encryptedContent.encryptionCertificateThumbprint, certificate.thumbprint);
            assert.deepEqual(decrypt(item.encryptedContent, certificate.privateKey), {
                '@odata.id': `users/${anna.teamsId}/presence`,
                '@odata.type': '#microsoft.graph.presence',
                id: anna.teamsId,
                availability: 'Busy',
                activity: 'InACall',
            });
            const keys = await office.send('GET', '/common/discovery/v2.0/keys');
            const { payload } = await jwtVerify(collection.validationTokens[0], createLocalJWKSet(keys.body), {
                audience: app.clientId,
                issuer: `https://sts.windows.net/${tenantId}/`,
                currentDate: new Date(clock.date()),
            });
            assert.equal(payload.appid, '0bf30f3b-4a52-48df-9a82-234910c4a086');
            assert.deepEqual([payload.ver, payload.azp], ['1.0', undefined]);
            assert.equal(payload.tid, tenantId);
        });

        for (const [asked, told] of [
            [undefined, '1.0'],
            [1, '1.0'],
            [2, '2.0'],
        ] as const)
            it(`carry a token of version ${told} for an app that asks for ${asked ?? 'none'} [D10]`, async () => {
                if (asked) office.tenant.changeRegistration(app.clientId, { requestedAccessTokenVersion: asked });
                await create(rich);
                office.tenant.startCall(anna.teamsId);
                const [received] = await endpoint.received(1);
                const [token] = JSON.parse(received!.text).validationTokens;
                const { ver, iss, appid, azp } = decodeJwt(token);
                const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';
                const first = { iss: `https://sts.windows.net/${tenantId}/`, appid: publisher, azp: undefined };
                const second = { iss: `${office.tenant.url}/${tenantId}/v2.0`, appid: undefined, azp: publisher };
                assert.deepEqual({ ver, iss, appid, azp }, { ver: told, ...(told === '1.0' ? first : second) });
            });

        it('carry the id only where no data was asked for', async () => {
            await create({ resource: `communications/presences/${anna.teamsId}` });
            office.tenant.startCall(ben.teamsId);
            office.tenant.startCall(anna.teamsId);
            const [received] = await endpoint.received(1);
            const collection = JSON.parse(received!.text);
            assert.equal(collection.validationTokens, undefined);
            assert.equal(collection.value.length, 1);
            assert.equal(collection.value[0].encryptedContent, undefined);
            assert.equal(collection.value[0].resourceData.id, anna.teamsId);
        });

        it('come once for each change and subscription, in order, and are counted', async () => {
            await create(rich);
            await create(rich, await office.userToken(otherAccount));
            office.tenant.startCall(anna.teamsId);
            office.tenant.startCall(anna.teamsId);
            office.tenant.endCall(anna.teamsId);
            office.tenant.setClientPresence(anna.teamsId, { availability: 'Away', activity: 'Away' });
            await until(() => office.tenant.counters.notificationsSent >= 6);
            const seen = items(endpoint.deliveries).map(item => [
                item.subscriptionId,
                decrypt(item.encryptedContent, certificate.privateKey).activity,
            ]);
            for (const { id } of office.tenant.subscriptions)
                assert.deepEqual(
                    seen.filter(([subscription]) => subscription === id).map(([, activity]) => activity),
                    ['InACall', 'Available', 'Away'],
                );
            assert.equal(seen.length, 6);
        });

        it('tell of our own writes and of leases that end', async () => {
            await create(rich);
            await office.graph(await office.appToken(), 'POST', `/users/${anna.teamsId}/presence/setPresence`, {
                sessionId: app.clientId,
                availability: 'DoNotDisturb',
                activity: 'Presenting',
            });
            await endpoint.received(1);
            await clock.advance(5 * minute);
            const seen = items(await endpoint.received(2));
            assert.deepEqual(
                seen.map(item => decrypt(item.encryptedContent, certificate.privateKey).activity),
                ['Presenting', 'Available'],
            );
        });

        it('wait as long as told, and travel together', async () => {
            office.tenant.behaviour.notificationDelay = 50;
            await create();
            office.tenant.startCall(anna.teamsId);
            office.tenant.startCall(ben.teamsId);
            await clock.advance(49);
            assert.equal(endpoint.deliveries.length, 0);
            await clock.advance(1);
            assert.equal(items(await endpoint.received(1)).length, 2);
        });

        it('are tried again, later and later, and stay in order', async () => {
            await create();
            endpoint.onDelivery = (_, response) => response.writeHead(500).end();
            office.tenant.startCall(anna.teamsId);
            await endpoint.received(1);
            office.tenant.startCall(ben.teamsId);
            await advanceWhenWaiting(2, 999);
            assert.equal(endpoint.deliveries.length, 1);
            await clock.advance(1);
            await endpoint.received(2);
            endpoint.onDelivery = (_, response) => response.writeHead(202).end();
            await advanceWhenWaiting(2, 2_000);
            const received = await endpoint.received(4);
            assert.equal(received[0]!.text, received[2]!.text);
            assert.equal(items([received[3]!])[0].resourceData.id, ben.teamsId);
            await until(() => office.tenant.counters.notificationsSent >= 2);
        });

        it('are tried again when the endpoint is slower than three seconds', async () => {
            await create();
            endpoint.onDelivery = () => undefined;
            office.tenant.startCall(anna.teamsId);
            await endpoint.received(1);
            endpoint.onDelivery = (_, response) => response.writeHead(202).end();
            await clock.advance(3_000);
            await advanceWhenWaiting(2, 1_000);
            await endpoint.received(2);
        });

        it('end with the subscription and with the tenant', async () => {
            const { body } = await create();
            endpoint.onDelivery = (_, response) => response.writeHead(500).end();
            office.tenant.startCall(anna.teamsId);
            await endpoint.received(1);
            await until(() => clock.waiting >= 2);
            await one('DELETE', body.id);
            await clock.advance(minute);
            assert.equal(clock.waiting, 0);
            assert.equal(endpoint.deliveries.length, 1);
            await create();
            office.tenant.endCall(anna.teamsId);
            await endpoint.received(2);
            await until(() => clock.waiting >= 2);
            await office.tenant.stop();
            await settle();
            assert.equal(clock.waiting, 0);
        });

        it('can be made to wait for a renewal once the token has expired', async () => {
            office.tenant.behaviour.expiredTokenStopsDelivery = true;
            office.tenant.behaviour.tokenLifetime = 60;
            const { body } = await create({}, await office.userToken());
            await clock.advance(minute);
            office.tenant.startCall(anna.teamsId);
            await settle();
            assert.equal(endpoint.deliveries.length, 0);
            await one('POST', `${body.id}/reauthorize`, undefined, await office.userToken());
            await clock.advance(1_000);
            await endpoint.received(1);
        });

        it('end a handshake that is under way when the tenant stops', async () => {
            endpoint.onHandshake = () => undefined;
            const answer = create().catch(error => error);
            await until(() => endpoint.handshakes.length > 0);
            await office.tenant.stop();
            assert.ok((await answer) instanceof Error);
            await office.tenant.start();
            assert.equal(office.tenant.subscriptions.length, 0);
        });
    });
});
