import assert from 'node:assert/strict';
import { manyPeople } from '../../../../lib/simulator/person';
import { TenantDirectory } from '../../../../lib/simulator/tenant/tenant-directory';
import { FakeClock } from '../../../support/fake-clock';
import { type Answer, account, anna, ben, person, TenantFixture } from './tenant-fixture';

const eva = person(7, 'Eva Neu');
const eventual = { consistencylevel: 'eventual' };
const otherPlan = '4a51bca5-1eff-43f5-878c-177680f191af';

describe('People who come and go', () => {
    let office: TenantFixture;
    let token: string;

    beforeEach(async () => {
        office = await TenantFixture.start();
        token = await office.appToken();
    });
    afterEach(() => office.stop());

    const get = (path: string, headers: Record<string, string> = {}) =>
        office.graph(token, 'GET', path, undefined, headers);
    const presence = (id: string) => get(`/users/${id}/presence`);

    it('lists and shows a joiner', async () => {
        office.tenant.addPerson(eva);
        assert.equal((await get('/users')).body.value.at(-1)!.mail, eva.mail);
        assert.equal((await presence(eva.teamsId)).body.availability, 'Available');
        assert.throws(() => office.tenant.addPerson(eva), /already has/);
        assert.throws(() => office.tenant.addPerson({ ...person(9), mail: anna.mail }), /already has/);
    });

    it('forgets a leaver', async () => {
        office.tenant.removePerson(ben.teamsId);
        assert.equal((await get('/users')).body.value.length, 3);
        for (const path of [`/users/${ben.teamsId}`, `/users/${ben.mail}`, `/users/${ben.teamsId}/presence`])
            assert.equal((await get(path)).status, 404, path);
        assert.throws(() => office.tenant.presenceOf(ben.teamsId));
        assert.throws(() => office.tenant.removePerson(ben.teamsId), /no user/);
    });

    it('does not let a leaver sign in', async () => {
        office.tenant.removePerson(anna.teamsId);
        const form = { grant_type: 'password', client_id: 'aaaaaaaa-0000-4000-8000-000000000002', scope: 'openid' };
        const { body } = await office.token({ ...form, username: anna.mail, password: 'password of Anna' });
        assert.deepEqual(body.error_codes, [50034]);
    });

    it('knows a user by the new address only', async () => {
        office.tenant.updatePerson(anna.teamsId, { mail: 'Anna.Neu@new.example' });
        assert.equal((await get(`/users/${anna.mail}`)).status, 404);
        const { body } = await get('/users/anna.neu@new.example?$select=id,proxyAddresses,mailNickname');
        assert.equal(body.id, anna.teamsId);
        assert.deepEqual(body.proxyAddresses, ['SMTP:Anna.Neu@new.example']);
        assert.equal(body.mailNickname, 'Anna.Neu');
        assert.equal((await office.send('GET', '/new.example/v2.0/.well-known/openid-configuration')).status, 200);
    });

    it('never gives away an address twice, and never changes an id', () => {
        assert.throws(() => office.tenant.updatePerson(anna.teamsId, { mail: ben.mail }), /already has/);
        assert.throws(() => office.tenant.updatePerson(anna.teamsId, { teamsId: ben.teamsId }), /never changes/);
        assert.throws(() => office.tenant.updatePerson(eva.teamsId, { name: 'x' }), /no user/);
    });

    it('keeps a plan that was taken away, as deleted, and takes the presence with it', async () => {
        office.tenant.setPlans(anna.teamsId, [otherPlan]);
        const { body } = await get(`/users/${anna.teamsId}?$select=assignedPlans`);
        const plans = body.assignedPlans as Record<string, string>[];
        assert.deepEqual(
            plans.map(plan => [plan.servicePlanId, plan.capabilityStatus]),
            [
                ['57ff2da0-773e-42df-b2af-ffb7a2317929', 'Deleted'],
                [otherPlan, 'Enabled'],
            ],
        );
        assert.equal((await presence(anna.teamsId)).body.availability, 'PresenceUnknown');
        office.tenant.setPlans(anna.teamsId, ['304767db-7d23-49e8-a945-4a7eb65f9f28']);
        assert.equal((await presence(anna.teamsId)).body.availability, 'Available');
    });

    it('can give a communication user a licence', async () => {
        const { body } = await get(`/users/${account.username}`);
        assert.equal((await presence(body.id)).body.availability, 'PresenceUnknown');
        office.tenant.setPlans(body.id, ['57ff2da0-773e-42df-b2af-ffb7a2317929']);
        assert.equal((await presence(body.id)).body.availability, 'Available');
    });

    it('finds users by plan, as an advanced query', async () => {
        office.tenant.setPlans(ben.teamsId, []);
        const condition =
            "p:p/servicePlanId eq 57ff2da0-773e-42df-b2af-ffb7a2317929 and p/capabilityStatus eq 'Enabled'";
        const path = `/users?$select=id&$filter=${encodeURIComponent(`assignedPlans/any(${condition})`)}`;
        const { body } = await get(`${path}&$count=true`, eventual);
        assert.deepEqual(
            body.value.map(user => user.id),
            [anna.teamsId],
        );
        assert.equal(body['@odata.count'], 1);
        for (const refused of [await get(`${path}&$count=true`), await get(path, eventual)]) {
            assert.equal(refused.status, 400);
            assert.equal(refused.body.error.code, 'Request_UnsupportedQuery');
        }
    });

    it('finds users by address, and refuses filters that it does not know', async () => {
        const { body } = await get(`/users?$filter=mail eq '${anna.mail.toUpperCase()}'`);
        assert.deepEqual(
            body.value.map(user => user.id),
            [anna.teamsId],
        );
        for (const filter of ['a', "mail eq 'x", 'assignedPlans/any(p:p/colour eq 1)'])
            assert.equal((await get(`/users?$filter=${filter}&$count=true`, eventual)).status, 400, filter);
    });

    it('counts users for those who accept a count from the index', async () => {
        const { text, headers } = await get('/users/$count', eventual);
        assert.deepEqual([text, headers['content-type']], ['4', 'text/plain']);
        assert.equal((await get('/users/$count')).body.error.code, 'Request_BadRequest');
        assert.equal((await get('/users?$count=true', eventual)).body['@odata.count'], 4);
        assert.equal((await get('/users?$count=true')).body['@odata.count'], undefined);
    });

    it('neither skips nor repeats anybody when people come and go between two pages', async () => {
        const first = await get('/users?$top=2');
        office.tenant.removePerson(anna.teamsId);
        office.tenant.addPerson(eva);
        const { body }: Answer = await get(first.body['@odata.nextLink']!);
        assert.deepEqual(
            body.value.map(user => user.userPrincipalName),
            [account.username, 'sync-2@office.example'],
        );
        assert.equal((await get(body['@odata.nextLink']!)).body.value[0]!.id, eva.teamsId);
    });

    it('takes no longer for a change the more users there are', () => {
        const clock = new FakeClock();
        const time = (count: number) => {
            const people = manyPeople(count);
            const directory = new TenantDirectory(people, [], clock);
            const begin = process.cpuUsage();
            for (const each of people.slice(0, 1_000)) {
                directory.update(each.teamsId, { name: 'Somebody Else' });
                directory.remove(each.teamsId, 'changed');
            }
            const { user, system } = process.cpuUsage(begin);
            return user + system;
        };
        const best = (count: number) => Math.min(time(count), time(count), time(count));
        const [small, large] = [best(2_000), best(50_000)];
        assert.ok(large < 10 * small, `${large} µs of CPU for 50,000 users, ${small} µs for 2,000`);
    });
});
