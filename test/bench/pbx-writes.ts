import { PbxSystem } from '../../lib/pbx/pbx-system';
import type { Outcome, PresenceUser } from '../../lib/presence/message';
import { PbxProcess } from './pbx-process';
import { figure, section, verdict } from './report';

const people = 2_000;
const latency = 20;
/** Writes per second. */
const rate = 200;
/** The first of the users, for whom something newer is wished. */
const newer = 500;
/** Milliseconds after the first wishes. */
const [wishedAnew, dropped] = [3_000, 5_000];

/** Everybody's presence is set at once; in the middle some wishes change, and the connection is lost. */
export async function benchPbxWrites(): Promise<void> {
    section(`PBX: ${people} writes at once, ${rate}/s, ${newer} newer wishes, a connection lost, ${latency} ms`);
    const pbx = await PbxProcess.open({ people, latency });
    const { url, ...settings } = pbx.place;
    const system = new PbxSystem({ settings: { role: 'client', addresses: [url], ...settings } });
    system.writer.configure({ rate });
    const online = new Promise<void>(resolve => system.on('state', ({ phase }) => phase === 'online' && resolve()));
    system.start();
    await online;

    const begin = performance.now();
    const first = pbx.people.map(({ mail }) => system.writer.set(userOf(mail), { activity: 'busy', note: '' }));
    await passed(wishedAnew);
    const anew = pbx.people
        .slice(0, newer)
        .map(({ mail }) => system.writer.set(userOf(mail), { activity: 'dnd', note: '' }));
    await passed(dropped - wishedAnew);
    const underWay = await pbx.report();
    await pbx.drop();
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
    verdict('most writes within a second', String(mostInSecond), mostInSecond <= rate * 1.1, `${rate}, a burst more`);
    const ideal = writes / rate;
    verdict(
        'all done',
        `${seconds.toFixed(1)} s for ${writes} writes`,
        seconds < ideal + 2,
        `${ideal.toFixed(1)} s + 2 s`,
    );
    await system.stop();
    pbx.close();
}

function userOf(mail: string): PresenceUser {
    return { addresses: [mail], displayName: mail };
}

function passed(time: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, time));
}
