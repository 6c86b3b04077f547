import type { EventEmitter } from 'node:events';
import type { PresenceMessage } from '../../lib/presence/message';
import type { PbxPresence } from '../../lib/presence/vocabulary';
import { LoadedFlow } from '../support/loaded-flow';
import { bareDelays } from './bare-pbx-client';
import { preciseNow } from './child';
import { PbxProcess } from './pbx-process';
import { figure, percentiles, section, verdict } from './report';

import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceIn = require('../../nodes/pbx-presence-in');

const people = 10_000;
const latency = 20;
const perSecond = 1_000;
const seconds = 30;
/** Seconds of the same for a bare client, once before and once after. */
const bareSeconds = 10;
/** How much longer than in a bare client it may take. */
const limit = 1.3;

/**
 * From a change in the PBX to the message that pbx-presence-in sends, in a Node-RED runtime; and to the same message
 * in a bare client, since the figures differ from machine to machine.
 */
export async function benchPbxChanges(): Promise<void> {
    section(`PBX: ${perSecond} changes/s of ${people} users, ${latency} ms per message of the PBX, TLS`);
    const pbx = await PbxProcess.open({ people, latency });
    const bare = await bareDelays(pbx, perSecond * bareSeconds, perSecond);
    const { url, fingerprint, appName, password } = pbx.place;
    const connection = { id: 'pbx', type: 'pbx-connection', address: url, fingerprint, appName };
    const presenceIn = { id: 'in', type: 'pbx-presence-in', z: 'tab', pbx: 'pbx', wires: [['sent']] };
    const nodes = [pbxConnection, pbxPresenceIn];
    const flow = (await LoadedFlow.load(nodes, [connection, presenceIn], { pbx: { password } })).unwatched();
    const delays: number[] = [];
    let states = 0;
    await new Promise<void>(resolve => {
        const take = ({ payload, presence }: PresenceMessage): void => {
            if (presence.via !== 'snapshot') delays.push(preciseNow() - Number((payload as PbxPresence).note));
            else if (++states === people) resolve();
        };
        (flow.node('sent') as EventEmitter).on('input', take);
    });

    await pbx.changes(perSecond * seconds, perSecond);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    await flow.unload();
    bare.push(...(await bareDelays(pbx, perSecond * bareSeconds, perSecond)));
    const [ours, beside] = [percentiles(delays), percentiles(bare)];
    figure('from the PBX to the message', ours.text);
    figure('from the PBX to a bare client', beside.text);
    const ratio = ours.p99 / beside.p99;
    verdict('ratio at p99', ratio.toFixed(2), ratio <= limit, `<= ${limit}`);
    const wanted = perSecond * seconds;
    verdict('messages', `${delays.length} of ${wanted}`, delays.length === wanted, 'none missing');
    pbx.close();
}
