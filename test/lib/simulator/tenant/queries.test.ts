import assert from 'node:assert/strict';
import {
    account,
    anna,
    app,
    ben,
    directoryApp,
    nobody,
    person,
    poorApp,
    TenantFixture,
    tenantId,
} from './tenant-fixture';

const eventual = { consistencylevel: 'eventual' };
const teams = '57ff2da0-773e-42df-b2af-ffb7a2317929';
const cleo = person(2, 'Cleo Brandt');

describe('What clients ask of Graph', () => {
    let office: TenantFixture;
    let token: string;

    before(async () => {
        office = await TenantFixture.start({ people: [ben, anna, cleo], accounts: [account] });
        token = await office.appToken();
    });
    after(() => office.stop());

    const get = (path: string, headers: Record<string, string> = {}) =>
        office.graph(token, 'GET', path, undefined, headers);
    const query = (options: Record<string, string>) => `/users?${new URLSearchParams(options)}`;
    /** The names of who is found, once as an advanced query and once not; or the status of the refusal. */
    const found = async (options: Record<string, string>, headers = {}) => {
        const { status, body } = await get(query(options), headers);
        return status === 200 ? body.value.map(user => user.displayName) : status;
    };
    const advanced = (options: Record<string, string>) => found({ ...options, $count: 'true' }, eventual);
    const isNotSimulated = async (path: string, name: string, method = 'GET') => {
        const { status, body } = await office.graph(token, method, path, method === 'GET' ? undefined : {});
        assert.deepEqual([status, body.error.code], [501, 'NotImplemented'], path);
        assert.ok(body.error.message.startsWith('Not simulated: ') && body.error.message.includes(name), path);
    };

    it('finds users by what a filter says [D10]', async () => {
        for (const [filter, names] of [
            ["displayName eq 'anna brandt'", ['Anna Brandt']],
            [`id eq '${ben.teamsId}'`, ['Ben Vogel']],
            [`id in ('${ben.teamsId}', '${cleo.teamsId}')`, ['Ben Vogel', 'Cleo Brandt']],
            ["startsWith(displayName,'a') or startswith(givenName, 'cl')", ['Anna Brandt', 'Cleo Brandt']],
            ["surname eq 'Brandt' and (givenName eq 'Anna' or givenName eq 'Ben')", ['Anna Brandt']],
            ["userType eq 'Member' and accountEnabled eq true and surname eq 'Vogel'", ['Ben Vogel']],
            ['accountEnabled eq false', []],
            ["userType eq 'Guest'", []],
            [`proxyAddresses/any(x:x eq 'smtp:${anna.mail}')`, ['Anna Brandt']],
            [`proxyAddresses/any(p:startsWith(p,'SMTP:person-1@'))`, ['Ben Vogel']],
            ["businessPhones/any(p:p eq '101')", ['Ben Vogel']],
            [
                "assignedLicenses/any(l:l/skuId eq 3b555118-da6a-4418-894f-7df1e2096870) and surname eq 'Vogel'",
                ['Ben Vogel'],
            ],
            ["createdDateTime ge 2024-01-01T00:00:00Z and displayName eq 'Ben Vogel'", ['Ben Vogel']],
            ['createdDateTime le 2024-01-01T00:00:00Z', []],
            ["mail eq 'o''neill@office.example'", []],
        ] as const) {
            assert.deepEqual(await found({ $filter: filter }), names, filter);
            assert.deepEqual(await advanced({ $filter: filter }), names, filter);
        }
    });

    it('wants the parameters of an advanced query where Graph does', async () => {
        for (const [filter, names] of [
            ["surname ne 'Brandt' and mail ne null", ['Ben Vogel']],
            ["endsWith(userPrincipalName,'0@office.example')", ['Anna Brandt']],
            ["NOT startsWith(displayName,'A') and surname eq 'Brandt'", ['Cleo Brandt']],
            ["companyName eq null and surname eq 'Vogel'", ['Ben Vogel']],
            ["employeeType eq 'Employee'", []],
            ['assignedLicenses/$count eq 0', ['sync-1']],
            ["assignedLicenses/$count ne 0 and surname eq 'Vogel'", ['Ben Vogel']],
            [`assignedPlans/any(p:p/servicePlanId eq ${teams}) and surname eq 'Vogel'`, ['Ben Vogel']],
            ["onPremisesExtensionAttributes/extensionAttribute1 eq 'x'", []],
            ["not(proxyAddresses/any(p:endsWith(p,'office.example')))", ['sync-1']],
        ] as const) {
            assert.deepEqual(await advanced({ $filter: filter }), names, filter);
            const { body } = await get(query({ $filter: filter }));
            assert.equal(body.error?.code, 'Request_UnsupportedQuery', filter);
        }
    });

    it('refuses filters that Graph refuses, and names what is not simulated', async () => {
        for (const filter of [
            'displayName',
            'displayName eq',
            "displayName eq 'a' and",
            "(displayName eq 'a'",
            "displayName eq 'a')",
            'displayName eq a',
            "displayName like 'a'",
            "shoeSize eq '44'",
            "contains(displayName,'a')",
            "endsWith(displayName,'a')",
            "startsWith(id,'a')",
            'accountEnabled gt 1',
            "businessPhones eq '1'",
            "mail/any(x:x eq '1')",
            "proxyAddresses/all(x:x eq '1')",
            "proxyAddresses/any(x:y eq '1')",
            "assignedPlans/any(p:p eq '1')",
            'assignedLicenses/$count gt 3',
            "securityIdentifier eq 'S-1'",
        ])
            assert.equal(await advanced({ $filter: filter }), 400, filter);
        for (const name of ['signInActivity', 'manager', 'employeeOrgData', 'identities'])
            await isNotSimulated(`${query({ $filter: `${name}/id eq 'x'`, $count: 'true' })}`, name);
    });

    it('searches words of names and beginnings of addresses, as an advanced query only [D10]', async () => {
        for (const [search, names] of [
            ['"displayName:brandt"', ['Anna Brandt', 'Cleo Brandt']],
            ['"displayName:bra cle"', ['Cleo Brandt']],
            ['"displayName:rand"', []],
            ['"mail:person-1@" OR "displayName:Anna"', ['Ben Vogel', 'Anna Brandt']],
            ['"displayName:Brandt" AND "userPrincipalName:person-0"', ['Anna Brandt']],
        ] as const)
            assert.deepEqual(await found({ $search: search }, eventual), names, search);
        assert.deepEqual(await advanced({ $search: '"displayName:brandt"', $filter: "givenName eq 'Cleo'" }), [
            'Cleo Brandt',
        ]);
        const { status, body } = await get(query({ $search: '"displayName:brandt"' }));
        assert.equal(status, 400);
        assert.match(body.error.message, /ConsistencyLevel: eventual/);
        for (const search of ['brandt', '"brandt"', '"jobTitle:boss"'])
            assert.equal(await found({ $search: search }, eventual), 400, search);
        const brackets = await get(query({ $search: '("mail:a")' }), eventual);
        assert.equal(brackets.status, 501);
    });

    it('sorts by names, page by page [D10]', async () => {
        const sorted = ['Anna Brandt', 'Ben Vogel', 'Cleo Brandt', 'sync-1'];
        assert.deepEqual(await found({ $orderby: 'displayName' }), sorted);
        assert.deepEqual(await found({ $orderby: 'displayName desc' }), [...sorted].reverse());
        const names: unknown[] = [];
        let next: string | undefined = query({ $orderby: 'displayName', $top: '3' });
        while (next) {
            const { body } = await get(next);
            names.push(...body.value.map(user => user.displayName));
            next = body['@odata.nextLink'];
        }
        assert.deepEqual(names, sorted);
        const both = { $orderby: 'displayName desc', $filter: "surname eq 'Brandt'" };
        assert.deepEqual([await found(both), await advanced(both)], [400, ['Cleo Brandt', 'Anna Brandt']]);
        assert.equal(await found({ $orderby: 'createdDateTime' }), 400);
        assert.equal(((await advanced({ $orderby: 'createdDateTime' })) as unknown[]).length, 4);
        for (const order of ['jobTitle', 'displayName upwards'])
            assert.equal(await advanced({ $orderby: order }), 400, order);
    });

    it('knows that nobody has a manager [D10]', async () => {
        assert.equal(
            (await get(query({ $expand: 'manager($levels=max;$select=id)' }))).body.value[0]!.manager,
            undefined,
        );
        assert.equal((await get(`/users/${anna.teamsId}?$expand=manager`)).status, 200);
        const { status, body } = await get(`/users/${anna.teamsId}/manager`);
        assert.deepEqual([status, body.error.code], [404, 'Request_ResourceNotFound']);
        assert.equal(await advanced({ $expand: 'manager' }), 400);
        await isNotSimulated('/users?$expand=memberOf', 'memberOf');
        assert.equal((await get('/users?$expand=shoes')).status, 400);
    });

    it('has every property of a user, or names it as not simulated [D10]', async () => {
        const directory = await office.appToken(directoryApp);
        const select = 'employeeType,assignedLicenses,provisionedPlans,securityIdentifier,deletedDateTime';
        const { body } = await office.graph(directory, 'GET', `/users/${anna.teamsId}?$select=${select}`);
        assert.equal(body.employeeType, null);
        assert.deepEqual(body.assignedLicenses, [{ disabledPlans: [], skuId: '3b555118-da6a-4418-894f-7df1e2096870' }]);
        assert.match(String(body.securityIdentifier), /^S-1-12-1(-\d+){4}$/);
        await isNotSimulated('/users?$select=id,aboutMe', 'aboutMe');
        await isNotSimulated('/users?$select=id,mailboxSettings', 'mailboxSettings');
        assert.equal((await get('/users?$select=id,shoeSize')).status, 400);
    });

    it('takes keys in brackets, and no options without their dollar [D10]', async () => {
        assert.equal((await get(`/users('${anna.teamsId}')`)).body.displayName, 'Anna Brandt');
        assert.equal((await get(`/users('${anna.mail}')?$select=displayName`)).body.displayName, 'Anna Brandt');
        assert.equal((await get(`/users('${anna.teamsId}')/presence`)).body.id, anna.teamsId);
        assert.equal((await get(`/communications/presences('${anna.teamsId}')`)).body.id, anna.teamsId);
        for (const name of ['top', 'Select', '$Top']) await isNotSimulated(`/users?${name}=1`, name);
        await isNotSimulated(`/users(userPrincipalName='${anna.mail}')`, 'userPrincipalName=');
    });

    it('lists presences by id [D10]', async () => {
        const path = '/communications/presences';
        await isNotSimulated(path, 'all presences');
        const some = await get(`${path}?$filter=id in ('${anna.teamsId}','${nobody}')`);
        assert.deepEqual(
            some.body.value.map(({ id }) => id),
            [anna.teamsId],
        );
        assert.equal((await office.graph(await office.appToken(poorApp), 'GET', path)).status, 403);
        await isNotSimulated(`${path}?$filter=activity eq 'Away'`, 'presences');
        await isNotSimulated(`${path}?$orderby=id`, '$orderby');
    });

    it('shows who is out of office and where people work [D10]', async () => {
        const path = `/users/${cleo.teamsId}/presence`;
        const usual = (await get(path)).body;
        assert.deepEqual(usual.outOfOfficeSettings, { isOutOfOffice: false, message: null });
        assert.deepEqual(usual.workLocation, { workLocationType: 'unspecified', source: 'none', placeId: null });
        const location = { workLocationType: 'office', source: 'scheduled', placeId: 'vienna' } as const;
        office.tenant.setOutOfOffice(cleo.teamsId, 'Back on Monday');
        office.tenant.setWorkLocation(cleo.teamsId, location);
        const { outOfOfficeSettings, workLocation, activity } = (await get(path)).body;
        assert.deepEqual(outOfOfficeSettings, { isOutOfOffice: true, message: 'Back on Monday' });
        assert.deepEqual([workLocation, activity], [location, 'Available']);
        office.tenant.setOutOfOffice(cleo.teamsId, undefined);
        office.tenant.setWorkLocation(cleo.teamsId, undefined);
        assert.deepEqual({ ...(await get(path)).body, '@odata.context': '' }, { ...usual, '@odata.context': '' });
    });

    it('names what Graph has and this tenant has not, and nothing that Graph has not [D10]', async () => {
        const user = `/users/${anna.teamsId}`;
        for (const path of [
            `${user}/memberOf`,
            `${user}/photo/$value`,
            `${user}/calendar/events`,
            '/organization',
            '/teams/1',
        ])
            await isNotSimulated(path, path);
        await isNotSimulated('/communications/calls', '/communications/calls');
        for (const path of [`${user}/getMemberGroups`, `${user}/presence/setManualLocation`, '/users'])
            await isNotSimulated(path, path, 'POST');
        for (const method of ['PATCH', 'DELETE']) await isNotSimulated(user, user, method);
        const directory = await office.appToken(directoryApp);
        for (const [option, name] of [
            ['$orderby=displayName', '$orderby'],
            ['$select=membershipRule', 'membershipRule'],
            ['$filter=securityEnabled eq true', 'securityEnabled'],
            ["$filter=membershipRule eq 'x'", 'membershipRule'],
        ] as const) {
            const { status, body } = await office.graph(directory, 'GET', `/groups?${option}`);
            assert.equal(status, 501, option);
            assert.ok(body.error.message.includes(name), option);
        }
        const follower = await office.userToken(account, app);
        const wanted = {
            changeType: 'updated',
            notificationUrl: 'https://127.0.0.1:1/',
            expirationDateTime: new Date(Date.now() + 3_000_000).toISOString(),
        };
        for (const [resource, status] of [
            ['/users', 501],
            ['communications/callRecords', 501],
            ['/shoes', 400],
            ['communications/presences?$filter=shoes', 400],
        ] as const)
            assert.equal(
                (await office.graph(follower, 'POST', '/subscriptions', { ...wanted, resource })).status,
                status,
            );
        const beta = await office.send('GET', '/beta/users', undefined, { authorization: `Bearer ${token}` });
        assert.deepEqual([beta.status, beta.body.error.code], [501, 'NotImplemented']);
        for (const path of [`${user}/shoes`, `${user}/presence/setShoes`, '/communications/shoes', '/shoes'])
            assert.equal((await get(path)).status, 400, path);
        assert.equal((await get('/users?$shoes=1')).status, 400);
    });

    it('names what Entra has and this tenant has not [D10]', async () => {
        const { status, text } = await office.send('POST', `/${tenantId}/oauth2/token`);
        assert.deepEqual([status, /Not simulated: POST oauth2\/token/.test(text)], [501, true]);
        assert.equal((await office.send('GET', `/${tenantId}/oauth2/shoes`)).status, 404);
    });
});
