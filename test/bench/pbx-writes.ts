import type { Outcome, PresenceUser } from '../../lib/presence/message';
import { PbxProcess } from './pbx-process';
import { online, pbxSide } from './pbx-side';
import { figure, section, verdict } from './report';

const people = 2_000;
const latency = 20;
/** Writes per second. */
const rate = 200;
/** The first of the users, for whom something newer is wished. */
const newer = 500;
/** Milliseconds after the first wishes. */
const [wishedAnew, lost] = [3_000, 5_000];

/** Everybody's presence is set at once; in the middle some wishes change, and the connection is lost, at once or silently. */
export async function benchPbxWrites(): Promise<void> {
    for (const silence of [0, 30_000]) await benchOutage(silence);
}

async function benchOutage(silence: number): Promise<void> {
    const how = silence === 0 ? 'lost' : `that is silent for ${silence / 1_000} s and lost`;
    section(`PBX: ${people} writes at once, ${rate}/s, ${newer} newer wishes, a connection ${how}, ${latency} ms`);
    const pbx = await PbxProcess.open({ people, latency });
    const system = pbxSide(pbx);
    system.people.configure({ rate });
    const started = online(system);
    system.start();
    await started;

    const begin = performance.now();
    const first = pbx.people.map(({ mail }) => system.people.set(userOf(mail), { activity: 'busy', note: '' }));
    await passed(wishedAnew);
    const anew = pbx.people
        .slice(0, newer)
        .map(({ mail }) => system.people.set(userOf(mail), { activity: 'dnd', note: '' }));
    await passed(lost - wishedAnew);
    const underWay = await pbx.report();
    await pbx.outage(silence);
    const outcomes: Outcome[] = await Promise.all([...first, ...anew]);
    const seconds = (performance.now() - begin) / 1_000;

    const activities = await pbx.activities();
    const wrong = activities.filter((activity, index) => activity !== (index < newer ? 'dnd' : 'busy')).length;
    const { writes, mostInSecond } = await pbx.report();
    const written = outcomes.filter(outcome => outcome.written).length;
    const replaced = outcomes.filter(({ reason }) => /newer/.test(reason)).length;
    figure('written before the connection was lost', String(underWay.writes));
    verdict('users who show something else than their newest wish', String(wrong), wrong === 0, 'none');
    const answered = `${written} written, ${replaced} replaced by a newer one`;
    verdict('wishes answered', answered, written + replaced === people + newer, 'all');
    verdict(
        'most writes within a second',
        String(mostInSecond),
        mostInSecond <= rate * 1.15,
        `${rate} and a tenth at once`,
    );
    const ideal = (writes / rate + silence / 1_000).toFixed(1);
    const took = `${seconds.toFixed(1)} s for ${writes} writes`;
    verdict('all done', took, seconds < Number(ideal) + 6, `${ideal} s, 6 s more for the reconnect`);
    await system.stop();
    pbx.close();
}

function userOf(mail: string): PresenceUser {
    return { addresses: [mail], displayName: mail };
}

function passed(time: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, time));
}
