import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { FakeClock } from '../../../support/fake-clock';
import { AppService, verifiedLogin } from './app-service';
import { app, Fixture } from './fixture';

const api = 'PbxAdminApi';

describe('check of the password by PBX Manager in the simulated system', () => {
    let clock: FakeClock;
    let fixture: Fixture;
    let service: AppService;

    beforeEach(async () => {
        clock = new FakeClock();
        service = await AppService.start();
        fixture = await Fixture.start({ clock, app: { ...app, apis: [api] } });
    });
    afterEach(async () => {
        await fixture.stop();
        await service.stop();
    });

    /** The digest of an AppLogin without a user, as a service makes it. */
    function digestOf(name: string, domain: string, challenge: string): string {
        return createHash('sha256').update([name, domain, '', '', '', challenge, app.password].join(':')).digest('hex');
    }

    it('has its digest from GetAppLogin, with or without a domain', async () => {
        const client = await fixture.login();
        const ask = { api, mt: 'GetAppLogin', app: app.name, challenge: '1234', src: 'l' };
        const result = { api, mt: 'GetAppLoginResult', app: app.name, src: 'l' };
        const digest = digestOf(app.name, 'firm.example', '1234');
        assert.deepEqual(await client.request(ask), { ...result, domain: 'firm.example', digest });
        fixture.pbx.behaviour.appLoginDomain = 'absent';
        assert.deepEqual(await client.request(ask), { ...result, digest: digestOf(app.name, '', '1234') });
        assert.equal(typeof (await client.request({ ...ask, app: 'nobody' })).error, 'number');
    });

    it('goes to the service over a connection of its own, and tells its answer', async () => {
        fixture.pbx.dialOut(service.url);
        const calling = await service.connection();
        await verifiedLogin(calling, app.password);
        const answer = fixture.pbx.checkLogin('4711');
        const connection = await service.connection();
        const { digest, ...question } = await connection.next();
        const about = { app: 'presence-sync', domain: 'firm.example', challenge: '4711' };
        assert.deepEqual(question, { mt: 'AppCheckLogin', src: 'check', ...about });
        assert.equal(digest, digestOf('presence-sync', 'firm.example', '4711'));
        const closed = once(connection.socket, 'close');
        connection.send({ mt: 'KeepAlive' });
        connection.send({ mt: 'AppCheckLoginResult', src: 'check', ok: true });
        assert.equal((await answer).ok, true);
        await closed;
        assert.equal(clock.waiting, 1);
    });

    it('fails without a URL, a service or an answer', async () => {
        await assert.rejects(fixture.pbx.checkLogin(), /no URL/);
        fixture.pbx.dialOut('http://127.0.0.1:1/sync');
        await assert.rejects(fixture.pbx.checkLogin(), /ECONNREFUSED/);
        fixture.pbx.dialOut(service.url);
        await service.connection();
        const hungUp = assert.rejects(fixture.pbx.checkLogin(), /ended without an answer/);
        (await service.connection()).end();
        await hungUp;
        const silent = assert.rejects(fixture.pbx.checkLogin(), /within 10 s/);
        await (await service.connection()).next();
        await clock.advance(10_000);
        await silent;
    });
});
