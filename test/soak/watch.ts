import { setTimeout as delay } from 'node:timers/promises';
import { type OfficeControl, type Shown, shownBy } from '../support/office-control';
import { type Crowd, inWords, type Member, wrongOf } from './crowd';
import { teamsCallInPbx } from './situations';

/** What a person showed against what they do. */
export interface Mistake {
    member: Member;
    /** What they were doing. */
    situation: string;
    shown: Required<Shown>;
    expected: Shown;
    /** ms after {@link Watch.origin}. */
    from: number;
    /** ms until it was last seen. */
    lasted: number;
}

/** A change shows on the other side within this many ms. */
export const settling = 5_000;
const interval = 100;

/** Looks again and again at what all people show. */
export class Watch {
    readonly mistakes: Mistake[] = [];
    /** Those whose PBX presence became a Teams call that they did not have. */
    readonly inventedCalls = new Set<string>();
    /** From when on the times of mistakes are told, by `performance.now()`. */
    origin = performance.now();
    readonly #office: OfficeControl;
    readonly #crowd: Crowd;
    readonly #excused: (member: Member) => number;
    readonly #open = new Map<Member, Mistake>();
    readonly #inPbx = new Map<Member, string>();
    #ends = false;
    readonly #done: Promise<void>;

    /**
     * Begins at once.
     * @param excused until when a person may show something else, by `performance.now()`; by default for the settling
     * time after each change
     */
    constructor(office: OfficeControl, crowd: Crowd, excused = (member: Member) => member.changed + settling) {
        this.#office = office;
        this.#crowd = crowd;
        this.#excused = excused;
        this.#done = this.#run();
    }

    async end(): Promise<void> {
        this.#ends = true;
        await this.#done;
    }

    async #run(): Promise<void> {
        while (!this.#ends) {
            const begun = performance.now();
            const all = new Map((await this.#office.people()).map(person => [person.mail, shownBy(person)]));
            for (const member of this.#crowd.members) {
                const shown = all.get(member.mail);
                if (shown) this.#judge(member, shown, begun);
            }
            await delay(interval);
        }
    }

    #judge(member: Member, shown: Required<Shown>, now: number): void {
        const before = this.#inPbx.get(member) ?? shown.pbx;
        const isNew = shown.pbx === teamsCallInPbx && before !== shown.pbx;
        if (isNew && now > member.lastTeamsCall + settling) this.inventedCalls.add(member.mail);
        this.#inPbx.set(member, shown.pbx);
        const isWrong = now > this.#excused(member) && wrongOf(member, shown).length > 0;
        const open = this.#open.get(member);
        const from = now - this.origin;
        const { name: situation, shows: expected } = member.situation;
        if (!isWrong) this.#open.delete(member);
        else if (open) open.lasted = from - open.from;
        else this.#note({ member, situation, shown, expected, from, lasted: 0 });
    }

    #note(mistake: Mistake): void {
        this.mistakes.push(mistake);
        this.#open.set(mistake.member, mistake);
    }
}

/** In a line, for a report. */
export function told({ member, situation, shown, expected, from, lasted }: Mistake): string {
    const seconds = `${(from / 1_000).toFixed(1)} s, for ${(lasted / 1_000).toFixed(1)} s`;
    return `${member.mail} (${situation}) at ${seconds}: ${inWords(shown)} instead of ${inWords(expected)}`;
}

/** Whether a call that is not there shows, or one that is there does not show at all. */
export function isWrongCall({ shown, expected }: Mistake): boolean {
    const [shownCall, call] = [shown, expected].map(({ teams }) => teams === 'Busy/InACall');
    const [shownInPbx, inPbx] = [shown, expected].map(({ pbx }) => pbx === teamsCallInPbx);
    const inTeams = shownCall !== call && (shownCall || shown.teams === 'Available/Available');
    return inTeams || (expected.pbx !== undefined && shownInPbx !== inPbx && (shownInPbx || shown.pbx === ''));
}
