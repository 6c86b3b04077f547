import assert from 'node:assert/strict';
import type { SyncError } from '../../../../lib/support/errors';
import type { GraphClient } from '../../../../lib/teams/graph/graph-client';
import { PresenceSubscription } from '../../../../lib/teams/subscriptions/subscription';
import type { TeamsTenant } from '../../../../lib/teams/teams-tenant';
import { account, anna, ben, TeamsFixture, until } from '../teams-fixture';

const minute = 60_000;
const ids = [anna.teamsId, ben.teamsId];

describe('PresenceSubscription', () => {
    let office: TeamsFixture;
    let tenant: TeamsTenant;
    let graph: GraphClient;
    let subscription: PresenceSubscription;
    let active: number;
    let failures: SyncError[];
    const started: PresenceSubscription[] = [];

    beforeEach(async () => {
        office = await TeamsFixture.start();
        tenant = office.tenant();
        // Made beforehand, since it takes time that no clock of ours measures.
        await tenant.notifications.key();
        tenant.notifications.open(await office.receiver(tenant));
        graph = tenant.asAccount(account);
        active = 0;
        failures = [];
        subscription = make();
    });
    afterEach(async () => {
        await Promise.all(started.splice(0).map(each => each.stop(false)));
        await office.stop();
    });

    function make(random = () => 0.5): PresenceSubscription {
        const made = new PresenceSubscription({
            graph,
            account: account.username,
            channel: tenant.notifications,
            clock: office.clock,
            random,
            events: {
                onActive: () => {
                    active += 1;
                },
                onFailed: error => failures.push(error),
            },
        });
        started.push(made);
        return made;
    }

    async function follow(userIds = ids): Promise<void> {
        const before = active;
        subscription.follow(userIds);
        await until(() => active > before);
    }

    function live() {
        return office.simulated.subscriptions;
    }

    it('follows exactly its users, encrypted, for just under an hour', async () => {
        await follow();
        const [made, ...more] = live();
        assert.deepEqual([...made!.followed].sort(), ids);
        assert.equal(more.length, 0);
        assert.equal(made!.includeResourceData, true);
        assert.equal(made!.expires - office.clock.now(), 59 * minute);
        assert.equal(made!.notificationUrl, tenant.notifications.url);
        assert.equal(made!.lifecycleNotificationUrl, tenant.notifications.url);
        assert.ok(subscription.active && subscription.is(made!.id));
        const heard: string[] = [];
        tenant.notifications.on('presence', userId => heard.push(userId));
        office.simulated.startCall(ben.teamsId);
        await until(() => heard.length === 1);
    });

    it('leaves itself as it is for the same users, and makes another for others', async () => {
        await follow();
        const [first] = live();
        subscription.follow([...ids]);
        await office.rest();
        assert.equal(live()[0], first);
        await follow([anna.teamsId]);
        assert.equal(live().length, 1);
        assert.deepEqual([...live()[0]!.followed], [anna.teamsId]);
    });

    it('goes away when there is nobody to follow', async () => {
        await follow();
        await follow([]);
        assert.equal(live().length, 0);
        assert.ok(subscription.settled && !subscription.active);
        assert.equal(office.clock.waiting, 0);
    });

    it('deletes one that is left from before: there can be only one', async () => {
        await follow();
        const [old] = live();
        const before = active;
        const next = make();
        next.follow(ids);
        await until(() => active > before);
        assert.equal(live().length, 1);
        assert.notEqual(live()[0]!.id, old!.id);
        assert.equal(failures.length, 0);
    });

    it('says so and tries again when another stands in the way', async () => {
        office.simulated.faults.failNext(1, 409, undefined, {}, /^POST .*subscriptions/);
        subscription.follow(ids);
        await until(() => failures.length === 1);
        assert.equal(
            failures[0]!.message,
            `Account ${account.username} already has a presence subscription that could not be removed yet`,
        );
        await office.passTime(() => active === 1, 500);
    });

    it('names the address that Microsoft cannot reach, and tries again', async () => {
        const good = tenant.notifications.url!;
        tenant.notifications.open('https://127.0.0.1:9/nowhere');
        subscription.follow(ids);
        await office.passTime(() => failures.length > 0, 500);
        assert.equal(failures[0]!.code, 'TEAMS_ENDPOINT_UNREACHABLE');
        assert.match(failures[0]!.message, /https:\/\/127\.0\.0\.1:9\/nowhere/);
        tenant.notifications.open(good);
        await office.passTime(() => active === 1, 500);
    });

    it('waits for an address', async () => {
        tenant.notifications.close();
        subscription.follow(ids);
        await office.rest();
        assert.equal(subscription.active, false);
        assert.equal(failures.length, 0);
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
                assert.equal(made!.expires, office.clock.now() + 59 * minute);
            });

        it('for ever', async () => {
            await follow();
            const [made] = live();
            for (let passed = 0; passed < 300; passed += 5) {
                await office.clock.advance(5 * minute);
                await office.rest();
            }
            assert.equal(live()[0], made);
            const renewals = office.count(/^PATCH/) - office.count(/oauth2/);
            assert.ok(renewals >= 5 && renewals <= 9, String(renewals));
            assert.equal(active, 1);
        });

        for (const status of [400, 403, 404])
            it(`by making another one when Graph answers ${status}`, async () => {
                await follow();
                const [made] = live();
                office.simulated.faults.failNext(1, status, undefined, {}, /^PATCH/);
                await office.passTime(() => active === 2, minute);
                assert.equal(live().length, 1);
                assert.notEqual(live()[0], made);
            });

        it('by making another one when it was lost without a word', async () => {
            await follow();
            office.simulated.loseSubscriptions();
            await office.passTime(() => active === 2, minute);
            assert.equal(live().length, 1);
        });

        it('by making another one after an outage', async () => {
            await follow();
            await office.simulated.stop();
            await office.passTime(() => failures.length > 0, minute);
            assert.equal(failures[0]!.code, 'TEAMS_UNREACHABLE');
            assert.equal(subscription.active, false);
            await office.simulated.start();
            await office.passTime(() => active === 2, 500);
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
            assert.equal(office.count(/^PATCH/), 1);
        });

        it('by making one when it is asked for while there is none', async () => {
            await follow();
            await office.clock.advance(20 * minute);
            subscription.drop();
            subscription.reauthorize();
            await until(() => active === 2);
            assert.equal(live().length, 1);
        });
    });

    it('makes one subscription, however often the same users are named meanwhile', async () => {
        subscription.follow(ids);
        subscription.follow([...ids]);
        await until(() => active > 0);
        await office.rest();
        subscription.follow([...ids]);
        await office.rest();
        assert.equal(office.count(/^POST .*subscriptions/), 1);
    });

    it('looks only once a minute at what an administrator must change', async () => {
        office.simulated.faults.failNext(1, 403, undefined, {}, /^POST .*subscriptions/);
        subscription.follow(ids);
        await until(() => failures.length === 1);
        assert.equal(failures[0]!.code, 'TEAMS_PERMISSION_MISSING');
        await office.clock.advance(59_000);
        await office.rest();
        assert.equal(active, 0);
        await office.clock.advance(1_000);
        await until(() => active === 1);
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
            assert.equal(office.clock.waiting, 0);
        });

        it('also while it is being made, and leaves neither timer nor subscription', async () => {
            subscription.follow(ids);
            await until(() => office.count(/subscriptions/) > 0);
            await subscription.stop(true);
            assert.equal(live().length, 0);
            assert.equal(office.clock.waiting, 0);
            subscription.restart();
            await office.rest();
            assert.equal(live().length, 0);
        });

        it('although it cannot be deleted in an outage', async () => {
            await follow();
            await office.simulated.stop();
            await subscription.stop(true);
            assert.equal(subscription.active, false);
        });
    });
});
