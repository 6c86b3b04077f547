import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { GraphRefusal } from '../../../../lib/teams/connection/graph-error';
import { TeamsPeople } from '../../../../lib/teams/people';
import { Following } from '../../../../lib/teams/reading/following';
import { PresenceSource } from '../../../../lib/teams/reading/presence-source';
import { SteadyReading } from '../../../../lib/teams/reading/steady-reading';
import { FakeClock } from '../../../support/fake-clock';
import { person, userOf } from '../teams-fixture';

describe('SteadyReading', () => {
    const users = Array.from({ length: 1_950 }, (_, index) => userOf(person(index)));
    let clock: FakeClock;
    let following: Following;
    let reading: SteadyReading;
    let events: string[];
    /** How Graph answers a read of these users; 200 for what works. */
    let answer: (ids: string[]) => number;
    /** Bulks that get no answer at all, once each. */
    let lost: Set<string>;
    let reads: string[][];

    beforeEach(() => {
        clock = new FakeClock();
        following = new Following({ reader: new TeamsPeople({ clock }).reader, clock });
        answer = () => 200;
        lost = new Set();
        reads = [];
        const app = {
            send: async <T>({ body }: { body?: unknown }): Promise<T> => {
                const { ids } = body as { ids: string[] };
                reads.push(ids);
                if (lost.delete(ids[0]!))
                    throw new SyncError('TEAMS_UNREACHABLE', { host: 'graph', detail: 'ECONNRESET' });
                const status = answer(ids);
                if (status !== 200) throw new GraphRefusal('read', status, {});
                return { value: ids.map(id => ({ id, availability: 'Available', activity: 'Available' })) } as T;
            },
        };
        const source = new PresenceSource({ app, accounts: [], clock });
        following.read = (ids, priority) => source.read(ids, priority);
        following.follow(users);
        reading = new SteadyReading({ following, clock, random: () => 0.5 });
        events = [];
        for (const name of ['state', 'recovered'] as const) reading.on(name, () => events.push(name));
    });
    afterEach(() => {
        reading.stop();
        following.read = undefined;
    });

    for (const index of [10, 1_000, 1_949])
        it(`reads everybody but the one for whom Graph answers 500 (number ${index})`, async () => {
            const bad = users[index]!.teams.id;
            answer = ids => (ids.includes(bad) ? 500 : 200);
            await reading.readAll();
            await clock.advance(2 * 60_000);
            assert.equal(reading.error, undefined);
            assert.equal(reading.complete, true);
            assert.equal([...following.snapshot()].length, 1_949);
            assert.ok(events.length <= 3, events.join());
        });

    it('reads a bulk that got no answer again at once, and no other', async () => {
        lost.add(users[650]!.teams.id);
        await reading.readAll();
        assert.deepEqual(events, ['state']);
        assert.equal(reading.complete, true);
        assert.equal([...following.snapshot()].length, 1_950);
        assert.equal(reads.length, 4);
    });

    it('does not wait twice for a server that takes the question and is silent [C11]', async () => {
        following.read = async ids => {
            reads.push([...ids]);
            throw new SyncError('TEAMS_TIMEOUT', { host: 'graph', seconds: 30 });
        };
        await reading.readAll();
        assert.equal(reading.error?.code, 'TEAMS_TIMEOUT');
        assert.equal(reads.length, 3);
    });

    it('reads only what failed again, with back-off, where others can be read', async () => {
        const bad = users[650]!.teams.id;
        answer = ids => (ids.includes(bad) ? 503 : 200);
        await reading.readAll();
        assert.equal(reading.error?.code, 'TEAMS_SERVICE_ERROR');
        assert.equal([...following.snapshot()].length, 1_300);
        answer = () => 200;
        reads = [];
        await clock.advance(1_000);
        assert.equal(reading.error, undefined);
        assert.equal(reading.complete, true);
        assert.deepEqual(
            reads.map(ids => ids[0]),
            [bad],
        );
    });

    it('reads after an outage what was to be read meanwhile, and everybody who may have changed', async () => {
        await reading.readAll();
        answer = () => 503;
        await reading.read(users.slice(0, 650).map(({ teams }) => teams.id));
        await clock.advance(60_000);
        answer = () => 200;
        reads = [];
        await clock.advance(6_000);
        assert.equal(reading.error, undefined);
        assert.equal(new Set(reads.flat()).size, 1_950);
        assert.equal(reads.length, 3);
    });

    it('is not stopped by a few whom Graph refuses', async () => {
        const bad = new Set(users.filter((_, index) => index < 630 && index % 70 === 0).map(({ teams }) => teams.id));
        answer = ids => (ids.some(id => bad.has(id)) ? 404 : 200);
        await reading.readAll();
        assert.equal(reading.error, undefined);
        assert.equal([...following.snapshot()].length, 1_950 - bad.size);
    });

    it('tells an outage once, and its end once, although a part works in between', async () => {
        answer = ids => (ids.includes(users[0]!.teams.id) ? 200 : 503);
        await reading.readAll();
        await clock.advance(10 * 60_000);
        assert.equal(reading.error?.code, 'TEAMS_SERVICE_ERROR');
        assert.deepEqual(events, ['state']);
        answer = () => 200;
        await clock.advance(10_000);
        assert.deepEqual(events, ['state', 'state', 'recovered']);
        assert.equal(reading.complete, true);
    });
});
