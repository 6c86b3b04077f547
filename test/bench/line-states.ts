import type { PresenceUser } from '../../lib/presence/message';
import { seededRandom } from '../../lib/simulator/random';
import { preciseNow } from './child';
import { OfficeProcess } from './office-process';
import { figure, percentiles, section, verdict } from './report';
import { type SettledLog, settledLog } from './settled-log';
import { TeamsSide } from './teams-side';

const people = 10_000;
const latency = 100;
/** Changes of one user in an hour. */
const changesPerHour = 6;
const budget = 1_500;
const minutes = 4;
/** As short as it may be, so that renewals fall within the run. */
const lease = 5 * 60_000;
const burst = 3_000;

const inCall = { availability: 'Busy', activity: 'InACall' };

/** Our writer against an office in another process, and when each of its writes showed there. */
class WritingSide {
    readonly office: OfficeProcess;
    readonly users: PresenceUser[];
    readonly delays: number[] = [];
    readonly #side: TeamsSide;
    readonly #log: SettledLog;
    readonly #waiting = new Map<string, { activity: string; since: number }>();
    /** When the last awaited state showed, in milliseconds since the epoch. */
    lastShown = 0;

    private constructor(office: OfficeProcess, log: SettledLog) {
        this.office = office;
        this.#log = log;
        this.#side = TeamsSide.of(office, { lease, book: log.book('teams') });
        this.users = office.people.map(({ teamsId, mail, name }) => ({
            addresses: [mail],
            displayName: name,
            teams: { id: teamsId, userPrincipalName: mail, mail },
        }));
        office.onShown = ({ teamsId, activity, at }) => {
            const waited = this.#waiting.get(teamsId);
            if (!waited || (waited.activity === inCall.activity) !== (activity === inCall.activity)) return;
            this.#waiting.delete(teamsId);
            this.lastShown = at;
            this.delays.push(at - waited.since);
        };
    }

    static async open(): Promise<WritingSide> {
        const office = await OfficeProcess.open({ people, accounts: 1, latency, seed: 1 });
        const side = new WritingSide(office, await settledLog());
        await side.#side.write();
        return side;
    }

    change(user: PresenceUser, call: 'start' | 'end'): Promise<void> {
        const activity = call === 'start' ? inCall.activity : '';
        this.#waiting.set(user.teams!.id, { activity, since: preciseNow() });
        const outcome = call === 'start' ? this.#side.set(user, inCall) : this.#side.clear(user);
        return outcome.catch(error => {
            process.stderr.write(`${error.message}\n`);
            process.exitCode = 1;
        });
    }

    /** Resolves when Graph shows the user's last change. */
    async shown(user: PresenceUser): Promise<void> {
        while (this.#waiting.has(user.teams!.id)) await new Promise(resolve => setTimeout(resolve, 5));
    }

    /** Changes that Graph has not shown yet. */
    get open(): number {
        return this.#waiting.size;
    }

    async close(): Promise<void> {
        await this.#side.stop();
        await this.#log.close();
        this.office.close();
    }
}

/** Everybody changes line state six times an hour, calls of five minutes, and what is held is renewed. */
export async function benchLineStates(): Promise<void> {
    const perSecond = (people * changesPerHour) / 3_600;
    section(
        `Line states: ${people} users, ${changesPerHour} changes an hour each (${perSecond.toFixed(1)}/s) for ${minutes} min, leases of ${lease / 60_000} min, ${latency} ms per Graph request`,
    );
    const side = await WritingSide.open();
    const random = seededRandom(1);
    const talking: PresenceUser[] = [];
    const idle = [...side.users];
    const take = (from: PresenceUser[]): PresenceUser => {
        const index = Math.floor(random() * from.length);
        const user = from[index]!;
        from[index] = from.at(-1)!;
        from.pop();
        return user;
    };
    const total = Math.round(minutes * 60 * perSecond);
    const begin = performance.now();
    for (let count = 0; count < total; count++) {
        await until(begin + (count * 1_000) / perSecond);
        // Calls of three minutes: that many talk at the same time.
        const ends =
            talking.length > 180 * (perSecond / 2) || (talking.length > 0 && count > total / 2 && count % 2 === 0);
        const user = take(ends ? talking : idle);
        // Who is changed again before Graph shows the first change never shows it.
        await side.shown(user);
        (ends ? idle : talking).push(user);
        void side.change(user, ends ? 'end' : 'start');
    }
    await settled(side, 15_000);
    const { classes, throttled, presenceWrites } = await side.office.counters();
    const shown = percentiles(side.delays);
    verdict('changes that Graph shows', `${side.delays.length} of ${total}`, side.delays.length === total, 'all');
    verdict('change to visible in Graph', shown.text, shown.p99 < 3_000, 'p99 < 3 s');
    verdict('refused with 429', String(throttled), throttled === 0, 'none');
    figure(
        'budget used at most',
        `${classes.presence.peak} of ${budget} in 30 s (${((100 * classes.presence.peak) / budget).toFixed(0)} %)`,
    );
    figure(
        'writes',
        `${presenceWrites}, of them ${presenceWrites - total} renewals; other presence requests ${classes.presence.served - presenceWrites}`,
    );
    await side.close();
}

/** Three thousand changes at the same moment, against the budget alone. */
export async function benchBurst(): Promise<void> {
    section(`Burst: ${burst} changes at once, ${budget} requests in 30 s`);
    const side = await WritingSide.open();
    const begin = preciseNow();
    await Promise.all(side.users.slice(0, burst).map(user => side.change(user, 'start')));
    await settled(side, 30_000);
    const seconds = (side.lastShown - begin) / 1_000;
    const { throttled, classes } = await side.office.counters();
    // Of a window of 30 s the first 1,500 go at once; the budget allows the last change when the second window opens.
    const ideal = (Math.ceil(burst / budget) - 1) * 30;
    verdict('changes that Graph shows', `${side.delays.length} of ${burst}`, side.delays.length === burst, 'all');
    const share = (100 * ideal) / seconds;
    verdict('drained', `in ${seconds.toFixed(2)} s, ${share.toFixed(1)} % of the budget`, share >= 95, '>= 95 %');
    verdict('refused with 429', String(throttled), throttled === 0, 'none');
    figure('most in any 30 s', `${classes.presence.peak} of ${budget}`);
    await side.close();
}

async function settled(side: WritingSide, patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (side.open > 0 && performance.now() < end) await new Promise(resolve => setTimeout(resolve, 20));
}

function until(time: number): Promise<void> {
    const wait = time - performance.now();
    return wait <= 0 ? Promise.resolve() : new Promise(resolve => setTimeout(resolve, wait));
}
