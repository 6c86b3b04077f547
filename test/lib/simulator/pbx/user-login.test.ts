import assert from 'node:assert/strict';
import { AppClient } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

const admin = 'PbxAdminApi';
const apis = ['PbxApi', 'PbxTableUsers', admin, 'PbxImpersonation', 'RCC', 'Services'];
const write = { api: 'PbxApi', mt: 'SetPresence', activity: 'dnd', src: 'w' };

describe('login of a user at an App object of the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis } });
        client = await login('anna.brandt');
    });
    afterEach(async () => {
        client.end();
        await fixture.stop();
    });

    function login(sip: string): Promise<AppClient> {
        return AppClient.loggedIn(fixture.pbx.url, { app: app.name, password: app.password, sip });
    }

    it('reaches neither tables nor administration nor impersonation', async () => {
        client.send({ api: 'PbxTableUsers', mt: 'ReplicateStart', columns: { guid: {} } });
        client.send({ api: admin, mt: 'GetPbxConfig' });
        client.send({ api: 'PbxImpersonation', mt: 'CreateApi', sip: 'anna.brandt', target: 'PbxApi' });
        client.send({ api: 'Services', mt: 'SubscribeServices' });
        await client.nothing();
        fixture.pbx.behaviour.untickedApi = 'error';
        assert.equal(typeof (await client.request({ api: admin, mt: 'GetPbxConfig' })).error, 'number');
    });

    it('writes for the user and nobody else', async () => {
        assert.ok((await client.request({ ...write, guid: juergen.guid })).error);
        assert.ok((await client.request({ ...write, sip: 'juergen.vogel' })).error);
        assert.equal((await client.request({ ...write, guid: anna.guid })).error, undefined);
        assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'dnd');
        assert.equal(fixture.pbx.presenceOf(juergen.guid).activity, '');
    });

    it("has the user's rights", async () => {
        const subscribe = { api: 'PbxApi', mt: 'SubscribePresence', sip: 'juergen.vogel', src: 's' };
        fixture.pbx.visibility(juergen.guid, { presence: true });
        fixture.pbx.defaultVisibility({});
        await client.request(subscribe);
        await client.nothing();
        const allows = [{ name: 'anna.brandt', presence: true }];
        fixture.pbx.updatePerson(juergen.guid, { allows });
        assert.equal((await client.next()).up, true);
    });

    it('makes alien calls of the user, which end with the connection', async () => {
        const { id } = await client.request({ api: 'PbxApi', mt: 'AddAlienCall' });
        assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [id]);
        fixture.pbx.dropConnections();
        assert.deepEqual(fixture.pbx.alienCalls(anna.guid), []);
        client = await login('anna.brandt');
        fixture.pbx.behaviour.alienCalls = 'kept';
        await client.request({ api: 'PbxApi', mt: 'AddAlienCall' });
        fixture.pbx.dropConnections();
        assert.equal(fixture.pbx.alienCalls(anna.guid).length, 1);
    });

    it('sees no calls but those of the user', async () => {
        assert.equal((await client.request({ api: 'RCC', mt: 'Initialize', calls: true })).h323, 'anna.brandt');
        assert.equal((await client.next()).mt, 'InitializeResult');
        fixture.pbx.startCall(anna.guid);
        fixture.pbx.startCall(juergen.guid);
        await client.nothing();
        assert.ok((await client.request({ api: 'RCC', mt: 'UserInitialize', cn: juergen.name })).error);
        assert.equal((await client.request({ api: 'RCC', mt: 'UserInitialize', cn: anna.name })).error, undefined);
        assert.equal((await client.next()).mt, 'CallInfo');
    });

    it('is refused for a user who does not exist, and is that of the App object with its own name', async () => {
        const stranger = await fixture.connect();
        const result = await stranger.login({ app: app.name, password: app.password, sip: 'nobody' });
        assert.deepEqual([result.ok, typeof result.error], [undefined, 'string']);
        await stranger.closed();
        client = await login(app.name);
        assert.equal((await client.request({ api: admin, mt: 'GetPbxConfig' })).loc, 'pbx-main');
        assert.equal((await client.request({ ...write, guid: juergen.guid })).error, undefined);
    });

    it('takes the place of an earlier login on the same connection', async () => {
        await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'juergen.vogel', src: 's' });
        await client.next();
        await client.next();
        await client.login({ app: app.name, password: app.password });
        assert.equal(fixture.pbx.subscriptions, 0);
        assert.equal((await client.request({ ...write, guid: juergen.guid })).error, undefined);
        await client.nothing();
    });
});
