import assert from 'node:assert/strict';
import { chargeOf } from '../../../../lib/simulator/tenant/request-class';
import { documentedLimits, Throttling } from '../../../../lib/simulator/tenant/throttling';
import { FakeClock } from '../../../support/fake-clock';
import { anna, app, poorApp, TenantFixture, tenantId } from './tenant-fixture';

const second = 1_000;

describe('Throttling', () => {
    describe('classes and costs', () => {
        const cases: [request: string, kind: string, cost: number][] = [
            [`GET /users/${anna.teamsId}/presence`, 'presence', 1],
            [`POST /users/${anna.teamsId}/presence/setPresence`, 'presence', 1],
            ['GET /communications/presences/x', 'presence', 1],
            ['POST /Communications/getPresencesByUserId', 'presence', 1],
            ['POST /subscriptions', 'subscriptionWrites', 1],
            ['PATCH /subscriptions/x', 'subscriptionWrites', 1],
            ['DELETE /subscriptions/x', 'subscriptionWrites', 1],
            ['POST /subscriptions/x/reauthorize', 'subscriptionReauthorizations', 1],
            ['GET /subscriptions', 'subscriptionLists', 1],
            ['GET /subscriptions/x', 'subscriptionReads', 1],
            ['GET /users', 'directory', 2],
            ['GET /users?$select=id', 'directory', 1],
            ['GET /users?$top=19', 'directory', 1],
            ['GET /users?$top=20', 'directory', 2],
            ['GET /users?$top=5&$select=id', 'directory', 1],
            ['GET /users?$expand=manager', 'directory', 3],
            ['GET /users/delta', 'directory', 1],
            ['GET /users/x', 'directory', 1],
            ['GET /groups/x/members', 'directory', 3],
            ['GET /groups/x/transitiveMembers/microsoft.graph.user?$count=true', 'directory', 5],
            ['GET /groups/x/transitiveMembers/microsoft.graph.user?$select=id', 'directory', 4],
            ['GET /organization', 'other', 1],
        ];
        for (const [request, kind, cost] of cases)
            it(`${request} is ${kind} and costs ${cost}`, () => {
                const [method = '', url = ''] = request.split(' ');
                const { pathname, searchParams } = new URL(url, 'https://graph.example');
                const segments = pathname.split('/').filter(Boolean);
                assert.deepEqual(chargeOf({ method, segments, query: searchParams }), { kind, cost });
            });
    });

    describe('window', () => {
        let clock: FakeClock;
        let throttling: Throttling;

        beforeEach(() => {
            clock = new FakeClock();
            throttling = new Throttling({ clock, tenantId }, { presence: { requests: 3, period: 30 * second } });
        });

        const charge = (appId = 'app') => throttling.charge(appId, { kind: 'presence', cost: 1 });
        const refused = (appId?: string) => {
            try {
                charge(appId);
            } catch (error) {
                return error as { status: number; headers: Record<string, string> };
            }
            return undefined;
        };

        it('slides: what was sent leaves it exactly one period later', async () => {
            charge();
            await clock.advance(10 * second);
            charge();
            charge();
            await clock.advance(20 * second - 1);
            assert.equal(refused()?.status, 429);
            await clock.advance(10 * second);
            // The first has left at 30 s, the two of 10 s are about to leave, and the refused one counts.
            assert.equal(refused()?.status, 429);
            await clock.advance(1);
            assert.equal(refused(), undefined);
        });

        it('says in whole seconds when the next request will pass, if none comes before', async () => {
            for (let index = 0; index < 3; index++) charge();
            await clock.advance(500);
            assert.equal(refused()?.headers['retry-after'], '30');
            await clock.advance(29_499);
            assert.notEqual(refused(), undefined);
        });

        it('lets the next request pass once its own advice was followed', async () => {
            for (let index = 0; index < 3; index++) charge();
            await clock.advance(12_345);
            for (let index = 0; index < 5; index++) refused();
            const wait = Number(refused()?.headers['retry-after']);
            await clock.advance(wait * second);
            assert.equal(refused(), undefined);
        });

        it('keeps those out who do not wait: refused requests count', async () => {
            for (let index = 0; index < 3; index++) charge();
            for (let index = 0; index < 12; index++) {
                await clock.advance(5 * second);
                assert.equal(refused()?.status, 429, `after ${(index + 1) * 5} s`);
            }
        });

        it('is each app its own', () => {
            for (let index = 0; index < 3; index++) charge();
            assert.equal(refused()?.status, 429);
            assert.equal(refused('other app'), undefined);
        });

        it('may keep silent about how long to wait', () => {
            throttling.retryAfter = false;
            for (let index = 0; index < 3; index++) charge();
            assert.deepEqual(refused()?.headers, {});
        });

        it('counts what was served and refused, and the most within any period', async () => {
            for (let index = 0; index < 4; index++) refused();
            await clock.advance(31 * second);
            charge();
            assert.deepEqual(throttling.counters.presence, { served: 4, throttled: 1, peak: 4 });
            assert.equal(throttling.throttled, 1);
        });

        it('counts without a limit, too, and refuses nothing', () => {
            throttling.limits = {};
            for (let index = 0; index < 10; index++) charge();
            assert.deepEqual(throttling.counters.presence, { served: 10, throttled: 0, peak: 10 });
        });

        it('stays exact for many requests', async () => {
            throttling.limits = { presence: { requests: 1_500, period: 30 * second } };
            for (let round = 0; round < 10; round++) {
                for (let index = 0; index < 1_500; index++) charge();
                assert.notEqual(refused(), undefined);
                await clock.advance(30 * second);
            }
            assert.equal(throttling.counters.presence.peak, 1_501);
            assert.equal(throttling.counters.presence.served, 15_000);
        });
    });

    describe('in Graph', () => {
        let clock: FakeClock;
        let office: TenantFixture;
        let token: string;

        beforeEach(async () => {
            clock = new FakeClock();
            office = await TenantFixture.start({ clock });
            token = await office.appToken();
        });
        afterEach(() => office.stop());

        const read = (bearer = token) => office.graph(bearer, 'GET', `/users/${anna.teamsId}/presence`);

        it('is off until told', async () => {
            for (let index = 0; index < 30; index++)
                assert.equal((await office.graph(await office.userToken(), 'GET', '/subscriptions')).status, 200);
            assert.equal(office.tenant.counters.classes.subscriptionLists.served, 30);
        });

        it('answers with an error of Graph and the time to wait', async () => {
            office.tenant.throttling.limits = { ...documentedLimits, presence: { requests: 1, period: 30 * second } };
            assert.equal((await read()).status, 200);
            const { status, headers, body } = await read();
            assert.equal(status, 429);
            assert.equal(headers['retry-after'], '30');
            assert.equal(body.error.code, 'TooManyRequests');
            assert.equal(office.tenant.counters.throttled, 1);
            assert.equal((await office.graph(token, 'GET', '/users?$select=id')).status, 200);
        });

        it('charges the items of a batch one by one', async () => {
            office.tenant.throttling.limits = { presence: { requests: 2, period: 30 * second } };
            const requests = ['1', '2', '3'].map(id => ({ id, method: 'GET', url: `/users/${anna.teamsId}/presence` }));
            const { status, body } = await office.graph(token, 'POST', '/$batch', { requests });
            assert.equal(status, 200);
            const refused = body.responses.filter(each => each.status === 429);
            assert.equal(refused.length, 1);
            assert.equal(refused[0]!.headers['Retry-After'], '30');
        });

        it('tells of the resource units of the directory, and of a limit that is near', async () => {
            const users = () => office.graph(token, 'GET', '/users');
            assert.equal((await users()).headers['x-ms-resource-unit'], '2');
            office.tenant.throttling.limits = { directory: { requests: 6, period: 10 * second } };
            assert.equal((await users()).headers['x-ms-throttle-limit-percentage'], undefined);
            assert.equal((await users()).headers['x-ms-throttle-limit-percentage'], '1');
            const { status, headers } = await users();
            assert.equal(status, 429);
            assert.equal(headers['x-ms-throttle-information'], 'ResourceUnitLimitExceeded');
            assert.equal(headers['x-ms-throttle-scope'], `Tenant_Application/ReadWrite/${app.clientId}/${tenantId}`);
        });

        it('charges nothing to those who cannot show who they are, and each app its own', async () => {
            office.tenant.throttling.limits = { presence: { requests: 1, period: 30 * second } };
            assert.equal((await read('nonsense')).status, 401);
            assert.equal((await read()).status, 200);
            assert.equal((await read(await office.appToken(poorApp))).status, 403);
        });
    });

    it('can be on from the start', async () => {
        const office = await TenantFixture.start({
            throttling: { subscriptionLists: { requests: 1, period: 20 * second }, retryAfter: false },
        });
        try {
            const user = await office.userToken();
            assert.equal((await office.graph(user, 'GET', '/subscriptions')).status, 200);
            const { status, headers } = await office.graph(user, 'GET', '/subscriptions');
            assert.equal(status, 429);
            assert.equal(headers['retry-after'], undefined);
        } finally {
            await office.stop();
        }
    });
});
