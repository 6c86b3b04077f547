import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { SyncError } from '../../../lib/errors/errors';
import { type PeopleFilter, PeopleList } from '../../../lib/monitor/people-list';
import type { Watched, WatchedPbx, WatchedTenant } from '../../../lib/monitor/watched';
import type { Glance } from '../../../lib/presence/glance';
import { Journal } from '../../../lib/presence/journal';
import type { PresenceUser } from '../../../lib/presence/message';
import { UserMatches } from '../../../lib/presence/user-matches';
import { FakeClock } from '../../support/fake-clock';

function inPbx(guid: string, displayName: string, ...addresses: string[]): PresenceUser {
    const pbx = { guid, name: guid, longName: displayName, displayName, number: `2${guid}`, node: 'root' };
    return { addresses, displayName, pbx };
}

function inTeams(id: string, displayName: string, ...addresses: string[]): PresenceUser {
    const [mail = ''] = addresses;
    return { addresses, displayName, teams: { id, userPrincipalName: mail, mail } };
}

/** Answers what these tests do not ask. */
const others = { explain: () => undefined, pause: () => {}, resume: () => {}, resync: () => {} };

/** A PBX of which the test says what there is to see. */
class Pbx extends EventEmitter implements WatchedPbx {
    readonly users: PresenceUser[] = [];
    readonly leftOut: { user: PresenceUser; reason: SyncError }[] = [];
    readonly unfollowed: { user: PresenceUser; reason: SyncError }[] = [];
    readonly matches = new UserMatches();
    readonly directory = { all: () => this.users, matches: this.matches };
    readonly seen = new Map<string, Glance>();
    readonly people = { glances: () => (key: string) => this.seen.get(key), ...others };

    add(user: PresenceUser): void {
        this.users.push(user);
        this.matches.putPbx(user);
    }
}

class Tenant implements WatchedTenant {
    readonly users = new Map<string, PresenceUser>();
    readonly directory = Object.assign(new EventEmitter(), { users: { all: () => this.users.values() } });
    readonly seen = new Map<string, Glance>();
    readonly people: WatchedTenant['people'];

    constructor() {
        const { users, seen } = this;
        this.people = {
            glances: () => key => seen.get(key),
            ...others,
            known: () => users.values(),
            get size() {
                return users.size;
            },
        };
    }
}

describe('The list of people', () => {
    let pbx: Pbx;
    let tenant: Tenant;
    let pbxs: Watched<WatchedPbx>[];
    let list: PeopleList;
    const clock = new FakeClock();

    beforeEach(() => {
        pbx = new Pbx();
        tenant = new Tenant();
        pbxs = [{ id: 'pbx', name: 'Headquarters', system: pbx }];
        const tenants = () => [{ id: 'tenant', name: 'contoso.com', system: tenant }];
        list = new PeopleList({ systems: { pbxs: () => pbxs, tenants }, journal: new Journal(), clock });
    });

    function meet(user: PresenceUser, seen: Glance = {}): void {
        tenant.users.set(user.teams!.id, user);
        tenant.seen.set(user.teams!.id, seen);
        pbx.matches.putTeams(user);
    }
    const names = (filter?: PeopleFilter): string[] => list.page({ filter }, 'en').rows.map(({ name }) => name);

    it('has a person of both systems once, whatever they are called there', () => {
        pbx.add(inPbx('1', 'Anna Vogel', 'anna@contoso.com'));
        pbx.seen.set('1', { shows: 'away' });
        meet(inTeams('a', 'Vogel, Anna', 'anna@contoso.com'), { shows: 'Away/Away', isOurs: true });
        const { rows, total } = list.page({ text: 'vogel, anna' }, 'en');
        assert.equal(total, 1);
        assert.deepEqual(rows, [
            {
                ...{ key: 'pbx 1', name: 'Anna Vogel', address: 'anna@contoso.com', number: '21' },
                ...{ leftOut: undefined, suggestion: undefined },
                pbx: { system: 'Headquarters', shows: 'away' },
                teams: { system: 'contoso.com', shows: 'Away/Away', isOurs: true },
            },
        ]);
    });

    it('has those whom only Teams knows, and a person of two PBXs twice', () => {
        const branch = new Pbx();
        pbxs.push({ id: 'branch', name: 'Branch', system: branch });
        for (const each of [pbx, branch]) each.add(inPbx('1', 'Anna', 'anna@contoso.com'));
        branch.matches.putTeams(inTeams('a', 'Anna', 'anna@contoso.com'));
        meet(inTeams('a', 'Anna', 'anna@contoso.com'));
        meet(inTeams('b', 'Bert', 'bert@contoso.com'));
        const { rows } = list.page({}, 'en');
        assert.deepEqual(rows.map(({ key }) => key).sort(), ['branch 1', 'pbx 1', 'tenant b']);
    });

    it('says by name who is left out, and why', () => {
        pbx.add(inPbx('1', 'Anna', 'anna@contoso.com'));
        meet(inTeams('a', 'Anna', 'anna@contoso.com'), { refused: new SyncError('TEAMS_THROTTLED') });
        pbx.add(inPbx('2', 'Bert', 'bert@old.example'));
        pbx.add(inPbx('3', 'Carla', 'carla@contoso.com'));
        meet(inTeams('c', 'Carla', 'carla@contoso.com'));
        pbx.unfollowed.push({ user: pbx.users[2]!, reason: new SyncError('PBX_HOME_AWAY', { user: 'Carla' }) });
        pbx.add(inPbx('4', 'Dora', 'dora@contoso.com'));
        meet(inTeams('d', 'Dora', 'dora@contoso.com'));
        assert.deepEqual(names('left-out'), ['Anna', 'Bert', 'Carla']);
        const { rows, counts } = list.page({ filter: 'left-out' }, 'de');
        assert.equal(counts['left-out'], 3);
        assert.equal(rows[0]!.teams?.refused, new SyncError('TEAMS_THROTTLED').sentence.de);
        assert.equal(rows[1]!.leftOut, new SyncError('TEAMS_USER_UNKNOWN', { user: 'Bert' }).sentence.de);
    });

    it('suggests the only one of the same name or mailbox where nobody fits', () => {
        pbx.add(inPbx('1', 'Anna Vogel', 'av@old.example'));
        meet(inTeams('a', 'Vogel, Änna', 'anna.vogel@contoso.com'));
        pbx.add(inPbx('2', 'Bert', 'b.maier@old.example'));
        meet(inTeams('b', 'Maier Bert', 'b.maier@contoso.com'));
        pbx.add(inPbx('3', 'Carla', 'carla@old.example'));
        for (const id of ['c', 'd']) meet(inTeams(id, 'Carla', `${id}@contoso.com`));
        const { rows } = list.page({ filter: 'left-out' }, 'en');
        const suggested = ['Vogel, Änna <anna.vogel@contoso.com>', 'Maier Bert <b.maier@contoso.com>', undefined];
        assert.deepEqual(
            rows.map(({ suggestion }) => suggestion),
            suggested,
        );
    });

    it('is a table for spreadsheets, in which nothing is a formula', () => {
        pbx.add(inPbx('1', '=HYPERLINK("http://evil.example")', 'anna@contoso.com'));
        pbx.seen.set('1', { shows: 'away', since: 0 });
        pbx.add(inPbx('2', 'Vogel, Anna', '-1@contoso.com'));
        const [head, one, other, end] = list.csv({}, 'en').split('\r\n');
        assert.match(head!, /^name,address,number,pbx system,pbx shows,/);
        assert.match(
            one!,
            /^"'=HYPERLINK\(""http:\/\/evil\.example""\)",anna@contoso\.com,21,Headquarters,away,,,,1970-/,
        );
        assert.match(other!, /^"Vogel, Anna",'-1@contoso\.com,22,Headquarters,/);
        assert.equal(end, '');
    });

    it('blames nobody for being unknown in Teams as long as no user of Teams is known', () => {
        pbx.add(inPbx('1', 'Anna', 'anna@contoso.com'));
        assert.deepEqual(names('left-out'), []);
        meet(inTeams('b', 'Bert', 'bert@contoso.com'));
        assert.deepEqual(names('left-out'), ['Anna']);
    });

    it('has those who take no part only where they are asked for', () => {
        pbx.add(inPbx('1', 'Anna', 'anna@contoso.com'));
        const reason = new SyncError('PBX_USER_NOT_LISTED', { user: 'Conference room' });
        pbx.leftOut.push({ user: inPbx('9', 'Conference room'), reason });
        assert.deepEqual(names(), ['Anna']);
        assert.deepEqual(names('absent'), ['Conference room']);
        assert.equal(list.page({}, 'en').total, 1);
    });

    it('finds who has changed lately, who is held, paused, or differs', () => {
        const now = clock.date();
        const seen: Record<string, Glance> = {
            '1': { decidedAt: now - 60_000 },
            '2': { decidedAt: now - 3_600_000 },
            '3': { holds: 'busy' },
            '4': { stopped: 'paused' },
            '5': { differs: true },
        };
        for (const [guid, glance] of Object.entries(seen)) {
            pbx.add(inPbx(guid, `Person ${guid}`));
            pbx.seen.set(guid, glance);
        }
        assert.deepEqual(names('changed'), ['Person 1']);
        assert.deepEqual(names('held'), ['Person 3']);
        assert.deepEqual(names('stopped'), ['Person 4']);
        assert.deepEqual(names('differs'), ['Person 5']);
    });

    it('knows who has come, gone or another name since', () => {
        pbx.add(inPbx('1', 'Anna'));
        assert.deepEqual(names(), ['Anna']);
        pbx.add(inPbx('2', 'Bert'));
        assert.deepEqual(names(), ['Anna', 'Bert']);
        pbx.users[0] = inPbx('1', 'Änne');
        pbx.matches.putPbx(pbx.users[0]);
        assert.deepEqual(names(), ['Änne', 'Bert']);
        meet(inTeams('c', 'Carla', 'carla@contoso.com'));
        assert.deepEqual(names(), ['Änne', 'Bert', 'Carla']);
        tenant.users.set('c', inTeams('c', 'Clara', 'carla@contoso.com'));
        tenant.directory.emit('change');
        assert.deepEqual(names(), ['Änne', 'Bert', 'Clara']);
        pbxs.length = 0;
        assert.deepEqual(names(), ['Clara']);
    });
});
