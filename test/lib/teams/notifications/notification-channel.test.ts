import assert from 'node:assert/strict';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import type { NotificationChannel } from '../../../../lib/teams/notifications/notification-channel';
import type { TeamsTenant } from '../../../../lib/teams/teams-tenant';
import { NotificationEndpoint } from '../../simulator/tenant/notification-endpoint';
import { account, anna, app, ben, TeamsFixture, until } from '../teams-fixture';
import { SigningLogin } from './signing-login';

const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';

interface Item {
    subscriptionId: string;
    clientState: string;
    resource: string;
    resourceData?: Record<string, unknown> | undefined;
    encryptedContent?: Record<'data' | 'dataKey' | 'dataSignature' | 'encryptionCertificateId', string>;
    lifecycleEvent?: string;
}

interface Collection {
    value: Item[];
    validationTokens: string[];
}

describe('notifications', () => {
    let office: TeamsFixture;
    let tenant: TeamsTenant;
    let channel: NotificationChannel;
    let wire: NotificationEndpoint;
    let events: string[];
    let presences: [userId: string, presence: TeamsPresence][];

    beforeEach(async () => {
        office = await TeamsFixture.start();
        tenant = office.tenant();
        channel = tenant.notifications;
        wire = await NotificationEndpoint.start(office.authority);
        events = [];
        presences = [];
        channel.on('presence', (userId, presence) => {
            presences.push([userId, presence]);
            events.push(`presence ${presence.activity}`);
        });
        channel.on('hint', userId => events.push(`hint ${userId}`));
        channel.on('lifecycle', (_, event) => events.push(`lifecycle ${event}`));
        channel.on('refused', reason => events.push(`refused ${reason}`));
    });
    afterEach(async () => {
        await wire.stop();
        await office.stop();
    });

    /** A genuine notification as it came over the wire, for the test to tamper with. */
    async function genuine(includeResourceData = true): Promise<Collection> {
        const key = await channel.key();
        const clientState = channel.newClientState();
        const { id } = await tenant.asAccount(account).send<{ id: string }>({
            what: 'subscribe',
            method: 'POST',
            path: '/subscriptions',
            body: {
                changeType: 'updated',
                resource: `/communications/presences?$filter=id in ('${anna.teamsId}')`,
                notificationUrl: wire.url,
                lifecycleNotificationUrl: wire.url,
                expirationDateTime: new Date(office.clock.now() + 50 * 60_000).toISOString(),
                clientState,
                includeResourceData,
                ...(includeResourceData
                    ? { encryptionCertificate: key.certificate, encryptionCertificateId: key.id }
                    : {}),
            },
        });
        channel.accept(id, clientState);
        office.simulated.startCall(anna.teamsId);
        const [delivery] = await wire.received(1);
        return JSON.parse(delivery!.text);
    }

    it('are decrypted and handed on', async () => {
        await channel.receive(await genuine());
        assert.deepEqual(presences, [[anna.teamsId, { availability: 'Busy', activity: 'InACall' }]]);
        assert.deepEqual(events, ['presence InACall']);
    });

    it('are taken from both kinds of validation tokens, and with a clock that differs by minutes', async () => {
        const collection = await genuine();
        const claims = claimsOf(collection.validationTokens[0]!);
        const tid = String(claims.tid);
        const now = Math.floor(Date.now() / 1000);
        const login = await SigningLogin.start(office.authority, tid);
        try {
            const signing = office.tenant({ loginUrl: login.url });
            const mine = signing.notifications;
            const key = await channel.key();
            mine.key = async () => key;
            const [item] = collection.value;
            mine.accept(item!.subscriptionId, item!.clientState);
            const heard: string[] = [];
            mine.on('presence', () => heard.push('presence'));
            mine.on('refused', () => heard.push('refused'));
            const send = async (changed: object): Promise<string> => {
                const token = login.sign({ ...claims, iss: `${login.url}/${tid}/v2.0`, ...changed });
                await mine.receive({ ...collection, validationTokens: [token] });
                return heard.pop() ?? 'nothing';
            };
            assert.equal(await send({}), 'presence');
            const oldKind = { iss: `https://sts.windows.net/${tid}/`, azp: undefined, appid: publisher };
            assert.equal(await send(oldKind), 'presence');
            assert.equal(await send({ nbf: now + 120, iat: now + 120 }), 'presence');
            assert.equal(await send({ exp: now - 120 }), 'presence');

            assert.equal(await send({ exp: now - 3_600 }), 'refused');
            assert.equal(await send({ nbf: now + 3_600 }), 'refused');
            assert.equal(await send({ aud: 'another app' }), 'refused');
            assert.equal(await send({ azp: app.clientId, appid: app.clientId }), 'refused');
            assert.equal(await send({ iss: 'https://sts.windows.net/another-tenant/' }), 'refused');
            const good = login.sign({ ...claims, iss: `${login.url}/${tid}/v2.0` });
            await mine.receive({ ...collection, validationTokens: [good, 'forged'] });
            assert.equal(heard.pop(), 'refused');
        } finally {
            await login.stop();
        }
    });

    it('are read where they come in plain text', async () => {
        const { value } = await genuine(false);
        const [item] = value;
        const state = { id: anna.teamsId, availability: 'Away', activity: 'BeRightBack' };
        await channel.receive({ value: [{ ...item, resourceData: state }] });
        await channel.receive({ value: [{ ...item, resourceData: { ...state, activity: undefined } }] });
        assert.deepEqual(events, ['presence BeRightBack', 'presence Away']);
    });

    it('are a hint where they tell the user alone', async () => {
        const collection = await genuine(false);
        await channel.receive(collection);
        const [item] = collection.value;
        await channel.receive({ value: [{ ...item, resourceData: undefined }] });
        await channel.receive({ value: [{ ...item, resourceData: undefined, resource: 'communications/x' }] });
        assert.deepEqual(events, [
            `hint ${anna.teamsId}`,
            `hint ${anna.teamsId}`,
            'refused a notification names no user',
        ]);
    });

    describe('are never handed on', () => {
        const unknown = 'refused unknown subscription or wrong clientState';
        const cases: [what: string, expected: string, tamper: (collection: Collection) => unknown][] = [
            [
                'with a wrong clientState',
                unknown,
                ({ value: [item], ...rest }) => ({ ...rest, value: [{ ...item, clientState: 'x'.repeat(43) }] }),
            ],
            [
                'without a clientState',
                unknown,
                ({ value: [item], ...rest }) => ({ ...rest, value: [{ ...item, clientState: undefined }] }),
            ],
            [
                'for an unknown subscription',
                unknown,
                ({ value: [item], ...rest }) => ({ ...rest, value: [{ ...item, subscriptionId: 'other' }] }),
            ],
            ['in pieces that are no notification', unknown, () => ({ value: [null] })],
            [
                'with a forged token',
                'refused a validation token is not valid',
                collection => ({ ...collection, validationTokens: [forged(collection.validationTokens[0]!)] }),
            ],
            [
                'with something that is no token',
                'refused a validation token is not valid',
                collection => ({ ...collection, validationTokens: [7] }),
            ],
            ['as anything else', 'refused the body is no collection', () => 'hello'],
            ['as nothing', 'refused the body is no collection', () => undefined],
        ];
        for (const [what, expected, tamper] of cases)
            it(what, async () => {
                await channel.receive(tamper(await genuine()));
                assert.equal(events.length, 1);
                assert.ok(events[0]!.startsWith(expected), events[0]);
            });

        it('once their subscription is forgotten, and that without alarm: they were on their way', async () => {
            const collection = await genuine();
            channel.forget(collection.value[0]!.subscriptionId);
            await channel.receive(collection);
            assert.deepEqual(events, []);
        });

        it('while the genuine ones beside them are', async () => {
            const { value, validationTokens } = await genuine();
            await channel.receive({ value: [{ ...value[0], clientState: 'x' }, ...value], validationTokens });
            assert.deepEqual(events, [unknown, 'presence InACall']);
        });
    });

    it('are a hint where nothing proves where they come from', async () => {
        const { value, validationTokens: _, ...collection } = await genuine();
        for (const validationTokens of [undefined, null, []]) {
            events.length = 0;
            await channel.receive({ ...collection, value, validationTokens });
            assert.match(events[0]!, /^refused no validation tokens/);
            assert.deepEqual(events.slice(1), [`hint ${anna.teamsId}`]);
        }
    });

    it('are a hint where their content was changed, or made for another key', async () => {
        const collection = await genuine();
        const [item] = collection.value;
        const content = item!.encryptedContent!;
        const send = (changed: object) =>
            channel.receive({ ...collection, value: [{ ...item, encryptedContent: { ...content, ...changed } }] });
        const data = Buffer.from(content.data, 'base64');
        data[0]! ^= 1;
        await send({ data: data.toString('base64') });
        await send({ dataSignature: 'AAAA' });
        await send({ dataKey: 'AAAA' });
        await send({ encryptionCertificateId: 'the key of the process before' });
        const hint = `hint ${anna.teamsId}`;
        const refused = 'refused encrypted content cannot be decrypted or was changed';
        assert.deepEqual(events, [refused, hint, refused, hint, refused, hint, hint]);
    });

    it('of the lifecycle are told apart', async () => {
        const { value } = await genuine();
        const [{ subscriptionId, clientState }] = value as [Item];
        await channel.receive({ value: [{ subscriptionId, clientState, lifecycleEvent: 'reauthorizationRequired' }] });
        await channel.receive({ value: [{ subscriptionId, clientState: 'x', lifecycleEvent: 'missed' }] });
        assert.deepEqual(events, [
            'lifecycle reauthorizationRequired',
            'refused unknown subscription or wrong clientState',
        ]);
    });

    it('wait for nothing once the keys of Microsoft can be had again', async () => {
        const collection = await genuine();
        await office.simulated.stop();
        await channel.receive(collection);
        assert.match(events.shift()!, /^refused a validation token is not valid \(.*cannot be reached/);
        assert.deepEqual(events.splice(0), [`hint ${anna.teamsId}`]);
        await office.simulated.start();
        await channel.receive(collection);
        assert.deepEqual(events, ['presence InACall']);
    });

    it('arrive at the receiver whole', async () => {
        const url = await office.receiver(tenant);
        channel.open(url);
        assert.equal(channel.url, url);
        const key = await channel.key();
        assert.equal(await channel.key(), key);
        const clientState = channel.newClientState();
        const { id } = await tenant.asAccount(account).send<{ id: string }>({
            what: 'subscribe',
            method: 'POST',
            path: '/subscriptions',
            body: {
                changeType: 'updated',
                resource: `/communications/presences?$filter=id in ('${anna.teamsId}','${ben.teamsId}')`,
                notificationUrl: url,
                expirationDateTime: new Date(office.clock.now() + 50 * 60_000).toISOString(),
                clientState,
                includeResourceData: true,
                encryptionCertificate: key.certificate,
                encryptionCertificateId: key.id,
            },
        });
        channel.accept(id, clientState);
        for (const each of [anna, ben]) office.simulated.startCall(each.teamsId);
        await until(() => presences.length === 2);
        channel.close();
        assert.equal(channel.url, undefined);
    });
});

/** The claims of a token, unchecked. */
function claimsOf(token: string): Record<string, unknown> {
    return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'));
}

/** The same token with other claims under the old signature. */
function forged(token: string): string {
    const [header, , signature] = token.split('.');
    const claims = { ...claimsOf(token), exp: 4_000_000_000 };
    return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
