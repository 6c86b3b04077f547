import type { EventEmitter } from 'node:events';
import type { PbxPresence } from '../../lib/presence/vocabulary';
import { LoadedFlow } from '../support/loaded-flow';
import { preciseNow } from './child';
import { PbxProcess } from './pbx-process';
import { percentiles, section, verdict } from './report';

import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceIn = require('../../nodes/pbx-presence-in');

const people = 10_000;
const latency = 20;
const perSecond = 1_000;
const seconds = 30;
/** Milliseconds beside the latency. */
const limit = 5;

/** From a change in the PBX to the message that pbx-presence-in sends, in a Node-RED runtime. */
export async function benchPbxChanges(): Promise<void> {
    section(`PBX: ${perSecond} changes/s of ${people} users, ${latency} ms per message of the PBX, TLS`);
    const pbx = await PbxProcess.open({ people, latency });
    const { url, fingerprint, appName, password } = pbx.place;
    const connection = { id: 'pbx', type: 'pbx-connection', address: url, fingerprint, appName };
    const presenceIn = { id: 'in', type: 'pbx-presence-in', z: 'tab', pbx: 'pbx', wires: [['sent']] };
    const flow = await LoadedFlow.load([pbxConnection, pbxPresenceIn], [connection, presenceIn], { pbx: { password } });
    const delays: number[] = [];
    let states = 0;
    await new Promise<void>(resolve => {
        const take = ({ payload }: { payload: PbxPresence }): void => {
            if (payload.note) delays.push(preciseNow() - Number(payload.note));
            else if (++states === people) resolve();
        };
        (flow.node('sent') as EventEmitter).on('input', take);
    });

    await pbx.changes(perSecond * seconds, perSecond);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    const { p99, text } = percentiles(delays);
    const isMet = p99 < latency + limit && delays.length === perSecond * seconds;
    verdict('from the PBX to the message', text, isMet, `p99 < ${latency} + ${limit} ms, none missing`);
    await flow.unload();
    pbx.close();
}
