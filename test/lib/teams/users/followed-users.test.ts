import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import type { PresenceUser } from '../../../../lib/presence/message';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import type { TeamsRegistration, TeamsSystem } from '../../../../lib/teams/teams-system';
import { Scope, teamsPlan } from '../../../../lib/teams/users/scope';
import { anna, ben, person, TeamsFixture } from '../teams-fixture';

const minute = 60_000;

/** A scope that the test moves by hand. */
class TestScope extends Scope {
    readonly asked: string[] = [];
    wanted: (name: string) => boolean = () => true;

    set phase(phase: 'online' | 'retrying') {
        const error = new SyncError('PBX_CONNECTION_LOST', { host: 'pbx' });
        this.setState(phase === 'online' ? { phase } : { phase, error });
    }

    look(ids?: readonly string[]): void {
        this.reconsider(ids);
    }

    protected override begin(): void {
        this.setState({ phase: 'connecting' });
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        this.asked.push(user.displayName);
        return user.addresses.some(one => one.startsWith('person-')) && this.wanted(user.displayName)
            ? user
            : undefined;
    }
}

describe('Followed users', () => {
    let office: TeamsFixture;
    let system: TeamsSystem;
    let registration: TeamsRegistration;
    let scope: TestScope;
    let events: string[];
    let endUse: () => void;

    beforeEach(async () => {
        office = await TeamsFixture.start({ people: [anna, ben] });
        ({ system, registration } = office.teams());
        const { directory, clock } = system;
        const { following } = registration;
        scope = new TestScope({ directory, following, clock });
        events = [];
        scope.on('known', () => events.push('known'));
        scope.on('change', (joined, left) => events.push(`+${joined.length} -${left.length}`));
        endUse = directory.use(registration.asApp());
        scope.start();
        await office.passTime(() => directory.loaded);
    });
    afterEach(async () => {
        endUse();
        scope.stop();
        scope.stop();
        assert.equal(office.timers, 0);
        await office.stop();
    });

    async function directoryRead(): Promise<void> {
        system.directory.refresh();
        await office.rest();
    }

    it('are known once both the directory and the scope have answered', () => {
        assert.deepEqual(events, []);
        assert.equal(scope.state.phase, 'connecting');
        scope.phase = 'online';
        assert.deepEqual(events, ['known']);
        assert.equal(scope.state.phase, 'online');
        assert.equal(registration.following.users.size, 2);
    });

    it('are looked at one by one: a joiner, a leaver and a new name cost one look each', async () => {
        scope.phase = 'online';
        scope.asked.length = 0;
        office.simulated.addPerson(person(2));
        office.simulated.removePerson(ben.teamsId);
        office.simulated.updatePerson(anna.teamsId, { name: 'Annegret' });
        await directoryRead();
        assert.deepEqual(events, ['known', '+1 -1']);
        assert.deepEqual(scope.asked.sort(), ['Annegret', 'Person 2']);
        assert.equal(registration.following.users.get(anna.teamsId)!.displayName, 'Annegret');
    });

    it('are looked at as the scope asks: these at once, everybody after a second', async () => {
        scope.phase = 'online';
        scope.wanted = () => false;
        scope.asked.length = 0;
        scope.look([anna.teamsId]);
        assert.deepEqual(scope.asked, [anna.name]);
        assert.deepEqual(events, ['known', '+0 -1']);
        scope.look();
        scope.look();
        assert.equal(registration.following.users.size, 1);
        await office.clock.advance(1_000);
        assert.deepEqual(events, ['known', '+0 -1', '+0 -1']);
        assert.equal(registration.following.users.size, 0);
    });

    it('stay while the scope is away, and are looked at when it is back', async () => {
        scope.phase = 'online';
        scope.phase = 'retrying';
        assert.equal((scope.state as ConnectionState & { error: SyncError }).error.code, 'PBX_CONNECTION_LOST');
        scope.wanted = () => false;
        office.simulated.addPerson(person(2));
        await directoryRead();
        assert.equal(registration.following.users.size, 2);
        scope.wanted = () => true;
        scope.phase = 'online';
        assert.equal(registration.following.users.size, 3);
        assert.deepEqual(events, ['known', '+1 -0']);
    });

    it('are kept for the next who follows', async () => {
        scope.phase = 'online';
        scope.stop();
        await office.clock.advance(minute);
        assert.equal(registration.following.users.size, 2);
        const { directory, clock } = system;
        const { following } = registration;
        const next = new TestScope({ directory, following, clock });
        next.wanted = name => name === anna.name;
        next.start();
        next.phase = 'online';
        assert.deepEqual([...following.users.keys()], [anna.teamsId]);
        next.stop();
    });

    it('are not taken back until the service plans are read that the next who follows asks for', async () => {
        scope.phase = 'online';
        scope.stop();
        const { directory, clock } = system;
        const { following } = registration;
        system.reader.observe(anna.teamsId, { availability: 'Busy', activity: 'InACall' }, 'poll');
        system.reader.observe(ben.teamsId, { availability: 'Away', activity: 'Away' }, 'poll');
        const told: string[] = [];
        following.on('change', ({ user, presence }) => told.push(`${user.displayName} ${presence.activity}`));
        office.simulated.setPlans(ben.teamsId, []);
        const next = new TestScope({ directory, following, clock, plans: [teamsPlan] });
        next.on('known', () => events.push('known'));
        next.start();
        next.phase = 'online';
        assert.deepEqual([events, following.users.size], [['known'], 2]);
        await office.rest();
        assert.deepEqual(events, ['known', 'known']);
        assert.deepEqual(told, [`${ben.name} PresenceUnknown`]);
        next.stop();
    });
});
