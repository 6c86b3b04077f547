import { type Random, shuffled } from '../../lib/simulator/random';
import type { OfficeControl, Shown } from '../support/office-control';
import { idle, type Own, pbxCall, type Situation, situations } from './situations';

/** Between two things that one person does there are so many ms: what may be an echo is read again after 1.5 s. */
const rest = 3_000;

/** One person of the office, and what they do. */
export interface Member {
    mail: string;
    situation: Situation;
    /** When they last did something, by `performance.now()`. */
    changed: number;
    /** When their last Teams call ended; absent while there is none to remember, infinite during one. */
    lastTeamsCall: number;
}

/** The people of an office and what they do of their own accord: the source of truth of the soak. */
export class Crowd {
    readonly members: readonly Member[];
    readonly #office: OfficeControl;
    readonly #random: Random;

    /** All do nothing yet. */
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
        for (const member of chosen.slice(calls, 2 * calls)) await this.#to(member, this.#nextOf(idle));
    }

    /** A person who has done nothing new for a moment does something else. */
    async change(): Promise<void> {
        const now = performance.now();
        const rested = this.members.filter(({ changed }) => now - changed > rest);
        const member = rested[Math.floor(this.#random() * rested.length)];
        if (member) await this.#to(member, this.#nextOf(member.situation));
    }

    /** Whatever people do has ended. */
    async end(): Promise<void> {
        for (const member of this.members) await this.#to(member, idle);
    }

    /** From one system to the other people go by doing nothing: what ends beneath something of ours is not visible. */
    #nextOf(before: Situation): Situation {
        const possible = situations.filter(({ own }) => !meets(before.own, own) && !meets(own, before.own));
        let left = this.#random() * possible.reduce((sum, { weight }) => sum + weight, 0);
        for (const situation of possible) {
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

/** Whether something in the PBX goes on into something in Teams. */
function meets(pbx: Own, teams: Own): boolean {
    const isInPbx = pbx.setting !== '' || pbx.pbxCall;
    return isInPbx && (teams.client !== idle.own.client || teams.teamsCall);
}

/** What of `shown` is not as the person's own sources say; empty if all is right. */
export function wrongOf({ situation }: Member, shown: Shown): (keyof Shown)[] {
    const { shows } = situation;
    return (Object.keys(shows) as (keyof Shown)[]).filter(key => shows[key] !== shown[key]);
}

/** For a report. */
export function inWords({ pbx, onThePhone, teams }: Shown): string {
    return `${pbx === undefined ? '?' : `"${pbx}"`}${onThePhone ? ', on the phone' : ''}, ${teams}`;
}
