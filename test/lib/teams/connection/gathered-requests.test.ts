import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Person } from '../../../../lib/simulator/person';
import { RateBudget, type RateLimit } from '../../../../lib/support/rate-budget';
import { Withdrawn } from '../../../../lib/support/withdrawn';
import { GatheredRequests, type PresenceRequest } from '../../../../lib/teams/connection/gathered-requests';
import { GraphClient, outcomesOf } from '../../../../lib/teams/connection/graph-client';
import { createHttp, type Http } from '../../../../lib/teams/connection/http';
import { appTokens } from '../../../../lib/teams/connection/sign-in/token-source';
import { person, TeamsFixture, until } from '../teams-fixture';

const people = Array.from({ length: 50 }, (_, index) => person(index));

function setBusy({ teamsId, name }: Person, priority: PresenceRequest['priority'] = 'edge'): PresenceRequest {
    const path = `/users/${teamsId}/presence/setUserPreferredPresence`;
    const body = { availability: 'Busy', activity: 'Busy', expirationDuration: 'PT5M' };
    return { what: `change the presence of ${name}`, method: 'POST', path, body, priority };
}

/** "fulfilled", or the code of the error. */
async function outcomes(sent: Promise<unknown>[]): Promise<string[]> {
    const settled = await Promise.allSettled(sent);
    return settled.map(each => (each.status === 'fulfilled' ? each.status : (each.reason.code ?? each.reason)));
}

describe('Gathered requests', () => {
    let office: TeamsFixture;
    let http: Http;
    let budget: RateBudget;
    let gathered: GatheredRequests;
    let roundTrips: string[];
    const onCreate = (message: unknown): void => {
        const { request } = message as { request: { path: string } };
        if (request.path.startsWith('/v1.0/')) roundTrips.push(request.path.replace(/\/users\/.*/, '/users'));
    };

    beforeEach(async () => {
        office = await TeamsFixture.start({ people });
        const { trust } = office.settings();
        http = createHttp(trust);
        roundTrips = [];
        make({ requests: 1_500, period: 30_000 });
        subscribe('undici:request:create', onCreate);
    });
    afterEach(async () => {
        unsubscribe('undici:request:create', onCreate);
        await http.close();
        await office.stop();
    });

    function make(limit: RateLimit): void {
        const { clock } = office;
        const { graphUrl } = office.settings();
        const tokens = appTokens(office.settings(), http, clock);
        budget = new RateBudget(limit, clock);
        gathered = new GatheredRequests(new GraphClient({ graphUrl, tokens, http, clock, budget }));
    }

    function busy(): number {
        return people.filter(({ teamsId }) => office.simulated.presenceOf(teamsId).activity === 'Busy').length;
    }

    it('go alone when they come alone, and at once', async () => {
        assert.equal(await gathered.send(setBusy(people[0]!)), undefined);
        assert.deepEqual(roundTrips, ['/v1.0/users']);
        assert.equal(busy(), 1);
    });

    it('go together, 20 in one round trip, when they come together; each is charged', async () => {
        await Promise.all(people.map(each => gathered.send(setBusy(each))));
        assert.deepEqual(roundTrips, Array(3).fill('/v1.0/$batch'));
        assert.equal(busy(), 50);
        assert.equal(budget.used, 50);
    });

    it('of each priority go for themselves', async () => {
        const [first, second, third] = people as [Person, Person, Person];
        const sent = [setBusy(first), setBusy(second, 'renewal'), setBusy(third)].map(each => gathered.send(each));
        await Promise.all(sent);
        assert.deepEqual(roundTrips.sort(), ['/v1.0/$batch', '/v1.0/users']);
    });

    it('succeed and fail each for itself', async () => {
        const { faults } = office.simulated;
        faults.failNext(1, 403, undefined, {}, new RegExp(people[3]!.teamsId));
        faults.failNext(1, 503, undefined, {}, new RegExp(people[4]!.teamsId));
        faults.failNext(1, 424, undefined, {}, new RegExp(people[5]!.teamsId));
        const sent = people.slice(0, 10).map(each => gathered.send(setBusy(each)));
        const expected = Array(10).fill('fulfilled');
        expected[3] = 'TEAMS_PERMISSION_MISSING';
        expected[4] = expected[5] = 'TEAMS_SERVICE_ERROR';
        assert.deepEqual(await outcomes(sent), expected);
        await assert.rejects(sent[3]!, new RegExp(`change the presence of ${people[3]!.name}`));
        assert.equal(busy(), 7);
    });

    it('say how long the one that was throttled shall wait, and let the others go on', async () => {
        const id = new RegExp(people[3]!.teamsId);
        office.simulated.faults.failNext(1, 429, undefined, { 'retry-after': '20' }, id);
        const sent = people.slice(0, 10).map(each => gathered.send(setBusy(each)));
        await assert.rejects(sent[3]!, { code: 'TEAMS_THROTTLED', retryAfter: 20_000 });
        await Promise.all(people.slice(20).map(each => gathered.send(setBusy(each))));
        assert.equal(busy(), 39);
    });

    for (const [where, header, wait] of [
        ['where Graph names a time', { 'retry-after': '20' }, 20_000],
        ['also where Graph names no time', {}, 900],
    ] as const)
        it(`wait for each other when all were throttled, ${where}`, async () => {
            office.simulated.faults.failNext(10, 429, undefined, header, /presence/);
            const refused = await outcomes(people.slice(0, 10).map(each => gathered.send(setBusy(each))));
            assert.deepEqual(refused, Array(10).fill('TEAMS_THROTTLED'));
            const sent = Promise.all(people.map(each => gathered.send(setBusy(each))));
            await office.clock.advance(wait - 1);
            await office.rest();
            assert.equal(busy(), 0);
            await office.passTime(() => busy() === 50);
            await sent;
        });

    it('of a single user that is throttled without a time hold nobody up', async () => {
        office.simulated.faults.failNext(1, 429, undefined, {}, /presence/);
        assert.deepEqual(await outcomes([gathered.send(setBusy(people[0]!))]), ['TEAMS_THROTTLED']);
        await gathered.send(setBusy(people[1]!));
        assert.equal(busy(), 1);
    });

    it('that were withdrawn while the budget was short are never sent', async () => {
        make({ requests: 10, period: 1_000 });
        await Promise.all(people.slice(0, 10).map(each => gathered.send(setBusy(each))));
        const withdrawal = new AbortController();
        const kept = people.slice(10, 13).map(each => gathered.send(setBusy(each)));
        const gone = people.slice(13, 20).map(each => gathered.send(setBusy(each), withdrawal.signal));
        await office.rest();
        withdrawal.abort();
        for (const each of gone) await assert.rejects(each, Withdrawn);
        await assert.rejects(gathered.send(setBusy(people[20]!), withdrawal.signal), Withdrawn);
        await office.passTime(() => busy() === 13);
        await Promise.all(kept);
        assert.equal(budget.used, 3);
    });

    it('that were sent already are not withdrawn', async () => {
        const withdrawal = new AbortController();
        const sent = gathered.send(setBusy(people[0]!), withdrawal.signal);
        await until(() => roundTrips.length === 1);
        withdrawal.abort();
        await sent;
        assert.equal(busy(), 1);
    });

    it('fail together when the round trip fails, and free their places', async () => {
        await office.simulated.stop();
        const sent = people.slice(0, 30).map(each => gathered.send(setBusy(each)));
        assert.deepEqual(await outcomes(sent), Array(30).fill('TEAMS_UNREACHABLE'));
        await office.clock.advance(30_000);
        assert.equal(budget.used, 0);
    });

    it('are told apart by id, whatever the order of the answers, and miss none silently', () => {
        const requests = people.slice(0, 3).map(each => setBusy(each));
        const answered = outcomesOf(
            requests,
            {
                responses: [
                    { id: '2', status: 429, headers: { 'RETRY-AFTER': '3' }, body: null },
                    { id: '0', status: 200, body: null },
                ],
            },
            0,
        );
        assert.equal(answered[0], undefined);
        assert.match(String(answered[1]), /answered in part/);
        assert.equal((answered[2] as { retryAfter?: number }).retryAfter, 3_000);
        assert.match(String(outcomesOf(requests, {}, 0)[0]), /answered in part/);
    });
});
