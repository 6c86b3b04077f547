import assert from 'node:assert/strict';
import type { Account } from '../../../../../lib/simulator/tenant/simulated-tenant';
import { documentedLimits } from '../../../../../lib/simulator/tenant/throttling';
import { SubscriptionFleet } from '../../../../../lib/teams/reading/subscriptions/subscription-fleet';
import type { TeamsRegistration } from '../../../../../lib/teams/teams-system';
import { person, TeamsFixture, until } from '../../teams-fixture';

const second = 1_000;
const minute = 60_000;
const creates = /^POST .*subscriptions$/;

function accounts(count: number): Account[] {
    return Array.from({ length: count }, (_, index) => {
        return { username: `sync-${index + 1}@office.example`, password: `password ${index + 1}` };
    });
}

describe('SubscriptionFleet', () => {
    let office: TeamsFixture;
    let registration: TeamsRegistration;
    let fleet: SubscriptionFleet;
    let ids: string[];
    let gaps: string[];

    afterEach(async () => {
        await fleet?.stop(false);
        await office.stop();
    });

    async function open(people: number, accountCount: number): Promise<void> {
        const everybody = Array.from({ length: people }, (_, index) => person(index));
        ids = everybody.map(({ teamsId }) => teamsId);
        office = await TeamsFixture.start({
            people: everybody,
            accounts: accounts(accountCount),
            throttling: documentedLimits,
        });
        await use(accounts(accountCount));
    }

    function fleetOf(rows: Account[]): SubscriptionFleet {
        const { notifications: channel } = registration;
        const use = { access: registration, channel, clock: office.clock };
        return new SubscriptionFleet({ ...use, accounts: rows, random: () => 0.5 });
    }

    async function use(rows: Account[], url?: string): Promise<void> {
        ({ registration } = office.teams());
        await registration.notifications.key();
        registration.notifications.open(url ?? (await office.receiver(registration)));
        gaps = [];
        fleet = fleetOf(rows);
        fleet.on('gap', userIds => gaps.push(...userIds));
    }

    /** Starts with these users and waits until all of them are covered. */
    async function covering(userIds: string[]): Promise<void> {
        fleet.cover(userIds);
        fleet.start();
        await until(() => fleet.uncovered().length === 0);
        await office.rest();
    }

    async function open10(): Promise<void> {
        await open(10, 2);
        await covering(ids.slice(0, 8));
        // Past the first minute, in which joiners come in waves.
        await office.clock.advance(2 * minute);
    }

    function live() {
        return office.simulated.subscriptions;
    }

    function liveIds(): string[] {
        return live()
            .map(({ id }) => id)
            .sort();
    }

    function reasons(): Record<string, number> {
        const counts: Record<string, number> = {};
        for (const { reason } of fleet.uncovered()) counts[reason] = (counts[reason] ?? 0) + 1;
        return counts;
    }

    /** How many users each subscription covers. */
    function sizes(): number[] {
        return live().map(({ followed }) => [...followed].length);
    }

    describe('at start', () => {
        it('makes all subscriptions at once, each user in exactly one, and tells who must be read', async () => {
            await open(1_000, 16);
            office.simulated.faults.latency = 100;
            const { clock } = office;
            const before = clock.waitingElsewhere;
            fleet.cover(ids);
            fleet.start();
            assert.deepEqual(reasons(), { pending: 1_000 });
            assert.equal(fleet.state.phase, 'connecting');
            let passed = 0;
            for (; fleet.uncovered().length > 0; passed += 100) {
                // One request of each account is on its way, all at the same time.
                await until(() => clock.waitingElsewhere >= before + 16 || fleet.uncovered().length === 0);
                await clock.advance(100);
            }
            assert.ok(passed < second, String(passed));
            assert.equal(live().length, 16);
            const covered = live().flatMap(({ followed }) => [...followed]);
            assert.deepEqual(covered.sort(), [...ids].sort());
            assert.deepEqual(gaps.sort(), [...ids].sort());
            assert.equal(fleet.state.phase, 'online');
            assert.equal(office.count(creates), 16);
            assert.equal(office.count(/^GET .*subscriptions/), 0);
        });

        it('replaces what a crash left behind, of 128 accounts too, without being throttled', async () => {
            await open(260, 128);
            await covering(ids);
            await fleet.stop(false);
            assert.equal(live().length, 128);
            await use(accounts(128), registration.notifications.url);
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => fleet.uncovered().length === 0, second);
            assert.equal(live().length, 128);
            assert.equal(office.simulated.counters.throttled, 0);
            assert.equal(office.count(/^GET .*subscriptions$/), 128);
        });

        it('gives the same users to the same accounts as before', async () => {
            await open(20, 3);
            await covering(ids);
            const before = ids.map(id => fleet.accountOf(id));
            await fleet.stop(true);
            await use(accounts(3));
            await covering([...ids].reverse());
            assert.deepEqual(
                ids.map(id => fleet.accountOf(id)),
                before,
            );
        });

        it('covers 650 users per account and says for whom there is no room', async () => {
            await open(1_303, 2);
            fleet.cover(ids);
            fleet.start();
            await until(() => fleet.uncovered().length === 3);
            await office.rest();
            assert.deepEqual(reasons(), { 'no-room': 3 });
            assert.deepEqual(sizes(), [650, 650]);
            assert.equal(fleet.accountOf(fleet.uncovered()[0]!.userId), undefined);
        });

        it('has room for nobody without accounts', async () => {
            await open(2, 1);
            fleet = fleetOf([]);
            fleet.cover(ids);
            fleet.start();
            assert.deepEqual(reasons(), { 'no-room': 2 });
        });
    });

    describe('when people join and leave', () => {
        it('gathers joiners and makes one subscription anew for all of them', async () => {
            await open10();
            const before = liveIds();
            fleet.cover(ids.slice(0, 9));
            await office.clock.advance(30 * second);
            fleet.cover(ids);
            await office.clock.advance(29 * second);
            await office.rest();
            assert.deepEqual(liveIds(), before);
            assert.deepEqual(reasons(), { pending: 2 });
            gaps = [];
            await office.passTime(() => fleet.uncovered().length === 0, second);
            await office.rest();
            const kept = liveIds().filter(id => before.includes(id));
            assert.equal(kept.length, 1, 'the other cohort is not disturbed');
            assert.equal(gaps.length, 6);
        });

        it('takes up joiners soon in the first minute', async () => {
            await open(10, 2);
            await covering(ids.slice(0, 8));
            fleet.cover(ids);
            await office.clock.advance(2 * second);
            await until(() => fleet.uncovered().length === 0);
        });

        it('disturbs nobody for a leaver, nor when the same user comes back', async () => {
            await open10();
            const before = liveIds();
            fleet.cover(ids.slice(1, 8));
            await office.clock.advance(5 * minute);
            await office.rest();
            assert.deepEqual(liveIds(), before);
            assert.equal(fleet.accountOf(ids[0]!), undefined, 'not asked for');
            fleet.cover(ids.slice(0, 8));
            await office.clock.advance(5 * minute);
            await office.rest();
            assert.deepEqual(liveIds(), before);
            assert.ok(fleet.accountOf(ids[0]!));
        });

        it('leaves out leavers in the end', async () => {
            await open10();
            fleet.cover(ids.slice(1, 8));
            await office.passTime(() => live().every(({ followed }) => !followed.has(ids[0]!)), 30 * minute);
            await until(() => fleet.uncovered().length === 0);
        });

        it('tells nobody to read leavers that a new subscription still covers', async () => {
            await open10();
            fleet.cover(ids.slice(1, 8));
            gaps = [];
            fleet.gapAll();
            await until(() => gaps.length > 0);
            await office.rest();
            assert.deepEqual(gaps.sort(), ids.slice(1, 8).sort());
        });

        it('ends the subscriptions when nobody is left, and begins again at once', async () => {
            await open10();
            fleet.cover([]);
            await office.passTime(() => live().length === 0, 10 * second);
            assert.equal(fleet.state.phase, 'online');
            fleet.cover(ids);
            await until(() => fleet.uncovered().length === 0);
        });

        it('gives room that becomes free to those who had none', async () => {
            await open(652, 1);
            fleet.cover(ids);
            fleet.start();
            await until(() => fleet.uncovered().length === 2);
            await office.clock.advance(2 * minute);
            fleet.cover(ids.slice(1));
            await office.passTime(() => fleet.uncovered().length === 1, 10 * second);
            assert.ok(fleet.accountOf(ids[650]!));
        });
    });

    describe('when Microsoft refuses a user', () => {
        it('covers the others at once and names the one', async () => {
            await open(10, 2);
            office.simulated.faults.refuseUser(ids[3]!);
            fleet.cover(ids);
            fleet.start();
            await until(() => fleet.uncovered().length === 1);
            await office.rest();
            assert.deepEqual(fleet.uncovered(), [{ userId: ids[3], reason: 'refused' }]);
            assert.equal(fleet.state.phase, 'online');
            assert.equal(office.count(creates), 3);
        });

        it('tries the user again a day later', async () => {
            await open(10, 2);
            office.simulated.faults.refuseUser(ids[3]!);
            fleet.cover(ids);
            fleet.start();
            await until(() => fleet.uncovered().length === 1);
            await office.rest();
            const begun = office.clock.monotonic();
            office.simulated.faults.refuseUser(ids[3]!, false);
            await office.passTime(() => fleet.uncovered().length === 0, 20 * minute);
            const passed = (office.clock.monotonic() - begun) / minute;
            assert.ok(passed >= 23.5 * 60 && passed <= 25 * 60, String(passed));
        });

        it('forgets it when the user leaves', async () => {
            await open(10, 2);
            office.simulated.faults.refuseUser(ids[3]!);
            fleet.cover(ids);
            fleet.start();
            await until(() => fleet.uncovered().length === 1);
            office.simulated.faults.refuseUser(ids[3]!, false);
            fleet.cover(ids.filter(id => id !== ids[3]));
            fleet.cover(ids);
            await office.passTime(() => fleet.uncovered().length === 0, second);
        });

        it('survives the deletion of a covered user', async () => {
            await open10();
            office.simulated.removePerson(ids[0]!);
            const account = fleet.accountOf(ids[0]!)!;
            fleet.restart(account);
            await office.passTime(() => fleet.uncovered().length === 1 && fleet.state.phase === 'online', second);
            assert.deepEqual(fleet.uncovered(), [{ userId: ids[0], reason: 'refused' }]);
        });

        it('finds the user in every cohort although no error names one', async () => {
            await open(40, 2);
            office.simulated.behaviour.namesRefusedUsers = false;
            for (const id of [ids[0]!, ids[39]!]) office.simulated.faults.refuseUser(id);
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => reasons().refused === 2 && !('pending' in reasons()), second);
            assert.deepEqual(
                fleet
                    .uncovered()
                    .map(({ userId }) => userId)
                    .sort(),
                [ids[0], ids[39]],
            );
        });
    });

    describe('when an account fails', () => {
        it('hands its users to the others, and gives them back when it works again', async () => {
            await open(12, 3);
            const [failing] = accounts(3);
            office.simulated.setTrouble(failing!.username, '50126');
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => fleet.uncovered().length === 0, second);
            await office.rest();
            const { state } = fleet;
            assert.ok('error' in state && state.error.message.includes(failing!.username));
            assert.equal(state.phase, 'failed');
            assert.equal(live().length, 2);
            const hosts = liveIds();
            office.simulated.setTrouble(failing!.username, undefined);
            await office.passTime(() => fleet.state.phase === 'online', minute);
            await office.clock.advance(minute);
            await office.rest();
            assert.equal(ids.filter(id => fleet.accountOf(id) === failing!.username).length, 4);
            for (const host of hosts) assert.ok(liveIds().includes(host), 'the hosts are not disturbed');
        });

        it('signs in again only now and then', async () => {
            await open(12, 3);
            office.simulated.setTrouble(accounts(1)[0]!.username, '50126');
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => fleet.uncovered().length === 0, second);
            const before = office.count(/oauth2/);
            for (let passed = 0; passed < 14; passed++) {
                fleet.gapAll();
                fleet.check();
                await office.clock.advance(minute);
                await office.rest();
            }
            assert.equal(office.count(/oauth2/), before);
        });

        it('names those for whom the others have no room', async () => {
            await open(1_200, 2);
            const [failing] = accounts(2);
            office.simulated.setTrouble(failing!.username, '50057');
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => fleet.uncovered().length === 550, second);
            await office.clock.advance(10 * second);
            assert.deepEqual(reasons(), { 'account-failed': 550 });
            assert.deepEqual(sizes(), [650]);
        });

        it('moves nobody in an outage', async () => {
            await open10();
            const before = ids.map(id => fleet.accountOf(id));
            await office.simulated.stop();
            fleet.gapAll();
            await office.passTime(() => fleet.state.phase === 'retrying', second);
            await office.clock.advance(90 * minute);
            assert.deepEqual(reasons(), { pending: 8 });
            await office.simulated.start();
            await office.passTime(() => fleet.uncovered().length === 0, second);
            assert.deepEqual(
                ids.map(id => fleet.accountOf(id)),
                before,
            );
        });

        it('lets all accounts go on as soon as one of them can again', async () => {
            await open(16, 8);
            await office.simulated.stop();
            fleet.cover(ids);
            fleet.start();
            await office.passTime(() => fleet.state.phase === 'retrying', second);
            await office.clock.advance(10 * minute);
            await office.simulated.start();
            await office.passTime(() => live().length > 0, second);
            await office.rest();
            assert.equal(live().length, 8);
            assert.equal(fleet.state.phase, 'online');
        });
    });

    describe('when notifications may have been missed', () => {
        it('verifies all subscriptions, makes anew those that are lost, and tells whom to read', async () => {
            await open10();
            const [kept] = live();
            gaps = [];
            fleet.gapAll();
            await until(() => gaps.length === 8);
            assert.equal(live()[0], kept);
            office.simulated.loseSubscriptions();
            fleet.check();
            await until(() => live().length === 2 && gaps.length === 16);
        });

        it('makes a silent one anew, and covers nobody with it until then', async () => {
            await open10();
            const before = liveIds();
            const account = fleet.accountOf(ids[0]!)!;
            fleet.restart(account);
            assert.equal(fleet.accountOf(ids[0]!), undefined);
            await until(() => fleet.uncovered().length === 0);
            const after = liveIds();
            assert.equal(after.filter(id => before.includes(id)).length, 1);
        });

        it('follows lifecycle notifications', async () => {
            await open10();
            const [first] = live();
            await office.clock.advance(11 * minute);
            fleet.lifecycle(first!.id, 'reauthorizationRequired');
            await until(() => office.count(/^PATCH/) === 1);
            await office.rest();
            gaps = [];
            fleet.lifecycle(first!.id, 'missed');
            await until(() => gaps.length === first!.followed.size);
            assert.ok(live().includes(first!));
            fleet.lifecycle(first!.id, 'subscriptionRemoved');
            await until(() => gaps.length === 2 * first!.followed.size);
            assert.ok(!live().includes(first!));
            fleet.lifecycle('unknown', 'reauthorizationRequired');
            fleet.lifecycle('unknown', 'subscriptionRemoved');
        });
    });

    it('needs one timer for each account, however many users there are', async () => {
        await open(40, 8);
        await covering(ids);
        const { waiting } = office.clock;
        await fleet.stop(false);
        assert.equal(waiting - office.clock.waiting, 8);
    });

    it('ends without a trace, before the start, in the middle, and twice', async () => {
        await open(10, 2);
        fleet.cover(ids);
        await fleet.stop(true);
        fleet.start();
        await office.rest();
        assert.equal(live().length, 0);
        await use(accounts(2));
        fleet.cover(ids);
        fleet.start();
        await until(() => office.count(creates) > 0);
        await fleet.stop(true);
        await fleet.stop(true);
        assert.equal(live().length, 0);
        fleet.cover(ids.slice(1));
        fleet.gapAll();
        await office.clock.advance(2 * minute);
        await office.rest();
        assert.equal(live().length, 0);
        assert.equal(fleet.state.phase, 'stopped');
    });
});
