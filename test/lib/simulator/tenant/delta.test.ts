import assert from 'node:assert/strict';
import { manyPeople } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import { type Answer, anna, app, ben, nobody, person, poorApp, TenantFixture } from './tenant-fixture';

const day = 86_400_000;
const eva = person(7, 'Eva Neu');
const select = '$select=id,displayName,mail,assignedPlans';

describe('Delta queries for users', () => {
    let clock: FakeClock;
    let office: TenantFixture;
    let token: string;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock, behaviour: { tokenLifetime: 30 * 86_400 } });
        token = await office.appToken();
    });
    afterEach(() => office.stop());

    const get = (path: string, headers: Record<string, string> = {}) =>
        office.graph(token, 'GET', path, undefined, headers);
    /** The link of a round that has just ended. */
    const latest = async (query = select) =>
        (await get(`/users/delta?$deltatoken=latest&${query}`)).body['@odata.deltaLink']!;
    const ids = ({ body }: Answer) => body.value.map(user => user.id);

    it('tells of everybody, and then of nothing', async () => {
        const first = await get('/users/delta');
        assert.equal(first.status, 200);
        assert.equal(first.body.value.length, 4);
        assert.equal(first.body['@odata.nextLink'], undefined);
        const second = await get(first.body['@odata.deltaLink']!);
        assert.deepEqual(second.body.value, []);
        assert.ok(second.body['@odata.deltaLink']);
    });

    it('leaves out properties that never had a value', async () => {
        const { body } = await get('/users/delta?$select=displayName,mail,jobTitle');
        assert.deepEqual(body.value[0], { id: anna.teamsId, displayName: 'Anna Brandt', mail: anna.mail });
        assert.deepEqual(Object.keys(body.value[2]!), ['id', 'displayName']);
    });

    it('has a page size of two hundred, or as preferred, whatever $top says', async () => {
        const firm = await TenantFixture.start({ people: manyPeople(450) });
        try {
            const bearer = await firm.appToken();
            const sizes = async (path: string, headers: Record<string, string>) => {
                const pages: number[] = [];
                for (let next: string | undefined = path; next; ) {
                    const { body } = await firm.graph(bearer, 'GET', next, undefined, headers);
                    pages.push(body.value.length);
                    assert.notEqual(Boolean(body['@odata.nextLink']), Boolean(body['@odata.deltaLink']));
                    next = body['@odata.nextLink'];
                }
                return pages;
            };
            assert.deepEqual(await sizes('/users/delta?$top=5', {}), [200, 200, 53]);
            assert.deepEqual(await sizes('/users/delta', { prefer: 'odata.maxpagesize=300' }), [300, 153]);
        } finally {
            await firm.stop();
        }
    });

    it('tells of joiners, leavers, new names and licences', async () => {
        const link = await latest();
        office.tenant.addPerson(eva);
        office.tenant.updatePerson(anna.teamsId, { name: 'Anna Schmidt' });
        office.tenant.setPlans(anna.teamsId, []);
        office.tenant.removePerson(ben.teamsId);
        const { body } = await get(link);
        const [joiner, renamed, leaver] = body.value;
        assert.equal(body.value.length, 3);
        assert.equal(joiner!.displayName, 'Eva Neu');
        assert.equal(renamed!.displayName, 'Anna Schmidt');
        assert.deepEqual(
            renamed!.assignedPlans.map(plan => plan.capabilityStatus),
            ['Deleted'],
        );
        assert.deepEqual(leaver, { id: ben.teamsId, '@removed': { reason: 'changed' } });
        assert.deepEqual((await get(body['@odata.deltaLink']!)).body.value, []);
    });

    it('says when a leaver cannot be restored', async () => {
        const link = await latest();
        office.tenant.removePerson(ben.teamsId, 'deleted');
        assert.deepEqual((await get(link)).body.value, [{ id: ben.teamsId, '@removed': { reason: 'deleted' } }]);
    });

    it('tells of a restored user as of a joiner', async () => {
        const link = await latest();
        office.tenant.removePerson(ben.teamsId);
        office.tenant.addPerson(ben);
        const { body } = await get(link);
        assert.deepEqual(ids({ body } as Answer), [ben.teamsId]);
        assert.equal(body.value[0]!.mail, ben.mail);
    });

    it('is silent about properties that were not selected', async () => {
        const names = await latest('$select=displayName');
        const numbers = await latest('$select=businessPhones');
        office.tenant.updatePerson(anna.teamsId, { number: '999' });
        assert.deepEqual(ids(await get(names)), []);
        assert.deepEqual(ids(await get(numbers)), [anna.teamsId]);
    });

    it('is silent about a change that changes nothing', async () => {
        const link = await latest();
        office.tenant.updatePerson(anna.teamsId, { name: anna.name });
        assert.deepEqual(ids(await get(link)), []);
    });

    it('gives only what has changed on request, empty values included', async () => {
        const link = await latest('$select=displayName,surname,mail');
        office.tenant.updatePerson(anna.teamsId, { name: 'Anna' });
        const answer = await get(link, { prefer: 'return=minimal' });
        assert.equal(answer.headers['preference-applied'], 'return=minimal');
        assert.deepEqual(answer.body.value, [{ id: anna.teamsId, displayName: 'Anna', surname: null }]);
    });

    it('pages the changes', async () => {
        const link = await latest();
        for (const somebody of [anna, ben]) office.tenant.updatePerson(somebody.teamsId, { name: 'New Name' });
        const first = await get(link, { prefer: 'odata.maxpagesize=1' });
        assert.deepEqual(ids(first), [anna.teamsId]);
        const second = await get(first.body['@odata.nextLink']!, { prefer: 'odata.maxpagesize=1' });
        assert.deepEqual(ids(second), [ben.teamsId]);
        assert.ok(second.body['@odata.deltaLink']);
    });

    it('loses nothing of what happens between the pages of the first round', async () => {
        const small = { prefer: 'odata.maxpagesize=2' };
        const first = await get('/users/delta', small);
        assert.deepEqual(ids(first), [anna.teamsId, ben.teamsId]);
        office.tenant.removePerson(ben.teamsId);
        office.tenant.addPerson(eva);
        const seen: object[] = [];
        let next = first.body['@odata.nextLink'];
        while (next) {
            const { body } = await get(next, small);
            seen.push(...body.value);
            next = body['@odata.nextLink'];
        }
        assert.deepEqual(seen.slice(-2)[0], { id: ben.teamsId, '@removed': { reason: 'changed' } });
        assert.ok(seen.some(user => 'id' in user && user.id === eva.teamsId));
    });

    it('repeats itself on demand', async () => {
        const link = await latest();
        office.tenant.replayPerson(anna.teamsId);
        assert.deepEqual(ids(await get(link)), [anna.teamsId]);
    });

    it('answers an old link again: it is the client who moves on', async () => {
        const link = await latest();
        office.tenant.updatePerson(anna.teamsId, { name: 'Anna Neu' });
        assert.deepEqual(ids(await get(link)), ids(await get(link)));
    });

    it('follows single users', async () => {
        const filter = encodeURIComponent(`id eq '${anna.teamsId}' or id eq '${nobody}'`);
        const first = await get(`/users/delta?$filter=${filter}&$select=displayName`);
        assert.deepEqual(ids(first), [anna.teamsId]);
        office.tenant.updatePerson(ben.teamsId, { name: 'Ben Neu' });
        assert.deepEqual(ids(await get(first.body['@odata.deltaLink']!)), []);
    });

    it('sends everybody back to the start after a reset', async () => {
        const link = await latest();
        office.tenant.expireDeltaTokens();
        const { status, body, headers } = await get(link);
        assert.equal(status, 410);
        assert.equal(body.error.code, 'resyncRequired');
        assert.match(headers.location!, /\/v1\.0\/users\/delta\?\$deltatoken=&\$select=/);
        assert.equal((await get(headers.location!)).body.value.length, 4);
    });

    it('forgets tokens after seven days', async () => {
        const link = await latest();
        await clock.advance(7 * day - 1);
        assert.equal((await get(link)).status, 200);
        await clock.advance(1);
        const { status, body } = await get(link);
        assert.equal(status, 400);
        assert.equal(body.error.code, 'syncStateNotFound');
    });

    it('still knows all changes of the last seven days', async () => {
        const link = await latest();
        office.tenant.updatePerson(anna.teamsId, { name: 'Anna Eins' });
        await clock.advance(6 * day);
        const later = await latest();
        for (let round = 0; round < 5; round++) office.tenant.updatePerson(ben.teamsId, { name: `Ben ${round}` });
        assert.deepEqual(ids(await get(link)), [anna.teamsId, ben.teamsId]);
        await clock.advance(3 * day);
        office.tenant.updatePerson(anna.teamsId, { name: 'Anna Zwei' });
        assert.deepEqual(ids(await get(later)), [ben.teamsId, anna.teamsId]);
    });

    it('refuses damaged tokens, and tokens in the wrong place', async () => {
        const link = await latest();
        for (const wrong of [`${link.slice(0, -1)}!`, link.replace('$deltatoken', '$skiptoken')]) {
            const { status, body } = await get(wrong);
            assert.deepEqual([status, body.error.code], [400, 'syncStateNotFound']);
        }
    });

    it('refuses what delta queries cannot do', async () => {
        const next = (await get('/users/delta', { prefer: 'odata.maxpagesize=1' })).body['@odata.nextLink']!;
        const tooMany = Array.from({ length: 51 }, () => `id eq '${nobody}'`).join(' or ');
        for (const path of [
            `${next}&$select=id`,
            '/users/delta?$orderby=displayName',
            '/users/delta?$expand=manager',
            '/users/delta?$skip=1',
            '/users/delta?$select=shoeSize',
            "/users/delta?$filter=displayName eq 'Anna'",
            `/users/delta?$filter=${tooMany}`,
        ])
            assert.equal((await get(path)).status, 400, path);
    });

    it('is for those who may read all of every user', async () => {
        const refused = await office.graph(await office.appToken(poorApp), 'GET', '/users/delta');
        assert.equal(refused.status, 403);
        assert.equal(refused.body.error.code, 'Authorization_RequestDenied');
        const user = await office.userToken({ username: anna.mail, password: 'password of Anna' }, app);
        assert.equal((await office.graph(user, 'GET', '/users/delta')).status, 403);
    });
});
