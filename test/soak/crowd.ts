import { type Random, shuffled } from '../../lib/simulator/random';
import type { OfficeControl, Shown } from '../support/office-control';
import { idle, type Own, pbxCall, type Situation, situations } from './situations';

/** Somebody who works in the office, and what they do. */
export interface Member {
    mail: string;
    situation: Situation;
    /** When they last did something, by `performance.now()`. */
    changed: number;
    /** When their last Teams call ended; absent while there is none to remember, infinite during one. */
    lastTeamsCall: number;
}

/** Everybody of an office and what they do of their own accord: the source of truth of the soak. */
export class Crowd {
    readonly members: readonly Member[];
    readonly #office: OfficeControl;
    readonly #random: Random;

    /** Everybody does nothing yet. */
    constructor(office: OfficeControl, mails: readonly string[], random: Random) {
        this.#office = office;
        this.#random = random;
        const nothing = { situation: idle, changed: Number.NEGATIVE_INFINITY, lastTeamsCall: Number.NEGATIVE_INFINITY };
        this.members = mails.map(mail => ({ mail, ...nothing }));
    }

    /** So many people begin a PBX call, and as many others something else. */
    async begin(calls: number): Promise<void> {
        const chosen = shuffled(this.members, this.#random);
        for (const member of chosen.slice(0, calls)) await this.#to(member, pbxCall);
        for (const member of chosen.slice(calls, 2 * calls)) await this.#to(member, this.#next());
    }

    /** Somebody does something else. */
    async change(): Promise<void> {
        const member = this.members[Math.floor(this.#random() * this.members.length)]!;
        await this.#to(member, this.#next());
    }

    /** Whatever people do has ended. */
    async end(): Promise<void> {
        for (const member of this.members) await this.#to(member, idle);
    }

    #next(): Situation {
        const all = situations.reduce((sum, { weight }) => sum + weight, 0);
        let left = this.#random() * all;
        for (const situation of situations) {
            left -= situation.weight;
            if (left < 0) return situation;
        }
        return idle;
    }

    async #to(member: Member, situation: Situation): Promise<void> {
        const { own: before } = member.situation;
        const { own } = situation;
        // Set before it is done, so that it is never judged by what it was.
        member.situation = situation;
        member.changed = Number.POSITIVE_INFINITY;
        if (own.teamsCall) member.lastTeamsCall = Number.POSITIVE_INFINITY;
        await this.#do(member.mail, before, own);
        member.changed = performance.now();
        if (before.teamsCall && !own.teamsCall) member.lastTeamsCall = member.changed;
    }

    async #do(mail: string, before: Own, after: Own): Promise<void> {
        const call = (starts: boolean) => ({ call: starts ? 'start' : 'end' }) as const;
        if (before.setting !== after.setting) await this.#office.pbx(mail, { activity: after.setting });
        if (before.pbxCall !== after.pbxCall) await this.#office.pbx(mail, call(after.pbxCall));
        if (before.client !== after.client) await this.#office.teams(mail, after.client);
        if (before.teamsCall !== after.teamsCall) await this.#office.teams(mail, call(after.teamsCall));
    }
}

/** What of `shown` is not as the person's own sources say; empty if all is right. */
export function wrongOf({ situation }: Member, shown: Shown): (keyof Shown)[] {
    const { shows } = situation;
    return (Object.keys(shows) as (keyof Shown)[]).filter(key => shows[key] !== shown[key]);
}
