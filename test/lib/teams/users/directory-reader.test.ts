import assert from 'node:assert/strict';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import type { GraphRequest, Sender } from '../../../../lib/teams/connection/graph-client';
import { GraphRefusal } from '../../../../lib/teams/connection/graph-error';
import { bulksOf, readPresences } from '../../../../lib/teams/connection/read-presence';
import { DirectoryReader } from '../../../../lib/teams/users/directory-reader';
import type { UserDifference } from '../../../../lib/teams/users/user-directory';
import { FakeClock } from '../../../support/fake-clock';
import { account, anna, ben, person, TeamsFixture, until } from '../teams-fixture';

const minutes = 60_000;

/** Names of users in a difference. */
function names({ added, removed, changed }: UserDifference) {
    const of = (users: typeof added) => users.map(user => user.displayName).sort();
    return { added: of(added), removed: of(removed), changed: of(changed) };
}

describe('DirectoryReader', () => {
    let office: TeamsFixture;
    let directory: DirectoryReader;
    let states: ConnectionState['phase'][];
    let differences: ReturnType<typeof names>[];
    let start: () => void;
    let end: () => void;

    const reads = /GET .*\/users$/;
    const deltas = /GET .*\/users\/delta/;

    beforeEach(async () => {
        office = await TeamsFixture.start();
        begin();
    });
    afterEach(async () => {
        end();
        await office.stop();
    });

    function begin(source: Sender = office.teams().registration.asApp()): void {
        directory = new DirectoryReader({ clock: office.clock });
        states = [];
        differences = [];
        directory.on('state', ({ phase }) => states.push(phase));
        directory.on('change', difference => differences.push(names(difference)));
        end = () => {};
        start = () => {
            end = directory.use(source);
        };
    }

    async function loaded(): Promise<void> {
        start();
        await until(() => directory.loaded);
    }

    /** Waits for the next look at the changes. */
    async function nextChanges(): Promise<void> {
        const before = office.count(deltas);
        await office.clock.advance(5 * minutes);
        await until(() => office.count(deltas) > before);
        await office.rest();
    }

    it('is not asked for every message while it cannot be read', async () => {
        let fails = false;
        let asked = 0;
        const app = office.teams().registration.asApp();
        begin({
            send: async <T>(request: GraphRequest): Promise<T> => {
                asked += 1;
                if (fails) throw new GraphRefusal(request.what, 503, {});
                return app.send<T>(request);
            },
        });
        await loaded();
        fails = true;
        await office.clock.advance(6 * minutes);
        asked = 0;
        for (let count = 0; count < 50; count++)
            await assert.rejects(
                directory.findWhenLoaded('x', () => directory.users.find(`nobody-${count}@x.example`)),
                {
                    code: 'TEAMS_USER_UNKNOWN',
                },
            );
        assert.equal(asked, 0);
    });

    it('knows nobody more where the look for a new user meets an outage', async () => {
        let fails = false;
        const app = office.teams().registration.asApp();
        begin({
            send: async <T>(request: GraphRequest): Promise<T> => {
                if (fails) throw new GraphRefusal(request.what, 503, {});
                return app.send<T>(request);
            },
        });
        await loaded();
        await office.clock.advance(4 * minutes);
        fails = true;
        await assert.rejects(
            directory.findWhenLoaded('x', () => undefined),
            { code: 'TEAMS_USER_UNKNOWN' },
        );
    });

    it('reads all users at first, then every 5 minutes what has changed', async () => {
        await loaded();
        assert.deepEqual([office.count(reads), office.count(deltas)], [1, 1]);
        assert.deepEqual(states, ['connecting', 'online']);
        assert.equal(directory.users.find(anna.mail)?.teams?.id, anna.teamsId);
        await nextChanges();
        await nextChanges();
        assert.deepEqual([office.count(reads), office.count(deltas)], [1, 3]);
        assert.deepEqual([differences, states], [[], ['connecting', 'online']]);
    });

    it('tells joiners, leavers, renamed ones and new addresses', async () => {
        await loaded();
        office.simulated.addPerson(person(7, 'Clara New'));
        office.simulated.removePerson(ben.teamsId);
        office.simulated.updatePerson(anna.teamsId, { name: 'Anna Vogel', mail: 'anna.vogel@office.example' });
        await nextChanges();
        assert.deepEqual(differences, [{ added: ['Clara New'], removed: [ben.name], changed: ['Anna Vogel'] }]);
        assert.equal(directory.users.find(ben.mail), undefined);
        assert.equal(directory.users.find(anna.mail), undefined);
        assert.equal(directory.users.find('Anna.Vogel@office.example')?.teams?.id, anna.teamsId);
        assert.equal(directory.users.find(person(7).mail)?.displayName, 'Clara New');
        assert.equal(office.count(reads), 1);
    });

    it('reads business phones, and tells when they change', async () => {
        await loaded();
        const phones = () => directory.users.byId(anna.teamsId)?.teams?.businessPhones;
        assert.deepEqual(phones(), [anna.number]);
        office.simulated.updatePerson(anna.teamsId, { number: '+49 7031 73009 77' });
        await nextChanges();
        assert.deepEqual(phones(), ['+49 7031 73009 77']);
        office.simulated.updatePerson(anna.teamsId, { name: 'Anna Vogel' });
        await nextChanges();
        assert.deepEqual(phones(), ['+49 7031 73009 77']);
        office.simulated.updatePerson(anna.teamsId, { number: '' });
        await nextChanges();
        assert.equal(phones(), undefined);
        assert.deepEqual(
            differences.map(({ changed }) => changed),
            [[anna.name], ['Anna Vogel'], ['Anna Vogel']],
        );
    });

    it('reads service plans only if somebody wants them, and then tells who gained or lost one', async () => {
        await loaded();
        assert.equal(directory.users.plansOf(anna.teamsId), undefined);
        const enough = directory.wantPlans();
        await until(() => directory.users.plansOf(anna.teamsId) !== undefined);
        await office.rest();
        const [plan] = directory.users.plansOf(anna.teamsId)!;
        assert.equal(
            directory.users.plansOf(ben.teamsId),
            directory.users.plansOf(anna.teamsId),
            'equal sets are one array',
        );
        differences.length = 0;
        office.simulated.setPlans(anna.teamsId, []);
        await nextChanges();
        assert.deepEqual(differences, [{ added: [], removed: [], changed: [anna.name] }]);
        assert.deepEqual(directory.users.plansOf(anna.teamsId), []);
        office.simulated.setPlans(anna.teamsId, [plan!]);
        await nextChanges();
        assert.deepEqual(directory.users.plansOf(anna.teamsId), [plan]);
        enough();
    });

    it('waits between attempts to read service plans, too', async () => {
        await loaded();
        await office.simulated.stop();
        const before = states.length;
        const enough = directory.wantPlans();
        await until(() => directory.state.phase === 'retrying');
        await office.rest();
        assert.equal(states.length, before + 1);
        await office.simulated.start();
        await office.passTime(() => directory.users.plansOf(anna.teamsId) !== undefined, 500);
        enough();
    });

    it('reads everybody again once the service has forgotten its link, and tells only the differences', async () => {
        await loaded();
        office.simulated.expireDeltaTokens();
        office.simulated.addPerson(person(7, 'Clara New'));
        office.simulated.removePerson(ben.teamsId);
        await nextChanges();
        await until(() => differences.length > 0);
        assert.deepEqual(differences, [{ added: ['Clara New'], removed: [ben.name], changed: [] }]);
        assert.equal(office.count(reads), 2);
        office.simulated.faults.failNext(1, 400, { error: { code: 'syncStateNotFound', message: '' } }, {}, deltas);
        await nextChanges();
        await until(() => office.count(reads) === 3);
        assert.deepEqual([differences.length, states], [1, ['connecting', 'online']]);
    });

    it('misses nobody who joins while it reads', async () => {
        const tenant = office.teams().registration.asApp();
        begin({
            send: async request => {
                const answer = await tenant.send(request);
                if (/\/users\?/.test(request.path)) office.simulated.addPerson(person(8, 'Dora Late'));
                return answer as never;
            },
        });
        await loaded();
        assert.equal(directory.users.find(person(8).mail), undefined);
        await nextChanges();
        assert.equal(directory.users.find(person(8).mail)?.displayName, 'Dora Late');
    });

    it('goes on with what it knows through an outage, and comes back by itself', async () => {
        await loaded();
        await office.simulated.stop();
        await office.clock.advance(5 * minutes);
        await until(() => directory.state.phase === 'retrying');
        assert.equal(
            (await directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail)))?.teams?.id,
            anna.teamsId,
        );
        await office.simulated.start();
        office.simulated.addPerson(person(7, 'Clara New'));
        await office.passTime(() => directory.state.phase === 'online', 500);
        assert.deepEqual(differences, [{ added: ['Clara New'], removed: [], changed: [] }]);
    });

    it('is read through a source that comes while another one fails', async () => {
        const { registration: wrong } = office.teams({ clientSecret: 'wrong' });
        begin(wrong.asApp());
        start();
        const endSecond = directory.use(office.teams().registration.asAccount(account));
        await until(() => directory.state.phase === 'online');
        endSecond();
    });

    it('falls to the next source where one does not work, and says it only if none does', async () => {
        const { registration: wrong } = office.teams({ clientSecret: 'wrong' });
        begin(wrong.asApp());
        start();
        await until(() => directory.state.phase === 'failed');
        const endSecond = directory.use(office.teams().registration.asAccount(account));
        await until(() => directory.loaded);
        assert.equal(directory.state.phase, 'online');
        endSecond();
    });

    it('stops with its last use, and begins again with what has changed since', async () => {
        await loaded();
        const endSecond = directory.use(office.teams().registration.asAccount(account));
        end();
        end();
        await nextChanges();
        assert.equal(directory.state.phase, 'online');
        endSecond();
        assert.deepEqual([directory.state.phase, directory.loaded, office.timers], ['stopped', false, 0]);
        office.simulated.removePerson(ben.teamsId);
        await loaded();
        assert.deepEqual([office.count(reads), directory.users.find(ben.mail)], [1, undefined]);
    });

    describe('findWhenLoaded', () => {
        const nobody = 'nobody@office.example';

        it('waits for the directory', async () => {
            start();
            const user = await directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail));
            assert.equal(user?.teams?.id, anna.teamsId);
        });

        it('keeps only the newest of those that wait for the same user', async () => {
            start();
            const older = directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail));
            const other = directory.findWhenLoaded(ben.mail, () => directory.users.find(ben.mail));
            const newer = directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail));
            assert.equal(await older, undefined);
            assert.equal((await newer)?.teams?.id, anna.teamsId);
            assert.equal((await other)?.teams?.id, ben.teamsId);
        });

        it('waits through an outage', async () => {
            await office.simulated.stop();
            start();
            const finding = directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail));
            await until(() => directory.state.phase === 'retrying');
            await office.simulated.start();
            await office.passTime(() => directory.state.phase === 'online', 500);
            assert.equal((await finding)?.teams?.id, anna.teamsId);
        });

        it('says at once what an administrator must change, and looks again later', async () => {
            begin(office.teams({ clientSecret: 'wrong' }).registration.asApp());
            start();
            await assert.rejects(
                directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail)),
                { code: 'TEAMS_SECRET_WRONG' },
            );
            await assert.rejects(
                directory.findWhenLoaded(ben.mail, () => directory.users.find(ben.mail)),
                { code: 'TEAMS_SECRET_WRONG' },
            );
            assert.equal(office.count(/oauth2/), 1);
            await office.passTime(() => office.count(/oauth2/) > 1, 5 * minutes);
        });

        it('names a user that Teams does not have, and asks for changes for such at most once a minute', async () => {
            await loaded();
            for (let turn = 0; turn < 3; turn++)
                await assert.rejects(
                    directory.findWhenLoaded(nobody, () => directory.users.find(nobody)),
                    {
                        message: `No Teams user has the address ${nobody}`,
                    },
                );
            assert.equal(office.count(deltas), 1);
            await office.clock.advance(61_000);
            for (let turn = 0; turn < 3; turn++)
                await assert.rejects(
                    directory.findWhenLoaded(nobody, () => directory.users.find(nobody)),
                    { code: 'TEAMS_USER_UNKNOWN' },
                );
            assert.deepEqual([office.count(reads), office.count(deltas)], [1, 2]);
        });

        it('finds somebody who has joined a minute ago', async () => {
            await loaded();
            office.simulated.addPerson(person(7));
            await office.clock.advance(61_000);
            const user = await directory.findWhenLoaded(person(7).mail, () => directory.users.find(person(7).mail));
            assert.equal(user?.teams?.id, person(7).teamsId);
        });

        it('lets nobody wait once the last use has ended, and leaves no timer', async () => {
            await office.simulated.stop();
            start();
            const finding = directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail));
            await until(() => directory.state.phase === 'retrying');
            end();
            end();
            assert.equal(await finding, undefined);
            assert.equal(await directory.findWhenLoaded(anna.mail, () => directory.users.find(anna.mail)), undefined);
            assert.equal(office.timers, 0);
        });
    });

    it('does not come back to life when its last use ends while it reads', async () => {
        start();
        end();
        await office.rest();
        assert.deepEqual([directory.state.phase, directory.loaded, office.timers], ['stopped', false, 0]);
        start();
        await until(() => directory.loaded);
        assert.deepEqual(states, ['connecting', 'stopped', 'connecting', 'online']);
    });
});

describe('DirectoryReader with a large tenant', () => {
    it('reads it page by page, and its presence in portions', async () => {
        const people = Array.from({ length: 1_500 }, (_, index) => person(index));
        const office = await TeamsFixture.start({ people });
        const graph = office.teams().registration.asApp();
        const directory = new DirectoryReader({ clock: office.clock });
        const end = directory.use(graph);
        try {
            await until(() => directory.loaded);
            assert.ok([...directory.users.all()].length >= 1_500);
            assert.equal(office.count(/GET .*\/users$/), 2);
            const last = directory.users.find({
                addresses: ['nobody@office.example', people[1_499]!.mail.toUpperCase()],
            });
            assert.equal(last?.teams?.id, people[1_499]!.teamsId);
            const ids = people.map(({ teamsId }) => teamsId);
            const portions = await Promise.all(bulksOf(ids).map(bulk => readPresences(graph, bulk, 'sweep')));
            assert.deepEqual(
                portions.map(({ size }) => size),
                [650, 650, 200],
            );
            assert.equal(office.count(/getPresencesByUserId/), 3);
        } finally {
            end();
            await office.stop();
        }
    });
});

describe('DirectoryReader with answers of its own', () => {
    const clock = new FakeClock();
    const link = '/users/delta?$deltatoken=made-up';

    /** A directory read from these users, which hears of these changes the next time. */
    async function directoryOf(users: object[], ...changes: object[][]): Promise<DirectoryReader> {
        const directory = new DirectoryReader({ clock });
        const send = async ({ path }: GraphRequest): Promise<unknown> => {
            if (path === link) return { value: changes.shift() ?? [], '@odata.deltaLink': link };
            return path.startsWith('/users/delta') ? { value: [], '@odata.deltaLink': link } : { value: users };
        };
        directory.use({ send } as Sender);
        await clock.advance(1);
        assert.ok(directory.loaded);
        return directory;
    }

    const full = {
        id: 'id-1',
        displayName: 'Anna',
        mail: 'Anna@X.example',
        userPrincipalName: 'ab@x.example',
        proxyAddresses: ['SMTP:anna@x.example', 'smtp:brandt@x.example', 'SIP:sip@x.example', 'X500:/o=x'],
    };

    it('finds a user by id, by any address and in any case', async () => {
        const directory = await directoryOf([full]);
        const [user] = directory.users.all();
        assert.deepEqual(user!.addresses, ['anna@x.example', 'ab@x.example', 'brandt@x.example', 'sip@x.example']);
        assert.equal(directory.users.find('id-1'), user);
        assert.equal(directory.users.byId('id-1'), user);
        assert.equal(directory.users.find('AB@x.example'), user);
        assert.equal(directory.users.find({ addresses: [], teams: user!.teams! }), user);
        const foreign = { id: 'other', userPrincipalName: '', mail: null };
        assert.equal(directory.users.find({ addresses: ['brandt@x.example'], teams: foreign }), user);
        assert.equal(directory.users.find({ addresses: ['x@x.example'] }), undefined);
    });

    it('takes users that lack almost everything', async () => {
        const directory = await directoryOf([
            { id: 'id-1' },
            { id: 'id-2', userPrincipalName: 'b@x.example', mail: null },
        ]);
        const [first, second] = directory.users.all();
        assert.deepEqual(first, {
            addresses: [],
            displayName: '',
            teams: { id: 'id-1', userPrincipalName: '', mail: null },
        });
        assert.equal(second!.displayName, 'b@x.example');
    });

    it('keeps what a change does not mention, and takes what it sets to null', async () => {
        const directory = await directoryOf(
            [full],
            [{ id: 'id-1', displayName: 'Anna Vogel' }],
            [{ id: 'id-1', mail: null }],
            [{ id: 'id-1', userPrincipalName: 'vogel@x.example' }],
        );
        await clock.advance(5 * minutes);
        const addresses = ['anna@x.example', 'ab@x.example', 'brandt@x.example', 'sip@x.example'];
        assert.deepEqual(directory.users.byId('id-1'), {
            addresses,
            displayName: 'Anna Vogel',
            teams: { id: 'id-1', userPrincipalName: 'ab@x.example', mail: 'Anna@X.example' },
        });
        await clock.advance(5 * minutes);
        assert.deepEqual(directory.users.byId('id-1')?.addresses, addresses.slice(1));
        await clock.advance(5 * minutes);
        assert.deepEqual(directory.users.byId('id-1')?.addresses, ['vogel@x.example', ...addresses.slice(2)]);
    });

    it('takes the last of several changes of one user, and changes that come again', async () => {
        const gone = { id: 'id-1', '@removed': { reason: 'changed' } };
        const directory = await directoryOf([full], [gone, full, gone], [gone], [full], [full]);
        const told: unknown[] = [];
        directory.on('change', difference => told.push(names(difference)));
        await clock.advance(20 * minutes);
        const [left, back] = [
            { added: [], removed: ['Anna'], changed: [] },
            { added: ['Anna'], removed: [], changed: [] },
        ];
        assert.deepEqual(told, [left, back]);
    });

    it('knows guests, members of other tenants and those who may not sign in [A2]', async () => {
        const directory = await directoryOf(
            [
                { id: 'id-1', accountEnabled: true, userType: 'Member' },
                { id: 'id-2', accountEnabled: true, userType: 'Guest' },
                { id: 'id-3', accountEnabled: false, userType: 'Member' },
                { id: 'id-4', userType: null },
                { id: 'id-6', userType: null, userPrincipalName: 'anna_fabrikam.com#EXT#@contoso.com' },
                { id: 'id-7', userType: 'Member', userPrincipalName: 'ben_fabrikam.com#ext#@contoso.com' },
            ],
            // A delta names only what has changed.
            [
                { id: 'id-1', accountEnabled: false },
                { id: 'id-2', accountEnabled: true },
                { id: 'id-3', userType: 'Member' },
                { id: 'id-7', accountEnabled: true },
            ],
        );
        const members = () =>
            ['id-1', 'id-2', 'id-3', 'id-4', 'id-5', 'id-6', 'id-7'].filter(id => directory.users.isMember(id));
        assert.deepEqual(members(), ['id-1', 'id-4']);
        await clock.advance(5 * minutes);
        assert.deepEqual(members(), ['id-4']);
    });

    it('names those who share an address', async () => {
        const other = {
            id: 'id-0',
            displayName: 'Other',
            mail: 'anna@x.example',
            userType: 'Guest',
        };
        const directory = await directoryOf([full], [other]);
        const told: string[] = [];
        directory.on('shared', all => {
            for (const { address, owner, others } of all)
                told.push(`${address}: ${owner?.displayName}, not ${others.map(({ displayName }) => displayName)}`);
        });
        await clock.advance(10 * minutes);
        assert.deepEqual(told, ['anna@x.example: Anna, not Other']);
        assert.equal(directory.users.find('anna@x.example')?.teams?.id, 'id-1');
    });

    it('does not follow links that lead in a circle', async () => {
        let requests = 0;
        const directory = new DirectoryReader({ clock });
        const send = async ({ path }: GraphRequest): Promise<unknown> => {
            requests += 1;
            if (path.startsWith('/users/delta')) return { value: [], '@odata.deltaLink': link };
            return { value: [full], '@odata.nextLink': '/users?again' };
        };
        const end = directory.use({ send } as Sender);
        await clock.advance(1);
        assert.deepEqual([directory.state.phase, requests], ['retrying', 3]);
        end();
    });

    it('waits as long as the service asks', async () => {
        let requests = 0;
        const directory = new DirectoryReader({ clock });
        const send = async (): Promise<unknown> => {
            requests += 1;
            throw new GraphRefusal('read the users', 429, {}, 60_000);
        };
        const end = directory.use({ send } as Sender);
        await clock.advance(59_000);
        assert.equal(requests, 1);
        await clock.advance(2_000);
        assert.equal(requests, 2);
        end();
    });
});
