import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { PbxSystem } from '../../../../lib/pbx/pbx-system';
import { SimulatedPbx } from '../../../../lib/simulator/pbx/simulated-pbx';
import { FakeClock } from '../../../support/fake-clock';
import { PbxBench, turns, until } from '../pbx-bench';

describe('The connection to the PBX', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function failed(): Promise<void> {
        await until(() => bench.phase === 'failed' || bench.phase === 'retrying');
    }

    for (const [what, settings] of [
        ['password', { password: 'guess' }],
        ['name', { appName: 'someone' }],
    ] as const) {
        it(`says that the ${what} of the App object is wrong, and asks again once a minute`, async () => {
            bench = await PbxBench.create({}, settings);
            bench.system.start();
            await failed();
            assert.equal(bench.phase, 'failed');
            assert.equal(bench.error?.code, 'PBX_LOGIN_REFUSED');
            assert.ok(!bench.log.join().includes('guess'));
            await bench.clock.advance(59_000);
            await bench.quiet();
            assert.equal(bench.states.length, 2);
            await bench.clock.advance(1_000);
            await until(() => bench.states.length === 3);
        });
    }

    it('is online a minute after the administrator has corrected the PBX', async () => {
        bench = await PbxBench.create();
        Object.assign(bench.pbx.app, { password: 'old' });
        bench.system.start();
        await failed();
        Object.assign(bench.pbx.app, { password: 'pässword' });
        await bench.clock.advance(60_000);
        await until(() => bench.phase === 'online');
        assert.match(bench.log.at(-1)!, /^info .*connected again$/);
    });

    for (const api of ['PbxTableUsers', 'PbxApi']) {
        it(`names ${api} when it is not ticked in the App object`, async () => {
            const apis = ['PbxTableUsers', 'PbxApi'].filter(name => name !== api);
            bench = await PbxBench.create({ app: { name: 'presence-sync', password: 'pässword', apis } });
            bench.system.start();
            await bench.quiet();
            await bench.clock.advance(9_900);
            assert.equal(bench.phase, 'connecting');
            await bench.clock.advance(100);
            await failed();
            assert.equal(bench.phase, 'failed');
            assert.equal(
                bench.error?.message,
                `App object presence-sync may not use ${api}: tick it in the App object of the PBX`,
            );
        });
    }

    it('says so when the PBX refuses the user table', async () => {
        bench = await PbxBench.create({
            app: { name: 'presence-sync', password: 'pässword', apis: [] },
            behaviour: { untickedApi: 'error' },
        });
        bench.system.start();
        await failed();
        assert.equal(bench.error?.code, 'PBX_TABLE_REFUSED');
    });

    it('lists everybody whose subscription is refused', async () => {
        bench = await PbxBench.create({
            app: { name: 'presence-sync', password: 'pässword', apis: ['PbxTableUsers'] },
            behaviour: { untickedApi: 'error' },
        });
        bench.system.start();
        await until(() => bench.phase === 'online');
        await bench.clock.advance(1_000);
        const unfollowed = [...bench.system.unfollowed];
        assert.equal(unfollowed.length, 8);
        assert.match(unfollowed[0]!.reason.message, /may not use this API/);
        const lines = bench.log.filter(line => line.includes('may not use this API'));
        assert.match(lines.at(-1) ?? '', /^warn The PBX refuses to tell the presence of Anna Brandt, .*: [^,]+/);
    });

    it('backs off while the PBX is away, with one line for the outage and one for its end', async () => {
        bench = await PbxBench.online();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        assert.equal(bench.error?.code, 'PBX_CONNECTION_LOST');
        const before = bench.states.length;
        for (const wait of [500, 1000, 2000, 4000, 5000, 5000]) {
            const count = bench.states.length;
            await bench.clock.advance(wait);
            await until(() => bench.states.length > count);
            assert.equal(bench.error?.code, 'PBX_UNREACHABLE');
        }
        assert.equal(bench.states.length, before + 6);
        await bench.pbx.start();
        await bench.clock.advance(5_000);
        await until(() => bench.phase === 'online');
        const lines = bench.log.filter(line => !line.startsWith('debug'));
        assert.equal(lines.length, 2);
        assert.match(lines[0]!, /^warn Connection to PBX 127\.0\.0\.1:\d+ was lost$/);
        assert.match(lines[1]!, /^info PBX 127\.0\.0\.1:\d+ is connected again$/);
    });

    it('starts with short waits again only after a stable minute', async () => {
        bench = await PbxBench.online();
        const outage = async (wait: number) => {
            bench.pbx.dropConnections();
            await until(() => bench.phase === 'retrying');
            await bench.clock.advance(wait - 1);
            await turns(20);
            assert.equal(bench.phase, 'retrying');
            await bench.clock.advance(1);
            await until(() => bench.phase === 'online');
        };
        await outage(500);
        await outage(1_000);
        await outage(2_000);
        for (let second = 0; second < 60; second += 5) {
            await bench.clock.advance(5_000);
            await bench.quiet();
        }
        await outage(500);
    });

    it('gives up on a PBX that does not answer the login', async () => {
        bench = await PbxBench.create();
        bench.pbx.deaf = true;
        bench.system.start();
        await until(() => bench.pbx.counters.messages === 1);
        await bench.clock.advance(10_000);
        await failed();
        assert.equal(bench.error?.code, 'PBX_SILENT');
        assert.equal(bench.phase, 'retrying');
    });

    it('takes a PBX that falls silent before the user table for silent, not for one without the API', async () => {
        bench = await PbxBench.create();
        bench.system.start();
        await until(() => bench.pbx.counters.messages === 4);
        bench.pbx.deaf = true;
        await bench.clock.advance(10_000);
        await failed();
        assert.equal(bench.error?.code, 'PBX_SILENT');
    });
});

describe('An address', () => {
    let system: PbxSystem;
    let server: Server | undefined;
    const clock = new FakeClock();

    afterEach(async () => {
        await system.stop();
        server?.close();
        server = undefined;
    });

    async function errorOf(url: string): Promise<{ phase: string; code?: string; message?: string }> {
        system = new PbxSystem({ settings: { role: 'client', addresses: [url], appName: 'a', password: 'b' }, clock });
        system.start();
        await until(() => system.state.phase !== 'connecting');
        const { state } = system;
        return 'error' in state ? { phase: state.phase, code: state.error.code, message: state.error.message } : state;
    }

    it('that cannot be read is refused without an attempt', async () => {
        const { phase, message } = await errorOf('pbx example');
        assert.equal(phase, 'failed');
        assert.match(message!, /enter a host, a host and port/);
    });

    it('where nobody listens is an outage', async () => {
        const closed = createServer();
        await new Promise<void>(resolve => closed.listen(0, '127.0.0.1', resolve));
        const { port } = closed.address() as { port: number };
        await new Promise(resolve => closed.close(resolve));
        const { phase, message } = await errorOf(`ws://127.0.0.1:${port}/PBX0/APPS/websocket`);
        assert.equal(phase, 'retrying');
        assert.equal(message, `PBX 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
    });

    it('with the wrong module is an outage that says what to look at', async () => {
        const pbx = new SimulatedPbx({ people: [], app: { name: 'a', password: 'b', apis: [] }, module: 'PBX3' });
        await pbx.start();
        const { code } = await errorOf(pbx.url.replace('PBX3', 'PBX0'));
        await pbx.stop();
        assert.equal(code, 'PBX_NO_WEBSOCKET');
    });

    it('where nobody speaks WebSocket is an outage after 10 s', async () => {
        server = createServer(socket => socket.on('error', () => undefined));
        await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve));
        const { port } = server.address() as { port: number };
        const connected = new Promise(resolve => server!.once('connection', resolve));
        const error = errorOf(`ws://127.0.0.1:${port}/`);
        await connected;
        await clock.advance(10_000);
        assert.match((await error).message!, /no answer within 10 s/);
    });
});
