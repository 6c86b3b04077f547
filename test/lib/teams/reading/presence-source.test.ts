import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import type { GraphRequest } from '../../../../lib/teams/connection/graph-client';
import { GraphRefusal } from '../../../../lib/teams/connection/graph-error';
import { PresenceSource } from '../../../../lib/teams/reading/presence-source';
import { FakeClock } from '../../../support/fake-clock';
import { person, TeamsFixture } from '../teams-fixture';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Somebody in whose name Graph is asked. */
class Caller {
    readonly asked: string[][] = [];
    answer: (ids: string[]) => string[] = ids => ids;

    async send<T>({ body }: GraphRequest): Promise<T> {
        const { ids } = body as { ids: string[] };
        this.asked.push(ids);
        const value = this.answer(ids).map(id => ({ id, availability: 'Available', activity: 'Available' }));
        return { value } as T;
    }
}

describe('PresenceSource', () => {
    let clock: FakeClock;
    let app: Caller;
    let account: Caller;
    let other: Caller;
    let source: PresenceSource;
    let unreadable: string[];
    let permissions: (boolean | undefined)[];
    const ids = Array.from({ length: 650 }, (_, index) => person(index).teamsId);
    const forbidden = (): never => {
        throw new GraphRefusal('read', 403, {});
    };

    function make(withApp = true): void {
        source = new PresenceSource({ app: withApp ? app : undefined, accounts: [account, other], clock });
        source.on('unreadable', some => unreadable.push(...some));
        source.on('permission', () => permissions.push(source.appMayRead));
    }

    beforeEach(() => {
        clock = new FakeClock();
        [app, account, other] = [new Caller(), new Caller(), new Caller()];
        [unreadable, permissions] = [[], []];
        make();
    });

    it('reads in the name of the app where it may, and knows it from then on', async () => {
        assert.equal(source.appMayRead, undefined);
        assert.equal((await source.read(ids)).size, 650);
        assert.equal(source.appMayRead, true);
        assert.deepEqual(permissions, [true]);
        assert.equal(account.asked.length, 0);
    });

    it('reads in the name of an account where the app may not, and asks for the app again after a minute', async () => {
        app.answer = forbidden;
        await source.read(ids);
        assert.equal(source.appMayRead, false);
        await Promise.all([source.read(ids), source.read(ids)]);
        assert.equal(app.asked.length, 1);
        assert.equal(account.asked.length, 3);
        app.answer = some => some;
        await clock.advance(minute);
        await source.read(ids);
        assert.equal(app.asked.length, 2);
        assert.equal(account.asked.length, 3);
        assert.deepEqual(permissions, [false, true]);
    });

    it('asks once a minute only for what is not allowed, however many reads there are', async () => {
        app.answer = account.answer = other.answer = forbidden;
        await assert.rejects(source.read(ids), { code: 'TEAMS_PERMISSION_MISSING' });
        for (let times = 0; times < 10; times++) {
            await assert.rejects(source.read(ids), { code: 'TEAMS_PERMISSION_MISSING' });
        }
        assert.deepEqual(
            [app, account, other].map(({ asked }) => asked.length),
            [1, 1, 1],
        );
        await clock.advance(minute);
        await Promise.allSettled([source.read(ids), source.read(ids), source.read(ids)]);
        assert.deepEqual(
            [app, account, other].map(({ asked }) => asked.length),
            [2, 2, 2],
        );
    });

    it('asks nobody else in an outage', async () => {
        app.answer = () => {
            throw new SyncError('TEAMS_UNREACHABLE', { host: 'graph', detail: 'x' });
        };
        await assert.rejects(source.read(ids), { code: 'TEAMS_UNREACHABLE' });
        assert.equal(account.asked.length, 0);
        assert.equal(source.appMayRead, undefined);
    });

    it('can do without an app', async () => {
        make(false);
        assert.equal(source.appMayRead, false);
        account.answer = forbidden;
        assert.equal((await source.read(ids)).size, 650);
        assert.equal(other.asked.length, 1);
    });

    it('finds the one user because of whom a bulk is refused, reads the others, and tries again the next day', async () => {
        const bad = ids[400]!;
        app.answer = some => {
            if (some.includes(bad)) throw new GraphRefusal('read', 400, {});
            return some;
        };
        const presences = await source.read(ids);
        assert.equal(presences.size, 649);
        assert.equal(presences.has(bad), false);
        assert.deepEqual(unreadable, [bad]);
        const asked = app.asked.length;
        assert.ok(asked <= 2 * Math.ceil(Math.log2(650)) + 1, String(asked));
        await source.read(ids);
        assert.equal(app.asked.length, asked + 1);
        assert.deepEqual(unreadable, [bad]);
        await clock.advance(day);
        await source.read([bad, ids[0]!]);
        assert.ok(app.asked.at(-1)!.length === 1 && app.asked.length > asked + 2);
    });

    it('gives up soon where every user is refused', async () => {
        app.answer = () => {
            throw new GraphRefusal('read', 400, {});
        };
        await assert.rejects(source.read(ids), { code: 'TEAMS_REQUEST_REFUSED' });
        assert.ok(app.asked.length < 40, String(app.asked.length));
        assert.deepEqual(unreadable, []);
    });

    it('finds all who are refused, however many, and asks for them no more', async () => {
        const bad = new Set(ids.filter((_, index) => index % 70 === 0));
        app.answer = some => {
            if (some.some(id => bad.has(id))) throw new GraphRefusal('read', 404, {});
            return some;
        };
        assert.equal((await source.read(ids)).size, 640);
        assert.deepEqual(unreadable.sort(), [...bad].sort());
        const asked = app.asked.length;
        assert.equal((await source.read(ids)).size, 640);
        assert.equal(app.asked.length, asked + 1);
    });

    it('goes on where a search has become too long, and blames nobody in its place', async () => {
        const bad = new Set(ids.filter((_, index) => index % 8 === 0));
        app.answer = some => {
            if (some.some(id => bad.has(id))) throw new GraphRefusal('read', 404, {});
            return some;
        };
        let times = 0;
        for (let read = 0; read < ids.length - bad.size; times++) read = (await source.read(ids)).size;
        assert.ok(times > 1 && times <= 5, String(times));
        assert.deepEqual(unreadable.sort(), [...bad].sort());
    });

    it('keeps who was found guilty although an outage ends the search', async () => {
        const bad = ids[649]!;
        let reads = 0;
        app.answer = some => {
            reads += 1;
            if (reads === 22) throw new SyncError('TEAMS_UNREACHABLE', { host: 'graph', detail: 'x' });
            if (some.includes(bad) || some.includes(ids[0]!)) throw new GraphRefusal('read', 404, {});
            return some;
        };
        await assert.rejects(source.read(ids), { code: 'TEAMS_UNREACHABLE' });
        const [found] = unreadable;
        assert.ok(found === bad || found === ids[0]);
        await source.read(ids);
        assert.deepEqual(unreadable.sort(), [bad, ids[0]].sort());
    });

    it('blames neither a user nor a bulk when Graph refuses everything at once', async () => {
        await source.read(ids);
        app.answer = () => {
            throw new GraphRefusal('read', 400, {});
        };
        const reads = [source.read(ids.slice(0, 300)), source.read(ids.slice(300))];
        for (const each of await Promise.allSettled(reads)) assert.equal(each.status, 'rejected');
        assert.deepEqual(unreadable, []);
    });

    it('leaves out for a while a bulk that is refused as a whole while others are read', async () => {
        const others = Array.from({ length: 650 }, (_, index) => person(1_000 + index).teamsId);
        const bad = new Set(others);
        app.answer = some => {
            if (some.some(id => bad.has(id))) throw new GraphRefusal('read', 400, {});
            return some;
        };
        const [read, refused] = await Promise.all([source.read(ids), source.read(others)]);
        assert.deepEqual([read.size, refused.size], [650, 0]);
        assert.equal(unreadable.length, 650);
        bad.clear();
        assert.equal((await source.read(others)).size, 0);
        await clock.advance(5 * minute);
        assert.equal((await source.read(others)).size, 650);
    });

    describe('with a user for whom Graph answers 500', () => {
        const others = Array.from({ length: 650 }, (_, index) => person(1_000 + index).teamsId);
        const bad = others[17]!;
        beforeEach(() => {
            app.answer = some => {
                if (some.includes(bad)) throw new GraphRefusal('read', 500, {});
                return some;
            };
        });

        it('reads all others, while other bulks work', async () => {
            const [read, rest] = await Promise.all([source.read(ids), source.read(others)]);
            assert.deepEqual([read.size, rest.size], [650, 649]);
            assert.deepEqual(unreadable, [bad]);
            app.answer = some => some;
            await clock.advance(60 * minute);
            assert.equal((await source.read(others)).size, 650);
        });

        it('reads all others where there is no other bulk, once it has lasted a minute', async () => {
            for (let passed = 0; passed < 60; passed += 5) {
                await assert.rejects(source.read(others), { code: 'TEAMS_SERVICE_ERROR' });
                await clock.advance(5_000);
            }
            assert.equal(app.asked.length, 12);
            assert.equal((await source.read(others)).size, 649);
            assert.deepEqual(unreadable, [bad]);
        });

        it('searches for nobody again and again in an outage', async () => {
            app.answer = () => {
                throw new GraphRefusal('read', 500, {});
            };
            for (let passed = 0; passed < 9 * 60; passed += 5) {
                await assert.rejects(source.read(ids), { code: 'TEAMS_SERVICE_ERROR' });
                await clock.advance(5_000);
            }
            assert.equal(app.asked.length, 9 * 12 + 20);
            assert.deepEqual(unreadable, []);
        });
    });

    it('waits no longer for what is not allowed because the date was set back', async () => {
        clock = new FakeClock();
        make();
        app.answer = forbidden;
        await source.read(ids);
        app.answer = some => some;
        clock.stepDate(-60 * minute);
        await clock.advance(minute);
        await source.read(ids);
        assert.equal(source.appMayRead, true);
    });

    it('tells of users who are never answered, once, and asks for them with the others only', async () => {
        const [silent] = ids;
        app.answer = some => some.filter(id => id !== silent);
        for (let times = 0; times < 10; times++) await source.read(ids);
        assert.deepEqual(unreadable, [silent]);
        assert.equal(app.asked.length, 10);
        app.answer = some => some;
        await source.read(ids);
        app.answer = some => some.filter(id => id !== silent);
        await source.read(ids);
        await source.read(ids);
        assert.deepEqual(unreadable, [silent]);
        source.forget(silent!);
        await source.read(ids);
        assert.deepEqual(unreadable, [silent]);
    });

    describe('at Microsoft', () => {
        let office: TeamsFixture;
        afterEach(() => office.stop());

        it('is answered for everybody, leaving out those it does not know', async () => {
            office = await TeamsFixture.start();
            const { registration } = office.teams();
            const real = new PresenceSource({ app: registration.asApp(), accounts: [], clock });
            const presences = await real.read([person(0).teamsId, 'dead0000-0000-4000-8000-000000000000']);
            assert.deepEqual([...presences.keys()], [person(0).teamsId]);
            const { sequenceNumber, ...presence } = presences.get(person(0).teamsId)!;
            assert.deepEqual(presence, { availability: 'Available', activity: 'Available' });
            assert.match(sequenceNumber!, /^\d+$/);
        });
    });
});
