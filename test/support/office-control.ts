import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { PbxChange, TeamsChange } from '../../lib/simulator/change';
import type { OfficeCounters, PersonState } from '../../lib/simulator/office';

/** How often the office is asked, in ms. */
const interval = 25;
/**
 * A change that follows another one waits for 1 s, and a state that cannot be told from an echo is read again 1.5 s after
 * our write, so that quiet is a little longer than that; in ms.
 */
const quietTime = 1_700;
const quietLimit = 15_000;

/** What one person shows on both sides, as far as a test says it. */
export interface Shown {
    /** Activity of the PBX, with ` (note)` behind it where there is one; "" is available. */
    pbx?: string;
    onThePhone?: boolean;
    /** `Availability/Activity`. */
    teams?: string;
}

/** What changes have cost: requests that set presence on either side, and what Microsoft has told. */
export type Cost = Pick<OfficeCounters, 'presenceWrites' | 'pbxWrites' | 'notificationsSent'>;

/** Who answers the control API; paths begin with `presence-simulator/`. */
export interface ControlHost {
    adminRequest<T>(method: string, path: string, body?: unknown): Promise<T>;
}

/** The control API of a simulated office, in a running Node-RED or elsewhere. */
export class OfficeControl {
    /**
     * @param promised a change shows on the other side within this time, in ms: the product's own promise. It is longer
     *   where changes that follow one another are gathered
     */
    constructor(
        private readonly host: ControlHost,
        private readonly promised = 5_000,
    ) {}

    people(): Promise<PersonState[]> {
        return this.host.adminRequest('GET', 'presence-simulator/people');
    }

    counters(): Promise<OfficeCounters> {
        return this.host.adminRequest('GET', 'presence-simulator/counters');
    }

    /** Something that a person does at the phone. */
    pbx(mail: string, change: PbxChange): Promise<PersonState> {
        return this.host.adminRequest('POST', `presence-simulator/people/${mail}/pbx`, change);
    }

    /** Something that a person does in Teams; `Busy/InAMeeting` is what the client says. */
    teams(mail: string, change: string | TeamsChange): Promise<PersonState> {
        const [availability = '', activity = ''] = typeof change === 'string' ? change.split('/') : [];
        const body = typeof change === 'string' ? { availability, activity } : change;
        return this.host.adminRequest('POST', `presence-simulator/people/${mail}/teams`, body);
    }

    /** Opens or closes the office. */
    async switch(running: boolean): Promise<void> {
        await this.host.adminRequest('POST', 'presence-simulator/office', { running });
    }

    async person(mail: string): Promise<PersonState> {
        const found = (await this.people()).find(person => person.mail === mail);
        assert.ok(found, mail);
        return found;
    }

    /** Resolves once all these people show what is said here, within what the product promises. */
    async shows(expected: Record<string, Shown>, limit = this.promised): Promise<void> {
        const end = performance.now() + limit;
        for (;;) {
            const actual = pick(await this.people(), expected);
            if (JSON.stringify(actual) === JSON.stringify(expected)) return;
            if (performance.now() > end) return assert.deepEqual(actual, expected, `not so within ${limit} ms`);
            await delay(interval);
        }
    }

    /** Resolves if all these people go on to show what is said here until no echo can come any more. */
    async keeps(expected: Record<string, Shown>): Promise<void> {
        const end = performance.now() + quietTime;
        while (performance.now() < end) {
            assert.deepEqual(pick(await this.people(), expected), expected);
            await delay(interval * 2);
        }
    }

    /** Resolves with the counters once they have stood still, and fails if they never do: a loop. */
    async quiet(): Promise<OfficeCounters> {
        const limit = performance.now() + quietLimit;
        let counters = await this.counters();
        let since = performance.now();
        while (performance.now() - since < quietTime) {
            assert.ok(performance.now() < limit, `still moving after ${quietLimit} ms: ${JSON.stringify(counters)}`);
            await delay(interval * 2);
            const now = await this.counters();
            if (JSON.stringify(now) === JSON.stringify(counters)) continue;
            counters = now;
            since = performance.now();
        }
        return counters;
    }

    /** What becomes of `change` until all is quiet again. The office must be quiet before. */
    async costOf(change: () => Promise<unknown>): Promise<Cost> {
        const before = await this.counters();
        await change();
        const after = await this.quiet();
        return {
            presenceWrites: after.presenceWrites - before.presenceWrites,
            pbxWrites: after.pbxWrites - before.pbxWrites,
            notificationsSent: after.notificationsSent - before.notificationsSent,
        };
    }
}

/** What the people show, in the same words and with the same keys as what is expected of them. */
function pick(people: PersonState[], expected: Record<string, Shown>): Record<string, Shown> {
    return Object.fromEntries(
        Object.entries(expected).map(([mail, wanted]) => {
            const person = people.find(candidate => candidate.mail === mail);
            const shown: Shown = person ? shownBy(person) : {};
            return [mail, Object.fromEntries(Object.keys(wanted).map(key => [key, shown[key as keyof Shown]]))];
        }),
    );
}

/** A person's state in the words of these tests. */
export function shownBy({ pbx, teams }: PersonState): Required<Shown> {
    return {
        pbx: pbx.note ? `${pbx.activity} (${pbx.note})` : pbx.activity,
        onThePhone: pbx.onThePhone,
        teams: `${teams.availability}/${teams.activity}`,
    };
}
