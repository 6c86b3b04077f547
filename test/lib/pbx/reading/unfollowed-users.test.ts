import assert from 'node:assert/strict';
import { UnfollowedUsers } from '../../../../lib/pbx/reading/unfollowed-users';
import { UserDirectory } from '../../../../lib/pbx/users/user-directory';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import { app, describeInBothRoles, ownPresence, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const withAdmin = { ...app, apis: [...app.apis, 'PbxAdminApi'] };

describeInBothRoles('Users whose presence the PBX does not tell', () => {
    let bench: PbxBench;
    let told: number;

    afterEach(() => bench.stop());

    async function connect(options: Parameters<typeof PbxBench.create>[0] = {}): Promise<void> {
        bench = await PbxBench.create({ ...options, app: { ...(options.app ?? app) } });
        told = 0;
        bench.system.on('leftOut', () => told++);
    }

    async function online(): Promise<void> {
        bench.system.start();
        await until(() => bench.phase === 'online');
        await bench.quiet();
    }

    const names = () => [...bench.system.unfollowed].map(({ user }) => user.displayName);

    for (const unallowedSubscription of ['silent', 'down'] as const) {
        it(`are named at once where PbxAdminApi is ticked (subscription ${unallowedSubscription})`, async () => {
            await connect({ app: withAdmin, behaviour: { unallowedSubscription } });
            bench.pbx.visibility(anna.guid, { presence: false });
            await online();
            await bench.clock.advance(200);
            const [left, ...others] = [...bench.system.unfollowed];
            assert.equal(left?.user.displayName, anna.name);
            assert.equal(left?.reason.code, 'PBX_PRESENCE_HIDDEN');
            assert.match(left?.reason.message ?? '', /Anna Brandt.*Visibility.*presence-sync/);
            assert.deepEqual(others, []);
            assert.equal(told, 1);
            assert.equal(bench.log.filter(line => line.startsWith('warn') && line.includes(anna.name)).length, 1);
        });

        it(`are named after a while where it is not (subscription ${unallowedSubscription})`, async () => {
            await connect({ behaviour: { unallowedSubscription } });
            bench.pbx.visibility(anna.guid, { presence: false });
            await online();
            await bench.clock.advance(4_000);
            assert.deepEqual(names(), []);
            await bench.clock.advance(2_000);
            assert.deepEqual(names(), [anna.name]);
            assert.equal(told, 1);
        });
    }

    it('are named where PbxAdminApi tells them without the source of the request', async () => {
        await connect({ app: withAdmin });
        await online();
        const { h323: user } = bench.pbx.installation.users.get(anna.guid);
        const said = { api: 'PbxAdminApi', user, srcs: [{ name: app.name }] };
        bench.pbx.sendRaw(JSON.stringify({ ...said, mt: 'MonitorUnallowedAdd' }));
        await bench.quiet();
        await bench.clock.advance(200);
        assert.deepEqual(names(), [anna.name]);
        bench.pbx.sendRaw(JSON.stringify({ ...said, mt: 'MonitorUnallowedDel' }));
        await bench.quiet();
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
    });

    it('are followed as soon as the right is given, and keep their last state when it is taken', async () => {
        await connect({ app: withAdmin });
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        bench.pbx.visibility(anna.guid, { presence: false });
        await online();
        await bench.clock.advance(200);
        bench.pbx.visibility(anna.guid, { presence: true });
        await until(() => ownPresence(bench.system.people, anna.guid)?.activity === 'dnd');
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
        bench.changes.length = 0;

        bench.pbx.visibility(anna.guid, { presence: false });
        await bench.quiet();
        await bench.clock.advance(200);
        assert.deepEqual(names(), [anna.name]);
        assert.equal(ownPresence(bench.system.people, anna.guid)?.activity, 'dnd');
        assert.deepEqual(bench.changes, []);
        assert.equal(told, 3);
    });

    it('are not named anew after a reconnect', async () => {
        await connect({ app: withAdmin });
        bench.pbx.visibility(anna.guid, { presence: false });
        await online();
        await bench.clock.advance(200);
        await bench.reconnect();
        await bench.quiet();
        await bench.clock.advance(6_000);
        assert.deepEqual(names(), [anna.name]);
        assert.equal(told, 1);
    });

    it('are named with what the PBX says where it refuses the subscription', async () => {
        await connect();
        bench.pbx.faults.failNext('SubscribePresence', 1, { error: 7, errorText: 'too many' });
        await online();
        await bench.clock.advance(200);
        const reasons = [...bench.system.unfollowed].map(({ reason }) => reason.message);
        assert.deepEqual(reasons, ['The PBX refuses to tell the presence of Anna Brandt: too many']);
        bench.pbx.updatePerson(anna.guid, { mail: 'anna.keller@brandt-partner.example' });
        await until(() => ownPresence(bench.system.people, anna.guid) !== undefined);
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
    });

    it('are asked for again where the PBX has refused, ever more seldom', async () => {
        await connect();
        bench.pbx.faults.failNext('SubscribePresence', 2, { error: 7, errorText: 'too many' });
        await online();
        await bench.clock.advance(200);
        assert.equal(names().length, 2);
        bench.pbx.faults.failNext('SubscribePresence', 2, { error: 7, errorText: 'too many' });
        await bench.clock.advance(60_000);
        await bench.quiet();
        assert.equal(bench.pbx.traffic.received.of('SubscribePresence'), 10);
        await bench.clock.advance(60_000);
        assert.equal(names().length, 2);
        await bench.clock.advance(60_000);
        await bench.settled();
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
        assert.equal(bench.pbx.traffic.received.of('SubscribePresence'), 12);
        await bench.clock.advance(3_600_000);
        assert.equal(bench.pbx.traffic.received.of('SubscribePresence'), 12);
    });

    it('are named when a right is taken, also without PbxAdminApi, and no longer when it is given', async () => {
        await connect();
        await online();
        bench.pbx.visibility(anna.guid, { presence: false });
        await bench.quiet();
        await bench.clock.advance(200);
        await bench.clock.advance(5_200);
        assert.deepEqual(names(), [anna.name]);
        bench.pbx.visibility(anna.guid, { presence: true });
        await bench.quiet();
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
    });

    it('are named where the PBX leaves a subscription unanswered, until it tells something', async () => {
        await connect();
        bench.pbx.faults.ignoreNext('SubscribePresence');
        bench.system.start();
        await until(() => bench.changes.length === 7);
        await bench.quiet();
        await bench.clock.advance(10_000);
        await until(() => bench.phase === 'online');
        await bench.clock.advance(200);
        assert.deepEqual(names(), [anna.name]);
        assert.match([...bench.system.unfollowed][0]?.reason.message ?? '', /did not answer/);
    });

    it('are no longer named when they are gone', async () => {
        await connect({ app: withAdmin });
        bench.pbx.visibility(anna.guid, { presence: false });
        await online();
        await bench.clock.advance(200);
        bench.pbx.removePerson(anna.guid);
        await until(() => bench.system.directory.size === 7);
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
        assert.notEqual(bench.system.directory.find(juergen.guid), undefined);
    });
});

describe('Users who are waited for', () => {
    it('are looked at once a second at most before the master is online: each look costs time for each user', async () => {
        const clock = new FakeClock();
        let looks = 0;
        class LookedAt extends UserDirectory {
            override get homes() {
                looks += 1;
                return [];
            }
        }
        const unfollowed = new UnfollowedUsers({
            app: 'presence-sync',
            directory: new LookedAt(),
            subscriptions: { of: () => undefined },
            links: {
                home: () => undefined,
                states: () => [{ name: 'pbx-main', role: 'master', state: { phase: 'connecting' } }],
            },
            clock,
            log: () => {},
            changed: () => {},
            reader: { expire: () => {} },
            lineStates: { drop: () => {} },
        });
        for (let passed = 0; passed < 3_000; passed += 10) {
            unfollowed.look();
            await clock.advance(10);
        }
        unfollowed.stop();
        assert.ok(looks > 0 && looks <= 3, String(looks));
    });
});
