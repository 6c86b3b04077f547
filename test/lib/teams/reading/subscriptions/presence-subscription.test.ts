import assert from 'node:assert/strict';
import { RateBudget } from '../../../../../lib/support/rate-budget';
import { PresenceSubscription } from '../../../../../lib/teams/reading/subscriptions/presence-subscription';
import { listLimit, SubscriptionRequests } from '../../../../../lib/teams/reading/subscriptions/subscription-requests';
import type { TeamsRegistration } from '../../../../../lib/teams/teams-system';
import { FakeClock } from '../../../../support/fake-clock';
import { account, anna, ben, person, TeamsFixture, until } from '../../teams-fixture';

const minute = 60_000;
const ids = [anna.teamsId, ben.teamsId];
const creates = /^POST .*subscriptions$/;

describe('PresenceSubscription', () => {
    let office: TeamsFixture;
    let registration: TeamsRegistration;
    let subscription: PresenceSubscription;
    /** Users of every subscription that was made, or that may have missed something. */
    let gaps: (readonly string[])[];
    let refused: string[];
    let maySearch: boolean;
    const started: PresenceSubscription[] = [];

    beforeEach(async () => {
        office = await TeamsFixture.start({ people: Array.from({ length: 20 }, (_, index) => person(index)) });
        ({ registration } = office.teams());
        // Made beforehand, since it takes time that no clock of ours measures.
        await registration.notifications.key();
        registration.notifications.open(await office.receiver(registration));
        gaps = [];
        refused = [];
        maySearch = true;
        subscription = make();
    });
    afterEach(async () => {
        await Promise.all(started.splice(0).map(each => each.stop(false)));
        await office.stop();
    });

    function make(random = () => 0.5): PresenceSubscription {
        const { clock } = office;
        const lists = new RateBudget(listLimit, clock);
        const { username } = account;
        let wanted: readonly string[] = [];
        const made = new PresenceSubscription({
            requests: new SubscriptionRequests({ graph: registration.asAccount(account), account: username, lists }),
            account: username,
            channel: registration.notifications,
            clock,
            random,
            maySearch: () => maySearch,
        });
        made.on('gap', userIds => gaps.push(userIds));
        made.on('refused', userIds => {
            refused.push(...userIds);
            made.want(wanted.filter(id => !refused.includes(id)));
        });
        const want = made.want.bind(made);
        made.want = userIds => {
            wanted = userIds;
            want(userIds);
        };
        started.push(made);
        return made;
    }

    async function follow(userIds: readonly string[] = ids): Promise<void> {
        const before = gaps.length;
        subscription.want(userIds);
        await until(() => gaps.length > before);
        await office.rest();
    }

    function live() {
        return office.simulated.subscriptions;
    }

    /** The next creates are refused with an error that names these users. */
    function failNaming(userIds: readonly string[], count: number, status = 500): void {
        office.simulated.faults.failNext(count, status, naming(userIds), {}, creates);
    }

    function error() {
        const { state } = subscription;
        return 'error' in state ? state.error : undefined;
    }

    it('covers exactly its users, encrypted, for just under an hour', async () => {
        await follow();
        const [made, ...more] = live();
        assert.deepEqual([...made!.followed].sort(), ids);
        assert.equal(more.length, 0);
        assert.equal(made!.includeResourceData, true);
        assert.equal(made!.expires - office.clock.date(), 59 * minute);
        assert.equal(made!.notificationUrl, registration.notifications.url);
        assert.equal(made!.lifecycleNotificationUrl, registration.notifications.url);
        assert.ok(subscription.is(made!.id));
        assert.ok(subscription.covered.has(anna.teamsId) && !subscription.covered.has(person(5).teamsId));
        assert.deepEqual(gaps, [ids]);
        assert.equal(subscription.state.phase, 'online');
        const heard: string[] = [];
        registration.notifications.on('presence', userId => heard.push(userId));
        office.simulated.startCall(ben.teamsId);
        await until(() => heard.length === 1);
    });

    it('asks for nothing but the one create, as long as nothing stands in its way', async () => {
        await follow();
        assert.deepEqual(
            office.requests.filter(request => request.includes('subscriptions')),
            ['POST /v1.0/subscriptions'],
        );
    });

    it('makes another one for a joiner, and none for a leaver until it has stood for hours', async () => {
        await follow();
        const [first] = live();
        subscription.want([anna.teamsId]);
        await office.rest();
        assert.equal(live()[0], first);
        await follow([anna.teamsId, person(2).teamsId]);
        assert.equal(live().length, 1);
        assert.deepEqual([...live()[0]!.followed].sort(), [anna.teamsId, person(2).teamsId]);
        subscription.want([anna.teamsId]);
        const before = office.clock.monotonic();
        await office.passTime(() => gaps.length === 3, 5 * minute);
        assert.ok(office.clock.monotonic() - before >= 6 * 60 * minute);
        assert.deepEqual([...live()[0]!.followed], [anna.teamsId]);
        const [last] = live();
        await office.passTime(() => office.clock.monotonic() - before >= 20 * 60 * minute, 5 * minute);
        assert.equal(live()[0], last);
    });

    it('goes away when there is nobody to cover', async () => {
        await follow();
        subscription.want([]);
        await until(() => live().length === 0);
        await office.rest();
        assert.equal(subscription.state.phase, 'online');
        assert.equal(office.timers, 0);
    });

    it('waits for an address', async () => {
        const url = registration.notifications.url!;
        registration.notifications.close();
        subscription.want(ids);
        await office.rest();
        assert.equal(subscription.state.phase, 'connecting');
        assert.equal(office.count(creates), 0);
        registration.notifications.open(url);
        subscription.verify();
        await until(() => gaps.length === 1);
    });

    it('stays as it is while the receiver is away for a moment, but covers nobody', async () => {
        await follow();
        const [made] = live();
        const url = registration.notifications.url!;
        registration.notifications.close();
        subscription.want([...ids]);
        assert.equal(subscription.covered.has(anna.teamsId), false);
        registration.notifications.open(url);
        subscription.verify();
        await until(() => gaps.length === 2);
        assert.equal(live()[0], made);
        assert.ok(subscription.covered.has(anna.teamsId));
    });

    it('is made anew for another address', async () => {
        await follow();
        registration.notifications.open(await office.receiver(registration));
        assert.equal(subscription.covered.has(anna.teamsId), false);
        subscription.verify();
        await until(() => gaps.length === 2);
        assert.equal(live().length, 1);
        assert.equal(live()[0]!.notificationUrl, registration.notifications.url);
    });

    it('makes one subscription, however often the same users are named meanwhile', async () => {
        subscription.want(ids);
        subscription.want([...ids]);
        await until(() => office.count(creates) === 1);
        subscription.want([...ids]);
        subscription.retryNow();
        subscription.check();
        await until(() => gaps.length === 1);
        await office.rest();
        subscription.want([...ids]);
        await office.rest();
        assert.equal(office.count(creates), 1);
    });

    describe('when another one stands in the way', () => {
        it('deletes one that is left from before: there can be only one', async () => {
            await follow();
            const [old] = live();
            subscription = make();
            await follow();
            assert.equal(live().length, 1);
            assert.notEqual(live()[0]!.id, old!.id);
            assert.equal(office.count(/^GET .*subscriptions$/), 1);
        });

        it('finds and deletes its own, if it could not be deleted by its id', async () => {
            await follow();
            const [old] = live();
            office.simulated.faults.failNext(1, 403, undefined, {}, /^DELETE/);
            subscription.restart();
            await until(() => gaps.length === 2);
            assert.equal(live().length, 1);
            assert.notEqual(live()[0], old);
        });

        for (const status of [409, 500] as const)
            it(`is patient with ${status} right after the delete, without alarming anybody`, async () => {
                office.simulated.behaviour.createAfterDelete = { failures: 2, duration: 8_000, status };
                await follow(Array.from({ length: 20 }, (_, index) => person(index).teamsId));
                subscription.restart();
                const seen = new Set<string>();
                await office.passTime(() => {
                    seen.add(subscription.state.phase);
                    return gaps.length === 2;
                }, 500);
                assert.equal(live().length, 1);
                assert.deepEqual([...seen].sort(), ['connecting', 'online']);
                assert.deepEqual(refused, []);
                assert.equal(live()[0]!.followed.size, 20);
            });

        it('leaves one alone that another installation lives by, names both, and takes over when it has ended', async () => {
            await follow();
            const [other] = live();
            const theirs = new URL(registration.notifications.url!);
            ({ registration } = office.teams());
            registration.notifications.open(await office.receiver(registration));
            await registration.notifications.key();
            const owner = subscription;
            subscription = make();
            subscription.want(ids);
            await until(() => error() !== undefined);
            assert.equal(error()!.code, 'TEAMS_SUBSCRIPTION_FOREIGN');
            assert.ok(error()!.message.includes(account.username));
            assert.ok(error()!.message.includes(`${theirs.origin}${theirs.pathname}`));
            assert.equal(subscription.state.phase, 'failed');
            const requests = office.count(/subscriptions/);
            for (let passed = 0; passed < 180; passed++) {
                await office.clock.advance(minute);
                await office.rest();
            }
            assert.deepEqual(live(), [other]);
            assert.equal(owner.state.phase, 'online');
            assert.ok(owner.covered.has(anna.teamsId) && !subscription.covered.has(anna.teamsId));
            assert.ok(office.count(/subscriptions/) - requests <= 2 * 180 + 10);
            await owner.stop(false);
            await office.clock.advance(60 * minute);
            await office.passTime(() => subscription.covered.has(anna.teamsId), minute);
            assert.equal(subscription.state.phase, 'online');
        });

        it('deletes one of an address that it had before, if it could not be deleted by its id', async () => {
            await follow();
            registration.notifications.open(await office.receiver(registration));
            office.simulated.faults.failNext(1, 403, undefined, {}, /^DELETE/);
            subscription.verify();
            await until(() => gaps.length === 2);
            assert.equal(live().length, 1);
            assert.equal(live()[0]!.notificationUrl, registration.notifications.url);
        });

        it('names the account when it lasts, and goes on trying', async () => {
            office.simulated.behaviour.createAfterDelete = { failures: 0, duration: 2 * minute, status: 409 };
            await follow();
            subscription.restart();
            await office.passTime(() => error() !== undefined, 1_000);
            assert.equal(
                error()!.message,
                `Account ${account.username} already has a presence subscription that could not be removed yet`,
            );
            await office.passTime(() => gaps.length === 2, 5_000);
            assert.equal(subscription.state.phase, 'online');
        });

        it('waits out a quota that is none: PATCH says 404, POST says 403', async () => {
            await follow();
            office.simulated.loseSubscriptions();
            office.simulated.behaviour.phantomQuota = true;
            await office.passTime(() => error() !== undefined, minute);
            assert.equal(error()!.code, 'TEAMS_SUBSCRIPTION_LIMIT');
            assert.match(error()!.message, /sync-1@office\.example.*limit of 10000/);
            assert.equal(subscription.state.phase, 'retrying');
            assert.equal(subscription.covered.has(anna.teamsId), false);
            const before = office.count(creates);
            await office.clock.advance(10 * minute);
            await office.rest();
            // Back-off of half a minute at the end, and two creates each time at most.
            assert.ok(office.count(creates) - before <= 50, String(office.count(creates) - before));
            office.simulated.behaviour.phantomQuota = false;
            await office.passTime(() => gaps.length === 2, 5_000);
        });
    });

    describe('when Graph refuses users', () => {
        const everybody = Array.from({ length: 20 }, (_, index) => person(index).teamsId);

        it('leaves out those that the error names, at once', async () => {
            office.simulated.faults.refuseUser(everybody[3]!);
            office.simulated.faults.refuseUser(everybody[7]!);
            await follow(everybody);
            assert.deepEqual(refused, [everybody[3], everybody[7]]);
            assert.equal(live()[0]!.followed.size, 18);
            assert.equal(office.count(creates), 2);
        });

        it('accuses those whom an error names only once all others are taken', async () => {
            const named = everybody[3]!;
            failNaming([named], 1);
            office.simulated.faults.failNext(3, 503, undefined, {}, creates);
            subscription.want(everybody);
            await office.passTime(() => error() !== undefined, 500);
            assert.deepEqual(refused, []);
            await office.passTime(() => gaps.length > 0, 500);
            assert.deepEqual(refused, [named]);
            assert.deepEqual(gaps, [everybody.filter(id => id !== named)]);
        });

        it('accuses nobody because a passing fault quotes the request', async () => {
            for (let each = 0; each < 5; each++) failNaming(everybody.slice(each, each + 6), 1, 503);
            subscription.want(everybody);
            await office.rest();
            assert.equal(office.count(creates), 1, 'it waits after each');
            assert.equal(error()!.code, 'TEAMS_SERVICE_ERROR');
            await office.passTime(() => gaps.length > 0, 500);
            assert.deepEqual(refused, []);
            assert.equal(live()[0]!.followed.size, 20);
        });

        it('accuses nobody because a lasting 500 quotes a part of the request each time', async () => {
            const faults = office.simulated.faults;
            const { next } = faults;
            let quotes = true;
            faults.next = (method, path) => {
                const fault = next.call(faults, method, path);
                if (!quotes || !creates.test(`${method} ${path}`)) return fault;
                // The text has room for the first few who are left.
                const created = office.count(creates);
                return { status: 500, body: naming(everybody.slice(2 * created - 2, 2 * created)) };
            };
            const before = office.clock.monotonic();
            subscription.want(everybody);
            await office.passTime(() => error() !== undefined, 500);
            assert.ok(office.clock.monotonic() - before > 10_000, 'it waits after each');
            await office.clock.advance(5 * minute);
            await office.rest();
            assert.deepEqual(refused, []);
            quotes = false;
            await office.passTime(() => gaps.length > 0, 5_000);
            assert.deepEqual(refused, []);
        });

        for (const [status, duration] of [
            [404, 10],
            [500, 60],
        ] as const)
            it(`gives up one who is alone and refused with ${status} for ${duration} minutes`, async () => {
                office.simulated.faults.failNext(1_000, status, undefined, {}, creates);
                subscription.want([anna.teamsId]);
                const before = office.clock.monotonic();
                await office.passTime(() => refused.length > 0, 10_000);
                assert.ok(Math.abs(office.clock.monotonic() - before - duration * minute) <= minute);
                await office.rest();
                assert.equal(subscription.state.phase, 'online');
                const count = office.count(creates);
                await office.clock.advance(60 * minute);
                await office.rest();
                assert.equal(office.count(creates), count);
            });

        it('finds whom the error does not name, and covers half of the others meanwhile', async () => {
            const guilty = everybody[13]!;
            refuseSilently(office, [guilty]);
            subscription.want(everybody);
            await office.passTime(() => gaps.length > 0, 500);
            assert.ok(gaps[0]!.length >= 10);
            await office.passTime(() => refused.length > 0, 500);
            await office.rest();
            assert.deepEqual(refused, [guilty]);
            assert.deepEqual([...live()[0]!.followed].sort(), everybody.filter(id => id !== guilty).sort());
            assert.ok(office.count(creates) <= 20, String(office.count(creates)));
            assert.equal(subscription.state.phase, 'online');
        });

        it('suspects a joiner first', async () => {
            await follow(everybody.slice(0, 18));
            refuseSilently(office, [everybody[19]!]);
            subscription.want(everybody);
            await office.passTime(() => refused.length > 0, 500);
            await office.rest();
            assert.deepEqual(refused, [everybody[19]]);
            assert.equal(live()[0]!.followed.size, 19);
        });

        it('accuses nobody in an outage', async () => {
            office.simulated.faults.failNext(60, 500, undefined, {}, creates);
            subscription.want(everybody);
            await office.passTime(() => error() !== undefined, 500);
            assert.equal(error()!.code, 'TEAMS_SERVICE_ERROR');
            await office.passTime(() => gaps.length > 0, 5_000);
            assert.deepEqual(refused, []);
            assert.equal(live()[0]!.followed.size, 20);
        });

        it('accuses nobody when the service fails for a moment', async () => {
            office.simulated.faults.failNext(6, 500, undefined, {}, creates);
            subscription.want(everybody);
            await office.passTime(() => live()[0]?.followed.size === 20, 500);
            await office.clock.advance(minute);
            await office.rest();
            assert.deepEqual(refused, []);
            assert.equal(live()[0]!.followed.size, 20);
        });

        it('searches only when nobody else does', async () => {
            maySearch = false;
            office.simulated.faults.failNext(3, 500, undefined, {}, creates);
            subscription.want(everybody);
            await office.passTime(() => error() !== undefined, 500);
            assert.equal(subscription.isInDoubt, false);
            await office.passTime(() => gaps.length > 0, 500);
            assert.equal(office.count(creates), 4);
        });
    });

    describe('renews', () => {
        for (const [random, share] of [
            [0, 0.55],
            [0.5, 0.6],
            [1, 0.65],
        ] as const)
            it(`by PATCH at ${Math.round(share * 100)} % of its lifetime`, async () => {
                subscription = make(() => random);
                await follow();
                const [made] = live();
                await office.clock.advance(share * 59 * minute - 1);
                await office.rest();
                assert.equal(office.count(/^PATCH/), 0);
                await office.clock.advance(1);
                await until(() => office.count(/^PATCH/) === 1);
                await office.rest();
                assert.equal(live()[0], made);
                assert.equal(made!.expires, office.clock.date() + 59 * minute);
            });

        it('for ever', async () => {
            await follow();
            const [made] = live();
            for (let passed = 0; passed < 300; passed += 5) {
                await office.clock.advance(5 * minute);
                await office.rest();
            }
            assert.equal(live()[0], made);
            assert.ok(office.count(/^PATCH/) >= 8);
            assert.equal(gaps.length, 1);
        });

        it('sooner when Graph grants less than was asked for', async () => {
            const end = (share: number) => new Date(office.clock.date() + share * minute).toISOString();
            office.simulated.faults.failNext(1, 201, { id: 'short', expirationDateTime: end(20) }, {}, creates);
            await follow();
            await office.clock.advance(12 * minute);
            await until(() => office.count(/^PATCH .*short/) === 1);
        });

        it('without a loop of creates when the clocks differ by hours', async () => {
            const passed = new Date(office.clock.date() - 60 * minute).toISOString();
            office.simulated.faults.failNext(1, 201, { id: 'short', expirationDateTime: passed }, {}, creates);
            await follow();
            assert.equal(office.count(creates), 1);
        });

        for (const status of [400, 403, 404, 405])
            it(`by making another one when Graph answers ${status}`, async () => {
                await follow();
                const [made] = live();
                office.simulated.faults.failNext(1, status, undefined, {}, /^PATCH/);
                await office.passTime(() => gaps.length === 2, minute);
                assert.equal(live().length, 1);
                assert.notEqual(live()[0], made);
            });

        it('by making another one when it was lost without a word', async () => {
            await follow();
            office.simulated.loseSubscriptions();
            await office.passTime(() => gaps.length === 2, minute);
            assert.equal(live().length, 1);
        });

        it('after a short outage the one that still stands, and tells of the gap', async () => {
            await follow();
            const [made] = live();
            office.simulated.faults.failNext(6, 503, undefined, {}, /^PATCH/);
            await office.clock.advance(35 * minute);
            await office.passTime(() => error() !== undefined, 500);
            assert.equal(subscription.state.phase, 'retrying');
            assert.ok(subscription.covered.has(anna.teamsId));
            await office.passTime(() => gaps.length === 2, 500);
            assert.equal(live()[0], made);
            assert.equal(subscription.state.phase, 'online');
        });

        it('by making another one after an outage that it did not survive', async () => {
            await follow();
            await office.simulated.stop();
            await office.passTime(() => error() !== undefined, minute);
            assert.equal(error()!.code, 'TEAMS_UNREACHABLE');
            await office.clock.advance(60 * minute);
            await office.rest();
            assert.equal(subscription.covered.has(anna.teamsId), false);
            await office.simulated.start();
            await office.passTime(() => gaps.length === 2, 1_000);
            assert.equal(live().length, 1);
        });

        it('when Microsoft asks for it, but not within ten minutes of the last time', async () => {
            await follow();
            subscription.reauthorize();
            await office.clock.advance(9 * minute);
            subscription.reauthorize();
            await office.rest();
            assert.equal(office.count(/^PATCH/), 0);
            await office.clock.advance(2 * minute);
            subscription.reauthorize();
            subscription.reauthorize();
            await until(() => office.count(/^PATCH/) > 0);
            await office.rest();
            subscription.reauthorize();
            await office.rest();
            assert.equal(office.count(/^PATCH/), 1);
        });
    });

    describe('when the clocks differ', () => {
        const tooFar = {
            error: { code: 'BadRequest', message: 'Subscription expiration can only be 60 minutes away.' },
        };

        it('asks for an end by the clock of Graph, and blames nobody', async () => {
            const theirs = new Date(office.clock.date() - 20 * minute).toUTCString();
            office.simulated.faults.failNext(1, 400, tooFar, { Date: theirs }, creates);
            await follow();
            assert.equal(office.count(creates), 2);
            assert.deepEqual(refused, []);
            // 39 minutes by our clock, which Graph raises to 45.
            assert.equal(live()[0]!.expires - office.clock.date(), 45 * minute);
            await office.clock.advance(34 * minute);
            await office.rest();
            assert.equal(office.count(/^PATCH/), 0, 'it is renewed at 60 % of what it lives by our clock');
            await office.clock.advance(2 * minute);
            await until(() => office.count(/^PATCH/) === 1);
        });

        it('tells so where Graph does not tell its time, and keeps what stands', async () => {
            await follow();
            const [made] = live();
            office.simulated.faults.failNext(1_000, 400, tooFar, { Date: '' }, /^PATCH/);
            await office.passTime(() => error() !== undefined, minute);
            assert.equal(error()!.code, 'TEAMS_CLOCK_WRONG');
            assert.equal(live()[0], made);
            assert.deepEqual(refused, []);
        });

        it('is renewed in time although the date is set back meanwhile', async () => {
            const clock = new FakeClock(office.clock.date());
            const asked: number[] = [];
            const own = new PresenceSubscription({
                requests: {
                    create: async ({ expiresAt }: { expiresAt: number }) => ({ id: 's', expiresAt }),
                    renew: async (_id: string, expiresAt: number) => asked.push(expiresAt) && expiresAt,
                } as unknown as SubscriptionRequests,
                account: account.username,
                channel: registration.notifications,
                clock,
                random: () => 0.5,
                maySearch: () => true,
            });
            started.push(own);
            own.want(ids);
            await clock.advance(10 * minute);
            clock.stepDate(-120 * minute);
            await clock.advance(90 * minute);
            assert.equal(asked.length, 2);
            assert.ok(own.covered.has(anna.teamsId));
        });
    });

    describe('looks', () => {
        it('without taking a look that Graph does not allow for more than a doubt', async () => {
            await follow();
            office.simulated.faults.failNext(1_000, 403, undefined, {}, /^GET .*subscriptions\//);
            subscription.verify();
            await until(() => gaps.length === 2);
            await office.clock.advance(10 * minute);
            await office.rest();
            assert.equal(subscription.state.phase, 'online');
            assert.ok(subscription.covered.has(anna.teamsId));
            assert.equal(office.count(creates), 1);
        });

        it('whether it still stands', async () => {
            await follow();
            const [made] = live();
            subscription.check();
            await office.rest();
            assert.equal(office.count(/^GET .*subscriptions\//), 1);
            assert.equal(live()[0], made);
            assert.equal(gaps.length, 1);
            office.simulated.loseSubscriptions();
            subscription.check();
            await until(() => gaps.length === 2);
            assert.equal(live().length, 1);
        });

        it('again when it could not', async () => {
            await follow();
            office.simulated.loseSubscriptions();
            office.simulated.faults.failNext(3, 503, undefined, {}, /^GET .*subscriptions\//);
            subscription.check();
            await office.passTime(() => gaps.length === 2, 500);
        });
    });

    it('names the address that Microsoft cannot reach, and tries again', async () => {
        const good = registration.notifications.url!;
        registration.notifications.open('https://127.0.0.1:9/nowhere');
        subscription.want(ids);
        await office.passTime(() => error() !== undefined, 500);
        assert.equal(error()!.code, 'TEAMS_ENDPOINT_UNREACHABLE');
        assert.match(error()!.message, /https:\/\/127\.0\.0\.1:9\/nowhere/);
        registration.notifications.open(good);
        await office.passTime(() => gaps.length === 1, 500);
        assert.deepEqual(refused, []);
    });

    it('looks only once a minute at what an administrator must change', async () => {
        office.simulated.faults.failNext(1, 403, undefined, {}, creates);
        subscription.want(ids);
        await until(() => error() !== undefined);
        assert.equal(error()!.code, 'TEAMS_PERMISSION_MISSING');
        assert.match(error()!.message, /sync-1@office\.example/);
        assert.equal(subscription.state.phase, 'failed');
        subscription.retryNow();
        subscription.verify();
        await office.clock.advance(59_000);
        await office.rest();
        assert.equal(gaps.length, 0);
        await office.clock.advance(1_000);
        await until(() => gaps.length === 1);
    });

    it('waits as long as Microsoft asks for', async () => {
        office.simulated.faults.failNext(1, 429, undefined, { 'Retry-After': '40' }, creates);
        subscription.want(ids);
        await until(() => error() !== undefined);
        await office.clock.advance(39_000);
        await office.rest();
        assert.equal(office.count(creates), 1);
        await office.clock.advance(1_000);
        await until(() => gaps.length === 1);
    });

    it('is made once more after a create whose answer was lost', async () => {
        office.simulated.faults.failNext(1, 504, undefined, {}, creates);
        subscription.want(ids);
        await office.passTime(() => gaps.length === 1, 500);
        assert.equal(live().length, 1);
    });

    describe('ends', () => {
        it('by deleting itself, or by leaving itself to end, and may be told so twice', async () => {
            await follow();
            await subscription.stop(false);
            assert.equal(live().length, 1);
            await subscription.stop(true);
            subscription = make();
            await follow();
            await subscription.stop(true);
            await subscription.stop(true);
            assert.equal(live().length, 0);
            assert.equal(office.timers, 0);
        });

        it('also while it is being made, and leaves neither timer nor subscription', async () => {
            subscription.want(ids);
            await until(() => office.count(creates) > 0);
            await subscription.stop(true);
            assert.equal(live().length, 0);
            assert.equal(office.timers, 0);
            subscription.restart();
            subscription.check();
            await office.rest();
            assert.equal(live().length, 0);
        });

        it('although it cannot be deleted in an outage', async () => {
            await follow();
            await office.simulated.stop();
            await subscription.stop(true);
            assert.equal(subscription.covered.has(anna.teamsId), false);
        });
    });
});

function naming(userIds: readonly string[]): object {
    return { error: { code: 'InternalServerError', message: `Cannot create for ${userIds.join(',')}` } };
}

/** Creates with one of these users fail with 500 and do not tell why. */
function refuseSilently(office: TeamsFixture, guilty: readonly string[]): void {
    for (const id of guilty) office.simulated.faults.refuseUser(id);
    office.simulated.behaviour.namesRefusedUsers = false;
}
