import type { PbxChange } from '../../lib/pbx/pbx-system';
import { usedHeap } from './memory';
import { PbxProcess } from './pbx-process';
import { online, pbxSide } from './pbx-side';
import { figure, section, verdict } from './report';

const people = 10_000;
const latency = 20;
const limit = 12;
const gap = { changed: 100, back: 100, joined: 10, left: 10 };

/** From nothing to every user and every state known, and the same after a lost connection. */
export async function benchPbxColdStart(): Promise<void> {
    section(`PBX: ${people} users, ${latency} ms per message of the PBX, TLS`);
    const pbx = await PbxProcess.open({ people, latency });
    const before = usedHeap();
    const system = pbxSide(pbx);
    const told: PbxChange[] = [];
    system.follow().on('change', change => told.push(change));

    const first = online(system);
    system.start();
    const seconds = await first;
    verdict('users replicated, all subscriptions answered', said(seconds), seconds < limit, `< ${limit} s`);
    await settled();
    verdict('states told', String(told.length), told.length === people, `${people}`);
    told.length = 0;
    const perUser = (usedHeap() - before) / people / 1_024;
    verdict('memory per user', `${perUser.toFixed(2)} KB`, perUser < 3, '< 3 KB');

    const lost = new Promise<void>(resolve => system.on('state', ({ phase }) => phase === 'retrying' && resolve()));
    await pbx.gap(gap);
    await lost;
    const again = await online(system);
    verdict('the same after a dropped connection', said(again), again < limit, `< ${limit} s, the wait included`);
    await settled();
    const wanted = gap.changed + gap.joined;
    const isTrue = told.every(({ presence, previous }) => presence.activity === (previous ? 'away' : ''));
    const summary = `${told.filter(({ previous }) => previous).length} changes, ${told.filter(({ previous }) => !previous).length} joiners`;
    verdict('told after it', summary, told.length === wanted && isTrue, 'only true differences: 100 and 10');
    verdict('users known', String(system.directory.size), system.directory.size === people, `${people}`);
    const { subscriptions, connections } = await pbx.report();
    figure('presence subscriptions asked for', `${subscriptions} over ${connections} connections`);
    await system.stop();
    pbx.close();
}

/** What goes on behind the scenes, such as a second look at the user table, has come to its end. */
function settled(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, 10_000));
}

function said(seconds: number): string {
    return `${seconds.toFixed(2)} s`;
}
