import assert from 'node:assert/strict';
import type { ConnectionState } from '../../../../lib/support/connection-state';
import { UserDirectory } from '../../../../lib/teams/directory/user-directory';
import { UserLookup } from '../../../../lib/teams/directory/user-lookup';
import type { GraphClient } from '../../../../lib/teams/graph/graph-client';
import { readPresences } from '../../../../lib/teams/reading/read-presence';
import { anna, app, ben, person, TeamsFixture, until } from '../teams-fixture';

/** A directory whose users the test makes up. */
function directoryOf(...users: object[]): UserDirectory {
    return new UserDirectory({ send: async () => ({ value: users }) } as unknown as GraphClient);
}

describe('UserDirectory', () => {
    it('reads a large tenant page by page, and its presence in portions', async () => {
        const people = Array.from({ length: 1_500 }, (_, index) => person(index));
        const office = await TeamsFixture.start({ people });
        try {
            const graph = office.tenant().asApp();
            const directory = new UserDirectory(graph);
            await directory.load();
            assert.ok(directory.size >= 1_500);
            assert.equal(office.count(/GET .*\/users/), 2);
            const last = directory.find({ addresses: ['nobody@office.example', people[1_499]!.mail.toUpperCase()] });
            assert.equal(last?.teams?.id, people[1_499]!.teamsId);
            const read = await readPresences(
                graph,
                people.map(({ teamsId }) => teamsId),
                'sweep',
            );
            assert.equal(read.size, 1_500);
            assert.equal(office.count(/getPresencesByUserId/), 3);
        } finally {
            await office.stop();
        }
    });

    it('finds a user by id, by any address and in any case', async () => {
        const directory = directoryOf({
            id: 'id-1',
            displayName: 'Anna',
            mail: 'Anna@X.example',
            userPrincipalName: 'ab@x.example',
            proxyAddresses: ['SMTP:anna@x.example', 'smtp:brandt@x.example', 'SIP:sip@x.example', 'X500:/o=x'],
        });
        await directory.load();
        const [user] = directory.all();
        assert.deepEqual(user!.addresses, ['anna@x.example', 'ab@x.example', 'brandt@x.example', 'sip@x.example']);
        assert.equal(directory.find('id-1'), user);
        assert.equal(directory.find('AB@x.example'), user);
        assert.equal(directory.find({ addresses: [], teams: user!.teams! }), user);
        const foreign = { id: 'other', userPrincipalName: '', mail: null };
        assert.equal(directory.find({ addresses: ['brandt@x.example'], teams: foreign }), user);
        assert.equal(directory.find({ addresses: ['x@x.example'] }), undefined);
    });

    it('takes users that lack almost everything', async () => {
        const directory = directoryOf({ id: 'id-1' }, { id: 'id-2', userPrincipalName: 'b@x.example', mail: null });
        await directory.load();
        const [first, second] = directory.all();
        assert.deepEqual(first, {
            addresses: [],
            displayName: '',
            teams: { id: 'id-1', userPrincipalName: '', mail: null },
        });
        assert.equal(second!.displayName, 'b@x.example');
    });

    it('keeps what it knows when it cannot be read again, and forgets leavers when it can', async () => {
        let answer: () => Promise<unknown> = async () => ({ value: [{ id: 'id-1', mail: 'a@x.example' }] });
        const directory = new UserDirectory({ send: () => answer() } as unknown as GraphClient);
        await directory.load();
        answer = () => Promise.reject(new Error('away'));
        await assert.rejects(directory.load());
        assert.ok(directory.find('a@x.example'));
        answer = async () => ({ value: [] });
        await directory.load();
        assert.equal(directory.find('a@x.example'), undefined);
    });
});

describe('UserLookup', () => {
    let office: TeamsFixture;
    let lookup: UserLookup;
    let states: ConnectionState['phase'][];

    beforeEach(async () => {
        office = await TeamsFixture.start();
        make();
    });
    afterEach(async () => {
        lookup.stop();
        await office.stop();
    });

    function make(clientSecret = app.clientSecret): void {
        const directory = new UserDirectory(office.tenant({ clientSecret }).asApp());
        lookup = new UserLookup({ directory, clock: office.clock });
        states = [];
        lookup.on('state', ({ phase }) => states.push(phase));
    }

    it('waits for the directory', async () => {
        lookup.start();
        const user = await lookup.find(anna.mail, anna.mail);
        assert.equal(user?.teams?.id, anna.teamsId);
        assert.deepEqual(states, ['connecting', 'online']);
    });

    it('keeps only the newest of those that wait for the same user', async () => {
        lookup.start();
        const older = lookup.find(anna.mail, anna.mail);
        const other = lookup.find(ben.mail, ben.mail);
        const newer = lookup.find(anna.mail, anna.mail);
        assert.equal(await older, undefined);
        assert.equal((await newer)?.teams?.id, anna.teamsId);
        assert.equal((await other)?.teams?.id, ben.teamsId);
    });

    it('waits through an outage', async () => {
        await office.simulated.stop();
        lookup.start();
        const finding = lookup.find(anna.mail, anna.mail);
        await until(() => lookup.state.phase === 'retrying');
        await office.simulated.start();
        await office.passTime(() => lookup.state.phase === 'online', 500);
        assert.equal((await finding)?.teams?.id, anna.teamsId);
    });

    it('says at once what an administrator must change, and looks again in a minute', async () => {
        make('wrong');
        lookup.start();
        await assert.rejects(lookup.find(anna.mail, anna.mail), { code: 'TEAMS_SECRET_WRONG' });
        await assert.rejects(lookup.find(ben.mail, ben.mail), { code: 'TEAMS_SECRET_WRONG' });
        assert.equal(office.count(/oauth2/), 1);
        await office.clock.advance(60_000);
        await until(() => office.count(/oauth2/) === 2);
    });

    it('names a user that Teams does not have, and reads the directory for such at most once a minute', async () => {
        lookup.start();
        const nobody = 'nobody@office.example';
        for (let turn = 0; turn < 3; turn++)
            await assert.rejects(lookup.find(nobody, nobody), { message: `No Teams user has the address ${nobody}` });
        assert.equal(office.count(/GET .*users/), 1);
        await office.clock.advance(61_000);
        for (let turn = 0; turn < 3; turn++)
            await assert.rejects(lookup.find(nobody, nobody), { code: 'TEAMS_USER_UNKNOWN' });
        assert.equal(office.count(/GET .*users/), 2);
    });

    it('reads the directory again every 15 minutes', async () => {
        lookup.start();
        await lookup.find(anna.mail, anna.mail);
        await office.clock.advance(15 * 60_000);
        await until(() => office.count(/GET .*users/) === 2);
        await until(() => states.length === 3);
    });

    it('lets nobody wait once it is stopped, and holds no timer', async () => {
        await office.simulated.stop();
        lookup.start();
        const finding = lookup.find(anna.mail, anna.mail);
        await until(() => lookup.state.phase === 'retrying');
        lookup.stop();
        lookup.stop();
        assert.equal(await finding, undefined);
        assert.equal(await lookup.find(anna.mail, anna.mail), undefined);
        assert.equal(office.clock.waiting, 0);
    });

    it('does not come back to life when it is stopped while it reads', async () => {
        lookup.start();
        lookup.stop();
        await until(() => office.count(/GET .*users/) === 1);
        await office.rest();
        assert.equal(lookup.state.phase, 'stopped');
        assert.deepEqual(states, ['connecting', 'stopped']);
    });
});
