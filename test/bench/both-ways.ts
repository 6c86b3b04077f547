import type { SimulatedOffice } from '../../lib/simulator/office';

/** Changes that begin in Teams and in the PBX at the same time. */
export interface Traffic {
    /** Changes per second each way. */
    rate: number;
    seconds: number;
}

/** Milliseconds from a change on one side to its effect on the other; who shows no effect in the end is `missing`. */
export interface Effects {
    shownInPbx: number[];
    goneInPbx: number[];
    shownInTeams: number[];
    goneInTeams: number[];
    missing: number;
}

/** Milliseconds that a call lasts. */
const callLength = 5_000;
/** Milliseconds that the last effects may take. */
const patience = 10_000;

/** One half of the people have calls in Teams, the other half in the PBX; each change waits for its effect. */
export async function changeBothWays(office: SimulatedOffice, { rate, seconds }: Traffic): Promise<Effects> {
    const mails = office.people().map(({ mail }) => mail);
    const half = mails.length / 2;
    const ways = [
        new Way({
            mails: mails.slice(0, half),
            change: (mail, call) => office.setTeams(mail, { call }),
            shows: mail => office.person(mail).pbx.activity === 'busy',
        }),
        new Way({
            mails: mails.slice(half),
            change: (mail, call) => office.setPbx(mail, { call }),
            shows: mail => office.person(mail).teams.activity === 'InACall',
        }),
    ] as const;
    const onChange = (mail: string): void => {
        for (const way of ways) way.look(mail);
    };
    office.on('change', onChange);
    const begin = performance.now();
    for (let step = 0; step < rate * seconds; step++) {
        await passed(begin + (step * 1_000) / rate - performance.now());
        for (const way of ways) way.step();
    }
    const end = performance.now() + patience;
    while (ways.some(way => way.open > 0) && performance.now() < end) await passed(20);
    office.off('change', onChange);
    const [toPbx, toTeams] = ways;
    return {
        shownInPbx: toPbx.shown,
        goneInPbx: toPbx.gone,
        shownInTeams: toTeams.shown,
        goneInTeams: toTeams.gone,
        missing: toPbx.open + toTeams.open,
    };
}

interface WayUse {
    mails: readonly string[];
    change(mail: string, call: 'start' | 'end'): void;
    /** Whether the other side shows a call. */
    shows(mail: string): boolean;
}

/** Calls on one side, and when the other side shows them. */
class Way {
    readonly shown: number[] = [];
    readonly gone: number[] = [];
    readonly #use: WayUse;
    readonly #waiting = new Map<string, { since: number; call: 'start' | 'end' }>();
    readonly #calls: { mail: string; ends: number }[] = [];
    #next = 0;

    constructor(use: WayUse) {
        this.#use = use;
    }

    /** Changes that show no effect yet. */
    get open(): number {
        return this.#waiting.size;
    }

    /** Ends the oldest call if it is over, else begins one. */
    step(): void {
        const [oldest] = this.#calls;
        if (oldest && oldest.ends <= performance.now()) {
            this.#calls.shift();
            return this.#change(oldest.mail, 'end');
        }
        const mail = this.#use.mails[this.#next++ % this.#use.mails.length]!;
        this.#calls.push({ mail, ends: performance.now() + callLength });
        this.#change(mail, 'start');
    }

    look(mail: string): void {
        const waiting = this.#waiting.get(mail);
        if (!waiting || this.#use.shows(mail) !== (waiting.call === 'start')) return;
        this.#waiting.delete(mail);
        const into = waiting.call === 'start' ? this.shown : this.gone;
        into.push(performance.now() - waiting.since);
    }

    #change(mail: string, call: 'start' | 'end'): void {
        this.#waiting.set(mail, { since: performance.now(), call });
        this.#use.change(mail, call);
    }
}

function passed(time: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, Math.max(0, time)));
}
