import assert from 'node:assert/strict';
import type { AppClient } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

const api = 'PbxAdminApi';
const licence = 'App(innovaphone-microsoft365)';

describe('admin API of the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis: [api] }, pbxName: 'hq', systemName: 'firm.example' });
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('tells name and domain of the PBX', async () => {
        const result = await client.request({ api, mt: 'MonitorConfig', src: 'c' });
        assert.deepEqual(result, { api, mt: 'MonitorConfigResult', src: 'c' });
        const { mt, src, domain, pbx } = await client.next();
        assert.deepEqual([mt, src, domain, pbx], ['MonitorConfigInfo', 'c', 'firm.example', 'hq']);
        await client.request({ api, mt: 'MonitorConfig', stop: true });
        assert.equal((await client.request({ api, mt: 'GetPbxConfig' })).loc, 'hq');
    });

    it('tells every change of the configuration until it is stopped, and at the start only if so configured', async () => {
        fixture.pbx.behaviour.configInfo = 'on-change';
        await client.request({ api, mt: 'MonitorConfig', src: 'c' });
        await client.nothing();
        fixture.pbx.config.dns = 'pbx.firm.example';
        const info = { api, mt: 'MonitorConfigInfo', src: 'c', domain: 'firm.example', pbx: 'hq', ip4: '127.0.0.1' };
        assert.deepEqual(await client.next(), { ...info, dns: 'pbx.firm.example' });
        fixture.pbx.config.dns = 'pbx.firm.example';
        await client.nothing();
        await client.request({ api, mt: 'MonitorConfig', src: 'c', stop: true });
        fixture.pbx.config.dns = 'hq.firm.example';
        await client.nothing();
    });

    it('tells where a PBX is, and knows no other', async () => {
        const here = await client.request({ api, mt: 'GetLocation', loc: 'hq' });
        assert.deepEqual([here.http, here.module, here.addr], [fixture.pbx.port, 'PBX0', '127.0.0.1']);
        assert.ok((await client.request({ api, mt: 'GetLocation', loc: 'elsewhere' })).error);
    });

    it('tells who holds a licence, of their own or from the template [D6] [D7]', async () => {
        assert.deepEqual(await check({ guid: anna.guid }), false);
        fixture.pbx.setLicence(anna.guid, licence, true);
        fixture.pbx.setLicence(anna.guid, licence, true);
        assert.deepEqual(await check({ guid: anna.guid }), true);
        assert.deepEqual(await check({ cn: anna.name }), true);
        assert.deepEqual(await check({ h323: 'juergen.vogel' }), false);
        fixture.pbx.setTemplate('Staff', { licences: [licence] });
        fixture.pbx.updatePerson(juergen.guid, { config: 'Staff' });
        assert.deepEqual(await check({ h323: 'juergen.vogel' }), true);
        for (const mt of ['GetAppLics', 'GetPbxLicenses']) {
            const { lic } = await client.request({ api, mt });
            assert.deepEqual((lic as object[])[0], {
                ...{ name: licence, version: '14', count: '2', used: '2', local: '2', slaves: '0', key: '' },
            });
        }
        fixture.pbx.setLicence(anna.guid, licence, false);
        assert.deepEqual(await check({ guid: anna.guid }), false);
        assert.deepEqual(await check({ guid: 'f'.repeat(32) }), undefined);
    });

    it('gives an object, with its template if so asked, and only what was asked for', async () => {
        fixture.pbx.setTemplate('Staff', { groups: ['Everybody'] });
        fixture.pbx.updatePerson(anna.guid, { config: 'Staff', groups: ['Sales'] });
        fixture.pbx.setPresence(anna.guid, { activity: 'busy', note: 'Büro' });
        const object = await client.request({ api, mt: 'GetObject', guid: anna.guid });
        assert.deepEqual([object.h323, object.loc, object.config], ['anna.brandt', 'hq', 'Staff']);
        assert.deepEqual([object.grp, object.emails], [[{ name: 'Sales' }], [{ email: anna.mail }]]);
        assert.deepEqual(object.presence, [{ c: 'tel:', a: 'busy', n: 'Büro' }]);
        const fields = { h323: 'anna.brandt', template: 'with', properties: ['grp'] };
        const groups = await client.request({ api, mt: 'GetObject', src: 'g', ...fields });
        const grp = [{ name: 'Sales' }, { name: 'Everybody' }];
        assert.deepEqual(groups, { api, mt: 'GetObjectResult', src: 'g', grp });
        assert.ok((await client.request({ api, mt: 'GetObject', h323: 'nobody' })).error);
    });

    it('gives the App object itself, by any of its names [D6]', async () => {
        const own = await client.request({ api, mt: 'GetObject', h323: app.name });
        assert.deepEqual([own.h323, own.cn, own.loc, own.pseudo], [app.name, app.name, 'hq', { type: 'app' }]);
        assert.match(String(own.guid), /^[0-9a-f]{32}$/);
        for (const key of ['guid', 'cn']) {
            const same = await client.request({ api, mt: 'GetObject', [key]: own[key], properties: ['h323'] });
            assert.deepEqual(same, { api, mt: 'GetObjectResult', h323: app.name });
        }
        assert.ok((await client.request({ api, mt: 'GetObject' })).error);
    });

    it('lists the App object', async () => {
        const { objects } = await client.request({ api, mt: 'GetAppObjects' });
        assert.deepEqual(
            (objects as { sip: string }[]).map(({ sip }) => sip),
            [app.name],
        );
        const none = await client.request({ api, mt: 'GetAppObjects', uri: 'https://elsewhere' });
        assert.deepEqual(none.objects, []);
    });

    it('finds users by their names, in order [D6]', async () => {
        const search = async (fields: object): Promise<unknown> => {
            const { user } = await client.request({ api, mt: 'SearchUsers', ...fields });
            return (user as { cn: string }[]).map(({ cn }) => cn);
        };
        assert.deepEqual(await search({ cn: '' }), [anna.name, juergen.name]);
        assert.deepEqual(await search({ cn: anna.name }), [juergen.name]);
        assert.deepEqual(await search({ cn: anna.name, includeMatch: true, limit: 1 }), [anna.name]);
    });

    it('is silent about what it does not have', async () => {
        client.send({ api, mt: 'toString' });
        client.send({ api, mt: 'GetCoffee' });
        await client.nothing();
    });

    async function check(who: object): Promise<unknown> {
        return (await client.request({ api, mt: 'CheckAppLic', lic: licence, ...who })).ok;
    }
});
