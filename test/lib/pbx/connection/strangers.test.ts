import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { AppClient, type Credentials } from '../../simulator/pbx/app-client';
import { turns, until } from '../pbx-bench';
import { app, LinksBench } from './links-bench';

const caller: Credentials = {
    app: app.name,
    password: app.password,
    sip: app.name,
    info: JSON.stringify({ pbx: 'pbx-main', appobj: app.name }),
};
const wrong = { ...caller, password: 'guess' };

describe('Strangers at the endpoint that PBXs call', () => {
    let bench: LinksBench;
    const clients: AppClient[] = [];

    afterEach(async () => {
        for (const client of clients.splice(0)) client.end();
        await bench.stop();
    });

    /** Listens, and no PBX calls. */
    async function listen(): Promise<void> {
        bench = await LinksBench.create('server');
        bench.links.start();
    }

    async function connect(localAddress = '127.0.0.1'): Promise<AppClient> {
        const url = bench.appUrl.replace('http', 'ws').replace(/\/[^/]*$/, '');
        const client = await AppClient.open(url, { localAddress });
        clients.push(client);
        return client;
    }

    /** Somebody who tries a wrong password. */
    async function guess(localAddress?: string): Promise<void> {
        const client = await connect(localAddress);
        assert.equal((await inTurn(client.login(wrong))).ok, undefined);
        await client.closed();
    }

    /** What waits for its turn. */
    async function inTurn<T>(answer: Promise<T>): Promise<T> {
        let isOver = false;
        const over = (): void => {
            isOver = true;
        };
        answer.then(over, over);
        for (; !isOver; await turns(5)) await bench.clock.advance(10);
        return answer;
    }

    const warnings = () => bench.log.filter(line => line.startsWith('warn'));

    it('may say little before they log in', async () => {
        await listen();
        const client = await connect();
        let answers = 0;
        client.socket.on('message', () => answers++);
        const closed = once(client.socket, 'close');
        for (let count = 0; count < 500; count++) client.send({ mt: 'KeepAlive', src: 'x' });
        assert.equal((await closed)[0], 1008);
        assert.ok(answers <= 10, String(answers));
        assert.deepEqual(warnings(), []);
    });

    it('may say nothing longer than a PBX does', async () => {
        await listen();
        for (const data of [`{"mt":"KeepAlive","x":"${'x'.repeat(65_600)}"}`, Buffer.alloc(65_600)]) {
            const client = await connect();
            client.socket.send(data);
            assert.equal((await once(client.socket, 'close'))[0], 1009);
        }
    });

    it('are not sent back what is far too long', async () => {
        await listen();
        const client = await connect();
        const long = 'x'.repeat(65_450);
        assert.deepEqual(await client.request({ mt: 'KeepAlive', src: long }), { mt: 'KeepAliveResult' });
        assert.deepEqual(await client.request({ mt: 'CheckBuild', url: long }), { mt: 'CheckBuildResult' });
        assert.deepEqual(warnings(), []);
    });

    it('are refused though their names are far too long', async () => {
        await listen();
        const client = await connect();
        const { mt, app: name, error } = await client.login({ ...wrong, app: 'x'.repeat(60_000) });
        assert.deepEqual({ mt, name, error }, { mt: 'AppLoginResult', name: '', error: 'Name or password is wrong' });
        assert.equal(await client.closed(), 1008);
        assert.equal(bench.error?.code, 'PBX_CALL_REFUSED');
    });

    it('do not keep a PBX out, however many they are, and those that are in stay in [C7]', async () => {
        await listen();
        for (let count = 0; count < 250; count++) await connect();
        bench.pbx.dialOut(bench.appUrl);
        await until(() => bench.phase === 'online');
        const session = bench.links.master;
        for (let count = 0; count < 250; count++) await connect();
        await turns(20);
        assert.equal(bench.links.master, session);
        const open = clients.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
        assert.deepEqual(open, clients.slice(-100));
        assert.deepEqual(bench.crowds, [true]);
        await bench.clock.advance(30_000);
        assert.deepEqual(bench.crowds, [true, false]);
    });

    it('with wrong passwords make one line each, not one per attempt', async () => {
        await listen();
        for (let attempt = 0; attempt < 10; attempt++)
            for (const address of ['127.0.0.1', '127.0.0.2']) await guess(address);
        assert.equal(warnings().length, 2);
        assert.equal(bench.phase, 'failed');
        assert.ok(bench.states.length <= 3, String(bench.states.length));
        for (let last = 10; last < 40; last++) await guess(`127.0.0.${last}`);
        assert.equal(warnings().length, 10);
    });

    it('try passwords one after the other, all of them together, and a PBX is let in all the same [C10]', async () => {
        await listen();
        await guess();
        const begin = bench.clock.monotonic();
        const others = await Promise.all(Array.from({ length: 20 }, () => connect()));
        const answers = others.map(client => client.login(wrong));
        await turns(50);
        const right = await connect();
        const login = right.login(caller);
        assert.deepEqual(
            (await inTurn(Promise.all(answers))).map(({ ok }) => ok),
            Array(20).fill(undefined),
        );
        assert.equal((await inTurn(login)).ok, true);
        const took = bench.clock.monotonic() - begin;
        assert.ok(took >= 20 * 50 && took < 3_000, String(took));
        // The question of PBX Manager is not urgent.
        const check = { mt: 'AppCheckLogin', app: app.name, domain: '', challenge: '1', digest: 'guess' };
        const askers = await Promise.all(Array.from({ length: 5 }, () => connect()));
        const asked = bench.clock.monotonic();
        await inTurn(Promise.all(askers.map(client => client.request(check))));
        assert.ok(bench.clock.monotonic() - asked >= 4 * 500);
    });

    it('keep no PBX waiting that comes from where one has been let in before, unless they come from there too', async () => {
        await listen();
        const before = await connect();
        assert.equal((await before.login(caller)).ok, true);
        before.send({ mt: 'PbxInfo' });
        await turns(20);
        before.end();
        await guess('127.0.0.2');
        const others = await Promise.all(Array.from({ length: 60 }, () => connect('127.0.0.2')));
        const answers = Promise.allSettled(others.map(client => client.login(wrong)));
        await turns(50);
        const begin = bench.clock.monotonic();
        assert.equal((await (await connect()).login(caller)).ok, true);
        assert.equal(bench.clock.monotonic(), begin);
        await guess();
        const last = (await connect()).login(wrong);
        await inTurn(last);
        assert.ok(bench.clock.monotonic() - begin >= 50);
        await inTurn(answers);
    });

    it('who leave give up their turn, so that a PBX is not kept waiting behind them [C10]', async () => {
        await listen();
        await guess();
        for (let count = 0; count < 250; count++) {
            const client = await connect();
            client.login(wrong).catch(() => {});
            await turns(20);
            client.socket.terminate();
            await client.closed();
        }
        const begin = bench.clock.monotonic();
        const right = await connect();
        assert.equal((await inTurn(right.login(caller))).ok, true);
        assert.ok(bench.clock.monotonic() - begin < 1_000);
    });

    it('try one password at a time', async () => {
        await listen();
        await guess();
        const client = await connect();
        const login = client.login(wrong);
        await turns(20);
        client.send({ mt: 'AppCheckLogin', app: app.name, challenge: '1', digest: 'guess' });
        assert.equal((await inTurn(login)).error, 'One at a time');
        await client.closed();
    });

    it('do not hide why the PBX is away', async () => {
        bench = await LinksBench.online('server');
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        for (let attempt = 0; attempt < 5; attempt++) await guess();
        assert.equal(bench.error?.code, 'PBX_CONNECTION_LOST');
        // It may be the PBX all the same.
        assert.equal(warnings().filter(line => /knows another password/.test(line)).length, 1);
        await bench.pbx.start();
        await bench.waitFor(() => bench.phase === 'online');
    });

    it('may be the PBX as long as none has been there since the start', async () => {
        bench = await LinksBench.online('server');
        const stopped = bench.links.stop();
        await bench.clock.advance(1_000);
        await stopped;
        bench.pbx.dialOut(undefined);
        bench.links.start();
        await bench.clock.advance(60_000);
        assert.equal(bench.error?.code, 'PBX_NOT_CALLED');
        await guess();
        assert.equal(bench.error?.code, 'PBX_CALL_REFUSED');
        bench.pbx.dialOut(bench.appUrl);
        await bench.waitFor(() => bench.phase === 'online');
    });

    it('do not hide that the PBX has another name', async () => {
        await listen();
        const client = await connect();
        await client.login(caller);
        client.send({ mt: 'PbxInfo', pbx: 'pbx-head' });
        await until(() => bench.told.length === 1);
        await bench.clock.advance(10_000);
        assert.equal(bench.error?.code, 'PBX_NAME_MISMATCH');
        await guess();
        assert.equal(bench.error?.code, 'PBX_NAME_MISMATCH');
    });
});
