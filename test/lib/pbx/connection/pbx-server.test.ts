import assert from 'node:assert/strict';
import { once } from 'node:events';
import { AppClient, type Credentials, loginFrame } from '../../simulator/pbx/app-client';
import { MyAppsClient, type MyAppsUser } from '../../simulator/pbx/my-apps-client';
import { turns, until } from '../pbx-bench';
import { app, LinksBench } from './links-bench';
import { nonsenseFrame, randomNumbers } from './nonsense';

const info = '{"appobj":"presence-sync","pbx":"pbx-main","apps":[]}';
const caller: Credentials = { app: 'presence-sync', password: app.password, sip: 'presence-sync', dn: 'Präsenz', info };
const anna: MyAppsUser = {
    ...{ sip: 'anna.brandt', dn: 'Anna Brandt', guid: 'b'.repeat(32) },
    ...{ domain: 'firm.example', pbxObj: 'presence-sync' },
};
const pbxInfo = { mt: 'PbxInfo', pbx: 'pbx-main', domain: 'firm.example', apis: ['PbxApi'] };

describe('The endpoint that PBXs call', () => {
    let bench: LinksBench;
    const clients: AppClient[] = [];

    afterEach(async () => {
        for (const client of clients.splice(0)) client.end();
        await bench.stop();
    });

    /** Listens, and no PBX calls. */
    async function listen(settings = {}): Promise<void> {
        bench = await LinksBench.create('server', {}, settings);
        bench.links.start();
    }

    async function connect(): Promise<AppClient> {
        const client = await AppClient.open(bench.appUrl.replace('http', 'ws').replace(/\/[^/]*$/, ''));
        clients.push(client);
        return client;
    }

    async function pbxCalls(told: object = pbxInfo): Promise<AppClient> {
        const client = await connect();
        assert.equal((await client.login(caller)).ok, true);
        client.send(told);
        return client;
    }

    async function fetched(name: string, init?: RequestInit): Promise<Response> {
        return fetch(bench.appUrl.replace(/[^/]*$/, name), init);
    }

    for (const loginInfo of ['plain', 'odd'] as const) {
        for (const version of ['full', 'without-version'] as const) {
            it(`lets a PBX in (info ${loginInfo}, PbxInfo ${version})`, async () => {
                bench = await LinksBench.online('server', { behaviour: { loginInfo, pbxInfo: version } });
                const { apis, version: told } = bench.links.master!.info;
                assert.deepEqual(apis, app.apis);
                assert.equal(told !== undefined, version === 'full');
                await until(() => bench.pbx.call?.appInfo !== undefined);
                assert.deepEqual(bench.pbx.call?.appInfo, {
                    mt: 'AppInfoResult',
                    app: 'presence-sync',
                    info: { hidden: true, apis: {} },
                    serviceInfo: { apis: {} },
                });
            });
        }
    }

    it('gives another challenge each time, of characters that every PBX takes', async () => {
        await listen();
        const client = await connect();
        const challenges = [await client.challenge(), await client.challenge()];
        for (const challenge of challenges) assert.match(challenge, /^\d{16}$/);
        assert.notEqual(challenges[0], challenges[1]);
    });

    it('tells users in words that there is nothing for them', async () => {
        await listen();
        const user = await MyAppsClient.open(bench.appUrl);
        clients.push(user.connection);
        assert.deepEqual(await user.checkBuild(), { mt: 'CheckBuildResult', url: `${bench.appUrl}.htm` });
        const { ok, errorText } = await user.login(app.password, anna);
        assert.equal(ok, undefined);
        assert.equal(errorText, 'This service is for the PBX alone');
        assert.equal(await user.connection.closed(), 1008);
        assert.equal(bench.phase, 'connecting');
        assert.deepEqual(bench.told, []);
    });

    it('keeps quiet about a user who comes before the PBX, by a URL that ends otherwise than the App object [D4]', async () => {
        await listen();
        const user = await MyAppsClient.open(bench.appUrl.replace(/[^/]*$/, 'sync'));
        clients.push(user.connection);
        const { errorText } = await user.login(app.password, { ...anna, sip: 'rico', dn: 'Rico' });
        assert.equal(errorText, 'This service is for the PBX alone');
        assert.equal(await user.connection.closed(), 1008);
        assert.equal(bench.phase, 'connecting');
        assert.ok(bench.log.every(line => line.startsWith('debug')));
        await pbxCalls();
        await until(() => bench.phase === 'online');
    });

    it('takes no PbxInfo from those whom it has refused or not seen log in', async () => {
        await listen();
        const client = await connect();
        client.send(pbxInfo);
        client.send({ mt: 'AppInfo', app: 'presence-sync' });
        client.send({ api: 'PbxApi', mt: 'PresenceUpdate', presence: [] });
        await client.nothing();
        assert.deepEqual(bench.told, []);
    });

    it('refuses a login without a fresh challenge', async () => {
        await listen();
        const client = await connect();
        assert.match(String((await client.request({ mt: 'AppLogin', app: 'presence-sync' })).errorText), /challenge/);
        assert.equal(await client.closed(), 1008);
        const twice = await pbxCalls();
        await until(() => bench.told.length === 1);
        assert.match(String((await twice.login(caller)).errorText), /challenge/);
        await until(() => bench.told.length === 2);
    });

    it('says which App object has called under which name', async () => {
        await listen();
        const client = await connect();
        await client.login({ ...caller, app: 'sync', sip: 'teams', info: '{"appobj":"teams"}' });
        await until(() => bench.phase === 'failed');
        assert.match(bench.error!.message, /calls as App object teams, not presence-sync/);
    });

    it('makes no fuss about a wrong password while the PBX is there', async () => {
        bench = await LinksBench.online('server');
        const client = await connect();
        await client.login({ ...caller, password: 'guess' });
        assert.equal(await client.closed(), 1008);
        assert.equal(bench.phase, 'online');
        assert.ok(bench.log.every(line => line.startsWith('debug')));
    });

    it('keeps nobody who does not log in, or does not say who it is', async () => {
        await listen();
        const silent = await connect();
        const half = await connect();
        await half.login(caller);
        const ended = Promise.all([once(silent.socket, 'close'), once(half.socket, 'close')]);
        await bench.clock.advance(10_000);
        const codes = (await ended).map(([code]) => code as number);
        assert.deepEqual(codes, [1008, 1008]);
        assert.deepEqual(bench.told, []);
    });

    it('answers a KeepAlive with a result, for two echoes would never end', async () => {
        await listen();
        const client = await connect();
        assert.deepEqual(await client.request({ mt: 'KeepAlive', src: 'x' }), { mt: 'KeepAliveResult', src: 'x' });
    });

    it('tells PBX Manager whether both sides have the same password, once', async () => {
        await listen();
        const { digest } = JSON.parse(loginText('1234')) as { digest: string };
        const question = { mt: 'AppCheckLogin', app: 'presence-sync', domain: '', challenge: '1234', src: 's' };
        const right = await connect();
        assert.equal((await right.request({ ...question, digest })).ok, true);
        assert.equal((await right.request({ ...question, digest })).ok, undefined);
        assert.equal(await right.closed(), 1008);
        assert.equal(bench.phase, 'connecting');
        const wrong = await connect();
        assert.equal((await wrong.request({ ...question, digest: 'x' })).ok, undefined);
        assert.equal(await wrong.closed(), 1008);
        assert.equal(bench.error?.code, 'PBX_CALL_REFUSED');
    });

    it('takes a PBX that calls again for one that has lost its connection', async () => {
        await listen();
        const first = await pbxCalls();
        await until(() => bench.phase === 'online');
        await pbxCalls();
        await first.closed();
        await until(() => bench.told.length === 3);
        assert.deepEqual(bench.told, ['up pbx-main', 'down pbx-main', 'up pbx-main']);
        await until(() => bench.phase === 'online');
    });

    it('takes the PBX name from the login where PbxInfo has none, and what PbxInfo says later', async () => {
        await listen();
        const client = await pbxCalls({ mt: 'PbxInfo', domain: 7, apis: 'all' });
        await until(() => bench.phase === 'online');
        assert.equal(bench.links.master?.info.pbx, 'pbx-main');
        assert.equal(bench.links.master?.info.apis, undefined);
        client.send(pbxInfo);
        await until(() => bench.links.master?.info.domain === 'firm.example');
        assert.equal(bench.links.master?.may('PbxTableUsers'), false);
    });

    it('takes for the master the PBX of that name, whoever calls first', async () => {
        await listen({ pbxName: 'pbx-head' });
        await pbxCalls({ ...pbxInfo, pbx: 'pbx-north' });
        await until(() => bench.links.states().length === 2);
        assert.equal(bench.links.master, undefined);
        await pbxCalls({ ...pbxInfo, pbx: 'pbx-head' });
        await until(() => bench.phase === 'online');
        assert.deepEqual(
            bench.links.states().map(({ name, role }) => `${role} ${name}`),
            ['master pbx-head', 'slave pbx-north'],
        );
    });

    it('uses one of two App objects that call from one PBX, and says what to do about the other', async () => {
        await listen();
        await pbxCalls();
        await until(() => bench.phase === 'online');
        const session = bench.links.master;
        for (let call = 0; call < 3; call++) {
            const second = await connect();
            assert.equal((await second.login({ ...caller, sip: 'sync-old', info: '{"appobj":"sync-old"}' })).ok, true);
            second.send(pbxInfo);
            await second.closed();
        }
        assert.equal(bench.links.master, session);
        assert.deepEqual(bench.told, ['up pbx-main']);
        assert.deepEqual(
            bench.log.filter(line => line.startsWith('warn')),
            [
                'warn PBX pbx-main calls as App object presence-sync and as App object sync-old, and only presence-sync is used: clear the tick "Websocket" of the other one, or give it another URL',
            ],
        );
    });

    it('uses another App object once the former has gone', async () => {
        await listen();
        const first = await pbxCalls();
        await until(() => bench.phase === 'online');
        first.end();
        await until(() => bench.phase === 'retrying');
        const second = await connect();
        await second.login({ ...caller, sip: 'sync-new', info: '{"appobj":"sync-new"}' });
        second.send(pbxInfo);
        await until(() => bench.phase === 'online');
        assert.equal(bench.links.master?.app, 'sync-new');
    });

    it('does not say that an API is not ticked of which the PBX has said that it is', async () => {
        await listen();
        await pbxCalls({ ...pbxInfo, apis: ['PbxTableUsers'] });
        await until(() => bench.phase === 'online');
        const session = bench.links.master!;
        const asked = assert.rejects(session.request('PbxTableUsers', 'ReplicateStart', {}), { code: 'PBX_SILENT' });
        await bench.clock.advance(5_000);
        await turns(20);
        await bench.clock.advance(5_000);
        await asked;
    });

    it('says after a minute that nobody has called, and what to do', async () => {
        await listen();
        await bench.clock.advance(59_999);
        assert.equal(bench.phase, 'connecting');
        await bench.clock.advance(1);
        assert.equal(bench.phase, 'retrying');
        assert.match(bench.error!.message, /^No PBX has called yet: in the App object presence-sync, .*"Websocket"$/);
        await pbxCalls();
        await until(() => bench.phase === 'online');
    });

    it('gives the master time to call after a slave', async () => {
        await listen();
        await pbxCalls({ ...pbxInfo, pbx: 'pbx-north' });
        await until(() => bench.told.length === 1);
        await bench.clock.advance(9_000);
        await pbxCalls();
        await until(() => bench.phase === 'online');
        await bench.clock.advance(5_000);
        assert.equal(bench.phase, 'online');
    });

    it('does no more than pass over the nonsense of strangers', async () => {
        bench = await LinksBench.online('server');
        const session = bench.links.master;
        const stranger = await connect();
        const random = randomNumbers(23);
        for (let index = 0; index < 1_000; index++) stranger.send(nonsenseFrame(random));
        stranger.socket.send(Buffer.from([0, 255]));
        stranger.send(`{"mt":"CheckBuild","url":"${'x'.repeat(70_000)}"}`);
        stranger.send(`{"mt":"AppLogin","app":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
        await once(stranger.socket, 'close');
        const huge = await connect();
        const cut = once(huge.socket, 'close');
        huge.send('x'.repeat(2_000_000));
        assert.equal((await cut)[0], 1009);
        assert.equal(bench.links.master, session);
        assert.equal(bench.phase, 'online');
    });

    it('lets nobody in before it is started and after it is stopped', async () => {
        bench = await LinksBench.create('server');
        assert.equal(await (await connect()).closed(), 1013);
        bench.links.start();
        const client = await connect();
        const ended = once(client.socket, 'close');
        await bench.links.stop();
        assert.equal((await ended)[0], 1001);
        assert.equal(await (await connect()).closed(), 1013);
    });

    it('shows a page and an icon, and nothing else', async () => {
        await listen();
        const page = await fetched('presence-sync.htm?lang=de');
        assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
        assert.match(await page.text(), /Hier ist nichts zu tun/);
        const icon = await fetched('presence-sync.png');
        assert.equal(icon.headers.get('content-type'), 'image/png');
        const bytes = Buffer.from(await icon.arrayBuffer());
        assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
        assert.equal(Number(icon.headers.get('content-length')), bytes.length);
        assert.equal((await fetched('presence-sync.png', { method: 'HEAD' })).status, 200);
        for (const name of ['other.htm', 'presence-sync', '%zz', '']) assert.equal((await fetched(name)).status, 404);
        assert.equal((await fetched('presence-sync.htm', { method: 'POST' })).status, 404);
    });

    it('shows both under the name of the App object and under the last part of its URL', async () => {
        await listen({ urlName: 'sync' });
        for (const name of ['sync', 'presence-sync'])
            for (const ending of ['htm', 'png']) assert.equal((await fetched(`${name}.${ending}`)).status, 200);
    });
});

/** An AppLogin without user: its digest is that of AppCheckLogin. */
function loginText(challenge: string): string {
    return loginFrame({ app: 'presence-sync', password: app.password }, challenge);
}
