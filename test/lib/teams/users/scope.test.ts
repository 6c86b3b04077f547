import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../../lib/presence/message';
import { UserMatches } from '../../../../lib/presence/user-matches';
import { DirectoryReader } from '../../../../lib/teams/users/directory-reader';
import { type Followed, type Scope, teamsPlan } from '../../../../lib/teams/users/scope';
import { GroupScope, ListScope, PbxScope, scopeOf } from '../../../../lib/teams/users/scopes';
import { account, anna, app, ben, person, TeamsFixture, until } from '../teams-fixture';

const minutes = 60_000;
const clara = person(2, 'Clara Weiss');
const staff = { id: '99999999-0000-4000-8000-000000000001', displayName: "People's floor" };
const team = { id: '99999999-0000-4000-8000-000000000002', displayName: 'Team' };

describe('A scope', () => {
    let office: TeamsFixture;
    let directory: DirectoryReader;
    let scope: Scope;
    let ends: (() => void)[];
    let leftOut: Set<string>;
    let following: Followed & { users: Map<string, PresenceUser> };
    /** Those who came or left at the same time. */
    let changes: string[][];
    const use = () => ({ directory, following, clock: office.clock });

    beforeEach(async () => {
        office = await TeamsFixture.start({
            people: [anna, ben, clara],
            roles: ['User.Read.All', 'GroupMember.Read.All'],
        });
        directory = new DirectoryReader({ clock: office.clock });
        ends = [];
        leftOut = new Set();
        changes = [];
        const users = new Map<string, PresenceUser>();
        following = {
            users,
            follow: some => {
                for (const user of some) users.set(user.teams!.id, user);
            },
            unfollow: ids => {
                for (const id of ids) users.delete(id);
            },
        };
    });
    afterEach(async () => {
        scope?.stop();
        for (const end of ends) end();
        assert.equal(office.timers, 0, 'no timer is left');
        await office.stop();
    });

    /** Starts the scope, and the directory unless that is running. */
    async function start(made: Scope): Promise<void> {
        scope = made;
        scope.on('leftOut', (name, reason) => leftOut.add(`${name} ${reason}`));
        scope.on('change', (joined, left) => changes.push([...joined, ...left].sort()));
        scope.start();
        if (ends.length === 0) ends.push(directory.use(office.teams().registration.asApp()));
        await until(() => directory.loaded);
    }

    /** Names of those who are followed. */
    function followed(): string[] {
        return [...following.users.values()].map(user => user.displayName).sort();
    }

    describe('of all users', () => {
        it('follows everybody', async () => {
            await start(scopeOf({ kind: 'all' }, use()));
            assert.equal(scope.state.phase, 'online');
            assert.deepEqual(followed().slice(0, 3), [anna.name, ben.name, clara.name]);
        });
    });

    describe('of a PBX', () => {
        let known: Set<string>;
        let isLoaded: boolean;
        let changed: () => void;
        const pbxScope = () =>
            new PbxScope({
                ...use(),
                pbx: {
                    matches: new UserMatches(),
                    loaded: () => isLoaded,
                    select: user =>
                        known.has(user.addresses[0]!) ? { ...user, displayName: 'of the PBX' } : undefined,
                    onChange: run => {
                        changed = run;
                        return () => {
                            changed = () => {};
                        };
                    },
                },
            });

        beforeEach(() => {
            known = new Set([anna.mail]);
            isLoaded = true;
        });

        it('waits for the PBX, and follows whom it knows, under its name', async () => {
            isLoaded = false;
            await start(pbxScope());
            changed();
            assert.equal(scope.state.phase, 'connecting');
            isLoaded = true;
            changed();
            assert.equal(scope.state.phase, 'online');
            assert.deepEqual(followed(), ['of the PBX']);
        });

        it('looks at everybody again when the PBX has other users', async () => {
            await start(pbxScope());
            assert.equal(scope.state.phase, 'online');
            known.add(ben.mail);
            changed();
            await office.clock.advance(1_000);
            assert.equal(followed().length, 2);
            assert.deepEqual(changes, [[ben.teamsId]]);
            scope.stop();
            known.clear();
            changed();
            await office.clock.advance(1_000);
            assert.equal(followed().length, 2);
        });
    });

    describe('of a group', () => {
        const groupScope = (group: string) => new GroupScope({ ...use(), group });
        const settled = () => until(() => scope.state.phase !== 'connecting');

        beforeEach(() => {
            office.simulated.setGroup({ ...team, members: [clara.teamsId] });
            office.simulated.setGroup({ ...staff, members: [anna.teamsId, team.id] });
        });

        for (const group of [staff.id, staff.displayName]) {
            it(`follows its members, those of groups in it too: ${group}`, async () => {
                await start(groupScope(group));
                await settled();
                assert.deepEqual(followed(), [anna.name, clara.name]);
            });
        }

        it('tells every 5 minutes who came and who left', async () => {
            await start(groupScope(staff.id));
            await settled();
            office.simulated.setGroup({ ...team, members: [ben.teamsId] });
            await office.passTime(() => changes.length > 0, minutes);
            assert.deepEqual(changes, [[ben.teamsId, clara.teamsId].sort()]);
            assert.deepEqual(followed(), [anna.name, ben.name]);
            await office.clock.advance(5 * minutes);
            await office.rest();
            assert.equal(changes.length, 1);
        });

        it('reads large groups page by page', async () => {
            const members = Array.from({ length: 1_100 }, (_, index) => person(index + 10));
            for (const member of members) office.simulated.addPerson(member);
            office.simulated.setGroup({ ...team, members: members.map(({ teamsId }) => teamsId) });
            await start(groupScope(team.id));
            await settled();
            assert.equal(followed().length, 1_100);
            assert.equal(office.count(/transitiveMembers/), 2);
        });

        for (const group of ['Nobodies', '99999999-0000-4000-8000-00000000dead']) {
            it(`says that there is no such group, until there is: ${group}`, async () => {
                await start(groupScope(group));
                await settled();
                assert.ok(scope.state.phase === 'failed');
                assert.match(scope.state.error.message, new RegExp(`The tenant has no group ${group}`));
                office.simulated.setGroup({ id: group.length > 9 ? group : staff.id, displayName: group, members: [] });
                await office.passTime(() => scope.state.phase === 'online', minutes);
            });
        }

        it('says that nobody is in it, and that it may only look so [B5]', async () => {
            office.simulated.setGroup({ ...staff, members: [] });
            await start(groupScope(staff.displayName));
            await settled();
            assert.equal(scope.state.phase, 'online');
            assert.ok(scope instanceof GroupScope && scope.isEmpty);
            assert.deepEqual([...leftOut], [`${staff.displayName} empty`]);
            office.simulated.setGroup({ ...staff, members: [anna.teamsId] });
            await office.passTime(() => changes.length > 0, minutes);
            assert.ok(!scope.isEmpty);
            office.simulated.setGroup({ ...staff, members: [] });
            await office.passTime(() => changes.length > 1, minutes);
            assert.deepEqual([followed(), scope.isEmpty], [[], true], 'who has left is not followed');
        });

        it('takes its members for hidden until it may read them [B5]', async () => {
            office.simulated.setGroup({ ...staff, members: [anna.teamsId], visibility: 'HiddenMembership' });
            await start(groupScope(staff.id));
            await settled();
            assert.deepEqual([[...leftOut], followed()], [[`${staff.id} empty`], []]);
            const roles = ['User.Read.All', 'GroupMember.Read.All', 'Member.Read.Hidden'];
            office.simulated.changeRegistration(app.clientId, { roles });
            await office.passTime(() => changes.length > 0, 10 * minutes);
            assert.deepEqual(followed(), [anna.name]);
        });

        it('says that several groups have the name', async () => {
            office.simulated.setGroup({ ...team, displayName: staff.displayName, members: [] });
            await start(groupScope(staff.displayName));
            await settled();
            assert.ok(scope.state.phase === 'failed' && scope.state.error.code === 'TEAMS_GROUP_AMBIGUOUS');
        });

        it('says that a permission is missing', async () => {
            ends.push(directory.use(office.teams().registration.asAccount(account)));
            await until(() => directory.loaded);
            await start(groupScope(staff.id));
            await settled();
            assert.ok(scope.state.phase === 'failed' && scope.state.error.code === 'TEAMS_PERMISSION_MISSING');
            assert.match(scope.state.error.message, /read the members of the group/);
        });

        it('keeps its members through an outage', async () => {
            await start(groupScope(staff.id));
            await settled();
            await office.simulated.stop();
            await office.passTime(() => scope.state.phase === 'retrying', minutes);
            assert.deepEqual(followed(), [anna.name, clara.name]);
            await office.simulated.start();
            await office.passTime(() => scope.state.phase === 'online', 1_000);
            assert.deepEqual(changes, []);
        });

        it('wants a name', () => {
            assert.throws(() => groupScope(' '), { code: 'FIELD_MISSING' });
        });
    });

    describe('of a list', () => {
        let list: ListScope;
        beforeEach(async () => {
            list = new ListScope(use());
            await start(list);
        });

        it('follows addresses and ids in any case, and tells whom a new list concerns', () => {
            list.change('replace', [anna.mail.toUpperCase(), ` ${ben.teamsId.toUpperCase()} `, '']);
            assert.deepEqual(followed(), [anna.name, ben.name]);
            list.change('add', [clara.mail, anna.mail]);
            list.change('remove', [ben.teamsId]);
            assert.deepEqual(followed(), [anna.name, clara.name]);
            list.change('replace', [anna.mail]);
            assert.deepEqual(followed(), [anna.name]);
            const both = [anna.teamsId, ben.teamsId].sort();
            assert.deepEqual(changes, [both, [clara.teamsId], [ben.teamsId], [clara.teamsId]]);
            assert.deepEqual(list.entries, [anna.mail]);
        });

        it('names those whom Teams does not know, and follows them when they join', async () => {
            const late = person(7, 'Late');
            list.change('replace', [anna.mail, late.mail]);
            list.change('add', [late.mail]);
            assert.deepEqual([...leftOut], [`${late.mail} unknown`]);
            office.simulated.addPerson(late);
            await office.passTime(() => directory.users.find(late.mail) !== undefined, minutes);
            assert.deepEqual(followed(), [anna.name, 'Late']);
        });

        it('names those of a list from before the directory was read', async () => {
            list.stop();
            for (const end of ends.splice(0)) end();
            list.change('replace', [anna.mail, 'nobody@office.example']);
            assert.deepEqual([...leftOut], []);
            await start(list);
            assert.deepEqual([...leftOut], ['nobody@office.example unknown']);
        });
    });

    describe('with a licence filter', () => {
        const tell = ({ addresses }: PresenceUser) => addresses[0];

        it('follows only users with one of the plans, and names the others', async () => {
            office.simulated.setPlans(ben.teamsId, ['aaaaaaaa-1111-4000-8000-000000000000']);
            await start(scopeOf({ kind: 'all', plans: [teamsPlan.toUpperCase()] }, use()));
            assert.deepEqual(followed(), [anna.name, clara.name]);
            directory.emit('loaded');
            assert.deepEqual(followed(), [anna.name, clara.name]);
            assert.ok(leftOut.has(`${ben.mail} unlicensed`));
        });

        it('says nothing of anybody before the plans are read', async () => {
            ends.push(directory.use(office.teams().registration.asApp()));
            await until(() => directory.loaded);
            const changed: (string | undefined)[] = [];
            directory.on('change', difference => changed.push(...difference.changed.map(tell)));
            await start(scopeOf({ kind: 'all', plans: [teamsPlan] }, use()));
            assert.deepEqual([followed(), [...leftOut]], [[], []]);
            await until(() => changed.length > 0);
            assert.ok(changed.includes(anna.mail), 'the directory tells when they are');
            assert.ok(followed().includes(anna.name));
        });

        it('follows a user who gains the licence, and no longer one who loses it', async () => {
            office.simulated.setPlans(ben.teamsId, []);
            await start(scopeOf({ kind: 'all', plans: [teamsPlan] }, use()));
            assert.deepEqual(followed(), [anna.name, clara.name]);
            office.simulated.setPlans(ben.teamsId, [teamsPlan]);
            office.simulated.setPlans(anna.teamsId, []);
            const changed: (string | undefined)[] = [];
            directory.on('change', difference => changed.push(...difference.changed.map(tell)));
            await office.passTime(() => changed.length === 2, minutes);
            assert.deepEqual(followed(), [ben.name, clara.name]);
        });

        it('applies to a list, too', async () => {
            office.simulated.setPlans(ben.teamsId, []);
            const list = new ListScope({ ...use(), plans: [teamsPlan] });
            await start(list);
            list.change('replace', [anna.mail, ben.mail]);
            assert.deepEqual(followed(), [anna.name]);
            assert.deepEqual([...leftOut], [`${ben.mail} unlicensed`]);
        });
    });
});
