import assert from 'node:assert/strict';
import { pairOf } from '../../../lib/presence/teams-states';
import { UserMatches } from '../../../lib/presence/user-matches';
import type { Person } from '../../../lib/simulator/person';
import type {
    Delivery,
    PresenceFollower,
    PresenceReceiver,
    TeamsChange,
    TeamsRegistration,
    TeamsSystem,
    TeamsWriter,
} from '../../../lib/teams/teams-system';
import { account, anna, ben, publicApp, TeamsFixture, userOf } from './teams-fixture';

const scope = { kind: 'list', entries: [anna.mail, ben.mail] } as const;
const inACall = pairOf('Busy/InACall')!;
const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;

describe('TeamsSystem', () => {
    let office: TeamsFixture;
    let system: TeamsSystem;
    let registration: TeamsRegistration;
    /** Another one of the same tenant. */
    let other: TeamsRegistration;
    let told: string[];
    let ends: (() => unknown)[];

    beforeEach(async () => {
        office = await TeamsFixture.start();
        ({ system, registration: other } = office.teams());
        ({ registration } = office.teams({ clientId: publicApp.clientId, clientSecret: undefined }, system));
        told = [];
        ends = [];
    });
    afterEach(async () => {
        for (const end of ends.reverse()) await end();
        await office.stop();
    });

    /** Notes what leaves, and where. */
    const noteAs = (place: string) => (change: TeamsChange) =>
        told.push(`${place}: ${change.user.displayName.split(' ')[0]} ${change.presence.activity} (${change.via})`);

    async function receive(): Promise<PresenceReceiver> {
        // Made beforehand, since it takes time that no clock of ours measures.
        await registration.notifications.key();
        const receiver = system.receive(registration);
        await receiver.take(() => assert.fail());
        receiver.on('change', noteAs('receiver')).open(await office.receiver(registration));
        ends.push(() => receiver.stop());
        return receiver;
    }

    /** Follows everybody; what is known at first is not noted. */
    async function follow(
        through: TeamsRegistration,
        place: string,
        mode: Delivery['mode'],
    ): Promise<PresenceFollower> {
        const delivery = { mode, fast: 60_000, slow: 300_000 };
        const accounts = mode === 'polling' ? [] : [account];
        const follower = system.follow(through, { accounts, scope, delivery });
        follower.on('change', noteAs(place)).start();
        ends.push(() => follower.stop(false));
        await office.passTime(() => follower.state.phase === 'online', 200);
        await office.rest();
        told.length = 0;
        return follower;
    }

    function write(through: TeamsRegistration, node = 'writer', matches?: () => Promise<UserMatches>): TeamsWriter {
        const writer = system.writer(through, { node, lease: 15 * 60_000, ...(matches ? { matches } : {}) });
        writer.start();
        ends.push(() => writer.stop(false));
        return writer;
    }

    async function passes(duration: number, step = 250): Promise<void> {
        for (let passed = 0; passed < duration; passed += step) {
            await office.clock.advance(step);
            await office.rest();
        }
    }

    it('does not tell as a change through one registration what was written through another', async () => {
        await receive();
        await follow(registration, 'follower', 'notifications');
        const writer = write(other);
        await writer.set(userOf(anna), inACall);
        await passes(5_000);
        assert.equal(office.simulated.presenceOf(anna.teamsId).activity, 'InACall');
        office.simulated.startCall(ben.teamsId);
        await passes(5_000);
        assert.deepEqual(told, ['receiver: Ben InACall (notification)']);
        assert.deepEqual(
            [anna, ben].map(({ teamsId }) => system.reader.toldOf(teamsId)),
            [pairOf('Available/Available'), inACall],
        );
    });

    it('says of a writer that its registration cannot sign in, though another one reads the users', async () => {
        await receive();
        const follower = await follow(registration, 'follower', 'notifications');
        const { registration: wrong } = office.teams({ clientSecret: 'wrong' }, system);
        const writer = write(wrong);
        await office.passTime(() => 'error' in writer.state);
        assert.equal('error' in writer.state && writer.state.error.code, 'TEAMS_SECRET_WRONG');
        assert.deepEqual([follower.state.phase, system.directory.state.phase], ['online', 'online']);
    });

    it('says of a writer with nothing to write, within 45 s, that Microsoft takes connections and is silent [C11]', async () => {
        const writer = write(other);
        await office.passTime(() => writer.state.phase === 'online');
        const timeout = AbortSignal.timeout;
        const limits: number[] = [];
        AbortSignal.timeout = limit => timeout.call(AbortSignal, Number(limits.push(limit) && 50));
        office.simulated.faults.latency = 3_600_000;
        try {
            const begun = office.clock.monotonic();
            await office.passTime(() => writer.state.phase === 'retrying', 1_000);
            const waited = office.clock.monotonic() - begun + Math.max(...limits);
            assert.ok(waited <= 45_000, String(waited));
            assert.equal('error' in writer.state && writer.state.error.code, 'TEAMS_TIMEOUT');
        } finally {
            AbortSignal.timeout = timeout;
            office.simulated.faults.latency = 0;
        }
        await office.passTime(() => writer.state.phase === 'online', 1_000);
    });

    it('tells where notifications arrive also what took a second look', async () => {
        await receive();
        await follow(registration, 'follower', 'notifications');
        const writer = write(other);
        await writer.set(userOf(anna), inACall);
        await passes(3_000);
        await writer.clear(userOf(anna));
        await passes(3_000);
        // What we showed a moment ago: it may be the echo, come late.
        const reads = office.count(/getPresencesByUserId/);
        office.simulated.startCall(anna.teamsId);
        await office.rest();
        assert.deepEqual(told, []);
        await passes(1_500);
        assert.deepEqual(told, ['receiver: Anna InACall (notification)']);
        assert.ok(office.count(/getPresencesByUserId/) > reads);
    });

    it('tells a notification where people are followed if none arrive there, or no longer', async () => {
        const receiver = await receive();
        await follow(registration, 'follower', 'notifications');
        await follow(other, 'other', 'polling');
        office.simulated.startCall(anna.teamsId);
        await passes(1_000);
        assert.deepEqual(told.splice(0).sort().reverse(), [
            'receiver: Anna InACall (notification)',
            'other: Anna InACall (notification)',
        ]);
        receiver.stop();
        system.reader.observe(anna.teamsId, pairOf('Away/Away')!, 'notification', '~');
        assert.deepEqual(told.sort(), ['follower: Anna Away (notification)', 'other: Anna Away (notification)']);
    });

    it('goes on with what it knows when another follower takes over, and tells it first', async () => {
        await receive();
        const first = await follow(registration, 'first', 'notifications');
        office.simulated.startCall(anna.teamsId);
        await passes(1_000);
        const delivery = { mode: 'notifications', fast: 2_000, slow: 10_000 } as const;
        const second = system.follow(registration, { accounts: [account], scope, delivery });
        second.on('change', noteAs('second')).start();
        await office.rest();
        assert.equal('error' in second.state && second.state.error.code, 'TEAMS_SUBSCRIBER_TWICE');
        told.length = 0;
        await first.stop(false);
        await office.rest();
        ends.push(() => second.stop(false));
        assert.deepEqual(told, ['second: Anna InACall (snapshot)', 'second: Ben Available (snapshot)']);
        await office.passTime(() => second.state.phase === 'online', 200);
        assert.equal(told.length, 2);
    });

    it('leaves an account to the first of two nodes of one registration, and to the second after it [A14]', async () => {
        await receive();
        const first = await follow(registration, 'first', 'notifications');
        const twin = office.teams({ clientId: publicApp.clientId.toUpperCase(), clientSecret: undefined }, system);
        const delivery = { mode: 'notifications', fast: 60_000, slow: 300_000 } as const;
        const second = system.follow(twin.registration, { accounts: [account], scope, delivery });
        second.start();
        await passes(60_000, 5_000);
        assert.equal('error' in second.state && second.state.error.code, 'TEAMS_ACCOUNT_TWICE');
        assert.equal(office.count(/^DELETE .*subscriptions/), 0);
        assert.equal(first.state.phase, 'online');
        await first.stop(true);
        await passes(1_000);
        ends.push(() => second.stop(false));
        assert.equal('error' in second.state, false);
    });

    describe('through a registration that another one outlives', () => {
        let writer: TeamsWriter;
        const shown = () => office.simulated.presenceOf(anna.teamsId).activity;

        beforeEach(async () => {
            const { registration: another } = office.teams({ clientId: publicApp.clientId }, system);
            write(another, 'another');
            writer = write(other);
            await writer.set(userOf(anna), inACall);
            assert.equal(shown(), 'InACall');
        });

        it('takes back what it was asked to before its writer stops', async () => {
            const taken = writer.clear(userOf(anna));
            await writer.stop(false);
            assert.deepEqual([(await taken).reason, shown()], ['Taken back in Teams', 'Available']);
        });

        it('writes nothing for messages that come while its writer takes everything back', async () => {
            const stopped = writer.stop(true);
            const late = writer.set(userOf(ben), inACall);
            await stopped;
            assert.deepEqual(await late, { written: false, reason: 'The node was stopped' });
            await passes(1_000);
            assert.deepEqual([shown(), office.simulated.presenceOf(ben.teamsId).activity], ['Available', 'Available']);
        });
    });

    const pbxUser = (mail: string, guid = 'g') => ({
        ...{ addresses: [mail], displayName: guid },
        pbx: { guid, name: guid, longName: guid, displayName: '', number: '', node: 'pbx' },
    });
    const activityOf = (person: Person) => office.simulated.presenceOf(person.teamsId).activity;

    it('moves what is wanted to another user as soon as the PBX user is that one', async () => {
        const matches = new UserMatches();
        matches.putPbx(pbxUser(anna.mail));
        const writer = write(other, 'writer', async () => matches);
        await writer.set(pbxUser(anna.mail), inACall);
        assert.deepEqual([activityOf(anna), activityOf(ben)], ['InACall', 'Available']);
        matches.putPbx(pbxUser(ben.mail));
        await office.passTime(() => activityOf(ben) === 'InACall' && activityOf(anna) === 'Available', 10_000);
        // A rename reaches the two systems one after the other.
        matches.putPbx(pbxUser('nobody@contoso.com'));
        await passes(5_000);
        assert.equal(activityOf(ben), 'InACall');
    });

    it('moves what is wanted also where two PBX users have changed places', async () => {
        const matches = new UserMatches();
        const pbxUser = (guid: string, mail: string) => ({
            ...{ addresses: [mail], displayName: guid },
            pbx: { guid, name: guid, longName: guid, displayName: '', number: '', node: 'pbx' },
        });
        const shown = () => [anna, ben].map(({ teamsId }) => office.simulated.presenceOf(teamsId).activity);
        matches.putPbx(pbxUser('a', anna.mail));
        matches.putPbx(pbxUser('b', ben.mail));
        // Each writer sees the matches change; who wants what is the same for both.
        const writer = write(other, 'writer', async () => matches);
        write(other, 'another', async () => matches);
        await writer.set(pbxUser('a', anna.mail), inACall);
        await writer.set(pbxUser('b', ben.mail), pairOf('DoNotDisturb/DoNotDisturb')!);
        assert.deepEqual(shown(), ['InACall', 'DoNotDisturb']);
        matches.putPbx(pbxUser('a', ben.mail));
        matches.putPbx(pbxUser('b', anna.mail));
        await office.passTime(() => shown().join() === 'DoNotDisturb,InACall', 10_000);
    });

    it('moves what is wanted before the next change is written, which may be for the same user', async () => {
        const matches = new UserMatches();
        const writer = write(other, 'writer', async () => matches);
        matches.putPbx(pbxUser(anna.mail, 'a'));
        await writer.set(pbxUser(anna.mail, 'a'), inACall);
        matches.putPbx(pbxUser(ben.mail, 'a'));
        matches.putPbx(pbxUser(anna.mail, 'c'));
        void writer.set(pbxUser(anna.mail, 'c'), dnd);
        await passes(5_000);
        assert.deepEqual([anna, ben].map(activityOf), ['DoNotDisturb', 'InACall']);
        // They change places, and one of them speaks at once.
        matches.putPbx(pbxUser(anna.mail, 'a'));
        matches.putPbx(pbxUser(ben.mail, 'c'));
        void writer.set(pbxUser(anna.mail, 'a'), pairOf('Away/Away')!);
        await passes(5_000);
        assert.deepEqual([anna, ben].map(activityOf), ['Away', 'DoNotDisturb']);
    });

    it('moves nothing that another PBX wants of the same user', async () => {
        const [matches, others] = [new UserMatches(), new UserMatches()];
        matches.putPbx(pbxUser(anna.mail, 'a'));
        others.putPbx(pbxUser(anna.mail, 'z'));
        const writer = write(other, 'one', async () => matches);
        const another = write(other, 'two', async () => others);
        await writer.set(pbxUser(anna.mail, 'a'), inACall);
        await writer.clear(pbxUser(anna.mail, 'a'));
        await another.set(pbxUser(anna.mail, 'z'), dnd);
        matches.putPbx(pbxUser(ben.mail, 'a'));
        await passes(5_000);
        assert.deepEqual([anna, ben].map(activityOf), ['DoNotDisturb', 'Available']);
    });

    it('wants nothing any more for a writer that is deleted while Teams is away', async () => {
        const writer = write(other);
        await writer.set(userOf(anna), inACall);
        office.simulated.faults.failNext(10_000, 503, undefined, {}, /./);
        // So long that the directory cannot be read either.
        await passes(10 * 60_000, 15_000);
        await writer.stop(true);
        office.simulated.faults.clear();
        write(other, 'another');
        await passes(20 * 60_000, 15_000);
        assert.equal(office.simulated.presenceOf(anna.teamsId).activity, 'Available');
    });

    it('reads everything again once after an interruption, however many registrations lead to it', async () => {
        let gaps = 0;
        system.on('gap', () => {
            gaps += 1;
        });
        office.clock.stepDate(3_600_000);
        office.continuity.look();
        assert.equal(gaps, 1);
        await system.unregister(other);
        office.clock.stepDate(3_600_000);
        office.continuity.look();
        assert.equal(gaps, 2);
        await system.unregister(registration);
        office.clock.stepDate(3_600_000);
        office.continuity.look();
        assert.equal(gaps, 2);
        assert.equal(office.clock.waiting, 0);
    });
});
