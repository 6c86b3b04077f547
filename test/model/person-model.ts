import type { Person } from '../../lib/simulator/person';
import type { Office } from './office';
import type { Oracle, Pair, Seen } from './oracle';

/** One person of the office: what they do, on both sides, and what is right for them. */
export class PersonModel {
    readonly person: Person;
    readonly oracle: Oracle;
    /** When they did something last, in ms of the world. */
    actedAt = Number.NEGATIVE_INFINITY;
    readonly #office: Office;
    readonly #calls = new Map<string, number>();
    #activity = '';
    #isSignedIn = true;

    constructor(office: Office, person: Person, oracle: Oracle) {
        this.#office = office;
        this.person = person;
        this.oracle = oracle;
    }

    /** Does it, unless nobody could: who is signed out of Teams does nothing there. */
    act(action: string): void {
        const [side, verb, ...rest] = action.split(' ');
        const value = rest.join(' ');
        const isPossible = side === 'pbx' ? this.#canAtPhone(verb!, value) : this.#isSignedIn || verb === 'client';
        if (!isPossible) return;
        this.actedAt = this.#office.clock.monotonic();
        this.oracle.act(this.actedAt, action);
        if (side === 'pbx') this.#atPhone(verb!, value);
        else this.#inTeams(verb!, value);
    }

    /** What both systems show now. */
    see(): Seen {
        const { pbx, tenant } = this.#office;
        const { guid, teamsId } = this.person;
        const { availability, activity } = tenant.presenceOf(teamsId);
        const { entries } = pbx.presenceOf(guid);
        const calls = pbx.alienCalls(guid).length;
        const of = (contact: string): string => {
            const entry = entries.find(each => each.contact === contact && each.activity !== 'on-the-phone');
            return entry ? `${entry.activity ?? ''}|${entry.note ?? ''}` : '';
        };
        return { teams: `${availability}/${activity}`, tel: of('tel:'), ours: of('teams:'), calls };
    }

    /** Everything that the person has set and begun, the PBX side and then, once that has settled, Teams. */
    get ends(): string[][] {
        const calls = [...this.#calls.keys()].map(name => `pbx end ${name}`);
        return [
            ['pbx set ', ...calls],
            ['teams end', 'teams client Available/Available', 'teams reset', 'teams note '],
        ];
    }

    #canAtPhone(verb: string, call: string): boolean {
        if (verb === 'call') return !this.#calls.has(call);
        return verb !== 'end' || this.#calls.has(call);
    }

    #atPhone(verb: string, value: string): void {
        const { pbx } = this.#office;
        const { guid } = this.person;
        if (verb === 'set') this.#activity = value;
        if (verb === 'set') pbx.setPresence(guid, { activity: value });
        else if (verb === 'note') pbx.setPresence(guid, { activity: this.#activity, note: value });
        else if (verb === 'call') this.#calls.set(value, pbx.startCall(guid, {}));
        else {
            pbx.endCall(guid, this.#calls.get(value));
            this.#calls.delete(value);
        }
    }

    #inTeams(verb: string, value: string): void {
        const { tenant } = this.#office;
        const { teamsId } = this.person;
        if (verb === 'client') tenant.setClientPresence(teamsId, pairOf(value));
        else if (verb === 'out') this.#signOut();
        else if (verb === 'call') tenant.startCall(teamsId);
        else if (verb === 'end') tenant.endCall(teamsId);
        else if (verb === 'choose') tenant.setUserPreferred(teamsId, pairOf(value));
        else if (verb === 'reset') tenant.setUserPreferred(teamsId, undefined);
        else if (verb === 'note') tenant.setStatusMessage(teamsId, value);
        if (verb === 'client') this.#isSignedIn = true;
    }

    #signOut(): void {
        const { tenant } = this.#office;
        this.oracle.act(this.actedAt, 'teams end');
        tenant.endCall(this.person.teamsId);
        tenant.setClientPresence(this.person.teamsId, undefined);
        this.#isSignedIn = false;
    }
}

function pairOf(text: Pair): { availability: string; activity: string } {
    const [availability, activity] = text.split('/') as [string, string];
    return { availability, activity };
}
