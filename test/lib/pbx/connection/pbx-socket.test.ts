import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { PbxSocket } from '../../../../lib/pbx/connection/pbx-socket';
import { FakeClock } from '../../../support/fake-clock';
import { turns } from '../pbx-bench';

describe('A socket with a PBX', () => {
    let server: WebSocketServer;
    let peer: WebSocket;
    let socket: PbxSocket;

    async function connect(isStranger: boolean): Promise<void> {
        server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
        await once(server, 'listening');
        const accepted = once(server, 'connection');
        socket = new PbxSocket({ host: 'pbx', clock: new FakeClock(), log: () => undefined, isStranger });
        await socket.open(() => new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
        [peer] = (await accepted) as [WebSocket];
    }

    afterEach(async () => {
        peer.terminate();
        await socket.close();
        await new Promise(resolve => server.close(resolve));
    });

    /** Sends messages of 60 kB until it is over, or so many; returns how many kB were sent. */
    async function flood(most: number): Promise<number> {
        let isOver = false;
        void socket.ended.then(() => {
            isOver = true;
        });
        let count = 0;
        for (; count < most && !isOver; count++) {
            socket.send({ mt: 'SetPresence', note: 'x'.repeat(60_000) });
            await turns(1);
        }
        return count * 60;
    }

    for (const isStranger of [true, false]) {
        it(`is given up when the peer, ${isStranger ? 'a stranger' : 'logged in'}, does not read`, async () => {
            await connect(isStranger);
            peer.pause();
            const sent = await flood(2_000);
            assert.equal((await socket.ended).code, 'PBX_NOT_READING');
            // What the two systems hold for us comes on top.
            assert.ok(sent < 30_000, String(sent));
        });
    }

    it('takes a burst of megabytes for a peer that reads', async () => {
        await connect(false);
        let ended = false;
        void socket.ended.then(() => {
            ended = true;
        });
        for (let count = 0; count < 20_000; count++) socket.send({ mt: 'SubscribePresence', sip: 'x'.repeat(100) });
        await turns(50);
        assert.equal(ended, false);
    });
});
