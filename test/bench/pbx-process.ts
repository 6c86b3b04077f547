import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../lib/simulator/pbx/visibility';
import { manyPeople, type Person } from '../../lib/simulator/person';
import { Child, preciseNow, serve } from './child';

/** What the simulated PBX of a bench is like. */
export interface PbxWish {
    people: number;
    /** Milliseconds that each message of the PBX is held back. */
    latency: number;
}

/** How a PBX is reached. */
export interface PbxPlace {
    url: string;
    fingerprint: string;
    appName: string;
    password: string;
}

/** What has happened at the PBX since it was opened. */
export interface PbxReport {
    writes: number;
    /** The most changes of users' presence within any second. */
    mostInSecond: number;
    /** Presence subscriptions asked for, connections made. */
    subscriptions: number;
    connections: number;
}

type Request =
    | { open: PbxWish }
    | { changes: number; perSecond: number }
    | { gap: { changed: number; back: number; joined: number; left: number } }
    | { outage: number }
    | { activities: true }
    | { report: true };

/** A simulated PBX in a process of its own, over TLS, so that what is measured is our side alone. */
export class PbxProcess {
    readonly place: PbxPlace;
    readonly people: Person[];
    readonly #child: Child<Request, never>;

    private constructor(child: Child<Request, never>, place: PbxPlace, people: Person[]) {
        this.#child = child;
        this.place = place;
        this.people = people;
    }

    static async open(wish: PbxWish): Promise<PbxProcess> {
        const child = new Child<Request, never>(__filename);
        return new PbxProcess(child, await child.ask<PbxPlace>({ open: wish }), manyPeople(wish.people));
    }

    /** Users change in turn, each time with the moment as their note, see {@link preciseNow}. Resolves after the last. */
    changes(changes: number, perSecond: number): Promise<void> {
        return this.#child.ask({ changes, perSecond });
    }

    /**
     * Loses all connections; before anybody can be back, so many users have changed, others have changed and changed
     * back, and so many have joined and left.
     */
    gap(gap: { changed: number; back: number; joined: number; left: number }): Promise<void> {
        return this.#child.ask({ gap });
    }

    /** Answers nothing for so many ms, then loses all connections; resolves when that is over. */
    outage(silence: number): Promise<void> {
        return this.#child.ask({ outage: silence });
    }

    /** What each user shows, in the order of {@link people}. */
    activities(): Promise<string[]> {
        return this.#child.ask({ activities: true });
    }

    report(): Promise<PbxReport> {
        return this.#child.ask({ report: true });
    }

    close(): void {
        this.#child.close();
    }
}

const app = { name: 'presence-sync', password: 'made-up', apis: ['PbxApi', 'PbxTableUsers', 'PbxAdminApi'] };

function servePbx(): void {
    let pbx: SimulatedPbx;
    let people: Person[];
    const changedAt: number[] = [];

    const open = async ({ people: count, latency }: PbxWish): Promise<PbxPlace> => {
        people = manyPeople(count);
        const authority = await CertificateAuthority.create();
        pbx = new SimulatedPbx({ people, app, authority, defaultVisibility: allRights, behaviour: { latency } });
        pbx.on('change', () => changedAt.push(performance.now()));
        await pbx.start();
        return { url: pbx.url, fingerprint: pbx.fingerprint!, appName: app.name, password: app.password };
    };
    const changes = async (count: number, perSecond: number): Promise<void> => {
        const begin = performance.now();
        for (let done = 0; done < count; ) {
            const due = Math.min(count, Math.floor(((performance.now() - begin) * perSecond) / 1_000));
            for (; done < due; done++) {
                const { guid } = people[done % people.length]!;
                pbx.setPresence(guid, { activity: 'busy', note: String(preciseNow()) });
            }
            await new Promise(resolve => setTimeout(resolve, 1));
        }
    };
    const gap = ({ changed, back, joined, left }: { changed: number; back: number; joined: number; left: number }) => {
        pbx.dropConnections();
        const [first, second] = [changed, changed + back];
        for (const { guid } of people.slice(0, second)) pbx.setPresence(guid, { activity: 'away' });
        for (const { guid } of people.slice(first, second)) pbx.setPresence(guid, { activity: '' });
        for (const { guid } of people.slice(second, second + left)) pbx.removePerson(guid);
        for (const person of manyPeople(people.length + joined).slice(people.length)) pbx.addPerson(person);
    };
    const outage = async (silence: number): Promise<void> => {
        pbx.deaf = true;
        await new Promise(resolve => setTimeout(resolve, silence));
        pbx.deaf = false;
        pbx.dropConnections();
    };
    serve<Request, never>(request => {
        if ('open' in request) return open(request.open);
        if ('changes' in request) return changes(request.changes, request.perSecond);
        if ('gap' in request) return gap(request.gap);
        if ('outage' in request) return outage(request.outage);
        if ('activities' in request) return people.map(({ guid }) => pbx.presenceOf(guid).activity);
        const { received, connections } = pbx.traffic;
        const subscriptions = received.of('SubscribePresence');
        const { writes } = pbx.counters;
        return { writes, mostInSecond: mostWithin(changedAt, 1_000), subscriptions, connections };
    });
}

/** @param times in order, in milliseconds */
function mostWithin(times: readonly number[], period: number): number {
    let most = 0;
    let first = 0;
    for (const [index, time] of times.entries()) {
        while (times[first]! <= time - period) first++;
        most = Math.max(most, index - first + 1);
    }
    return most;
}

if (require.main === module) servePbx();
