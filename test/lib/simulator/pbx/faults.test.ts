import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { AppClient } from './app-client';
import { anna, Fixture } from './fixture';

const subscribeAnna = { api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' };
const setAnna = { api: 'PbxApi', mt: 'SetPresence', guid: anna.guid, activity: 'dnd', src: 'w' };

describe('trouble with the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('fails the next requests of one kind, which are not executed', async () => {
        fixture.pbx.faults.failNext('SetPresence', 2, { error: 77, errorText: 'Out of order' });
        for (const src of ['1', '2']) {
            const failed = { api: 'PbxApi', mt: 'SetPresenceResult', src, error: 77, errorText: 'Out of order' };
            assert.deepEqual(await client.request({ ...setAnna, src }), failed);
        }
        assert.equal(fixture.pbx.presenceOf(anna.guid).activity, '');
        assert.equal((await client.request(setAnna)).error, undefined);
        assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'dnd');
    });

    it('leaves the next request of one kind without an answer', async () => {
        fixture.pbx.faults.ignoreNext('SetPresence');
        client.send(setAnna);
        await client.nothing();
        assert.equal(fixture.pbx.counters.writes, 0);
        assert.equal((await client.request(setAnna)).mt, 'SetPresenceResult');
    });

    it('breaks the connection at a request, after those before it', async () => {
        fixture.pbx.faults.failNext('SetPresence');
        fixture.pbx.faults.dropAtNext('SetPresence');
        assert.equal(typeof (await client.request(setAnna)).error, 'number');
        const closed = client.closed();
        client.send(setAnna);
        assert.equal(await closed, 1006);
        assert.equal(fixture.pbx.counters.writes, 0);
        await (await fixture.login()).request(setAnna);
        assert.equal(fixture.pbx.counters.writes, 1);
    });

    it('sends messages of one kind twice', async () => {
        fixture.pbx.faults.repeatNext('PresenceUpdate');
        await client.request(subscribeAnna);
        const mts = [(await client.next()).mt, (await client.next()).mt, (await client.next()).mt];
        assert.deepEqual(mts, ['PresenceState', 'PresenceUpdate', 'PresenceUpdate']);
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await client.next();
        await client.nothing();
    });

    it('sends fragments that cut characters', async () => {
        const frames: [fin: boolean, length: number][] = [];
        watchFrames(client.socket, (fin, length) => frames.push([fin, length]));
        fixture.pbx.faults.fragment = 7;
        fixture.pbx.setPresence(anna.guid, { activity: 'away', note: 'ÄÖÜ 日本日本日本日本日本' });
        await client.request(subscribeAnna);
        await client.next();
        const [entry] = (await client.next()).presence as { note: string }[];
        assert.equal(entry?.note, 'ÄÖÜ 日本日本日本日本日本');
        assert.ok(frames.filter(([fin]) => !fin).length > 10);
        assert.ok(frames.every(([fin, length]) => (fin ? length <= 7 : length === 7)));
    });

    it('is over when it is cleared', async () => {
        const { faults } = fixture.pbx;
        faults.failNext('SetPresence', 5);
        faults.repeatNext('SetPresenceResult', 5);
        faults.fragment = 1;
        faults.clear();
        assert.equal((await client.request(setAnna)).error, undefined);
        await client.nothing();
        assert.equal(faults.fragment, 0);
    });

    it('sends anything on all connections that are logged in', async () => {
        const stranger = await fixture.connect();
        fixture.pbx.sendRaw('{"mt":"MakeCoffee","deep":[[[]]]}');
        assert.deepEqual(await client.next(), { mt: 'MakeCoffee', deep: [[[]]] });
        await stranger.nothing();
        client.socket.removeAllListeners('message');
        const arrived = once(client.socket, 'message');
        fixture.pbx.sendRaw(Buffer.from('{'));
        const [data, isBinary] = (await arrived) as [Buffer, boolean];
        assert.deepEqual([String(data), isBinary], ['{', true]);
    });

    for (const [keepAlive, answer] of [
        ['result', { mt: 'KeepAliveResult' }],
        ['echo', { mt: 'KeepAlive' }],
    ] as const) {
        it(`answers KeepAlive with ${answer.mt}, if so configured`, async () => {
            fixture.pbx.behaviour.keepAlive = keepAlive;
            assert.deepEqual(await client.request({ mt: 'KeepAlive' }), answer);
        });
    }

    it('answers KeepAlive with the same, as real clients expect [D3]', async () => {
        assert.deepEqual(await client.request({ mt: 'KeepAlive' }), { mt: 'KeepAlive' });
    });

    it('leaves pings without an answer, if so configured, and works on', async () => {
        let pongs = 0;
        client.socket.on('pong', () => pongs++);
        fixture.pbx.behaviour.pings = 'ignored';
        client.socket.ping();
        await client.nothing();
        assert.equal(pongs, 0);
        fixture.pbx.behaviour.pings = 'answered';
        client.socket.ping();
        await once(client.socket, 'pong');
    });

    it('has another module, if so made', async () => {
        await fixture.pbx.stop();
        fixture = await Fixture.start({ module: 'PBX7' });
        assert.match(fixture.pbx.url, /\/PBX7\/APPS\/websocket$/);
        await (await fixture.login()).nothing();
        const [error] = (await once(new WebSocket(fixture.pbx.url.replace('PBX7', 'PBX0')), 'error')) as [Error];
        assert.match(error.message, /404/);
    });
});

describe('counters of the simulated PBX', () => {
    let fixture: Fixture;
    afterEach(() => fixture.stop());

    it('tell messages by direction and name, connections, logins and subscriptions', async () => {
        fixture = await Fixture.start();
        const client = await fixture.login();
        await fixture.connect();
        await client.request(subscribeAnna);
        await client.next();
        await client.next();
        await client.request({ api: 'PbxApi', mt: 'UnsubscribePresence', sip: 'nobody' });
        client.send({});
        await client.nothing();
        const { traffic } = fixture.pbx;
        assert.deepEqual(JSON.parse(JSON.stringify(traffic)), {
            received: { AppChallenge: 2, AppLogin: 1, SubscribePresence: 1, UnsubscribePresence: 1, '': 1 },
            sent: {
                ...{ AppChallengeResult: 2, AppLoginResult: 1, SubscribePresenceResult: 1 },
                ...{ PresenceState: 1, PresenceUpdate: 1, UnsubscribePresenceResult: 1 },
            },
            ...{ connections: 2, logins: 1 },
        });
        assert.equal(traffic.received.total + traffic.sent.total, fixture.pbx.counters.messages);
        assert.deepEqual([fixture.pbx.connections, fixture.pbx.subscriptions], [1, 1]);
        assert.equal(traffic.received.of('PresenceUpdate'), 0);
    });

    it('do not grow with the names that a client makes up', async () => {
        fixture = await Fixture.start();
        const client = await fixture.login();
        for (let count = 0; count < 300; count++) client.send({ mt: `Made up ${count}` });
        await client.nothing();
        const { received } = fixture.pbx.traffic;
        assert.equal(Object.keys(received.toJSON()).length, 201);
        assert.equal(received.of('other'), 102);
    });
});

/** Tells every WebSocket frame that arrives. */
function watchFrames(socket: WebSocket, seen: (fin: boolean, length: number) => void): void {
    const { _socket: stream } = socket as unknown as { _socket: NodeJS.ReadableStream };
    stream.on('data', (data: Buffer) => {
        // The frames of a server are not masked, and these are short: two bytes, then the content.
        for (let at = 0; at < data.length; at += 2 + data[at + 1]!) seen((data[at]! & 0x80) !== 0, data[at + 1]!);
    });
}
