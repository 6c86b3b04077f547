import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { TeamsPresence } from '../../../../../lib/presence/vocabulary';
import { encryptContent } from '../../../../../lib/simulator/tenant/encrypted-content';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import { NotificationChannel } from '../../../../../lib/teams/reading/notifications/notification-channel';
import { tokenVerifier } from '../../../../../lib/teams/reading/notifications/validation-tokens';
import type { TeamsRegistration } from '../../../../../lib/teams/teams-system';
import { FakeClock } from '../../../../support/fake-clock';
import { NotificationEndpoint } from '../../../simulator/tenant/notification-endpoint';
import { account, anna, app, ben, person, TeamsFixture, until } from '../../teams-fixture';
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

const form = 'refused what should be a notification has another form';

describe('notifications', () => {
    let office: TeamsFixture;
    let registration: TeamsRegistration;
    let channel: NotificationChannel;
    let wire: NotificationEndpoint;
    let events: string[];
    let presences: [userId: string, presence: TeamsPresence][];

    beforeEach(async () => {
        office = await TeamsFixture.start();
        ({ registration } = office.teams());
        channel = registration.notifications;
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
        const clientState = channel.secrets.make();
        const { id } = await registration.asAccount(account).send<{ id: string }>({
            what: 'subscribe',
            method: 'POST',
            path: '/subscriptions',
            body: {
                changeType: 'updated',
                resource: `/communications/presences?$filter=id in ('${anna.teamsId}')`,
                notificationUrl: wire.url,
                lifecycleNotificationUrl: wire.url,
                expirationDateTime: new Date(office.clock.date() + 50 * 60_000).toISOString(),
                clientState,
                includeResourceData,
                ...(includeResourceData
                    ? { encryptionCertificate: key.certificate, encryptionCertificateId: key.id }
                    : {}),
            },
        });
        channel.secrets.accept(id, clientState);
        office.simulated.startCall(anna.teamsId);
        const [delivery] = await wire.received(1);
        return JSON.parse(delivery!.text);
    }

    it('are decrypted and handed on', async () => {
        await channel.receive(await genuine()).done;
        assert.deepEqual(presences, [[anna.teamsId, { availability: 'Busy', activity: 'InACall' }]]);
        assert.deepEqual(events, ['presence InACall']);
    });

    describe('are judged by their validation tokens', () => {
        let now: number;
        let login: SigningLogin;
        let http: Http;
        let tid: string;
        /** What the notification counts for with a token of these claims, or with these tokens. */
        let send: (changed: object) => Promise<string>;
        let hear: (validationTokens: unknown[]) => Promise<string>;
        let sign: (changed: object) => string;

        beforeEach(async () => {
            now = Math.floor(Date.now() / 1000);
            const collection = await genuine();
            const claims = claimsOf(collection.validationTokens[0]!);
            Object.assign(claims, { ver: '2.0', azp: publisher, appid: undefined });
            tid = String(claims.tid);
            login = await SigningLogin.start(office.authority, tid);
            const key = await channel.key();
            const [item] = collection.value;
            const settings = office.settings({ loginUrl: login.url });
            http = createHttp(settings.trust);
            const verify = tokenVerifier(settings, http);
            // A receiver of its own each time: one alone would know the same notification again.
            hear = async validationTokens => {
                const mine = new NotificationChannel({ verify, clock: office.clock, createKey: async () => key });
                await mine.key();
                mine.secrets.accept(item!.subscriptionId, item!.clientState);
                let heard = 'nothing';
                mine.on('presence', () => (heard = 'presence'));
                mine.on('hint', () => (heard = 'hint'));
                mine.on('refused', () => (heard = 'refused'));
                await mine.receive({ ...collection, validationTokens }).done;
                return heard;
            };
            sign = changed => login.sign({ ...claims, iss: `${login.url}/${tid}/v2.0`, ...changed });
            send = changed => hear([sign(changed)]);
        });
        afterEach(async () => {
            await http.close();
            await login.stop();
        });

        it('of both kinds, and with a clock that differs by minutes', async () => {
            assert.equal(await send({}), 'presence');
            const oldKind = { iss: `https://sts.windows.net/${tid}/`, ver: '1.0', azp: undefined, appid: publisher };
            assert.equal(await send(oldKind), 'presence');
            assert.equal(await send({ nbf: now + 120, iat: now + 120 }), 'presence');
            assert.equal(await send({ exp: now - 120 }), 'presence');
        });

        it('which are not taken from others, for others, or after their time', async () => {
            assert.equal(await send({ exp: now - 3_600 }), 'refused');
            assert.equal(await send({ nbf: now + 3_600 }), 'refused');
            assert.equal(await send({ aud: 'another app' }), 'refused');
            assert.equal(await send({ azp: app.clientId, appid: app.clientId }), 'refused');
            assert.equal(await send({ iss: 'https://sts.windows.net/another-tenant/' }), 'refused');
        });

        it('of which each must be genuine, and a text [C12]', async () => {
            const good = sign({});
            assert.equal(await hear([good]), 'presence');
            assert.equal(await hear([good, 'forged']), 'refused');
            for (const odd of [[good], { token: good }, null]) {
                assert.equal(await hear([odd]), 'refused');
                assert.equal(await hear([good, odd]), 'refused');
            }
        });

        it('for our app, however its id is written [A15]', async () => {
            assert.equal(await send({ aud: app.clientId.toUpperCase() }), 'presence');
        });

        it('whose key proves nothing where it may be newer than the set that we have [A16]', async () => {
            assert.equal(await send({}), 'presence');
            await login.rotate();
            assert.equal(await send({}), 'hint');
        });
    });

    for (const [title, by] of [
        ['behind', -2 * 3_600_000],
        ['ahead', 26 * 3_600_000],
    ] as const)
        it(`are taken by a clock that is hours ${title}, which is told until it is right again [A13]`, async () => {
            const collection = await genuine();
            const claims = claimsOf(collection.validationTokens[0]!);
            const tid = String(claims.tid);
            const login = await SigningLogin.start(office.authority, tid);
            const settings = office.settings({ loginUrl: login.url });
            const http = createHttp(settings.trust);
            try {
                const now = Math.floor(Date.now() / 1_000);
                const clock = new FakeClock(Date.now() + by);
                const verify = tokenVerifier(settings, http, clock);
                const iss = `${login.url}/${tid}/v2.0`;
                const sign = (uti: string): string =>
                    login.sign({ ...claims, iss, uti, nbf: now - 60, iat: now - 60, exp: now + 3_600 });
                const [{ clockAhead }] = await Promise.all([verify(sign('1')), verify(sign('1b'))]);
                assert.ok(Math.abs(clockAhead + by) < 5_000, String(clockAhead));
                const forged = login.sign({ ...claims, iss, exp: now - 3_600 });
                await assert.rejects(verify(forged));
                clock.stepDate(-by);
                assert.equal((await verify(sign('2'))).clockAhead, 0, 'at once');
            } finally {
                await http.close();
                await login.stop();
            }
        });

    it('are not taken from tokens that were signed by the key of another tenant [C4]', async () => {
        const collection = await genuine();
        const claims = claimsOf(collection.validationTokens[0]!);
        const tid = String(claims.tid);
        const login = await SigningLogin.start(office.authority, tid);
        const settings = office.settings({ loginUrl: login.url });
        try {
            for (const [keyIssuer, isGenuine] of [
                [`${login.url}/{tenantid}/v2.0`, true],
                [`${login.url}/${tid}/v2.0`, true],
                [`${login.url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`, false],
            ] as const) {
                login.keyIssuer = keyIssuer;
                const http = createHttp(settings.trust);
                for (const iss of [`${login.url}/${tid}/v2.0`, `https://sts.windows.net/${tid}/`]) {
                    const verified = tokenVerifier(settings, http)(login.sign({ ...claims, iss }));
                    if (isGenuine) assert.equal((await verified).tenantId, tid);
                    else await assert.rejects(verified, /key is that of another tenant/);
                }
                await http.close();
            }
        } finally {
            await login.stop();
        }
    });

    it('are a hint where they come in plain text, which anyone can write who has seen one [C1]', async () => {
        const { value } = await genuine(false);
        const [item] = value;
        const state = { id: anna.teamsId, availability: 'Away', activity: 'BeRightBack' };
        await channel.receive({ value: [{ ...item, resourceData: state }] }).done;
        assert.deepEqual(events, [`hint ${anna.teamsId}`]);
    });

    it('are a hint where their content is about another user than they say [C2]', async () => {
        const { value, validationTokens } = await genuine();
        const [item] = value;
        const other = { resource: `communications/presences/${ben.teamsId}`, resourceData: { id: ben.teamsId } };
        await channel.receive({ value: [{ ...item, ...other }], validationTokens }).done;
        assert.deepEqual(presences, []);
        assert.deepEqual(events, ['refused a notification names another user than its content', `hint ${ben.teamsId}`]);
        await channel.receive({ value, validationTokens }).done;
        assert.equal(events.at(-1), 'presence InACall');
    });

    it('are a hint where they tell the user alone', async () => {
        const collection = await genuine(false);
        await channel.receive(collection).done;
        const [item] = collection.value;
        await channel.receive({ value: [{ ...item, resourceData: undefined }] }).done;
        await channel.receive({ value: [{ ...item, resourceData: undefined, resource: 'communications/x' }] }).done;
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
                form,
                ({ value: [item], ...rest }) => ({ ...rest, value: [{ ...item, clientState: undefined }] }),
            ],
            [
                'for an unknown subscription',
                unknown,
                ({ value: [item], ...rest }) => ({ ...rest, value: [{ ...item, subscriptionId: 'other' }] }),
            ],
            ['in pieces that are no notification', form, () => ({ value: [null] })],
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
                await channel.receive(tamper(await genuine())).done;
                assert.equal(events.length, 1);
                assert.ok(events[0]!.startsWith(expected), events[0]);
            });

        it('once their subscription is forgotten, and that without alarm: they were on their way', async () => {
            const collection = await genuine();
            channel.secrets.forget(collection.value[0]!.subscriptionId);
            await channel.receive(collection).done;
            assert.deepEqual(events, []);
        });

        it('while the genuine ones beside them are', async () => {
            const { value, validationTokens } = await genuine();
            await channel.receive({ value: [{ ...value[0], clientState: 'x' }, ...value], validationTokens }).done;
            assert.deepEqual(events, [unknown, 'presence InACall']);
        });
    });

    it('are a hint where nothing proves where they come from', async () => {
        const { value, validationTokens: _, ...collection } = await genuine();
        for (const validationTokens of [undefined, null, []]) {
            events.length = 0;
            await channel.receive({ ...collection, value, validationTokens }).done;
            assert.match(events[0]!, /^refused no validation tokens/);
            assert.deepEqual(events.slice(1), [`hint ${anna.teamsId}`]);
        }
    });

    it('are a hint where their content was changed, or made for another key', async () => {
        const collection = await genuine();
        const [item] = collection.value;
        const content = item!.encryptedContent!;
        const send = (changed: object) =>
            channel.receive({ ...collection, value: [{ ...item, encryptedContent: { ...content, ...changed } }] }).done;
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

    it('of an odd tenant take no others with them [C12]', async () => {
        const collection = await genuine();
        const [item] = collection.value;
        for (const tenantId of [{ toString: 1 }, null, 5, []] as unknown[])
            await channel.receive({ ...collection, value: [item, { ...item, tenantId }] }).done;
        assert.deepEqual(
            events.filter(event => event.startsWith('presence')),
            ['presence InACall'],
        );
        assert.equal(events.filter(event => event === form).length, 4);
    });

    it('whose content is no text cost nothing, however long it says that it is [C12]', async () => {
        const collection = await genuine();
        const [item] = collection.value;
        let isAsked = false;
        const long = {
            get length() {
                isAsked = true;
                return 1;
            },
        };
        for (const name of ['dataKey', 'data', 'dataSignature']) {
            const encryptedContent = { ...item!.encryptedContent, [name]: long };
            await channel.receive({ ...collection, value: [{ ...item, encryptedContent }] }).done;
        }
        assert.equal(isAsked, false);
        assert.deepEqual(
            events.filter(event => event.startsWith('hint')),
            Array(3).fill(`hint ${anna.teamsId}`),
        );
    });

    describe('of one user', () => {
        const numbered = (activity: string, sequenceNumber?: string) => ({
            id: anna.teamsId,
            availability: 'Busy',
            activity,
            ...(sequenceNumber ? { sequenceNumber } : {}),
        });
        /** Several at once, in the order of their arrival. */
        const send = async (...states: ReturnType<typeof numbered>[]): Promise<string[]> => {
            const { value, validationTokens } = await genuine();
            const { id, certificate: text } = await channel.key();
            const { publicKey, fingerprint } = new X509Certificate(Buffer.from(text, 'base64'));
            const certificate = { id, publicKey, thumbprint: fingerprint.replaceAll(':', ''), text };
            events.length = 0;
            const items = states.map(state => ({ ...value[0], encryptedContent: encryptContent(state, certificate) }));
            await channel.receive({ value: items, validationTokens }).done;
            return events;
        };

        it('are worked on one after the other, the newest of those that wait', async () => {
            assert.deepEqual(await send(numbered('InACall'), numbered('Busy'), numbered('InAMeeting')), [
                'presence InACall',
                'presence InAMeeting',
            ]);
        });

        it('are put in order by their version stamp where they have one', async () => {
            const sent = await send(numbered('Busy', '01'), numbered('InAMeeting', '03'), numbered('InACall', '02'));
            assert.deepEqual(sent, ['presence Busy', 'presence InAMeeting']);
        });
    });

    describe('of several users', () => {
        const users = Array.from({ length: 20 }, (_, index) => person(index).teamsId);
        const hints = users.map(id => `hint ${id}`);
        const send = async (): Promise<string[]> => {
            const { value } = await genuine(false);
            events.length = 0;
            await channel.receive({ value: users.map(id => ({ ...value[0], resourceData: { id } })) }).done;
            return events;
        };

        it('are worked on in the order in which they came', async () => {
            assert.deepEqual(await send(), hints);
        });

        it('are worked on where something fails unexpectedly, and no rejection ends the process', async () => {
            const unhandled: unknown[] = [];
            const listeners = process.listeners('unhandledRejection');
            process.removeAllListeners('unhandledRejection');
            process.on('unhandledRejection', reason => unhandled.push(reason));
            for (const event of ['hint', 'refused'] as const)
                channel.on(event, () => {
                    throw new Error('unexpected');
                });
            const heard = await send();
            await office.rest();
            process.removeAllListeners('unhandledRejection');
            for (const each of listeners) process.on('unhandledRejection', each);
            assert.deepEqual(unhandled, []);
            assert.deepEqual(
                heard.filter(event => event.startsWith('hint')),
                hints,
            );
        });
    });

    it('are refused while too many wait, and taken again afterwards', async () => {
        const small = new NotificationChannel({
            verify: async () => ({ tenantId: '', clockAhead: 0 }),
            clock: office.clock,
            longestQueue: 1,
        });
        const heard: string[] = [];
        small.on('hint', userId => heard.push(userId));
        small.secrets.accept('subscription', 'secret');
        const item = (id: string) => ({ subscriptionId: 'subscription', clientState: 'secret', resourceData: { id } });
        const both = small.receive({ value: [item(anna.teamsId), item(ben.teamsId)] });
        assert.equal(both.full, true);
        await both.done;
        const other = small.receive({ value: [item(ben.teamsId)] });
        assert.equal(other.full, false);
        await other.done;
        assert.deepEqual(heard, [anna.teamsId, ben.teamsId]);
    });

    it('tell each receiver anew that the clock is wrong, and each once', async () => {
        const { value } = await genuine();
        let clockAhead = 7_200_000;
        const late = new NotificationChannel({
            verify: async () => ({ tenantId: '', clockAhead }),
            clock: office.clock,
        });
        const told: number[] = [];
        late.on('clock', behind => told.push(behind));
        late.secrets.accept(value[0]!.subscriptionId, value[0]!.clientState);
        const arrives = () => late.receive({ value, validationTokens: ['genuine'] }).done;
        await arrives();
        await arrives();
        assert.deepEqual(told, [7_200_000]);
        late.close();
        await arrives();
        clockAhead = 0;
        await arrives();
        assert.deepEqual(told, [7_200_000, 7_200_000, 0]);
    });

    it('for another tenant are refused, even with our secret and a genuine token', async () => {
        const { value, ...rest } = await genuine();
        await channel.receive({ ...rest, value: [{ ...value[0], tenantId: ben.teamsId }] }).done;
        assert.deepEqual(events, ['refused a notification is for another tenant']);
    });

    it('that only test an Event Hub mean nothing', async () => {
        await channel.receive({ value: [{ subscriptionId: 'NA', clientState: 'NA', resource: 'NA' }] }).done;
        assert.deepEqual(events, []);
    });

    it('tell that their subscription delivers, if they are genuine', async () => {
        const collection = await genuine();
        const heard: string[] = [];
        channel.on('heard', id => heard.push(id));
        await channel.receive({ ...collection, value: [{ ...collection.value[0], clientState: 'x' }] }).done;
        assert.deepEqual(heard, []);
        await channel.receive(collection).done;
        assert.deepEqual(heard, [collection.value[0]!.subscriptionId]);
    });

    it('are decrypted after a change of the key too', async () => {
        const collection = await genuine();
        const old = await channel.key();
        await office.clock.advance(91 * 86_400_000);
        assert.notEqual((await channel.key()).id, old.id);
        office.simulated.endCall(anna.teamsId);
        await genuine();
        const [, fresh] = await wire.received(2);
        const { validationTokens } = JSON.parse(fresh!.text);
        await channel.receive({ ...collection, validationTokens }).done;
        assert.deepEqual(events, ['presence InACall']);
    });

    it('cost one look at a token that comes with many of them', async () => {
        const { value, ...rest } = await genuine();
        const content = { ...value[0]!.encryptedContent!, encryptionCertificateId: 'another key' };
        const send = () => channel.receive({ ...rest, value: [{ ...value[0], encryptedContent: content }] }).done;
        await send();
        const asked = office.requests.length;
        for (let round = 0; round < 20; round++) await send();
        assert.equal(office.requests.length, asked);
        assert.equal(events.filter(event => event.startsWith('hint')).length, 21);
    });

    it('mean something once, however often the same one comes, and however it is written', async () => {
        const collection = await genuine();
        await channel.receive({ ...collection, value: [...collection.value, ...collection.value] }).done;
        await channel.receive(collection).done;
        const [item] = collection.value;
        const { dataSignature, ...content } = item!.encryptedContent!;
        for (const written of [` ${dataSignature}`, dataSignature.replace(/=+$/, '')]) {
            const encryptedContent = { ...content, dataSignature: written };
            await channel.receive({ ...collection, value: [{ ...item, encryptedContent }] }).done;
        }
        assert.deepEqual(events, ['presence InACall']);
    });

    it('are not taken for a copy of a forgery that came before', async () => {
        const collection = await genuine();
        const [item] = collection.value;
        const forgery = { ...item!.encryptedContent!, data: Buffer.alloc(64).toString('base64') };
        await channel.receive({ ...collection, value: [{ ...item, encryptedContent: forgery }] }).done;
        await channel.receive(collection).done;
        assert.equal(events.at(-1), 'presence InACall');
    });

    it('of a subscription in capitals are of the same [A15]', async () => {
        const collection = await genuine();
        const value = collection.value.map(item => ({ ...item, subscriptionId: item.subscriptionId.toUpperCase() }));
        await channel.receive({ ...collection, value }).done;
        assert.deepEqual(events, ['presence InACall']);
    });

    for (const [title, change] of [
        ['content that is a list', (item: Item) => ({ ...item, encryptedContent: [item.encryptedContent] })],
        ['content that is a text', (item: Item) => ({ ...item, encryptedContent: JSON.stringify(item) })],
        [
            'content with numbers',
            (item: Item) => ({ ...item, encryptedContent: { ...item.encryptedContent, data: 1e308 } }),
        ],
        [
            'content with lists',
            (item: Item) => ({ ...item, encryptedContent: { ...item.encryptedContent, dataKey: [] } }),
        ],
        [
            'content without a key id',
            (item: Item) => ({
                ...item,
                encryptedContent: { ...item.encryptedContent, encryptionCertificateId: { toString: 1 } },
            }),
        ],
        [
            'a signature as a list of bytes',
            ({ encryptedContent, ...item }: Item) => {
                const dataSignature = [...Buffer.from(encryptedContent!.dataSignature, 'base64')];
                return { ...item, encryptedContent: { ...encryptedContent, dataSignature } };
            },
        ],
        ['a tenant that is a list', (item: Item) => ({ ...item, tenantId: [{}] })],
        ['an empty lifecycle event', (item: Item) => ({ ...item, encryptedContent: null, lifecycleEvent: '' })],
        ['the user as a list', (item: Item) => ({ ...item, resourceData: { id: [anna.teamsId] } })],
        ['a lifecycle event that is an object', (item: Item) => ({ ...item, lifecycleEvent: { toString: null } })],
        ['a prototype', (item: Item) => JSON.parse(`{"__proto__":${JSON.stringify(item)}}`)],
        [
            'members named like those of objects',
            (item: Item) => ({ ...item, subscriptionId: '__proto__', clientState: 'constructor' }),
        ],
        ['a subscription that is a list', (item: Item) => ({ ...item, subscriptionId: { toString: null } })],
    ] as const)
        it(`are at most a hint with ${title} [C1]`, async () => {
            const collection = await genuine();
            const told: string[] = [];
            channel.on('presence', () => told.push('presence'));
            await channel.receive({ ...collection, value: collection.value.map(item => change(item as never)) }).done;
            assert.deepEqual(told, []);
            await channel.receive(collection).done;
            assert.deepEqual(told, ['presence']);
        });

    for (const [title, tokens] of [
        ['none', []],
        ['nothing', undefined],
        ['a text', 'x.y.z'],
        ['lists in a list', (all: unknown[]) => [all]],
        ['one that is an object', (all: unknown[]) => [...all, {}]],
        ['one more that is none', (all: unknown[]) => [...all, 'x.y.z']],
        ['one in pieces', (all: unknown[]) => [String(all[0]).replaceAll('.', ' .')]],
        ['an object of the same length', (all: unknown[]) => ({ ...all, length: all.length })],
    ] as const)
        it(`are never believed with these tokens: ${title} [C12]`, async () => {
            const collection = await genuine();
            const told: string[] = [];
            channel.on('presence', () => told.push('presence'));
            const validationTokens = typeof tokens === 'function' ? tokens(collection.validationTokens) : tokens;
            await channel.receive({ ...collection, validationTokens }).done;
            assert.deepEqual(told, []);
        });

    it('of the lifecycle are told apart', async () => {
        const { value } = await genuine();
        const [{ subscriptionId, clientState }] = value as [Item];
        await channel.receive({ value: [{ subscriptionId, clientState, lifecycleEvent: 'reauthorizationRequired' }] })
            .done;
        await channel.receive({ value: [{ subscriptionId, clientState: 'x', lifecycleEvent: 'missed' }] }).done;
        assert.deepEqual(events, [
            'lifecycle reauthorizationRequired',
            'refused unknown subscription or wrong clientState',
        ]);
    });

    it('of the lifecycle are told once of many, and once more where they came again', async () => {
        const { value } = await genuine();
        const [{ subscriptionId, clientState }] = value as [Item];
        const send = (lifecycleEvent: unknown) =>
            channel.receive({ value: [{ subscriptionId, clientState, lifecycleEvent } as never] }).done;
        for (let count = 0; count < 50; count++)
            for (const event of ['missed', 'subscriptionRemoved', 'anything']) await send(event);
        assert.deepEqual(events.splice(0), ['lifecycle missed', 'lifecycle subscriptionRemoved']);
        await office.clock.advance(15_000);
        assert.deepEqual(events.splice(0), ['lifecycle missed', 'lifecycle subscriptionRemoved']);
        await office.clock.advance(15_000);
        assert.deepEqual(events, []);
        await send('missed');
        assert.deepEqual(events, ['lifecycle missed']);
        await send(['missed', 'missed']);
        assert.equal(events.pop(), form);
        const capitals = { subscriptionId: subscriptionId.toUpperCase(), clientState, lifecycleEvent: 'missed' };
        await channel.receive({ value: [capitals] }).done;
        assert.deepEqual(events, ['lifecycle missed']);
    });

    it('wait for nothing once the keys of Microsoft can be had again', async () => {
        const collection = await genuine();
        await office.simulated.stop();
        await channel.receive(collection).done;
        assert.match(events.shift()!, /^refused a validation token is not valid \(.*cannot be reached/);
        assert.deepEqual(events.splice(0), [`hint ${anna.teamsId}`]);
        await office.simulated.start();
        await channel.receive(collection).done;
        assert.deepEqual(events, ['presence InACall']);
    });

    it('are a hint while the keys of Microsoft come with an error or as the page of a proxy', async () => {
        const collection = await genuine();
        for (const body of [{ error: 'down' }, '<html>Bad gateway</html>']) {
            office.simulated.faults.failNext(1, 503, body, {}, /discovery|openid-configuration/);
            await channel.receive(collection).done;
            assert.match(events.shift()!, /^refused a validation token is not valid/);
            assert.deepEqual(events.splice(0), [`hint ${anna.teamsId}`]);
        }
        await channel.receive(collection).done;
        assert.deepEqual(events, ['presence InACall']);
    });

    it('cost next to nothing where they are forged, however many come in one body', async () => {
        for (let count = 0; count < 200; count++) channel.secrets.make();
        const item = { subscriptionId: 'x', clientState: 'y'.repeat(43) };
        await channel.receive({ value: Array.from({ length: 6_000 }, () => item) }).done;
        assert.deepEqual(events.splice(0), ['refused the body is no collection of notifications']);
        await channel.receive({ value: Array.from({ length: 4_000 }, () => item) }).done;
        assert.deepEqual(events, ['refused unknown subscription or wrong clientState']);
    });

    it('are taken with the secret of a subscription that is being made, but not for ever', async () => {
        const { value } = await genuine(false);
        const clientState = channel.secrets.make();
        const send = () =>
            channel.receive({ value: [{ ...value[0], subscriptionId: 'not known yet', clientState }] }).done;
        await send();
        assert.deepEqual(events.splice(0), [`hint ${anna.teamsId}`]);
        await office.clock.advance(3 * 60_000);
        events.length = 0;
        await send();
        assert.deepEqual(events, ['refused unknown subscription or wrong clientState']);
    });

    it('need a key, which is made again where that has failed once', async () => {
        let fails = true;
        const unlucky = new NotificationChannel({
            verify: async () => ({ tenantId: '', clockAhead: 0 }),
            clock: office.clock,
            createKey: async () => {
                if (!fails) return channel.key();
                fails = false;
                throw new Error('no luck');
            },
        });
        await assert.rejects(unlucky.key());
        assert.equal((await unlucky.key()).id, (await channel.key()).id);
    });

    it('arrive at the receiver whole', async () => {
        const url = await office.receiver(registration);
        channel.open(url);
        assert.equal(channel.url, url);
        const key = await channel.key();
        assert.equal(await channel.key(), key);
        const clientState = channel.secrets.make();
        const { id } = await registration.asAccount(account).send<{ id: string }>({
            what: 'subscribe',
            method: 'POST',
            path: '/subscriptions',
            body: {
                changeType: 'updated',
                resource: `/communications/presences?$filter=id in ('${anna.teamsId}','${ben.teamsId}')`,
                notificationUrl: url,
                expirationDateTime: new Date(office.clock.date() + 50 * 60_000).toISOString(),
                clientState,
                includeResourceData: true,
                encryptionCertificate: key.certificate,
                encryptionCertificateId: key.id,
            },
        });
        channel.secrets.accept(id, clientState);
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
