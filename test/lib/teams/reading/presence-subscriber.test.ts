import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../../lib/presence/message';
import { pairOf } from '../../../../lib/presence/teams-states';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import type { TeamsChange } from '../../../../lib/teams/reading/presence-reader';
import { PresenceSubscriber } from '../../../../lib/teams/reading/presence-subscriber';
import type { Account } from '../../../../lib/teams/sign-in/token-source';
import type { TeamsTenant } from '../../../../lib/teams/teams-tenant';
import { PresenceActions } from '../../../../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../../../../lib/teams/writing/presence-writer';
import { account, anna, app, ben, otherAccount, person, TeamsFixture, until, userOf } from '../teams-fixture';

const minute = 60_000;
const busy = pairOf('Busy/InACall')!;

describe('PresenceSubscriber', () => {
    let office: TeamsFixture;
    let tenant: TeamsTenant;
    let subscriber: PresenceSubscriber;
    let states: ConnectionState[];
    let leftOut: string[];
    let changes: TeamsChange[];
    /** The mail of people on the other side; undefined: everybody with an address there. */
    let known: Set<string> | undefined;

    afterEach(async () => {
        await subscriber?.stop(false);
        await office.stop();
    });

    async function start(options: { people?: number; accounts?: Account[]; open?: boolean } = {}): Promise<void> {
        const { people = 2, accounts = [account], open = true } = options;
        const everybody = Array.from({ length: people }, (_, index) =>
            index < 2 ? [anna, ben][index]! : person(index),
        );
        office = await TeamsFixture.start({ people: everybody });
        await use(accounts, open);
    }

    async function use(accounts: Account[], open = true): Promise<void> {
        tenant = office.tenant();
        // Made beforehand, since it takes time that no clock of ours measures.
        await tenant.notifications.key();
        known = undefined;
        states = [];
        leftOut = [];
        changes = [];
        if (open) tenant.notifications.open(await office.receiver(tenant));
        tenant.notifications.on('presence', (id, presence) => tenant.reader.observe(id, presence, 'notification'));
        tenant.reader.on('change', change => changes.push(change));
        subscriber = makeSubscriber(accounts);
        subscriber.start();
    }

    function makeSubscriber(accounts: Account[]): PresenceSubscriber {
        const made = new PresenceSubscriber({
            tenant,
            accounts,
            random: () => 0.5,
            select: (user: PresenceUser) => {
                const address = user.addresses.find(each => each.startsWith('person-'));
                return address && (!known || known.has(address)) ? user : undefined;
            },
        });
        made.on('state', state => states.push(state));
        made.on('leftOut', sentence => leftOut.push(sentence));
        return made;
    }

    async function online(): Promise<void> {
        await office.passTime(() => subscriber.state.phase === 'online', 200);
        await office.rest();
    }

    function live() {
        return office.simulated.subscriptions;
    }

    it('cannot be without an account', async () => {
        office = await TeamsFixture.start();
        tenant = office.tenant();
        assert.throws(() => makeSubscriber([]), { code: 'FIELD_MISSING' });
    });

    it('reads everybody, subscribes, and tells changes as they come', async () => {
        await start();
        await online();
        assert.equal(subscriber.size, 2);
        assert.deepEqual(
            changes.map(({ user, presence, via }) => [user.displayName, presence.activity, via]),
            [
                [anna.name, 'Available', 'snapshot'],
                [ben.name, 'Available', 'snapshot'],
            ],
        );
        office.simulated.startCall(anna.teamsId);
        await until(() => changes.length === 3);
        assert.equal(changes[2]!.via, 'notification');
        assert.equal(states.at(-1)!.phase, 'online');
        assert.ok(states.some(({ phase }) => phase === 'connecting'));
    });

    it('follows only those that the other side knows, and follows a change of that', async () => {
        await start();
        await online();
        known = new Set([ben.mail]);
        subscriber.refresh();
        subscriber.refresh();
        await office.passTime(() => live()[0]?.followed.size === 1, 200);
        await online();
        assert.deepEqual([...live()[0]!.followed], [ben.teamsId]);
        assert.equal(office.count(/GET .*\/users/), 2, 'changes are gathered');
        known = new Set();
        subscriber.refresh();
        await office.passTime(() => live().length === 0, 200);
        await online();
    });

    it('sees joiners and leavers within 15 minutes', async () => {
        known = undefined;
        await start();
        known = new Set([anna.mail]);
        await online();
        assert.equal(subscriber.size, 1);
        known = undefined;
        await office.clock.advance(15 * minute);
        await office.passTime(() => live()[0]?.followed.size === 2, 200);
    });

    describe('deals out', () => {
        it('the users among its accounts, each to exactly one, the same from start to start', async () => {
            await start({ people: 7, accounts: [account, otherAccount] });
            await online();
            const shares = live().map(({ followed }) => [...followed].sort());
            assert.deepEqual(shares.map(({ length }) => length).sort(), [3, 4]);
            assert.equal(new Set(shares.flat()).size, 7);
            const before = live().map(({ id }) => id);
            subscriber.refresh();
            await office.clock.advance(2_000);
            await office.rest();
            assert.deepEqual(
                live().map(({ id }) => id),
                before,
            );
        });

        it('650 to an account and names the rest, once', async () => {
            await start({ people: 653 });
            await online();
            assert.equal(live()[0]!.followed.size, 650);
            assert.equal(leftOut.length, 1);
            assert.match(leftOut[0]!, /room for 650 users only: person-650@\S+, person-651@\S+, person-652@\S+$/);
            subscriber.refresh();
            await office.clock.advance(2_000);
            await office.rest();
            assert.equal(leftOut.length, 1);
        }).timeout(20_000);
    });

    describe('says what is wrong', () => {
        it('with the password of its account, and looks again only after a quarter of an hour', async () => {
            await start({ accounts: [{ ...account, password: 'wrong' }] });
            await until(() => states.at(-1)?.phase === 'failed');
            const state = states.at(-1)!;
            assert.ok('error' in state!);
            assert.equal(state.error.message, `Password of ${account.username} is wrong (AADSTS50126)`);
            assert.equal(office.count(/oauth2/), 1);
            await office.clock.advance(15 * minute - 1_000);
            await office.rest();
            assert.equal(office.count(/oauth2/), 1);
            await office.clock.advance(1_000);
            await until(() => office.count(/oauth2/) === 2);
        });

        it('with one account, while the other goes on', async () => {
            await start({ people: 4, accounts: [account, { ...otherAccount, password: 'wrong' }] });
            await until(() => states.at(-1)?.phase === 'failed');
            assert.match(JSON.stringify(states.at(-1)), /TEAMS_PASSWORD_WRONG/);
            await until(() => live().length === 1);
            const [covered] = [...live()[0]!.followed];
            const before = changes.length;
            office.simulated.startCall(covered!);
            await until(() => changes.length > before);
        });

        it('when the directory may not be read', async () => {
            await start();
            await online();
            office.simulated.faults.failNext(1, 403, undefined, {}, /GET .*\/users/);
            subscriber.refresh();
            await office.passTime(() => states.at(-1)?.phase === 'failed', 500);
            await office.clock.advance(minute);
            await online();
        });
    });

    describe('heals', () => {
        it('when Microsoft was away at the start', async () => {
            office = await TeamsFixture.start();
            await office.simulated.stop();
            await use([account]);
            await until(() => states.at(-1)?.phase === 'retrying');
            await office.clock.advance(30 * minute);
            await office.rest();
            await office.simulated.start();
            await online();
            assert.equal(changes.length, 2);
        });

        it('after an outage, with everything that was missed', async () => {
            await start();
            await online();
            await office.simulated.stop();
            office.simulated.setClientPresence(anna.teamsId, busy);
            await office.passTime(() => states.at(-1)?.phase === 'retrying', minute);
            await office.simulated.start();
            await office.passTime(() => changes.at(-1)?.presence.activity === 'InACall', 500);
            await online();
            office.simulated.setClientPresence(ben.teamsId, busy);
            await office.passTime(() => changes.at(-1)?.user.displayName === ben.name, 500);
        });

        it('at once when it is told of a gap: everything anew', async () => {
            await start();
            await online();
            await office.simulated.stop();
            office.simulated.setClientPresence(anna.teamsId, busy);
            await office.simulated.start();
            tenant.gap();
            tenant.gap();
            await office.passTime(() => live().length === 1 && changes.length === 3, 200);
            await online();
            assert.equal(live().length, 1);
        });

        it('what notifications have lost, within five minutes', async () => {
            await start();
            await online();
            office.simulated.loseSubscriptions();
            office.simulated.setClientPresence(anna.teamsId, busy);
            await office.rest();
            assert.equal(changes.length, 2);
            await office.clock.advance(5 * minute);
            await until(() => changes.length === 3);
            assert.equal(changes[2]!.via, 'poll');
        });

        it('what a notification does not tell, by reading the user', async () => {
            await start();
            await online();
            office.simulated.loseSubscriptions();
            office.simulated.setClientPresence(anna.teamsId, busy);
            tenant.notifications.emit('hint', anna.teamsId);
            await office.passTime(() => changes.length === 3);
        });

        it('when its endpoint opens late, or moves', async () => {
            await start({ open: false });
            await office.passTime(() => changes.length === 2, 200);
            assert.equal(live().length, 0);
            assert.equal(subscriber.state.phase, 'connecting');
            tenant.notifications.open(await office.receiver(tenant));
            await online();
            const [first] = live();
            tenant.notifications.close();
            tenant.notifications.open(await office.receiver(tenant));
            await office.passTime(() => live().length === 1 && live()[0] !== first, 200);
            await online();
            assert.equal(live()[0]!.notificationUrl, tenant.notifications.url);
        });

        it('as the lifecycle notifications ask', async () => {
            await start();
            await online();
            const [made] = live();
            await office.clock.advance(11 * minute);
            await office.rest();
            tenant.notifications.emit('lifecycle', made!.id, 'reauthorizationRequired');
            await until(() => office.count(/^PATCH/) === 1);
            tenant.notifications.emit('lifecycle', 'another', 'subscriptionRemoved');
            await office.rest();
            assert.equal(live()[0], made);
            tenant.notifications.emit('lifecycle', made!.id, 'subscriptionRemoved');
            await until(() => live().length === 1 && live()[0] !== made);
        });
    });

    describe('stops', () => {
        it('with its subscriptions, or without them', async () => {
            await start({ people: 4, accounts: [account, otherAccount] });
            await online();
            await subscriber.stop(true);
            await subscriber.stop(true);
            assert.equal(live().length, 0);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.clock.waiting, 0);
            const next = makeSubscriber([account]);
            next.start();
            await office.passTime(() => next.state.phase === 'online', 200);
            await next.stop(false);
            assert.equal(live().length, 1);
        });

        it('for good while it begins, and leaves the users of the next alone', async () => {
            await start();
            await until(() => office.count(/GET .*\/users/) > 0);
            await subscriber.stop(true);
            tenant.reader.follow([userOf(anna)]);
            await office.rest();
            assert.equal(tenant.reader.size, 1);
            assert.equal(live().length, 0);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.clock.waiting, 0);
        });

        it('for good in an outage', async () => {
            office = await TeamsFixture.start();
            await office.simulated.stop();
            await use([account]);
            await until(() => states.at(-1)?.phase === 'retrying');
            subscriber.refresh();
            await subscriber.stop(true);
            await office.clock.advance(10 * minute);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.clock.waiting, 0);
        });
    });

    describe('beside the writer', () => {
        let writer: PresenceWriter;

        async function both(): Promise<void> {
            await start();
            await online();
            const actions = new PresenceActions({ graph: tenant.asApp(), clientId: app.clientId });
            writer = new PresenceWriter({ actions, ledger: office.ledger, clock: office.clock, lease: 15 * minute });
        }
        afterEach(() => writer.stop());

        it('hears nothing of a call of the PBX, its renewals and its end', async () => {
            await both();
            await writer.set(userOf(anna), busy);
            for (let passed = 0; passed < 30; passed++) {
                await office.clock.advance(minute);
                await office.rest();
            }
            assert.equal(office.simulated.presenceOf(anna.teamsId).activity, 'InACall');
            await writer.clear(userOf(anna));
            await office.clock.advance(3_000);
            await office.rest();
            assert.equal(changes.length, 2);
            assert.equal(office.simulated.presenceOf(anna.teamsId).activity, 'Available');
        });

        it('hears of a Teams call that goes on when the call of the PBX ends', async () => {
            await both();
            await writer.set(userOf(anna), busy);
            await office.rest();
            office.simulated.startCall(anna.teamsId);
            await office.clock.advance(10_000);
            await writer.clear(userOf(anna));
            await office.passTime(() => changes.length === 3);
            assert.equal(changes[2]!.presence.activity, 'InACall');
            office.simulated.endCall(anna.teamsId);
            await until(() => changes.length === 4);
            assert.equal(changes[3]!.presence.activity, 'Available');
        });
    });
});
