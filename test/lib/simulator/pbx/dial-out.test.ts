import assert from 'node:assert/strict';
import { once } from 'node:events';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import type { SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { FakeClock, settle } from '../../../support/fake-clock';
import type { AppClient } from './app-client';
import { AppService, verifiedLogin } from './app-service';
import { anna, app, Fixture } from './fixture';

const subscribeAnna = { api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' };

describe('simulated PBX that calls the App URL', () => {
    let clock: FakeClock;
    let service: AppService;
    let fixture: Fixture;

    beforeEach(async () => {
        clock = new FakeClock();
        service = await AppService.start();
    });
    afterEach(async () => {
        await fixture.stop();
        await service.stop();
    });

    async function dial(options: Partial<SimulatedPbxOptions> = {}): Promise<void> {
        fixture = await Fixture.start({ clock, ...options });
        fixture.pbx.dialOut(service.url);
    }

    /** A connection after PbxInfo and AppInfo. */
    async function welcomed(): Promise<AppClient> {
        const connection = await service.welcome(app.password);
        await connection.next();
        await connection.next();
        return connection;
    }

    async function hungUp(connection: AppClient, problem: RegExp): Promise<void> {
        const [code] = (await once(connection.socket, 'close')) as [number];
        assert.equal(code, 1008);
        while (fixture.pbx.call?.phase !== 'waiting') await settle();
        assert.match(fixture.pbx.call.problem ?? '', problem);
        assert.equal(fixture.pbx.connections, 0);
    }

    describe('login', () => {
        it('names the app of the URL, the App object and the system', async () => {
            await dial();
            const { digest, guid, ...login } = await verifiedLogin(await service.connection(), app.password);
            assert.deepEqual(service.paths, ['/firm.example/sync']);
            assert.match(String(guid), /^[0-9a-f]{32}$/);
            assert.deepEqual(login, {
                mt: 'AppLogin',
                app: 'presence-sync',
                domain: 'firm.example',
                sip: app.name,
                dn: app.name,
                info: {
                    ...{ appobj: app.name, appdn: app.name, appurl: service.url },
                    ...{ pbx: 'pbx-main', cn: app.name, unlicensed: true, apps: [] },
                },
            });
        });

        it('says the same in an odd text', async () => {
            const displayName = 'Präsenz "Süd" \\ 日本';
            await dial({ app: { ...app, displayName }, behaviour: { loginInfo: 'odd' } });
            const connection = await service.connection();
            const login = await verifiedLogin(connection, app.password);
            assert.deepEqual(login.info, {
                ...{ appobj: app.name, appdn: displayName, appurl: service.url },
                ...{ pbx: 'pbx-main', cn: displayName, unlicensed: true, apps: [] },
            });
            assert.ok(!connection.lastText.includes(JSON.stringify(login.info)));
            assert.match(connection.lastText, /Präsenz/);
            assert.match(connection.lastText, /Pr\\u00e4senz/);
            assert.match(connection.lastText, /http:\\\/\\\//);
        });

        it('is followed by PbxInfo and a question about the app', async () => {
            await dial();
            const connection = await service.welcome(app.password);
            assert.deepEqual(await connection.next(), {
                ...{ mt: 'PbxInfo', domain: 'firm.example', pbx: 'pbx-main', pbxDns: 'pbx-main.firm.example' },
                ...{ apis: app.apis, version: '14r2 sr10', build: '1420510' },
            });
            assert.deepEqual(await connection.next(), { mt: 'AppInfo', app: 'presence-sync' });
            assert.deepEqual(fixture.pbx.call, { phase: 'up' });
            assert.equal(fixture.pbx.connections, 1);
            const answer = { mt: 'AppInfoResult', app: 'presence-sync', info: { hidden: true, apis: {} } };
            connection.send(answer);
            while (!fixture.pbx.call?.appInfo) await settle();
            assert.deepEqual(fixture.pbx.call.appInfo, answer);
        });

        it('leaves out versions and the question, if so configured', async () => {
            await dial({ behaviour: { pbxInfo: 'without-version', asksAppInfo: false, keepAlive: 'echo' } });
            const connection = await service.welcome(app.password);
            const { version, build } = await connection.next();
            assert.deepEqual([version, build], [undefined, undefined]);
            assert.deepEqual(await connection.request({ mt: 'KeepAlive' }), { mt: 'KeepAlive' });
        });
    });

    describe('hangs up on a service', () => {
        for (const [what, challenge] of [
            ['too long', 'x'.repeat(17)],
            ['empty', ''],
            ['with an umlaut', 'ü'],
            ['with a control character', 'a\tb'],
            ['a number', 1234],
        ]) {
            it(`whose challenge is ${what}`, async () => {
                await dial();
                const connection = await service.connection();
                await connection.next();
                connection.send({ mt: 'AppChallengeResult', challenge });
                await hungUp(connection, /challenge/);
            });
        }

        for (const result of [{ ok: false }, {}, { ok: 'true' }]) {
            it(`that answers the login with ${JSON.stringify(result)}`, async () => {
                await dial();
                const connection = await service.connection();
                await verifiedLogin(connection, app.password);
                connection.send({ mt: 'AppLoginResult', ...result });
                await hungUp(connection, /refused the login/);
            });
        }

        it('that uses an API before the login', async () => {
            await dial();
            const connection = await service.connection();
            await connection.next();
            connection.send(subscribeAnna);
            await hungUp(connection, /before the login/);
        });

        it('that does not answer', async () => {
            await dial();
            const connection = await service.connection();
            await connection.next();
            const closed = once(connection.socket, 'close');
            await clock.advance(10_000);
            await closed;
            assert.match(fixture.pbx.call?.problem ?? '', /No AppChallengeResult/);
        });

        it('that sends what is no JSON', async () => {
            await dial();
            const connection = await welcomed();
            connection.send('oops');
            assert.equal(await connection.closed(), 1002);
        });
    });

    it('lets the service use the APIs that are ticked', async () => {
        await dial();
        const connection = await welcomed();
        assert.equal((await connection.request(subscribeAnna)).mt, 'SubscribePresenceResult');
        await connection.next();
        await connection.next();
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        const [entry] = (await connection.next()).presence as object[];
        assert.deepEqual(entry, { contact: 'tel:', status: 'open', activity: 'dnd' });
        assert.equal(fixture.pbx.subscriptions, 1);
        connection.end();
        while (fixture.pbx.connections > 0) await settle();
        assert.equal(fixture.pbx.subscriptions, 0);
    });

    it('loses a request that does not wait for PbxInfo', async () => {
        await dial();
        const connection = await service.connection();
        await verifiedLogin(connection, app.password);
        fixture.pbx.behaviour.latency = 100;
        connection.send({ mt: 'AppLoginResult', ok: true });
        connection.send(subscribeAnna);
        while (fixture.pbx.traffic.received.of('SubscribePresence') < 1) await settle();
        fixture.pbx.behaviour.latency = 0;
        await clock.advance(100);
        assert.equal((await connection.next()).mt, 'PbxInfo');
        assert.equal((await connection.next()).mt, 'AppInfo');
        assert.equal((await connection.request({ ...subscribeAnna, src: 't' })).src, 't');
    });

    it('calls again some time after each end', async () => {
        await dial({ behaviour: { redialAfter: 5_000 } });
        (await welcomed()).end();
        while (fixture.pbx.call?.phase !== 'waiting') await settle();
        await clock.advance(4_999);
        assert.equal(fixture.pbx.call.phase, 'waiting');
        await clock.advance(1);
        await welcomed();
        assert.equal(fixture.pbx.call.phase, 'up');
        fixture.pbx.dropConnections();
        while (fixture.pbx.call.phase !== 'waiting') await settle();
        await clock.advance(5_000);
        await welcomed();
        assert.deepEqual([fixture.pbx.traffic.connections, fixture.pbx.traffic.logins], [3, 3]);
    });

    it('calls again where nobody listens', async () => {
        await dial();
        fixture.pbx.dialOut('http://127.0.0.1:1/sync');
        while (fixture.pbx.call?.phase !== 'waiting') await settle();
        assert.match(fixture.pbx.call.problem ?? '', /ECONNREFUSED/);
        assert.equal(clock.waiting, 1);
    });

    it('hangs up and calls nobody once it has no URL', async () => {
        await dial();
        const connection = await welcomed();
        const closed = connection.closed();
        fixture.pbx.dialOut(undefined);
        assert.equal(await closed, 1006);
        assert.deepEqual([fixture.pbx.call, clock.waiting], [undefined, 0]);
    });

    it('calls while it runs only', async () => {
        await dial();
        const connection = await welcomed();
        const closed = connection.closed();
        await fixture.pbx.stop();
        await closed;
        assert.deepEqual([fixture.pbx.call, clock.waiting], [undefined, 0]);
        await fixture.pbx.start();
        await welcomed();
    });

    it('calls over TLS, with a look at the certificate only if so configured', async () => {
        const authority = await CertificateAuthority.create();
        const safe = await AppService.start(await authority.issue(['127.0.0.1']));
        try {
            fixture = await Fixture.start({ clock });
            fixture.pbx.dialOut(safe.url);
            await safe.welcome(app.password);
            fixture.pbx.dialOut(safe.url, authority.certificate);
            await safe.welcome(app.password);
            fixture.pbx.dialOut(safe.url, (await CertificateAuthority.create()).certificate);
            while (fixture.pbx.call?.phase !== 'waiting') await settle();
            assert.match(fixture.pbx.call.problem ?? '', /certificate/);
        } finally {
            await safe.stop();
        }
    });

    for (const url of [
        'http://192.0.2.1/app',
        'https://example.com/app',
        'ws://127.0.0.1/app',
        'app',
        'http://127.0.0.1/',
    ]) {
        it(`refuses the URL ${url}`, async () => {
            fixture = await Fixture.start({ clock });
            assert.throws(() => fixture.pbx.dialOut(url));
        });
    }
});
