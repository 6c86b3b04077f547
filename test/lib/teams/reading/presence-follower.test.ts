import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../../lib/presence/message';
import { pairOf } from '../../../../lib/presence/teams-states';
import { UserMatches } from '../../../../lib/presence/user-matches';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import { MemoryClaimStore } from '../../../../lib/sync/claim-store';
import { GatheredRequests } from '../../../../lib/teams/connection/gathered-requests';
import type { RegistrationSettings } from '../../../../lib/teams/connection/graph-access';
import type { Account } from '../../../../lib/teams/connection/sign-in/token-source';
import type { TeamsChange } from '../../../../lib/teams/reading/following';
import type { Delivery, PresenceFollower } from '../../../../lib/teams/reading/presence-follower';
import { type TeamsRegistration, TeamsSystem } from '../../../../lib/teams/teams-system';
import { teamsPlan } from '../../../../lib/teams/users/scope';
import { Continuity } from '../../../../lib/time/continuity';
import {
    account,
    anna,
    app,
    ben,
    otherAccount,
    person,
    publicApp,
    TeamsFixture,
    until,
    userOf,
} from '../teams-fixture';
import { TestWriter } from '../writing/writer-fixture';

const minute = 60_000;
const busy = pairOf('Busy/InACall')!;

const usual: Delivery = { mode: 'notifications', fast: 2_000, slow: 10_000 };

interface Options {
    people?: number;
    accounts?: Account[];
    /** Whether a receiver listens from the start. */
    open?: boolean;
    mode?: Delivery['mode'];
    /** What the app may do in its own name; by default it may read presence. */
    roles?: string[];
    settings?: Partial<RegistrationSettings>;
    /** Only users with one of these service plans. */
    plans?: string[];
    /** Whether interruptions are noticed within a second. */
    watched?: boolean;
}

describe('PresenceFollower', () => {
    let office: TeamsFixture;
    let system: TeamsSystem;
    let registration: TeamsRegistration;
    let follower: PresenceFollower;
    let states: ConnectionState[];
    let leftOut: string[];
    let changes: TeamsChange[];
    /** The mail of people on the other side; undefined: everybody with an address there. */
    let known: Set<string> | undefined;
    let otherSideChanged: () => void;

    afterEach(async () => {
        await follower?.stop(false);
        await office.stop();
    });

    async function start(options: Options = {}): Promise<void> {
        const { people = 2, roles } = options;
        const everybody = Array.from({ length: people }, (_, index) =>
            index < 2 ? [anna, ben][index]! : person(index),
        );
        office = await TeamsFixture.start({ people: everybody, roles });
        await use(options);
    }

    async function use({
        accounts = [account],
        open = true,
        mode = 'notifications',
        settings,
        plans,
        watched = false,
    }: Options): Promise<void> {
        const continuity = watched ? new Continuity(office.clock) : office.continuity;
        ({ system, registration } = office.teams(settings, office.system(continuity)));
        // Made beforehand, since it takes time that no clock of ours measures.
        await registration.notifications.key();
        known = undefined;
        states = [];
        leftOut = [];
        changes = [];
        if (open) registration.notifications.open(await office.receiver(registration));
        registration.following.on('change', change => changes.push(change));
        follower = makeFollower(accounts, mode, plans);
        follower.start();
    }

    function makeFollower(
        accounts: Account[],
        mode: Delivery['mode'] = 'notifications',
        plans?: string[],
    ): PresenceFollower {
        const select = (user: PresenceUser): PresenceUser | undefined => {
            const address = user.addresses.find(each => each.startsWith('person-'));
            return address && (!known || known.has(address)) ? user : undefined;
        };
        const onChange = (changed: () => void) => {
            otherSideChanged = changed;
            return () => {};
        };
        const pbx = { matches: new UserMatches(), loaded: () => true, select, onChange };
        const made = system.follow(registration, {
            accounts,
            scope: { kind: 'pbx', plans, pbx },
            delivery: { ...usual, mode },
            random: () => 0.5,
        });
        made.on('state', state => states.push(state));
        made.on('leftOut', (names, reason) => leftOut.push(`${reason.message}: ${names.join(', ')}`));
        return made;
    }

    async function online(): Promise<void> {
        await office.passTime(() => follower.state.phase === 'online', 200);
        await office.rest();
    }

    async function passes(duration: number, step = 1_000): Promise<void> {
        const end = office.clock.monotonic() + duration;
        while (office.clock.monotonic() < end) {
            await office.clock.advance(step);
            await office.rest();
        }
    }

    function live() {
        return office.simulated.subscriptions;
    }

    const bulkReads = (): number => office.count(/getPresencesByUserId/);

    it('cannot be without whoever reads', async () => {
        office = await TeamsFixture.start();
        ({ system, registration } = office.teams());
        assert.throws(() => makeFollower([], 'notifications'), { code: 'FIELD_MISSING' });
        makeFollower([], 'automatic');
        ({ system, registration } = office.teams({ clientId: publicApp.clientId, clientSecret: undefined }));
        assert.throws(() => makeFollower([], 'automatic'), { code: 'FIELD_MISSING' });
        assert.throws(() => makeFollower([account], 'polling'), { code: 'FIELD_MISSING' });
        makeFollower([account], 'automatic');
    });

    it('subscribes to nothing in a cloud without notifications: it polls, or says what to choose', async () => {
        office = await TeamsFixture.start();
        ({ system, registration } = office.teams({ loginUrl: 'https://login.microsoftonline.us' }));
        assert.throws(() => makeFollower([account], 'notifications'), { code: 'TEAMS_CLOUD_WITHOUT_NOTIFICATIONS' });
        assert.equal(makeFollower([account], 'polling').notice, undefined);
        assert.equal(makeFollower([account], 'automatic').notice?.code, 'TEAMS_CLOUD_WITHOUT_NOTIFICATIONS');
        // The sign-in goes to the office nevertheless.
        ({ system, registration } = office.teams());
        registration.asApp();
        registration.asAccount(account);
        Object.assign(registration, {
            settings: { ...registration.settings, loginUrl: 'https://login.microsoftonline.us' },
        });
        await registration.notifications.key();
        registration.notifications.open(await office.receiver(registration));
        states = [];
        leftOut = [];
        known = undefined;
        follower = makeFollower([account], 'automatic');
        follower.start();
        await online();
        assert.equal(follower.polled, 2);
        assert.equal(live().length, 0);
        assert.equal(office.count(/subscriptions/), 0);
    });

    it('says so when it cannot begin', async () => {
        office = await TeamsFixture.start();
        ({ system, registration } = office.teams());
        states = [];
        leftOut = [];
        follower = makeFollower([account]);
        system.directory.use = () => {
            throw new Error('out of order');
        };
        follower.start();
        await office.rest();
        assert.equal(follower.state.phase, 'failed');
        assert.match('error' in follower.state ? follower.state.error.message : '', /out of order/);
        assert.equal(states.at(-1)?.phase, 'failed');
    });

    it('reads everybody, subscribes, and tells changes as they come', async () => {
        await start();
        await online();
        assert.equal(follower.size, 2);
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

    it('reads all users but once, with the service plans that it asks for', async () => {
        await start({ plans: [teamsPlan] });
        await online();
        assert.equal(follower.size, 2);
        assert.equal(office.count(/^GET \/v1\.0\/users$/), 1);
    });

    it('reads nobody before it is known what is held from before a restart', async () => {
        office = await TeamsFixture.start();
        let restored: (() => void) | undefined;
        const store = new MemoryClaimStore(office.clock);
        const opened = new Promise<MemoryClaimStore>(resolve => {
            restored = () => resolve(store);
        });
        const book = { store: opened, side: 'teams', system: 'firm' } as const;
        const { clock, continuity } = office;
        const system = new TeamsSystem({ clock, continuity, book });
        office.system = () => system;
        await use({});
        await passes(10_000);
        assert.equal(office.count(/v1\.0/), 0);
        restored?.();
        await online();
        assert.equal(changes.length, 2);
    });

    describe('follows', () => {
        it('only those that the other side knows, and takes in a change of that as a difference', async () => {
            await start({ people: 3 });
            await online();
            const others = () => office.requests.filter(request => !/getPresencesByUserId/.test(request));
            const before = others();
            known = new Set([ben.mail, person(2).mail]);
            otherSideChanged();
            otherSideChanged();
            await passes(5_000);
            assert.equal(follower.size, 2);
            assert.deepEqual(others(), before, 'a leaver costs nothing');
            office.simulated.startCall(anna.teamsId);
            office.simulated.startCall(ben.teamsId);
            await office.passTime(() => changes.length > 4);
            await office.rest();
            assert.deepEqual(
                changes.slice(3).map(({ user, presence }) => [user.displayName, presence.activity]),
                [
                    [anna.name, 'PresenceUnknown'],
                    [ben.name, 'InACall'],
                ],
            );
            known = undefined;
            otherSideChanged();
            await office.passTime(() => changes.length === 6);
            assert.equal(changes[5]!.user.displayName, anna.name);
        });

        it('joiners and leavers of the tenant, and tells a joiner at once', async () => {
            await start();
            await online();
            office.simulated.addPerson(person(2));
            office.simulated.removePerson(ben.teamsId);
            await passes(5 * minute + 1_000, 5_000);
            assert.equal(follower.size, 2);
            assert.equal(changes.at(-1)!.user.addresses[0], person(2).mail);
            office.simulated.startCall(person(2).teamsId);
            await office.passTime(() => changes.at(-1)!.presence.activity === 'InACall');
            await passes(2 * minute, 5_000);
            assert.ok(live()[0]!.followed.has(person(2).teamsId));
        });

        it('with one subscription where two rows are the same account', async () => {
            await start({ accounts: [account, { ...account, username: account.username.toUpperCase() }] });
            await online();
            assert.equal(live().length, 1);
            assert.equal(follower.state.phase, 'online');
        });

        it('650 to an account; the rest is polled where the app may read', async () => {
            await start({ people: 653 });
            await online();
            assert.equal(live()[0]!.followed.size, 650);
            assert.equal(follower.polled, 3);
            assert.deepEqual(leftOut, []);
            const uncovered = 653 - [...live()[0]!.followed].length;
            assert.equal(uncovered, 3);
            const missing = Array.from({ length: 653 }, (_, index) => person(index).teamsId).find(
                id => !live()[0]!.followed.has(id),
            )!;
            office.simulated.startCall(missing);
            const before = changes.length;
            await passes(10_000);
            assert.equal(changes.length, before + 1);
            assert.equal(changes.at(-1)!.via, 'poll');
        }).timeout(120_000);

        it('650 to an account; else the rest is named, once, and read in the sweep', async () => {
            await start({ people: 653, roles: ['User.Read.All'] });
            await online();
            assert.equal(follower.polled, 0);
            assert.equal(leftOut.length, 1);
            assert.match(
                leftOut[0]!,
                /room for 650 users only.* every 300 s: person-\d+@\S+, person-\d+@\S+, person-\d+@\S+$/,
            );
            const missing = Array.from({ length: 653 }, (_, index) => person(index).teamsId).find(
                id => !live()[0]!.followed.has(id),
            )!;
            office.simulated.startCall(missing);
            const before = changes.length;
            await passes(5 * minute, 5_000);
            assert.equal(changes.length, before + 1);
            assert.equal(leftOut.length, 1);
        }).timeout(120_000);
    });

    describe('polls only', () => {
        const polling: Options = { accounts: [], open: false, mode: 'polling' };

        it('with neither account nor receiver', async () => {
            await start(polling);
            await online();
            assert.equal(follower.polled, 2);
            office.simulated.startCall(anna.teamsId);
            await passes(10_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            assert.equal(changes.at(-1)!.via, 'poll');
            assert.equal(office.count(/subscriptions/), 0);
        });

        it('people in a call every two seconds, the rest every ten', async () => {
            await start(polling);
            await online();
            const before = bulkReads();
            await passes(60_000);
            const quiet = bulkReads() - before;
            assert.ok(quiet >= 6 && quiet <= 8, String(quiet));
            office.simulated.startCall(anna.teamsId);
            await office.passTime(() => changes.length === 3);
            office.simulated.endCall(anna.teamsId);
            await passes(2_000, 500);
            assert.equal(changes.length, 4);
            await passes(2 * minute, 2_000);
            const busy = bulkReads();
            await passes(60_000);
            assert.ok(bulkReads() - busy <= 8, 'and again every ten once two minutes have passed without a change');
        });

        it('and says so if the app may not read presence, and looks again', async () => {
            await start({ ...polling, roles: ['User.Read.All'] });
            await office.passTime(() => follower.state.phase === 'failed');
            assert.match(JSON.stringify(follower.state), /TEAMS_PERMISSION_MISSING/);
            const before = bulkReads();
            await passes(50_000);
            assert.equal(bulkReads(), before);
            await passes(20_000);
            assert.equal(bulkReads(), before + 1);
        });
    });

    describe('delivers automatically', () => {
        it('by polling until the receiver listens, and by notifications from then on', async () => {
            await start({ open: false, mode: 'automatic' });
            await online();
            assert.equal(follower.polled, 2);
            office.simulated.startCall(anna.teamsId);
            await passes(10_000);
            assert.equal(changes.at(-1)!.via, 'poll');
            registration.notifications.open(await office.receiver(registration));
            await office.passTime(() => follower.polled === 0);
            const before = bulkReads();
            office.simulated.endCall(anna.teamsId);
            await until(() => changes.at(-1)!.presence.activity === 'Available');
            assert.equal(changes.at(-1)!.via, 'notification');
            await passes(20_000);
            assert.ok(bulkReads() - before <= 5, 'only what the sweep reads');
        });

        it('by polling while an account is not usable', async () => {
            await start({ mode: 'automatic' });
            await online();
            office.simulated.setTrouble(account.username, '50057');
            office.simulated.loseSubscriptions();
            office.simulated.faults.failNext(1, 401, undefined, {}, /POST .*subscriptions/);
            system.gap();
            await office.passTime(() => follower.polled === 2, 500);
            office.simulated.startCall(anna.teamsId);
            await passes(12_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            assert.equal(follower.state.phase, 'failed');
            office.simulated.setTrouble(account.username, undefined);
            await passes(16 * minute, 10_000);
            await online();
            assert.equal(follower.polled, 0);
            assert.equal(live().length, 1);
        }).timeout(120_000);

        it('by polling while Microsoft names a quota that is none', async () => {
            await start({ mode: 'automatic' });
            await online();
            office.simulated.loseSubscriptions();
            office.simulated.behaviour.phantomQuota = true;
            system.gap();
            await office.passTime(() => follower.polled === 2 && follower.state.phase === 'retrying', 500);
            office.simulated.startCall(anna.teamsId);
            await passes(12_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            assert.equal(changes.at(-1)!.via, 'poll');
            office.simulated.behaviour.phantomQuota = false;
            await passes(2 * minute, 5_000);
            assert.equal(follower.polled, 0);
        });

        it('by polling once notifications stay out, makes the subscription anew, and comes back', async () => {
            await start({ mode: 'automatic' });
            await online();
            const [first] = live();
            await passes(15_000);
            office.simulated.faults.silence(true);
            office.simulated.startCall(anna.teamsId);
            await passes(60_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall', 'found by the comparison');
            await passes(90_000);
            assert.deepEqual(follower.silentAccounts, [account.username]);
            assert.equal(follower.polled, 2);
            assert.equal(live().length, 1);
            assert.notEqual(live()[0], first);
            office.simulated.faults.silence(false);
            await passes(2 * minute, 5_000);
            registration.notifications.emit('lifecycle', live()[0]!.id, 'subscriptionRemoved');
            await passes(2 * minute, 5_000);
            office.simulated.endCall(anna.teamsId);
            await until(() => changes.at(-1)!.presence.activity === 'Available');
            assert.deepEqual(follower.silentAccounts, [account.username], 'it was made anew just now');
            await passes(4 * minute, 5_000);
            assert.equal(follower.polled, 2, 'nothing proves yet that it delivers');
            office.simulated.startCall(anna.teamsId);
            await until(() => changes.at(-1)!.presence.activity === 'InACall');
            assert.deepEqual(follower.silentAccounts, []);
            await passes(1_000);
            assert.equal(follower.polled, 0);
        }).timeout(120_000);

        it('by a new subscription within seconds where the old one was lost without a word', async () => {
            await start({ mode: 'automatic' });
            await online();
            await passes(15_000);
            office.simulated.loseSubscriptions();
            office.simulated.startCall(anna.teamsId);
            await passes(6_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            await until(() => live().length === 1);
            office.simulated.endCall(anna.teamsId);
            await until(() => changes.at(-1)!.presence.activity === 'Available');
            assert.equal(changes.at(-1)!.via, 'notification');
        });

        it('without alarm where every change is told', async () => {
            await start({ mode: 'automatic' });
            await online();
            const [first] = live();
            for (let times = 0; times < 10; times++) {
                office.simulated.startCall(anna.teamsId);
                await until(() => changes.length === 3 + 2 * times);
                await passes(25_000, 5_000);
                office.simulated.endCall(anna.teamsId);
                await until(() => changes.length === 4 + 2 * times);
                await passes(25_000, 5_000);
            }
            assert.equal(follower.polled, 0);
            assert.equal(live()[0], first);
            assert.ok(changes.slice(2).every(({ via }) => via === 'notification'));
        }).timeout(120_000);

        it('and blames no subscription for what an outage has kept back', async () => {
            await start({ mode: 'automatic' });
            await online();
            office.simulated.faults.silence(true);
            office.simulated.startCall(anna.teamsId);
            await office.passTime(() => changes.length === 3, 1_000);
            await office.simulated.stop();
            await passes(5 * minute, 5_000);
            assert.equal(states.at(-1)!.phase, 'retrying');
            assert.deepEqual(follower.silentAccounts, []);
        });

        it('without polling by an app that may not read: a silent subscription is made anew', async () => {
            await start({ mode: 'automatic', roles: ['User.Read.All'] });
            await online();
            const [first] = live();
            await passes(15_000);
            office.simulated.faults.silence(true);
            office.simulated.startCall(anna.teamsId);
            await passes(60_000, 5_000);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            await passes(2 * minute, 5_000);
            assert.notEqual(live()[0], first);
            assert.equal(follower.polled, 0);
        });
    });

    describe('says what is wrong', () => {
        it('with the password of its account, and looks again only after a quarter of an hour', async () => {
            const settings = { clientId: publicApp.clientId, clientSecret: undefined };
            await start({ accounts: [{ ...account, password: 'wrong' }], settings });
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
            await office.passTime(() => states.at(-1)?.phase === 'failed');
            assert.match(JSON.stringify(states.at(-1)), /TEAMS_PASSWORD_WRONG/);
            await until(() => live().length === 1);
            const [covered] = [...live()[0]!.followed];
            const before = changes.length;
            office.simulated.startCall(covered!);
            await until(() => changes.length > before);
        });

        it('of users for whom Microsoft makes no subscription, by name, while the others are covered', async () => {
            await start({ people: 5, roles: ['User.Read.All'] });
            await online();
            office.simulated.faults.refuseUser(person(3).teamsId);
            office.simulated.loseSubscriptions();
            system.gap();
            await office.passTime(() => leftOut.length > 0);
            assert.match(leftOut[0]!, /refuses to notify.*: person-3@office\.example$/);
            await office.passTime(() => live().length === 1);
            assert.equal(live()[0]!.followed.size, 4);
        });

        it('of an account that cannot be used while nobody else can take its users over', async () => {
            const settings = { clientId: publicApp.clientId, clientSecret: undefined };
            await start({ people: 2, settings });
            await online();
            office.simulated.faults.failNext(9, 403, undefined, {}, /subscriptions/);
            office.simulated.loseSubscriptions();
            system.gap();
            await office.passTime(() => leftOut.length > 0, 1_000);
            assert.match(leftOut[0]!, /account that covers them cannot be used.*: person-0@\S+, person-1@\S+$/);
            assert.equal(states.at(-1)!.phase, 'failed');
        });

        it('of users whose presence Microsoft does not tell', async () => {
            await start({ people: 3 });
            await online();
            office.simulated.faults.failNext(99, 200, { value: [] }, {}, /getPresencesByUserId/);
            await passes(2 * minute, 5_000);
            assert.match(leftOut[0]!, /does not tell the presence.*: person-0@\S+, person-1@\S+, person-2@\S+$/);
            assert.equal(leftOut.length, 1);
            assert.equal(changes.length, 3);
        });

        it('when the directory may not be read', async () => {
            await start();
            await online();
            office.simulated.faults.failNext(2, 403, undefined, {}, /GET .*\/users/);
            system.directory.refresh();
            await office.passTime(() => states.at(-1)?.phase === 'failed', 500);
            await office.clock.advance(minute);
            await online();
        });
    });

    describe('heals', () => {
        it('when Microsoft was away at the start', async () => {
            office = await TeamsFixture.start();
            await office.simulated.stop();
            await use({});
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

        it('after an outage of reading alone, of more users than one read takes', async () => {
            await start({ people: 652, accounts: [account, otherAccount] });
            await online();
            const { faults } = office.simulated;
            faults.silence(true);
            faults.failNext(1_000, 503, undefined, {}, /getPresencesByUserId/);
            for (const { teamsId } of [person(2), person(650), person(651)])
                office.simulated.setClientPresence(teamsId, busy);
            await office.passTime(() => states.at(-1)?.phase === 'retrying', 5_000);
            faults.clear();
            await office.passTime(() => changes.length > 652, 500);
            const back = office.clock.monotonic();
            await office.passTime(() => changes.length === 652 + 3, 500);
            assert.ok(office.clock.monotonic() - back <= 1_000, String(office.clock.monotonic() - back));
        }).timeout(120_000);

        for (const mode of ['notifications', 'polling', 'automatic'] as const) {
            it(`from an outage that it notices within a minute (${mode})`, async () => {
                await start({ mode });
                await online();
                await passes(10_000);
                await office.simulated.stop();
                const gone = office.clock.monotonic();
                await office.passTime(() => states.at(-1)!.phase === 'retrying', 500);
                assert.ok(office.clock.monotonic() - gone <= minute);
                const before = office.requests.length;
                await passes(10 * minute, 5_000);
                assert.equal(office.requests.length, before);
                office.simulated.setClientPresence(ben.teamsId, busy);
                await office.simulated.start();
                const back = office.clock.monotonic();
                await office.passTime(() => states.at(-1)!.phase === 'online', 500);
                assert.ok(office.clock.monotonic() - back <= 10_000);
                assert.equal(changes.at(-1)!.presence.activity, 'InACall');
                await passes(2_000);
                assert.equal(live().length, mode === 'polling' ? 0 : 1);
            });
        }

        it('without a flood when Microsoft asks to slow down', async () => {
            await start({ mode: 'polling', accounts: [], open: false });
            await online();
            const before = bulkReads();
            office.simulated.faults.failNext(1_000, 429, undefined, {}, /getPresencesByUserId/);
            await passes(2 * minute);
            assert.equal(states.at(-1)!.phase, 'retrying');
            assert.match(JSON.stringify(states.at(-1)), /TEAMS_THROTTLED/);
            assert.ok(bulkReads() - before < 100, String(bulkReads() - before));
            office.simulated.faults.clear();
            await online();
        });

        it('while the receiver is away, by polling', async () => {
            await start({ mode: 'automatic' });
            await online();
            registration.notifications.close();
            office.simulated.faults.silence(true);
            office.simulated.startCall(anna.teamsId);
            await passes(31_000);
            assert.equal(follower.polled, 2);
            assert.equal(changes.at(-1)!.presence.activity, 'InACall');
            office.simulated.faults.silence(false);
            registration.notifications.open(await office.receiver(registration));
            await office.passTime(() => follower.polled === 0, 1_000);
        });

        it('at once when it is told of a gap: everything anew', async () => {
            await start();
            await online();
            await office.simulated.stop();
            office.simulated.setClientPresence(anna.teamsId, busy);
            await office.simulated.start();
            const told = office.clock.monotonic();
            system.gap();
            system.gap();
            await office.passTime(() => live().length === 1 && changes.length === 3, 200);
            assert.ok(office.clock.monotonic() - told <= 1_000, String(office.clock.monotonic() - told));
            await online();
            assert.equal(live().length, 1);
        });

        const interruptions: [what: string, happen: () => Promise<void>][] = [
            ['a sleep of the host', () => office.clock.sleep(60 * minute)],
            ['a date that was set forward', async () => office.clock.stepDate(26 * 60 * minute)],
            ['a date that was set back', async () => office.clock.stepDate(-120 * minute)],
            ['a stopped process', () => office.clock.freeze(minute)],
        ];
        for (const [what, happen] of interruptions)
            it(`within ten seconds after ${what}`, async () => {
                await start({ watched: true });
                await online();
                await passes(2_000);
                office.simulated.faults.silence(true);
                office.simulated.setClientPresence(anna.teamsId, busy);
                await office.rest();
                office.simulated.faults.silence(false);
                assert.equal(changes.length, 2);
                await happen();
                const woken = office.clock.monotonic();
                await office.passTime(() => changes.length === 3, 500);
                assert.ok(office.clock.monotonic() - woken <= 10_000, String(office.clock.monotonic() - woken));
                assert.equal(changes.at(-1)!.presence.activity, 'InACall');
                await online();
                assert.equal(live().length, 1);
                office.simulated.setClientPresence(ben.teamsId, busy);
                await office.passTime(() => changes.length === 4, 500);
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
            registration.notifications.emit('hint', anna.teamsId);
            await office.passTime(() => changes.length === 3);
        });

        it('when its endpoint opens late, or moves', async () => {
            await start({ open: false });
            await office.passTime(() => changes.length === 2, 200);
            assert.equal(live().length, 0);
            assert.equal(follower.state.phase, 'connecting');
            registration.notifications.open(await office.receiver(registration));
            await online();
            const [first] = live();
            registration.notifications.close();
            registration.notifications.open(await office.receiver(registration));
            await office.passTime(() => live().length === 1 && live()[0] !== first, 200);
            await online();
            assert.equal(live()[0]!.notificationUrl, registration.notifications.url);
        });

        it('as the lifecycle notifications ask', async () => {
            await start();
            await online();
            const [made] = live();
            await office.clock.advance(11 * minute);
            await office.rest();
            registration.notifications.emit('lifecycle', made!.id, 'reauthorizationRequired');
            await until(() => office.count(/^PATCH/) === 1);
            registration.notifications.emit('lifecycle', 'another', 'subscriptionRemoved');
            await office.rest();
            assert.equal(live()[0], made);
            registration.notifications.emit('lifecycle', made!.id, 'subscriptionRemoved');
            await until(() => live().length === 1 && live()[0] !== made);
        });
    });

    describe('stops', () => {
        it('with its subscriptions, or without them', async () => {
            await start({ people: 4, accounts: [account, otherAccount] });
            await online();
            await follower.stop(true);
            await follower.stop(true);
            assert.equal(live().length, 0);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.timers, 0);
            const next = makeFollower([account]);
            next.start();
            await office.passTime(() => next.state.phase === 'online', 200);
            await next.stop(false);
            assert.equal(live().length, 1);
        });

        it('for good while it begins, and leaves the users of the next alone', async () => {
            await start();
            await until(() => office.count(/GET .*\/users/) > 0);
            await follower.stop(true);
            registration.following.follow([userOf(anna)]);
            await office.rest();
            assert.equal(registration.following.users.size, 1);
            assert.equal(live().length, 0);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.timers, 0);
        });

        it('for good in an outage', async () => {
            office = await TeamsFixture.start();
            await office.simulated.stop();
            await use({});
            await until(() => states.at(-1)?.phase === 'retrying');
            system.directory.refresh();
            await follower.stop(true);
            await office.clock.advance(10 * minute);
            assert.equal(states.at(-1)!.phase, 'stopped');
            assert.equal(office.timers, 0);
        });
    });

    describe('beside the writer', () => {
        let writer: TestWriter;

        async function both(): Promise<void> {
            await start();
            await online();
            const requests = new GatheredRequests(registration.asApp());
            writer = new TestWriter(system.people, { node: 'writer', way: app.clientId, lease: 15 * minute }, requests);
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
