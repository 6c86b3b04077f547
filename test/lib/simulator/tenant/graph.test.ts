import assert from 'node:assert/strict';
import { defaultPeople } from '../../../../lib/simulator/person';
import { SimulatedTenant } from '../../../../lib/simulator/tenant/simulated-tenant';
import { FakeClock } from '../../../support/fake-clock';
import { account, anna, app, ben, nobody, person, poorApp, TenantFixture, tenantId, until } from './tenant-fixture';

describe('Simulated Graph', () => {
    let office: TenantFixture;
    let clock: FakeClock;
    let token: string;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
        token = await office.appToken();
    });
    afterEach(() => office.stop());

    const get = (path: string, bearer = token) => office.graph(bearer, 'GET', path);
    const post = (path: string, body: object, bearer = token) => office.graph(bearer, 'POST', path, body);
    const presence = (action: string, body: object, id = anna.teamsId, bearer = token) =>
        post(`/users/${id}/presence/${action}`, body, bearer);
    const call = { sessionId: app.clientId, availability: 'Busy', activity: 'InACall', expirationDuration: 'PT1H' };

    describe('tokens and errors', () => {
        it('wants a token that is valid', async () => {
            const none = await office.send('GET', '/v1.0/users');
            assert.equal(none.status, 401);
            assert.equal(none.body.error.code, 'InvalidAuthenticationToken');
            assert.match(none.headers['www-authenticate'] ?? '', /^Bearer/);
            const forged = `${token.slice(0, token.lastIndexOf('.'))}.AAAA`;
            for (const wrong of ['nonsense', 'a.b.c', forged]) assert.equal((await get('/users', wrong)).status, 401);
            assert.equal((await get('/users')).status, 200);
        });

        it('refuses a token once it has expired', async () => {
            await clock.advance(3_600_000);
            const { status, body } = await get('/users');
            assert.equal(status, 401);
            assert.match(body.error.message, /expired/);
        });

        it('gives tokens the lifetime it is told to', async () => {
            office.tenant.behaviour.tokenLifetime = 60;
            const short = await office.appToken();
            await clock.advance(59_000);
            assert.equal((await get('/users', short)).status, 200);
            await clock.advance(1_000);
            assert.equal((await get('/users', short)).status, 401);
        });

        it('shapes its errors as Graph does', async () => {
            const { body, headers } = await office.send('GET', '/v1.0/users/nobody', undefined, {
                authorization: `Bearer ${token}`,
                'client-request-id': 'my-request',
            });
            assert.equal(body.error.code, 'Request_ResourceNotFound');
            assert.equal(body.error.innerError.date, '2026-01-05T08:00:00');
            assert.equal(body.error.innerError['client-request-id'], 'my-request');
            assert.equal(body.error.innerError['request-id'], headers['request-id']);
            assert.equal(headers['client-request-id'], 'my-request');
        });

        it('refuses unknown paths, methods, versions and unreadable bodies', async () => {
            assert.deepEqual([(await get('/planets')).status, (await get('/')).status], [400, 400]);
            assert.equal((await office.graph(token, 'DELETE', '/users')).status, 405);
            const auth = { authorization: `Bearer ${token}` };
            assert.equal((await office.send('GET', '/v2.0/users', undefined, auth)).status, 400);
            assert.equal((await get('/users/%E0%A4%A')).status, 400);
            const path = '/v1.0/communications/getPresencesByUserId';
            const json = { ...auth, 'content-type': 'application/json' };
            for (const answer of [
                await office.send('POST', path, '{"ids":', json),
                await office.send('POST', path, '{"ids":[]}', auth),
                await office.send('POST', path, '[]', json),
                await office.send('POST', path, '', json),
            ])
                assert.equal(answer.status, 400);
        });

        it('does not take more than four megabytes', async () => {
            const big = 'x'.repeat(5 * 1024 * 1024);
            const { status } = await office.send('POST', '/v1.0/$batch', big, { authorization: `Bearer ${token}` });
            assert.equal(status, 413);
        });
    });

    describe('users', () => {
        it('lists people and communication users with the default properties', async () => {
            const { status, body } = await get('/users');
            assert.equal(status, 200);
            assert.equal(body.value.length, 4);
            assert.deepEqual(body.value[0]!, {
                businessPhones: [anna.number],
                displayName: 'Anna Brandt',
                givenName: 'Anna',
                jobTitle: null,
                mail: anna.mail,
                mobilePhone: null,
                officeLocation: null,
                preferredLanguage: null,
                surname: 'Brandt',
                userPrincipalName: anna.mail,
                id: anna.teamsId,
            });
            assert.equal(body.value[2]!.userPrincipalName, account.username);
            assert.equal(body.value[2]!.mail, null);
            assert.equal(body['@odata.nextLink'], undefined);
        });

        it('gives what is selected', async () => {
            const { body } = await get('/users?$select=id,proxyAddresses,assignedPlans,accountEnabled');
            assert.deepEqual(Object.keys(body.value[0]!), ['id', 'proxyAddresses', 'assignedPlans', 'accountEnabled']);
            assert.deepEqual(body.value[0]!.proxyAddresses, [`SMTP:${anna.mail}`]);
            assert.equal(body.value[0]!.assignedPlans[0]!.servicePlanId, '57ff2da0-773e-42df-b2af-ffb7a2317929');
            assert.equal(body.value[0]!.assignedPlans[0]!.capabilityStatus, 'Enabled');
            assert.deepEqual(body.value[2]!.assignedPlans, []);
        });

        it('finds one by id and by user principal name', async () => {
            assert.equal((await get(`/users/${anna.teamsId}`)).body.displayName, 'Anna Brandt');
            const { body } = await get(`/users/${encodeURIComponent(ben.mail.toUpperCase())}?$select=id`);
            assert.equal(body.id, ben.teamsId);
            assert.equal((await get(`/users/${nobody}`)).status, 404);
        });

        it('pages, with links to follow as they are', async () => {
            const people = Array.from({ length: 250 }, (_, index) => person(index));
            const firm = await TenantFixture.start({ people });
            try {
                const bearer = await firm.appToken();
                const sizes: number[] = [];
                const ids = new Set<string>();
                let next: string | undefined = '/users?$select=id';
                while (next) {
                    const { body } = await firm.graph(bearer, 'GET', next);
                    sizes.push(body.value.length);
                    for (const user of body.value) ids.add(Object.values(user).join());
                    next = body['@odata.nextLink'];
                    if (next) assert.match(next, /\/v1\.0\/users\?.*\$skiptoken=/);
                }
                assert.deepEqual(sizes, [100, 100, 52]);
                assert.equal(ids.size, 252);
                const all = await firm.graph(bearer, 'GET', '/users?$top=999');
                assert.equal(all.body.value.length, 252);
            } finally {
                await firm.stop();
            }
        });

        it('refuses what the directory refuses', async () => {
            for (const query of [
                '$top=0',
                '$top=1000',
                '$top=x',
                '$skip=1',
                '$filter=a',
                '$skiptoken=x',
                '$select=foo',
            ])
                assert.equal((await get(`/users?${query}`)).status, 400, query);
        });

        it('shows the basic properties to those who may read no more', async () => {
            const poor = await office.appToken(poorApp);
            const { body } = await get('/users', poor);
            assert.equal(body.value[0]!.mail, anna.mail);
            assert.deepEqual(body.value[0]!.businessPhones, []);
            const refused = await get('/users?$select=id,assignedPlans', poor);
            assert.equal(refused.status, 403);
            assert.equal(refused.body.error.code, 'Authorization_RequestDenied');
        });

        it('lets a signed-in user read their own entry only', async () => {
            const user = await office.userToken(account, poorApp);
            assert.equal((await get('/me', user)).body.userPrincipalName, account.username);
            assert.equal((await get(`/users/${anna.teamsId}`, user)).status, 403);
            assert.equal((await get('/users', user)).status, 403);
            assert.equal((await get('/me')).status, 400);
        });
    });

    describe('reading presence', () => {
        it('reads one, in both places', async () => {
            for (const path of [`/users/${anna.teamsId}/presence`, `/communications/presences/${anna.teamsId}`]) {
                const { status, body } = await get(path);
                assert.equal(status, 200);
                assert.equal(body.id, anna.teamsId);
                assert.equal(body.availability, 'Available');
                assert.equal(body.activity, 'Available');
                assert.deepEqual(body.outOfOfficeSettings, { message: null, isOutOfOffice: false });
            }
        });

        it('knows users by object id only', async () => {
            assert.equal((await get(`/users/${anna.mail}/presence`)).status, 404);
            assert.equal((await get(`/users/${nobody}/presence`)).status, 404);
        });

        it('reads many, each once, leaving out strangers', async () => {
            office.tenant.startCall(ben.teamsId);
            const ids = [ben.teamsId, nobody, anna.teamsId.toUpperCase(), ben.teamsId];
            const { status, body } = await post('/communications/getPresencesByUserId', { ids });
            assert.equal(status, 200);
            const states = body.value.map(each => `${each.id} ${each.activity}`);
            assert.deepEqual(states.sort(), [`${anna.teamsId} Available`, `${ben.teamsId} InACall`]);
            office.tenant.behaviour.unknownPresence = 'presence-unknown';
            const all = await post('/communications/getPresencesByUserId', { ids });
            assert.deepEqual(
                all.body.value.find(each => each.id === nobody),
                { id: nobody, availability: 'PresenceUnknown', activity: 'PresenceUnknown' },
            );
        });

        it('knows nothing of users without Teams', async () => {
            const { id } = (await get(`/users/${account.username}`)).body;
            assert.equal((await get(`/users/${id}/presence`)).body.availability, 'PresenceUnknown');
            const refused = await presence('setPresence', call, id);
            assert.equal(refused.status, 403);
        });

        it('takes 650 ids and no more, and nothing but ids', async () => {
            const ids = (count: number) => Array.from({ length: count }, (_, index) => person(index).teamsId);
            assert.equal((await post('/communications/getPresencesByUserId', { ids: ids(650) })).status, 200);
            for (const wrong of [ids(651), [], undefined, [anna.mail]])
                assert.equal((await post('/communications/getPresencesByUserId', { ids: wrong })).status, 400);
        });

        it('refuses $select', async () => {
            assert.equal((await get(`/users/${anna.teamsId}/presence?$select=id`)).status, 400);
        });

        it('wants the permission', async () => {
            const poor = await office.appToken(poorApp);
            const refused = await get(`/users/${anna.teamsId}/presence`, poor);
            assert.equal(refused.status, 403);
            assert.equal(refused.body.error.code, 'Forbidden');
            assert.equal((await post('/communications/getPresencesByUserId', { ids: [nobody] }, poor)).status, 403);
            const user = await office.userToken();
            assert.equal((await get(`/users/${anna.teamsId}/presence`, user)).status, 200);
        });
    });

    describe('writing presence', () => {
        it('answers with an empty body, sometimes announced as JSON', async () => {
            const types = new Set<string | undefined>();
            for (let attempt = 0; attempt < 4; attempt++) {
                const { status, text, headers } = await presence('setPresence', call);
                assert.deepEqual([status, text], [200, '']);
                types.add(headers['content-type']);
            }
            assert.deepEqual([...types].sort(), ['application/json', undefined]);
        });

        it('sets and clears a session, and counts', async () => {
            await presence('setPresence', call);
            assert.equal((await get(`/users/${anna.teamsId}/presence`)).body.activity, 'InACall');
            assert.equal((await presence('clearPresence', { sessionId: app.clientId })).status, 200);
            assert.deepEqual(office.tenant.presenceOf(anna.teamsId), {
                availability: 'Available',
                activity: 'Available',
            });
            assert.equal((await presence('clearPresence', { sessionId: app.clientId })).status, 404);
            assert.equal(office.tenant.counters.presenceWrites, 2);
            assert.equal(office.tenant.counters.requests, 4);
        });

        it('takes five pairs and no other', async () => {
            const tried = async (availability: string, activity: string) =>
                (await presence('setPresence', { ...call, availability, activity })).status;
            const accepted = [
                ['Available', 'Available'],
                ['Busy', 'InACall'],
                ['Busy', 'InAConferenceCall'],
                ['Away', 'Away'],
                ['DoNotDisturb', 'Presenting'],
            ] as const;
            for (const [availability, activity] of accepted) assert.equal(await tried(availability, activity), 200);
            const refused = [
                ['Busy', 'Busy'],
                ['DoNotDisturb', 'DoNotDisturb'],
                ['Offline', 'Offline'],
                ['Busy', 'InAMeeting'],
                ['Available', 'InACall'],
            ] as const;
            for (const [availability, activity] of refused) assert.equal(await tried(availability, activity), 400);
        });

        it('takes leases from five minutes to four hours, five minutes by default', async () => {
            for (const expirationDuration of ['PT5M', 'PT4H', 'PT300S', 'PT1H30M'])
                assert.equal((await presence('setPresence', { ...call, expirationDuration })).status, 200);
            for (const expirationDuration of ['PT4M59S', 'PT4H1S', 'P1D', 'PT', 'P', '1 hour', 60]) {
                const { status, body } = await presence('setPresence', { ...call, expirationDuration });
                assert.equal(status, 400);
                assert.equal(body.error.code, 'InvalidArgument');
                assert.equal(body.error.message, 'The provided [ExpirationDuration] is out of range.');
            }
            await presence('setPresence', { ...call, expirationDuration: undefined });
            await clock.advance(300_000);
            assert.equal(office.tenant.presenceOf(anna.teamsId).activity, 'Available');
        });

        it("wants the app's own client id as session", async () => {
            for (const action of ['setPresence', 'clearPresence']) {
                const missing = await presence(action, { ...call, sessionId: undefined });
                assert.equal(missing.body.error.message, '[SessionId]: The SessionId field is required.');
                assert.equal((await presence(action, { ...call, sessionId: tenantId })).status, 400);
            }
            for (const field of ['availability', 'activity'])
                assert.equal((await presence('setPresence', { ...call, [field]: undefined })).status, 400);
        });

        it('sets and clears the preferred presence', async () => {
            const busy = { availability: 'Busy', activity: 'Busy' };
            assert.equal((await presence('setUserPreferredPresence', busy)).status, 200);
            assert.deepEqual(office.tenant.presenceOf(anna.teamsId), busy);
            assert.equal((await presence('clearUserPreferredPresence', {})).status, 200);
            assert.equal(office.tenant.presenceOf(anna.teamsId).activity, 'Available');
            const bare = await office.graph(
                token,
                'POST',
                `/users/${anna.teamsId}/presence/clearUserPreferredPresence`,
            );
            assert.equal(bare.status, 200);
        });

        it('keeps the preferred presence a day or a week by default', async () => {
            await presence('setUserPreferredPresence', { availability: 'Busy', activity: 'Busy' });
            await presence('setUserPreferredPresence', { availability: 'Away', activity: 'Away' }, ben.teamsId);
            await clock.advance(86_400_000);
            assert.equal(office.tenant.presenceOf(anna.teamsId).activity, 'Available');
            assert.equal(office.tenant.presenceOf(ben.teamsId).activity, 'Away');
            await clock.advance(6 * 86_400_000);
            assert.equal(office.tenant.presenceOf(ben.teamsId).activity, 'Available');
        });

        it('refuses other preferred pairs and durations', async () => {
            for (const body of [
                { availability: 'Busy', activity: 'InACall' },
                { availability: 'Offline', activity: 'Offline' },
                { availability: 'Busy', activity: 'Busy', expirationDuration: 'PT0S' },
                { availability: 'Busy', activity: 'Busy', expirationDuration: 'soon' },
                {},
            ])
                assert.equal((await presence('setUserPreferredPresence', body)).status, 400);
        });

        it('sets a status message, whose end only the user sees [D10]', async () => {
            const message = { content: 'Back at noon', contentType: 'text' };
            const expiryDateTime = { dateTime: '2026-01-05T12:00:00.000', timeZone: 'UTC' };
            assert.equal(
                (await presence('setStatusMessage', { statusMessage: { message, expiryDateTime } })).status,
                200,
            );
            const seen = (await get(`/users/${anna.teamsId}/presence`)).body.statusMessage;
            assert.deepEqual(seen, { message });
            const own = await office.userToken({ username: anna.mail, password: 'password of Anna' });
            assert.deepEqual((await get('/me/presence', own)).body.statusMessage.expiryDateTime, expiryDateTime);
            for (const statusMessage of [
                undefined,
                { message: 'text' },
                { message: { content: 5 } },
                { message: { content: 'x', contentType: 'html' } },
                { message, expiryDateTime: { dateTime: '2026-01-05T12:00:00Z', timeZone: 'UTC' } },
                {
                    message,
                    expiryDateTime: { dateTime: '2026-01-05T12:00:00', timeZone: 'Middle-earth Standard Time' },
                },
                { message, expiryDateTime: { dateTime: '2026-01-05T12:00:00', timeZone: 'Europe/Vaduz' } },
                { message, expiryDateTime: { dateTime: '2026-01-05T12:00:00' } },
            ])
                assert.equal((await presence('setStatusMessage', { statusMessage })).status, 400);
        });

        it('takes the end of a status message in any time zone of Windows, as the documentation shows it [D10]', async () => {
            const own = await office.userToken({ username: anna.mail, password: 'password of Anna' });
            const endOf = async (dateTime: string, timeZone: string) => {
                const message = { content: "Hey I'm currently in a meeting.", contentType: 'text' };
                const statusMessage = { message, expiryDateTime: { dateTime, timeZone } };
                assert.equal((await presence('setStatusMessage', { statusMessage })).status, 200, timeZone);
                return (await get('/me/presence', own)).body.statusMessage.expiryDateTime;
            };
            for (const [dateTime, timeZone, utc] of [
                ['2026-10-18T17:05:33.2079781', 'Pacific Standard Time', '2026-10-19T00:05:33.207'],
                ['2026-01-18T17:05:33', 'pacific standard time', '2026-01-19T01:05:33.000'],
                ['2026-07-01T12:00:00', 'W. Europe Standard Time', '2026-07-01T10:00:00.000'],
                ['2026-07-01T12:00:00', 'India Standard Time', '2026-07-01T06:30:00.000'],
                ['2026-07-01T12:00:00', 'Europe/Berlin', '2026-07-01T10:00:00.000'],
                // The clocks of Germany go forward at 2 and back at 3 in the morning.
                ['2026-03-29T01:59:00', 'W. Europe Standard Time', '2026-03-29T00:59:00.000'],
                ['2026-03-29T03:00:00', 'W. Europe Standard Time', '2026-03-29T01:00:00.000'],
                ['2026-10-25T03:00:00', 'W. Europe Standard Time', '2026-10-25T02:00:00.000'],
            ] as const)
                assert.deepEqual(await endOf(dateTime, timeZone), { dateTime: utc, timeZone: 'UTC' }, dateTime);
        });

        it('lets a signed-in user write for nobody else', async () => {
            const user = await office.userToken({ username: anna.mail, password: 'password of Anna' });
            assert.equal((await presence('setPresence', call, anna.teamsId, user)).status, 200);
            const other = await presence('setPresence', call, ben.teamsId, user);
            assert.equal(other.status, 401);
            assert.equal(other.body.error.message, 'Cannot set the presence of another user');
        });

        it('wants the permission and a user', async () => {
            const poor = await office.appToken(poorApp);
            const refused = await presence('setPresence', { ...call, sessionId: poorApp.clientId }, anna.teamsId, poor);
            assert.equal(refused.status, 403);
            assert.equal((await presence('setPresence', call, nobody)).status, 404);
            assert.equal(office.tenant.counters.presenceWrites, 0);
        });
    });

    describe('$batch', () => {
        const action = (id: string, user: string, more: object = {}) => ({
            id,
            method: 'POST',
            url: `/users/${user}/presence/setPresence`,
            headers: { 'Content-Type': 'application/json' },
            body: call,
            ...more,
        });
        const byId = (body: { responses: { id: string; status: number }[] }) =>
            Object.fromEntries(body.responses.map(each => [each.id, each.status]));

        it('answers each item with a status of its own', async () => {
            const { status, body } = await post('/$batch', {
                requests: [
                    action('1', anna.teamsId),
                    action('2', nobody),
                    { id: '3', method: 'GET', url: 'users?$top=1' },
                    action('4', ben.teamsId, { dependsOn: ['2'] }),
                    action('5', ben.teamsId, { dependsOn: ['1'] }),
                ],
            });
            assert.equal(status, 200);
            assert.deepEqual(byId(body), { 1: 200, 2: 404, 3: 200, 4: 424, 5: 200 });
            const users = body.responses.find(each => each.id === '3');
            assert.equal(users!.body.value.length, 1);
            assert.equal(users!.headers['Content-Type'], 'application/json');
            assert.equal(office.tenant.counters.requests, 4);
            assert.equal(office.tenant.counters.presenceWrites, 2);
        });

        it('takes twenty items and no more', async () => {
            const requests = (count: number) =>
                Array.from({ length: count }, (_, index) => ({ id: `${index}`, method: 'GET', url: '/users?$top=1' }));
            assert.equal((await post('/$batch', { requests: requests(20) })).status, 200);
            assert.equal((await post('/$batch', { requests: requests(21) })).status, 400);
        });

        it('refuses what is malformed', async () => {
            const item = { id: 'a', method: 'GET', url: '/users' };
            for (const requests of [
                undefined,
                [],
                [null],
                [item, { ...item, id: 'A' }],
                [{ ...item, id: '' }],
                [{ ...item, method: undefined }],
                [{ ...item, url: 'https://graph.microsoft.com/v1.0/users' }],
                [{ ...item, url: '/$batch' }],
                [{ ...item, dependsOn: ['b'] }],
                [{ ...item, dependsOn: 'b' }],
                [action('a', anna.teamsId, { headers: {} })],
            ])
                assert.equal((await post('/$batch', { requests })).status, 400);
            assert.equal((await office.send('POST', '/v1.0/$batch', { requests: [item] })).status, 401);
        });

        it('throttles single items', async () => {
            office.tenant.faults.failNext(1, 429, undefined, { 'retry-after': '3' });
            const requests = [action('1', anna.teamsId), action('2', ben.teamsId)];
            const { status, body } = await post('/$batch', { requests });
            assert.equal(status, 200);
            assert.deepEqual(byId(body), { 1: 429, 2: 200 });
            const throttled = body.responses.find(each => each.id === '1');
            assert.equal(throttled!.headers['Retry-After'], '3');
            assert.equal(throttled!.body.error.code, 'TooManyRequests');
        });
    });

    describe('faults', () => {
        it('fails as often as told, with the given answer', async () => {
            office.tenant.faults.failNext(2, 502, '<html>Bad gateway</html>', { 'content-type': 'text/html' });
            for (let attempt = 0; attempt < 2; attempt++) {
                const { status, text } = await get('/users');
                assert.deepEqual([status, text], [502, '<html>Bad gateway</html>']);
            }
            assert.equal((await get('/users')).status, 200);
            office.tenant.faults.failNext(1, 500);
            office.tenant.faults.clear();
            assert.equal((await get('/users')).status, 200);
        });

        it('is as slow as told', async () => {
            office.tenant.faults.latency = 1_000;
            let done = false;
            const answer = get('/users').finally(() => {
                done = true;
            });
            await until(() => clock.waiting > 0);
            await clock.advance(999);
            assert.equal(done, false);
            await clock.advance(1);
            assert.equal((await answer).status, 200);
        });
    });

    describe('stop and start', () => {
        it('keeps the port, tokens, sessions and preferred presence', async () => {
            await presence('setPresence', call);
            await presence('setUserPreferredPresence', { availability: 'Away', activity: 'Away' }, ben.teamsId);
            const { port } = office.tenant;
            await office.tenant.stop();
            await office.tenant.stop();
            assert.equal(clock.waiting, 0);
            await assert.rejects(get('/users'));
            assert.equal(office.tenant.presenceOf(anna.teamsId).activity, 'InACall');
            await Promise.all([office.tenant.start(), office.tenant.start()]);
            assert.equal(office.tenant.port, port);
            assert.equal((await get(`/users/${anna.teamsId}/presence`)).body.activity, 'InACall');
            assert.equal((await get(`/users/${ben.teamsId}/presence`)).body.activity, 'Away');
        });

        it('reports every change of a person', async () => {
            const changes: string[] = [];
            office.tenant.on('change', id => changes.push(id));
            office.tenant.startCall(anna.teamsId.toUpperCase());
            office.tenant.startCall(anna.teamsId);
            office.tenant.endCall(anna.teamsId);
            office.tenant.setClientPresence(ben.teamsId, undefined);
            office.tenant.setClientPresence(ben.teamsId, { availability: 'Offline', activity: 'Offline' });
            assert.deepEqual(changes, [anna.teamsId, anna.teamsId, ben.teamsId]);
            assert.throws(() => office.tenant.presenceOf(nobody));
        });

        it('fails to start where the port is taken', async () => {
            const { authority, tenant } = office;
            const options = { tenantId, authority, people: defaultPeople(), registrations: [], accounts: [] };
            const second = new SimulatedTenant({ ...options, port: tenant.port });
            await assert.rejects(second.start(), { code: 'EADDRINUSE' });
            await tenant.stop();
            await second.start();
            await second.stop();
        });
    });
});
