import assert from 'node:assert/strict';
import { manyPeople } from '../../../../lib/simulator/person';
import { account, anna, ben, directoryApp, groupApp, nobody, poorApp, TenantFixture } from './tenant-fixture';

const sales = '5a1e5000-0000-4000-8000-000000000001';
const europe = '5a1e5000-0000-4000-8000-000000000002';
const cast = 'transitiveMembers/microsoft.graph.user';
const eventual = { consistencylevel: 'eventual' };

describe('Groups', () => {
    let office: TenantFixture;
    let token: string;

    beforeEach(async () => {
        office = await TenantFixture.start();
        token = await office.appToken(directoryApp);
        office.tenant.setGroup({ id: europe, displayName: 'Sales Europe', members: [ben.teamsId, sales, nobody] });
        office.tenant.setGroup({ id: sales, displayName: 'Sales', members: [anna.teamsId, europe.toUpperCase()] });
    });
    afterEach(() => office.stop());

    const get = (path: string, headers: Record<string, string> = {}, bearer = token) =>
        office.graph(bearer, 'GET', path, undefined, headers);
    const usersOf = async (group: string) =>
        (await get(`/groups/${group}/${cast}?$count=true&$select=id`, eventual)).body.value.map(user => user.id);

    it('shows one', async () => {
        const { status, body } = await get(`/groups/${sales.toUpperCase()}?$select=id,displayName`);
        assert.equal(status, 200);
        assert.deepEqual([body.id, body.displayName], [sales, 'Sales']);
        assert.equal((await get(`/groups/${sales}`)).body.securityEnabled, true);
    });

    it('finds one by name', async () => {
        const named = async (filter: string) =>
            (await get(`/groups?$filter=${encodeURIComponent(filter)}`)).body.value.map(group => group.id);
        assert.deepEqual(await named("displayName eq 'sales'"), [sales]);
        assert.deepEqual(await named("startswith(displayName,'Sales')"), [europe, sales]);
        assert.equal((await get('/groups?$filter=colour eq 1')).status, 400);
        assert.equal((await get('/groups?$filter=displayName eq')).status, 400);
    });

    it('has the users of nested groups as members, once each, even in a circle', async () => {
        assert.deepEqual((await usersOf(sales)).sort(), [anna.teamsId, ben.teamsId]);
        const direct = await get(`/groups/${sales}/members/microsoft.graph.user?$count=true`, eventual);
        assert.deepEqual(
            direct.body.value.map(user => user.id),
            [anna.teamsId],
        );
        assert.equal(direct.body['@odata.count'], 1);
    });

    it('says of each member what it is where the question is not for users only', async () => {
        const { body } = await get(`/groups/${sales}/members?$select=id,userPrincipalName`);
        assert.deepEqual(body.value, [
            { '@odata.type': '#microsoft.graph.user', id: anna.teamsId, userPrincipalName: anna.mail },
            { '@odata.type': '#microsoft.graph.group', id: europe },
        ]);
    });

    it('refuses a cast without both advanced query parameters', async () => {
        for (const answer of [
            await get(`/groups/${sales}/${cast}`),
            await get(`/groups/${sales}/${cast}`, eventual),
            await get(`/groups/${sales}/${cast}?$count=true`),
        ]) {
            assert.equal(answer.status, 400);
            assert.equal(answer.body.error.code, 'Request_UnsupportedQuery');
        }
    });

    it('takes the header from the item of a batch, not from the batch', async () => {
        const item = (headers: object) => ({
            requests: [{ id: '1', method: 'GET', url: `/groups/${sales}/${cast}?$count=true`, headers }],
        });
        const batch = async (inner: object, outer: Record<string, string>) =>
            (await office.graph(token, 'POST', '/$batch', item(inner), outer)).body.responses[0]!.status;
        assert.equal(await batch(eventual, {}), 200);
        assert.equal(await batch({}, eventual), 400);
    });

    it('counts', async () => {
        assert.equal((await get(`/groups/${sales}/transitiveMembers/$count`, eventual)).text, '4');
        assert.equal((await get(`/groups/${sales}/transitiveMembers/$count`)).status, 400);
    });

    it('pages', async () => {
        const firm = await TenantFixture.start({ people: manyPeople(250) });
        try {
            const bearer = await firm.appToken(directoryApp);
            firm.tenant.setGroup({
                id: sales,
                displayName: 'Sales',
                members: manyPeople(250).map(each => each.teamsId),
            });
            const seen = new Set<string>();
            const sizes: number[] = [];
            let next: string | undefined = `/groups/${sales}/${cast}?$count=true&$select=id`;
            while (next) {
                const { body } = await firm.graph(bearer, 'GET', next, undefined, eventual);
                sizes.push(body.value.length);
                for (const { id } of body.value) seen.add(id);
                next = body['@odata.nextLink'];
            }
            assert.deepEqual(sizes, [100, 100, 50]);
            assert.equal(seen.size, 250);
        } finally {
            await firm.stop();
        }
    });

    it('follows changes of members, of users and of itself', async () => {
        office.tenant.removePerson(ben.teamsId);
        assert.deepEqual(await usersOf(sales), [anna.teamsId]);
        office.tenant.setGroup({ id: sales, displayName: 'Sales', members: [] });
        assert.deepEqual(await usersOf(sales), []);
        office.tenant.removeGroup(sales);
        const { status, body } = await get(`/groups/${sales}`);
        assert.deepEqual([status, body.error.code], [404, 'Request_ResourceNotFound']);
    });

    it('hides the members of a group with hidden membership, those of one in another too', async () => {
        const hidden = { id: europe, displayName: 'Sales Europe', members: [ben.teamsId] };
        office.tenant.setGroup({ ...hidden, visibility: 'HiddenMembership' });
        assert.equal((await get(`/groups/${europe}?$select=visibility`)).body.visibility, 'HiddenMembership');
        assert.deepEqual([await usersOf(europe), await usersOf(sales)], [[], [anna.teamsId]]);
        const roles = ['User.Read.All', 'GroupMember.Read.All', 'Member.Read.Hidden'];
        office.tenant.changeRegistration(directoryApp.clientId, { roles });
        token = await office.appToken(directoryApp);
        assert.deepEqual([await usersOf(europe), (await usersOf(sales)).length], [[ben.teamsId], 2]);
    });

    it('wants another permission for the name of a group than for the members of one [B3]', async () => {
        for (const [role, list, members] of [
            ['Group.ReadBasic.All', 200, 200],
            ['GroupMember.ReadBasic.All', 403, 200],
            ['GroupMember.ReadWrite.All', 403, 200],
            ['Directory.ReadWrite.All', 200, 403],
        ] as const) {
            office.tenant.changeRegistration(directoryApp.clientId, { roles: [role] });
            token = await office.appToken(directoryApp);
            const answers = [await get('/groups'), await get(`/groups/${sales}/transitiveMembers`)];
            assert.deepEqual(
                answers.map(({ status }) => status),
                [list, members],
                role,
            );
        }
    });

    it('refuses what is no id', async () => {
        const { status, body } = await get('/groups/Sales');
        assert.deepEqual([status, body.error.code], [400, 'Request_BadRequest']);
        assert.equal((await get(`/groups/${sales}?$select=shoeSize`)).status, 400);
    });

    it('asks for a permission for groups', async () => {
        for (const path of ['/groups', `/groups/${sales}`, `/groups/${sales}/members`]) {
            const { status, body } = await get(path, {}, await office.appToken(poorApp));
            assert.deepEqual([status, body.error.code], [403, 'Authorization_RequestDenied'], path);
        }
        const user = await office.userToken(account, directoryApp);
        assert.equal((await get(`/groups/${sales}`, {}, user)).status, 200);
    });

    it('tells those who may not read users nothing but their ids', async () => {
        const bearer = await office.appToken(groupApp);
        const path = `/groups/${sales}/${cast}?$count=true&$select=id,mail`;
        const { body } = await get(path, eventual, bearer);
        assert.deepEqual(body.value[0], { id: anna.teamsId, mail: null });
    });
});
