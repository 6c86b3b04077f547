import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { PbxSystem } from '../../../../lib/pbx/pbx-system';
import { FakeClock } from '../../../support/fake-clock';
import { ownPresence, turns, until } from '../pbx-bench';
import { nonsenseFrame, randomNumbers } from './nonsense';

type Answer = (frame: Record<string, unknown>, socket: WebSocket) => void;

/** Answers as a PBX with one user does, the least that keeps a client online. */
function answer(frame: Record<string, unknown>, socket: WebSocket): void {
    const { mt, api, src } = frame;
    const reply = (fields: object) => socket.send(JSON.stringify({ mt: `${mt}Result`, api, src, ...fields }));
    if (mt === 'AppChallenge') return reply({ challenge: '0123456789abcdef' });
    if (mt === 'AppLogin') return reply({ ok: true });
    reply({});
    if (mt === 'ReplicateStart')
        socket.send(JSON.stringify({ mt: 'ReplicateAdd', api, src, columns: { guid: 'g1', h323: 'anna' } }));
    if (mt === 'SubscribePresence') socket.send(JSON.stringify({ mt: 'PresenceUpdate', api, src, presence: [] }));
}

describe('A server that is no proper PBX', () => {
    let server: WebSocketServer;
    let system: PbxSystem;
    let clock: FakeClock;

    afterEach(async () => {
        const stopped = system.stop();
        await clock.advance(1_000);
        await stopped;
        for (const client of server.clients) client.terminate();
        await new Promise(resolve => server.close(resolve));
    });

    async function connect(respond: Answer): Promise<void> {
        clock = new FakeClock();
        server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
        await new Promise(resolve => server.once('listening', resolve));
        server.on('connection', socket => {
            socket.on('error', () => undefined);
            socket.on('message', data => respond(JSON.parse(String(data)), socket));
        });
        const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        system = new PbxSystem({ settings: { role: 'client', addresses: [url], appName: 'a', password: 'b' }, clock });
        system.start();
    }

    it('does no harm with frames full of nonsense', async () => {
        await connect(answer);
        await until(() => system.state.phase === 'online');
        const random = randomNumbers(7);
        const [socket] = server.clients as Set<WebSocket>;
        for (let index = 0; index < 3000; index++) {
            socket!.send(nonsenseFrame(random));
            if (index % 200 === 0) await turns(5);
        }
        socket!.send(Buffer.from([1, 2, 3]), { binary: true });
        socket!.send(`${'['.repeat(30_000)}`);
        const user = { guid: 'g9', h323: 'last' };
        socket!.send(JSON.stringify({ mt: 'ReplicateAdd', columns: user }));
        await until(() => system.directory.find('last') !== undefined);
        assert.equal(system.state.phase, 'online');
        assert.equal(system.directory.find('anna')?.pbx.guid, 'g1');
    });

    it('does no harm with nonsense in place of answers', async () => {
        const random = randomNumbers(11);
        await connect((frame, socket) => {
            for (let index = 0; index < 20; index++) socket.send(nonsenseFrame(random));
            answer(frame, socket);
        });
        await until(() => system.state.phase !== 'connecting');
    });

    it('is left when it sends what is no text or far too much', async () => {
        await connect(answer);
        await until(() => system.state.phase === 'online');
        for (const client of server.clients) client.send('x'.repeat(2_000_000));
        await until(() => system.state.phase === 'retrying');
        await clock.advance(1_000);
        await until(() => system.state.phase === 'online');
        for (const client of server.clients) client.send(Buffer.from([0xff, 0xfe]), { binary: false });
        await until(() => system.state.phase === 'retrying');
    });

    it('may leave one subscription of many without an answer', async () => {
        await connect((frame, socket) => {
            if (frame.mt === 'SubscribePresence' && frame.sip === 'anna') return;
            answer(frame, socket);
            if (frame.mt !== 'ReplicateStart') return;
            const columns = { guid: 'g2', h323: 'emre' };
            socket.send(JSON.stringify({ mt: 'ReplicateAdd', src: frame.src, columns }));
        });
        await until(() => ownPresence(system.people, 'g2') !== undefined);
        await turns(20);
        await clock.advance(10_000);
        await until(() => system.state.phase === 'online');
        await clock.advance(1_000);
        assert.deepEqual(
            [...system.unfollowed].map(({ user }) => user.displayName),
            ['anna'],
        );
    });

    it('may push before it answers, twice, and about users that nobody knows', async () => {
        await connect((frame, socket) => {
            const push = (mt: string, columns: object) => socket.send(JSON.stringify({ mt, src: frame.src, columns }));
            if (frame.mt === 'ReplicateNext') {
                push('ReplicateAdd', { guid: 'g2', h323: 'emre' });
                push('ReplicateAdd', { guid: 'g2', h323: 'emre' });
                push('ReplicateUpdate', { guid: 'g3', h323: 'priya' });
                push('ReplicateDel', { guid: 'g1' });
                push('ReplicateDel', { guid: 'g7' });
            }
            answer(frame, socket);
        });
        await until(() => system.state.phase === 'online');
        assert.deepEqual(
            [...system.directory.all()].map(({ pbx }) => pbx.guid),
            ['g2', 'g3'],
        );
        const [socket] = server.clients as Set<WebSocket>;
        socket!.send(JSON.stringify({ mt: 'ReplicateUpdate', columns: { guid: 'g4', h323: 'new' } }));
        socket!.send(JSON.stringify({ mt: 'ReplicateDel', columns: { guid: 'g2' } }));
        await until(() => system.directory.find('g4') !== undefined && !system.directory.find('g2'));
    });
});
