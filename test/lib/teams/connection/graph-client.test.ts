import assert from 'node:assert/strict';
import { RateBudget } from '../../../../lib/support/rate-budget';
import { GraphClient, type GraphRequest } from '../../../../lib/teams/connection/graph-client';
import { GraphRefusal, retryAfterOf } from '../../../../lib/teams/connection/graph-error';
import { createHttp, type Http } from '../../../../lib/teams/connection/http';
import { appTokens } from '../../../../lib/teams/connection/sign-in/token-source';
import { anna, ben, TeamsFixture, until } from '../teams-fixture';

const users: GraphRequest = { what: 'read the users', method: 'GET', path: '/users?$select=id' };

function setBusy(person = anna, priority: GraphRequest['priority'] = 'edge'): GraphRequest {
    const path = `/users/${person.teamsId}/presence/setUserPreferredPresence`;
    const body = { availability: 'Busy', activity: 'Busy', expirationDuration: 'PT5M' };
    return { what: `change the presence of ${person.name}`, method: 'POST', path, body, priority };
}

describe('Graph', () => {
    let office: TeamsFixture;
    let graph: GraphClient;

    beforeEach(async () => {
        office = await TeamsFixture.start();
        graph = office.teams().registration.asApp();
        await graph.send(users);
        office.requests.length = 0;
    });
    afterEach(() => office.stop({ listed: false }));

    it('reads and writes; an empty answer is nothing, whatever its content type', async () => {
        const answer = await graph.send<{ value: { id: string }[] }>(users);
        assert.ok(answer.value.some(({ id }) => id === anna.teamsId));
        for (let turn = 0; turn < 4; turn++) assert.equal(await graph.send(setBusy()), undefined);
        assert.equal(office.simulated.presenceOf(anna.teamsId).availability, 'Busy');
    });

    it('lets HTTP repeat everything but what makes something new, and a batch if all of it may be repeated', async () => {
        const { graphUrl, trust, ...settings } = office.settings();
        const { clock } = office;
        const http = createHttp(trust);
        const repeatable: unknown[] = [];
        const fetch: Http['fetch'] = (url, request) => {
            repeatable.push(request?.repeatable);
            return http.fetch(url, request);
        };
        const tokens = appTokens({ graphUrl, ...settings }, http, clock);
        const budget = new RateBudget({ requests: 10, period: 1_000 }, clock);
        const watched = new GraphClient({ graphUrl, tokens, http: { ...http, fetch }, clock, budget });
        const settable = { ...setBusy(), repeatable: true };
        await watched.send(users);
        await watched.batch([settable, { ...setBusy(ben), repeatable: true }]);
        await watched.batch([settable, setBusy(ben)]);
        const subscribing = watched.send({ what: 'subscribe', method: 'POST', path: '/subscriptions', body: {} });
        await assert.rejects(subscribing, GraphRefusal);
        assert.deepEqual(repeatable, [true, true, false, false]);
        await http.close();
    });

    it('gets a fresh token once when Graph refuses the one it has', async () => {
        await office.clock.advance(2 * 3_600_000);
        await Promise.all([graph.send(users), graph.send(users), graph.send(setBusy())]);
        assert.equal(office.count(/oauth2/), 1);
    });

    it('tries a fresh token only once', async () => {
        office.simulated.faults.failNext(2, 401);
        await assert.rejects(graph.send(users), { status: 401, code: 'TEAMS_TOKEN_REFUSED', kind: 'outage' });
        assert.equal(office.count(/users/), 2);
        assert.equal(office.count(/oauth2/), 1);
    });

    for (const status of [429, 500, 502, 503, 504])
        it(`repeats what met a ${status}, and waits as it is asked to`, async () => {
            office.simulated.faults.failNext(1, status, undefined, { 'retry-after': '7' });
            const sent = graph.send(users);
            await until(() => office.requests.length === 1);
            await office.rest();
            await office.clock.advance(6_999);
            await office.rest();
            assert.equal(office.requests.length, 1);
            await office.clock.advance(1);
            await sent;
            assert.equal(office.requests.length, 2);
        });

    it('repeats with back-off where it is not told how long to wait', async () => {
        office.simulated.faults.failNext(2, 429);
        const sent = graph.send(users);
        await until(() => office.requests.length === 1);
        for (const shortest of [400, 800]) {
            await office.rest();
            const before = office.requests.length;
            await office.clock.advance(shortest - 1);
            await office.rest();
            assert.equal(office.requests.length, before);
            await office.passTime(() => office.requests.length > before, 10);
        }
        await sent;
        assert.equal(office.requests.length, 3);
    });

    it('gives up after three times with an outage', async () => {
        office.simulated.faults.failNext(10, 503);
        const sent = assert.rejects(graph.send(users), {
            code: 'TEAMS_SERVICE_ERROR',
            kind: 'outage',
            status: 503,
            graphCode: 'ServiceUnavailable',
        });
        await office.passTime(() => office.requests.length === 3, 500);
        await sent;
    });

    it('hands a long wait on to its caller', async () => {
        office.simulated.faults.failNext(1, 429, undefined, { 'retry-after': '300' });
        await assert.rejects(graph.send(users), { code: 'TEAMS_THROTTLED', retryAfter: 300_000 });
    });

    it('holds all presence calls off while Graph asks for it, and no other', async () => {
        office.simulated.faults.failNext(1, 429, undefined, { 'retry-after': '60' });
        await assert.rejects(graph.send(setBusy()), { code: 'TEAMS_THROTTLED' });
        const sent = graph.send(setBusy(ben));
        await graph.send(users);
        await office.clock.advance(59_000);
        await office.rest();
        assert.equal(office.count(/setUserPreferred/), 1);
        await office.clock.advance(1_100);
        await sent;
        assert.equal(office.count(/setUserPreferred/), 2);
    });

    it('sends edges before renewals before sweeps when the budget is short', async () => {
        const { graphUrl, trust } = office.settings();
        const http = createHttp(trust);
        const budget = new RateBudget({ requests: 1, period: 1_000 }, office.clock);
        const tokens = appTokens(office.settings(), http);
        const short = new GraphClient({ graphUrl, tokens, http, clock: office.clock, budget });
        await short.send(setBusy());
        office.requests.length = 0;
        const read = {
            what: 'read',
            method: 'GET',
            path: `/users/${ben.teamsId}/presence`,
            priority: 'sweep',
        } as const;
        const sent = [short.send(read), short.send(setBusy(ben, 'renewal')), short.send(setBusy(anna))];
        await office.passTime(() => office.requests.length === 3);
        await Promise.all(sent);
        assert.match(office.requests[0]!, new RegExp(anna.teamsId));
        assert.match(office.requests[1]!, new RegExp(`${ben.teamsId}.*setUser`));
        assert.match(office.requests[2]!, /^GET/);
        await http.close();
    });

    it('reads a page in HTML as what it is: an error', async () => {
        office.simulated.faults.failNext(9, 502, '<html>Bad gateway</html>', { 'content-type': 'text/html' });
        const sent = assert.rejects(graph.send(users), {
            code: 'TEAMS_SERVICE_ERROR',
            message: 'Microsoft reports a temporary fault (status 502)',
        });
        await office.passTime(() => office.requests.length === 3, 500);
        await sent;
        office.simulated.faults.clear();
        for (const status of [200, 302]) {
            office.simulated.faults.failNext(1, status, '<html>Log in first</html>', { 'content-type': 'text/html' });
            await assert.rejects(graph.send(users), { code: 'TEAMS_SERVICE_ERROR', status });
        }
        office.simulated.faults.failNext(1, 404, 'Not here', { 'content-type': 'text/plain' });
        await assert.rejects(graph.send(users), { code: 'TEAMS_REQUEST_REFUSED', status: 404 });
    });

    it('reads an error in a form of its own by its status [C12]', async () => {
        for (const error of ['expired', null, 5, { code: 5, message: { lang: 'en', value: 'x' } }]) {
            office.simulated.faults.failNext(1, 404, JSON.stringify({ error }), { 'content-type': 'application/json' });
            await assert.rejects(graph.send(users), { code: 'TEAMS_REQUEST_REFUSED', message: /: status 404$/ });
        }
    });

    it('says what was refused and why', async () => {
        office.simulated.faults.failNext(1, 403);
        await assert.rejects(graph.send(setBusy()), (error: unknown) => {
            assert.ok(error instanceof GraphRefusal);
            assert.equal(error.code, 'TEAMS_PERMISSION_MISSING');
            assert.equal(
                error.message,
                `The app registration lacks a permission to change the presence of ${anna.name} (Fault on demand)`,
            );
            return true;
        });
        const wrong = { ...setBusy(), body: { availability: 'Busy', activity: 'Dancing' } };
        await assert.rejects(graph.send(wrong), { code: 'TEAMS_REQUEST_REFUSED', status: 400, message: /Dancing/ });
        await assert.rejects(graph.send({ ...users, method: 'PATCH', body: {} }), { status: 405 });
    });

    it('reports an outage as one, and a sign-in that fails as that', async () => {
        const { clientSecret, ...rest } = office.settings();
        const wrong = office.teams({ ...rest, clientSecret: `${clientSecret} not` }).registration.asApp();
        await assert.rejects(wrong.send(users), { code: 'TEAMS_SECRET_WRONG' });
        await office.simulated.stop();
        await assert.rejects(graph.send(users), { code: 'TEAMS_UNREACHABLE' });
    });

    it('reads Retry-After as seconds and as a date', () => {
        assert.equal(retryAfterOf(null, 0), undefined);
        assert.equal(retryAfterOf('2', 0), 2_000);
        assert.equal(retryAfterOf('-2', 0), 0);
        assert.equal(retryAfterOf(new Date(90_000).toUTCString(), 60_000), 30_000);
        assert.equal(retryAfterOf('soon', 0), undefined);
    });

    it('asks again after five minutes, however long it is asked to wait', () => {
        assert.equal(retryAfterOf('1800', 0), 300_000);
        assert.equal(retryAfterOf(new Date(3_600_000).toUTCString(), 0), 300_000);
    });
});
