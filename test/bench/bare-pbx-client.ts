import { AppClient, type Message } from '../lib/simulator/pbx/app-client';
import { preciseNow } from './child';
import type { PbxProcess } from './pbx-process';

/**
 * What the PBX, this machine and `ws` take by themselves: a client that subscribes everybody's presence, reads each
 * message and does nothing with it.
 * @returns milliseconds from each change in the PBX to its message
 */
export async function bareDelays(pbx: PbxProcess, changes: number, perSecond: number): Promise<number[]> {
    const { url, appName: app, password } = pbx.place;
    const client = await AppClient.loggedIn(url, { app, password }, { rejectUnauthorized: false });
    client.socket.removeAllListeners('message');
    const delays: number[] = [];
    let known = 0;
    let take = (): void => {};
    const everybodyKnown = new Promise<void>(resolve => {
        take = () => {
            if (++known === pbx.people.length) resolve();
        };
    });
    client.socket.on('message', data => {
        const { mt, presence } = JSON.parse(String(data)) as Message & { presence?: { note?: string }[] };
        if (mt !== 'PresenceUpdate') return;
        if (known < pbx.people.length) take();
        else delays.push(preciseNow() - Number(presence?.[0]?.note));
    });
    for (const [index, { mail }] of pbx.people.entries()) {
        client.send({ mt: 'SubscribePresence', api: 'PbxApi', sip: mail.split('@')[0], src: String(index) });
    }
    await everybodyKnown;
    await pbx.changes(changes, perSecond);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    client.end();
    return delays;
}
