import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { type AppClient, type Credentials, loginFrame } from './app-client';
import { app, Fixture } from './fixture';

const right: Credentials = { app: app.name, password: app.password };

describe('login to the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.connect();
    });
    afterEach(() => fixture.stop());

    const infos = [undefined, '{}', '{"cn":"Jürgen"}', '{ "b" : "\\u00fc\\/",\n "a":[1, {"info":"}"}] }'];
    for (const info of infos) {
        it(`accepts the App object's password, info ${JSON.stringify(info)}`, async () => {
            const login = { ...right, domain: 'firm.example', sip: app.name, guid: '0'.repeat(32), dn: 'Zoë', info };
            const result = await client.login(login);
            assert.deepEqual(result, { mt: 'AppLoginResult', app: app.name, ok: true });
        });
    }

    it('accepts a login that names the app only', async () => {
        const { digest } = JSON.parse(loginFrame(right, await client.challenge())) as { digest: string };
        const result = await client.request({ mt: 'AppLogin', app: app.name, digest });
        assert.equal(result.ok, true);
    });

    it('gives every connection a challenge of its own, 16 characters long', async () => {
        const [one, other] = [await client.challenge(), await (await fixture.connect()).challenge()];
        assert.match(one, /^[0-9a-f]{16}$/);
        assert.notEqual(one, other);
    });

    it('gives another challenge when asked again, and forgets the first', async () => {
        const first = await client.challenge();
        assert.notEqual(await client.challenge(), first);
        client.send(loginFrame(right, first));
        await refused(client);
    });

    it('refuses a wrong password [D5]', async () => {
        client.send(loginFrame({ ...right, password: 'another' }, await client.challenge()));
        await refused(client);
    });

    it('refuses an unknown app, even with a right digest', async () => {
        client.send(loginFrame({ ...right, app: 'another' }, await client.challenge()));
        await refused(client);
    });

    it('refuses a digest in capitals', async () => {
        const frame = JSON.parse(loginFrame(right, await client.challenge())) as { digest: string };
        client.send({ ...frame, digest: frame.digest.toUpperCase() });
        await refused(client);
    });

    it('refuses a digest that was made of other fields', async () => {
        const frame = JSON.parse(loginFrame(right, await client.challenge())) as object;
        client.send({ ...frame, dn: 'somebody' });
        await refused(client);
    });

    it('refuses an info that was serialised anew', async () => {
        const frame = loginFrame({ ...right, info: '{"b":1,"a":2}' }, await client.challenge());
        client.send(frame.replace('{"b":1,"a":2}', '{"a":2,"b":1}'));
        await refused(client);
    });

    it('refuses a login before the challenge', async () => {
        client.send(loginFrame(right, ''));
        await refused(client);
    });

    it('refuses a second login with the same challenge', async () => {
        const frame = loginFrame(right, await client.challenge());
        client.send(frame);
        assert.equal((await client.next()).ok, true);
        client.send(frame);
        await refused(client);
    });

    it("refuses another connection's challenge", async () => {
        const other = await fixture.connect();
        await other.challenge();
        other.send(loginFrame(right, await client.challenge()));
        await refused(other);
    });
});

describe('rules of the App websocket', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.connect();
    });
    afterEach(() => fixture.stop());

    it('ends a connection that uses an API before the login', async () => {
        client.send({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt' });
        assert.equal(await client.closed(), 1008);
    });

    for (const [what, sent] of [
        ['malformed JSON', '{"mt":'],
        ['an array', '[]'],
        ['null', 'null'],
        ['a string', '"AppChallenge"'],
    ]) {
        it(`ends a connection that sends ${what}`, async () => {
            client.send(sent!);
            assert.equal(await client.closed(), 1002);
        });
    }

    it('ends a connection that sends binary data', async () => {
        client.socket.send(Buffer.from('{"mt":"AppChallenge"}'));
        assert.equal(await client.closed(), 1003);
    });

    it('does not look at what comes after the message that ended the connection', async () => {
        client.send('oops');
        client.send({ mt: 'AppChallenge' });
        assert.equal(await client.closed(), 1002);
    });

    it('takes 65,535 bytes and no more', async () => {
        const frame = (length: number) => `{"mt":"AppChallenge","x":"${'x'.repeat(length - 29)}"}`.padEnd(length);
        assert.equal(frame(65_535).length, 65_535);
        client.send(frame(65_535));
        assert.equal((await client.next()).mt, 'AppChallengeResult');
        client.send(frame(65_536));
        assert.equal(await client.closed(), 1009);
    });

    it('puts a message in fragments together', async () => {
        client.socket.send('{"mt":"App', { fin: false });
        client.socket.send('Challenge"}', { fin: true });
        assert.equal((await client.next()).mt, 'AppChallengeResult');
    });

    it('answers nothing that it does not know, nor KeepAlive if so configured', async () => {
        fixture.pbx.behaviour.keepAlive = 'silent';
        const session = await fixture.login();
        for (const frame of [
            { mt: 'KeepAlive' },
            { mt: 'MakeCoffee', src: '1' },
            { mt: 7 },
            {},
            { api: 'PbxApi', mt: 'MakeCoffee' },
            { api: 'PbxTableUsers', mt: 'MakeCoffee' },
            { api: 7, mt: 'SubscribePresence', sip: 'anna.brandt' },
        ]) {
            session.send(frame);
        }
        await session.nothing();
    });

    it('echoes KeepAlive, by which clients live that want to hear something each second [D3]', async () => {
        const session = await fixture.login();
        assert.deepEqual(await session.request({ mt: 'KeepAlive' }), { mt: 'KeepAlive' });
    });

    it('repeats src in the result', async () => {
        assert.equal((await client.request({ mt: 'AppChallenge', src: 'x 1' })).src, 'x 1');
    });

    it('answers a ping', async () => {
        client.socket.ping('hello');
        assert.equal(String((await once(client.socket, 'pong'))[0]), 'hello');
    });

    for (const path of ['/', '/PBX0/APPS', '/pbx0/apps/websocket', '/PBX0/APPS/websocket/']) {
        it(`answers an upgrade at ${path} with 404`, async () => {
            const socket = new WebSocket(new URL(path, fixture.pbx.url));
            const [error] = (await once(socket, 'error')) as [Error];
            assert.match(error.message, /404/);
        });
    }

    it('answers plain HTTP with 404', async () => {
        const get = request(fixture.pbx.url.replace('ws:', 'http:')).end();
        const [response] = (await once(get, 'response')) as [{ statusCode: number; resume(): void }];
        response.resume();
        assert.equal(response.statusCode, 404);
    });
});

async function refused(client: AppClient): Promise<void> {
    const result = await client.next();
    assert.equal(result.mt, 'AppLoginResult');
    assert.equal(result.ok, undefined);
    assert.equal(typeof result.error, 'string');
    assert.equal(typeof result.errorText, 'string');
    await client.closed();
}
