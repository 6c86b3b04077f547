import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairOf } from '../../lib/presence/teams-states';
import published from '../../lib/published/graph-permissions.json';
import { RateBudget } from '../../lib/support/rate-budget';
import { callsFor, checkAccount, type Need, permissionsFor } from '../../lib/teams/check/check-registration';
import { SubscriptionRequests } from '../../lib/teams/reading/subscriptions/subscription-requests';
import { account, anna, ben } from '../lib/teams/teams-fixture';
import { users, WriterFixture } from '../lib/teams/writing/writer-fixture';
import { checkout } from '../support/checkout';
import { callOf, unlisted } from './made-calls';
import { documentedCalls, madeCalls, type PublishedTable, rowsOf } from './published-table';

const minute = 60_000;
const readme = readFileSync(join(checkout, 'README.md'), 'utf8');

describe('Our table of permissions', () => {
    it('has the rows of the calls that are made, and no others', async () => {
        const fixture = await WriterFixture.start({
            roles: ['User.Read.All', 'Presence.ReadWrite.All', 'Group.ReadBasic.All'],
        });
        const { office } = fixture;
        office.simulated.setGroup({ id: office.settings().tenant, displayName: 'Staff', members: [anna.teamsId] });
        const { system, registration } = office.teams();
        await registration.notifications.key();
        registration.notifications.open(await office.receiver(registration));
        const follower = system.follow(registration, {
            accounts: [account],
            scope: { kind: 'group', group: 'Staff' },
            delivery: { mode: 'automatic', fast: 2_000, slow: 10_000 },
        });
        follower.start();
        await office.passTime(() => follower.state.phase === 'online');
        await office.passTime(() => office.count(/PATCH/) > 0, minute);

        const writer = fixture.writer({ statusMessage: true });
        const call = { ...pairOf('Busy/InACall')!, preferred: pairOf('Busy/Busy')!, statusMessage: 'A note' };
        await writer.set(users.ben, call);
        await writer.clear(users.ben);

        const lists = new RateBudget({ requests: 25, period: 20_000 }, office.clock);
        const graph = registration.asAccount(account);
        const requests = new SubscriptionRequests({ graph, account: account.username, lists });
        assert.ok(await requests.exists(office.simulated.subscriptions[0]!.id));
        assert.equal((await requests.removeOurs(() => true)).removed, 1);
        await checkAccount(registration.settings, account, registration.http);
        await follower.stop(true);
        await fixture.stop();

        const made = new Set(office.requests.map(callOf).filter(each => each !== undefined));
        assert.deepEqual([...made].sort(), Object.keys(published.calls).sort());
        assert.deepEqual(Object.keys(published.calls).sort(), [...madeCalls, ...Object.keys(documentedCalls)].sort());
        assert.equal(office.simulated.presenceOf(ben.teamsId).activity === 'InACall', false);
    });

    it('is what every need is measured by', () => {
        const needed = new Set(Object.values(callsFor).flat());
        const unneeded = Object.keys(published.calls).filter(call => !needed.has(call as never));
        // Of the licence only a warning speaks.
        assert.deepEqual(unneeded, ['GET /me']);
    });

    it('notices a request that it lacks', () => {
        const requests = [
            `GET /v1.0/users/${anna.teamsId}/presence`,
            `GET /v1.0/groups/${anna.teamsId}/transitiveMembers/microsoft.graph.user`,
            'POST /tenant/oauth2/v2.0/token',
        ];
        assert.deepEqual(unlisted(requests), ['GET /users/{id}/presence']);
    });

    it('says when it was published, and where', () => {
        for (const { source, date } of [published, documentedCalls['POST /subscriptions']!]) {
            assert.match(source ?? '', /^https:\/\//);
            assert.match(date ?? '', /^20\d\d-\d\d-\d\d$/);
        }
        assert.ok(readme.includes(`[table of ${published.date}](${published.source})`));
    });

    it('stands in a folder of data without code, so that both sides of a test may read it', () => {
        const names = readdirSync(join(checkout, 'lib', 'published'));
        assert.deepEqual(names, ['graph-permissions.json']);
    });
});

describe('The rows of the published table', () => {
    const schemes = { Application: { privilegeLevel: 3 }, DelegatedWork: { privilegeLevel: 2 } };
    const pathSet = (methods: string[], term: string, schemeKeys = ['Application', 'DelegatedWork']) => ({
        ...{ schemeKeys, methods },
        paths: { '/things/{id}/parts': term },
    });
    const table: PublishedTable = {
        permissions: {
            'Thing.ReadWrite.All': { schemes, pathSets: [pathSet(['GET', 'POST'], 'least=Application,DelegatedWork')] },
            'Thing.Read.All': { schemes, pathSets: [pathSet(['GET'], '')] },
            'Thing.ReadBasic.All': { schemes, pathSets: [pathSet(['GET'], 'least=DelegatedWork,Application')] },
            'Thing.Read': { schemes, pathSets: [pathSet(['GET'], 'least=DelegatedPersonal', ['DelegatedWork'])] },
            'Other.Read.All': { schemes, pathSets: [pathSet(['PATCH'], '')] },
        },
    };

    it('begin with what allows least, whatever the case of the path', () => {
        assert.deepEqual(rowsOf(table, ['GET /things/{id}/Parts', 'POST /things/{id}/parts']), {
            'GET /things/{id}/Parts': {
                application: ['Thing.ReadBasic.All', 'Thing.ReadWrite.All', 'Thing.Read.All'],
                delegated: ['Thing.ReadBasic.All', 'Thing.ReadWrite.All', 'Thing.Read', 'Thing.Read.All'],
            },
            'POST /things/{id}/parts': {
                application: ['Thing.ReadWrite.All'],
                delegated: ['Thing.ReadWrite.All'],
            },
        });
    });

    it('are not made of what is not understood', () => {
        const among = (permissions: PublishedTable['permissions']) => () =>
            rowsOf({ permissions }, ['GET /things/{id}/parts']);
        assert.throws(among({}), /The table lacks GET \/things/);
        const also = 'least=Application;AlsoRequires=Other.Read.All';
        assert.throws(among({ 'A.Read': { schemes, pathSets: [pathSet(['GET'], also)] } }), /under a condition/);
    });
});

describe('What is written about permissions', () => {
    const [least, hidden] = [
        (need: Need, kind: 'application' | 'delegated') => permissionsFor([need], kind),
        'Member.Read.Hidden',
    ];
    const group = [...least('group-by-name', 'application'), ...least('group-by-id', 'application'), hidden];
    const polling = least('follow-app-only', 'application');
    const writing = least('write', 'application');
    const following = least('follow-delegated', 'delegated');

    for (const [row, ...permissions] of [
        ['Teams → PBX, notifications', ...following],
        ['Teams → PBX, polling', ...polling],
        ['PBX → Teams', ...writing],
        ['to follow the members of a group, by its name', ...least('group-by-name', 'application')],
        ['to follow the members of a group, by its object id', ...least('group-by-id', 'application')],
    ] as const)
        it(`is what the table says in the README: ${row}`, () => {
            const [line = ''] = readme.split('\n').filter(each => each.startsWith(`| ${row} |`));
            assert.deepEqual(named(line), [...permissions].sort());
        });

    it('is the same for accounts and for the app where a group is read', () => {
        for (const need of ['group-by-name', 'group-by-id'] as const)
            assert.deepEqual(least(need, 'application'), least(need, 'delegated'));
    });

    for (const [file, ...permissions] of [
        ['azure-app.html', ...following, ...writing, ...polling, ...group],
        ['teams-accounts.html', ...following, ...group],
        ['teams-presence-writer.html', ...writing],
        ['teams-subscriber.html', ...polling, ...group],
        ['teams-subscriber.json', ...polling],
    ] as const)
        for (const language of ['en-US', 'de'])
            it(`is what the table says in the help: ${language}/${file}`, () => {
                const text = readFileSync(join(checkout, 'nodes', 'locales', language, file), 'utf8');
                assert.deepEqual(named(text), [...new Set(permissions)].sort());
            });

    it('tells which demands for a second factor concern communication users, and which do not [E4]', () => {
        const help = (language: string): string =>
            readFileSync(join(checkout, 'nodes', 'locales', language, 'teams-accounts.html'), 'utf8');
        for (const [text, ...words] of [
            [readme, 'portals', 'security\\s+defaults', 'Conditional Access'],
            [help('en-US'), 'portals', 'security defaults', 'Conditional Access'],
            [help('de'), 'Portale', 'Sicherheitsstandards', 'bedingten Zugriff'],
        ] as const)
            for (const word of words) assert.match(text, new RegExp(word));
    });
});

/** The permissions that a text names as code. */
function named(text: string): string[] {
    const found = text.matchAll(/(?:`|<code>)([A-Z]\w+\.[A-Z]\w+\.[A-Z]\w+)(?:`|<\/code>)/g);
    return [...new Set(Array.from(found, ([, name]) => name!))].sort();
}
