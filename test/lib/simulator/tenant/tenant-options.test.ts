import assert from 'node:assert/strict';
import { FakeClock } from '../../../support/fake-clock';
import { anna, app, ben, person, TenantFixture, until } from './tenant-fixture';

const inACall = { sessionId: app.clientId, availability: 'Busy', activity: 'InACall' };

describe('What differs from tenant to tenant', () => {
    let clock: FakeClock;
    let office: TenantFixture;
    let token: string;

    beforeEach(async () => {
        clock = new FakeClock();
        const people = [anna, ben, ...Array.from({ length: 48 }, (_, index) => person(index + 2))];
        office = await TenantFixture.start({ clock, people });
        token = await office.appToken();
    });
    afterEach(() => office.stop());

    const get = (path: string) => office.graph(token, 'GET', path);
    const write = (action: string, body: object) =>
        office.graph(token, 'POST', `/users/${anna.teamsId}/presence/${action}`, body);
    const bulk = (ids: string[]) => office.graph(token, 'POST', '/communications/getPresencesByUserId', { ids });

    describe('a bulk read', () => {
        it('has an order of its own, another one every time', async () => {
            const ids = Array.from({ length: 50 }, (_, index) => person(index).teamsId);
            const orders = [];
            for (let attempt = 0; attempt < 2; attempt++) orders.push((await bulk(ids)).body.value.map(({ id }) => id));
            assert.deepEqual([...orders[0]!].sort(), ids);
            assert.notDeepEqual(orders[0], ids);
            assert.notDeepEqual(orders[0], orders[1]);
        });

        it('may come without sequence numbers', async () => {
            assert.match(String((await bulk([anna.teamsId])).body.value[0]!.sequenceNumber), /^\d+$/);
            office.tenant.behaviour.sequenceNumbers = false;
            assert.equal('sequenceNumber' in (await bulk([anna.teamsId])).body.value[0]!, false);
        });
    });

    describe('clouds', () => {
        it('of the US government know three properties of a presence', async () => {
            office.tenant.behaviour.cloud = 'us-government';
            const names = ['activity', 'availability', 'id', 'statusMessage'];
            const { body } = await get(`/users/${anna.teamsId}/presence`);
            assert.deepEqual(Object.keys(body).sort(), ['@odata.context', ...names]);
            assert.deepEqual(Object.keys((await bulk([anna.teamsId])).body.value[0]!).sort(), names);
            assert.equal((await write('setPresence', inACall)).status, 200);
        });

        it('of China know no presence', async () => {
            office.tenant.behaviour.cloud = 'china';
            for (const answer of [
                await get(`/users/${anna.teamsId}/presence`),
                await bulk([anna.teamsId]),
                await write('setPresence', inACall),
            ]) {
                assert.equal(answer.status, 400);
                assert.match(answer.body.error.message, /^Resource not found for the segment/);
            }
            assert.equal((await get('/users')).status, 200);
        });
    });

    it('refuses writes to those who have lost their licence, in one way or another', async () => {
        office.tenant.setPlans(anna.teamsId, []);
        const forbidden = await write('setPresence', inACall);
        assert.deepEqual([forbidden.status, forbidden.body.error.code], [403, 'Forbidden']);
        office.tenant.behaviour.unlicensed = 'not-found';
        const missing = await write('setPresence', inACall);
        assert.deepEqual([missing.status, missing.body.error.code], [404, 'NotFound']);
        assert.equal((await get(`/users/${anna.teamsId}/presence`)).body.availability, 'PresenceUnknown');
    });

    it('lets users choose their presence by hand, over what an app says', async () => {
        await write('setPresence', inACall);
        office.tenant.setUserPreferred(anna.teamsId, { availability: 'Away', activity: 'Away' });
        assert.equal((await get(`/users/${anna.teamsId}/presence`)).body.activity, 'Away');
        office.tenant.setUserPreferred(anna.teamsId, undefined);
        assert.equal((await get(`/users/${anna.teamsId}/presence`)).body.activity, 'InACall');
    });

    describe('requests that are never answered', () => {
        const pending = (answer: Promise<unknown>) => {
            const state = { done: false };
            answer.then(
                () => undefined,
                () => {
                    state.done = true;
                },
            );
            return state;
        };

        it('do nothing, and end with the connection', async () => {
            office.tenant.faults.hangNext(1, /setPresence/);
            const state = pending(write('setPresence', inACall));
            await until(() => office.tenant.counters.requests > 0);
            await clock.advance(600_000);
            assert.equal((await get('/users')).status, 200);
            assert.equal(state.done, false);
            assert.equal(office.tenant.presenceOf(anna.teamsId).activity, 'Available');
            assert.equal(office.tenant.counters.presenceWrites, 0);
            await office.tenant.stop();
            await until(() => state.done);
        });

        it('hold up the whole batch', async () => {
            office.tenant.faults.hangNext(1, /setPresence/);
            const url = `/users/${anna.teamsId}/presence`;
            const requests = [
                { id: '1', method: 'GET', url },
                {
                    id: '2',
                    method: 'POST',
                    url: `${url}/setPresence`,
                    body: inACall,
                    headers: { 'content-type': 'application/json' },
                },
            ];
            const state = pending(office.graph(token, 'POST', '/$batch', { requests }));
            await until(() => office.tenant.counters.requests >= 2);
            assert.equal((await get('/users')).status, 200);
            assert.equal(state.done, false);
            await office.tenant.stop();
            await until(() => state.done);
        });

        it('may be for tokens', async () => {
            office.tenant.faults.hangNext(1, /organizations\/oauth2/);
            const state = pending(office.token({ grant_type: 'password' }, 'organizations'));
            assert.ok(await office.appToken());
            assert.equal(state.done, false);
            await office.tenant.stop();
            await until(() => state.done);
        });
    });
});
