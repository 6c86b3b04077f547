import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PbxSystem } from '../../lib/pbx/pbx-system';
import type { PbxUser } from '../../lib/pbx/users/user-row';
import type { MatchBy } from '../../lib/presence/user-matches';
import type { TeamsChange } from '../../lib/teams/reading/following';
import type { TeamsRegistration, TeamsSystem } from '../../lib/teams/teams-system';
import { scopeOf } from '../../lib/teams/users/scopes';
import type { PbxConnection } from '../../nodes/pbx-connection';
import { describedScope } from '../../nodes/runtime/subscriber-settings';
import { anna, ben, person, TeamsFixture } from '../lib/teams/teams-fixture';

const settings = { role: 'client', addresses: [], appName: 'teams', password: 'secret' } as const;

/** How somebody is known in the PBX. */
function pbxUserOf(address: string, longName: string): PbxUser {
    const pbx = { guid: 'guid', name: 'name', longName, displayName: '', number: '', node: '' };
    return { addresses: [address], displayName: longName, pbx };
}

describe('Whom a subscriber follows by a PBX', () => {
    let office: TeamsFixture;
    let teams: TeamsSystem;
    let registration: TeamsRegistration;
    let system: PbxSystem;
    let ends: (() => void)[];
    let endFirst: () => void;

    beforeEach(() => {
        ends = [];
    });
    afterEach(async () => {
        for (const end of ends) end();
        assert.equal(office.timers, 0);
        await office.stop();
    });

    async function follow(people: (typeof anna)[], user: PbxUser, by: MatchBy): Promise<void> {
        office = await TeamsFixture.start({ people });
        ({ system: teams, registration } = office.teams());
        system = new PbxSystem({ settings, matching: { by } });
        system.directory.replaceAll(new Map([[user.pbx.guid, user]]));
        endFirst = await subscribe();
        ends.push(teams.directory.use(registration.asApp()));
        await office.passTime(() => teams.directory.loaded);
    }

    /** Returns the function that ends it. */
    async function subscribe(): Promise<() => void> {
        const { directory, clock } = teams;
        const { following } = registration;
        const pbx = Object.assign(new EventEmitter(), { system: async () => system }) as unknown as PbxConnection;
        const scope = scopeOf(await describedScope(pbx, {}, pbx), { directory, following, clock });
        scope.start();
        const end = () => scope.stop();
        ends.push(end);
        return end;
    }

    async function directoryRead(): Promise<void> {
        teams.directory.refresh();
        await office.rest();
    }

    const followed = () => [...registration.following.users.keys()];

    it('is who they are in Teams now, also if the account was made anew', async () => {
        await follow([anna, ben], pbxUserOf(anna.mail, anna.name), 'address');
        assert.deepEqual(followed(), [anna.teamsId]);
        const again = { ...anna, teamsId: '11111111-2222-4333-8444-555555555555' };
        office.simulated.removePerson(anna.teamsId);
        office.simulated.addPerson(again);
        await directoryRead();
        assert.deepEqual(followed(), [again.teamsId]);
    });

    it('stays whoever it is, whatever is read again', async () => {
        const user = pbxUserOf(anna.mail, anna.name);
        await follow([anna, ben], user, 'address');
        teams.reader.observe(anna.teamsId, { availability: 'Busy', activity: 'InACall' }, 'poll');
        const told: TeamsChange[] = [];
        registration.following.on('change', change => told.push(change));
        office.simulated.expireDeltaTokens();
        await directoryRead();
        system.directory.replaceAll(new Map([[user.pbx.guid, structuredClone(user)]]));
        system.emit('users');
        await office.clock.advance(1_000);
        endFirst();
        await subscribe();
        assert.deepEqual([followed(), told], [[anna.teamsId], []]);
    });

    it('is nobody of two namesakes, and the one who is left', async () => {
        const [one, other] = [person(2, 'Same Name'), person(3, 'Same Name')];
        await follow([one, other, ben], pbxUserOf('', 'Same Name'), 'long-name');
        assert.deepEqual(followed(), []);
        office.simulated.removePerson(other.teamsId);
        await directoryRead();
        await office.clock.advance(1_000);
        assert.deepEqual(followed(), [one.teamsId]);
        office.simulated.addPerson(other);
        await directoryRead();
        await office.clock.advance(1_000);
        assert.deepEqual(followed(), []);
    });
});
