import type { Person } from '../../lib/simulator/person';
import type { Office } from './office';
import type { Oracle, Seen } from './oracle';
import type { Pair } from './words';

/** ms within which everything is settled: where notifications arrive, and where polling or a sweep has to find a change. */
export const settling = { notified: 8_000, found: 18_000 };

/** ms within which the product has read that somebody has come, has left or is called otherwise. */
const directory = 320_000;

/** One person of the office: what they do, on both sides, and what is right for them. */
export class PersonModel {
    readonly person: Person;
    readonly oracle: Oracle;
    /** When they did something last, in ms of the world. */
    actedAt = Number.NEGATIVE_INFINITY;
    /** How often they changed something, and how often what we show for them in the PBX became something else. */
    acts = 0;
    told = 0;
    #shown = shownText({ ours: '', calls: 0 });
    readonly #office: Office;
    readonly #calls = new Map<string, number>();
    #activity = '';
    #isSignedIn = true;
    readonly #isIn = { pbx: true, teams: true };
    #mail: string;

    constructor(office: Office, person: Person, oracle: Oracle) {
        this.#office = office;
        this.person = person;
        this.oracle = oracle;
        this.#mail = person.mail;
    }

    /** Does it, unless nobody could: who is signed out of Teams does nothing there. */
    act(action: string): void {
        const [side, verb, ...rest] = action.split(' ');
        const value = rest.join(' ');
        const isPossible = side === 'pbx' ? this.#canAtPhone(verb!, value) : this.#canInTeams(verb!);
        if (!isPossible) return;
        const before = this.oracle.sources;
        const { clock } = this.#office;
        const now = clock.monotonic();
        const isForDirectory = ['leave', 'join', 'rename'].includes(verb!);
        if (isForDirectory) this.oracle.blind(now, now + directory);
        // Who comes back shows something else without a notification: subscriptions seem silent, and people are polled.
        this.#office.hasReturned ||= action === 'teams join';
        // No notification tells a status message.
        const isFound = action.startsWith('teams note') && this.#office.hasReturned;
        const later = isFound ? settling.found - settling.notified : 0;
        this.actedAt = Math.max(this.actedAt, now + (isForDirectory ? directory : later));
        this.oracle.act(now, action);
        if (isForDirectory) this.#administer(side as 'pbx' | 'teams', verb!);
        else if (side === 'pbx') this.#atPhone(verb!, value);
        else this.#inTeams(now, verb!, value);
        // A rename is delivered twice, once by each system: what was matched is no more, and then is again.
        if (verb === 'rename') this.acts += 2;
        else if (this.oracle.sources !== before) this.acts++;
    }

    /** What both systems show now. */
    see(): Seen {
        const { pbx, tenant } = this.#office;
        const { guid, teamsId } = this.person;
        const absent = { availability: 'Nobody', activity: 'Nobody' };
        const { availability, activity } = this.#isIn.teams ? tenant.presenceOf(teamsId) : absent;
        const entries = this.#isIn.pbx ? pbx.presenceOf(guid).entries : [];
        const calls = this.#isIn.pbx ? pbx.alienCalls(guid).length : 0;
        const of = (contact: string): string => {
            const entry = entries.find(each => each.contact === contact && each.activity !== 'on-the-phone');
            return entry ? `${entry.activity ?? ''}|${entry.note ?? ''}` : '';
        };
        return { teams: `${availability}/${activity}`, tel: of('tel:'), ours: of('teams:'), calls };
    }

    /** Looks whether what we show in the PBX is something else now. @returns what is wrong with it; undefined where nothing is */
    look(): string | undefined {
        const seen = this.see();
        if (seen.ours) this.#office.hasShownOurs = true;
        const shown = shownText(seen);
        if (shown !== this.#shown) this.told++;
        this.#shown = shown;
        return this.oracle.checkTold(seen, this.#office.clock.monotonic());
    }

    /** Everything that the person has set and begun, the PBX side and then, once that has settled, Teams. */
    get ends(): string[][] {
        const calls = [...this.#calls.keys()].map(name => `pbx end ${name}`);
        return [
            ['pbx join', 'teams join'],
            ['pbx set ', ...calls],
            ['teams end', 'teams client Available/Available', 'teams reset', 'teams note '],
        ];
    }

    #canAtPhone(verb: string, call: string): boolean {
        if (verb === 'join' || !this.#isIn.pbx) return verb === 'join' && !this.#isIn.pbx;
        if (verb === 'call') return !this.#calls.has(call);
        return verb !== 'end' || this.#calls.has(call);
    }

    #canInTeams(verb: string): boolean {
        if (verb === 'join' || !this.#isIn.teams) return verb === 'join' && !this.#isIn.teams;
        return this.#isSignedIn || ['client', 'leave', 'rename'].includes(verb);
    }

    #administer(side: 'pbx' | 'teams', verb: string): void {
        const { pbx, tenant } = this.#office;
        const { guid, teamsId } = this.person;
        const person = { ...this.person, mail: this.#mail };
        if (verb === 'rename') this.#rename();
        else this.#isIn[side] = verb === 'join';
        if (verb === 'join') (side === 'pbx' ? pbx : tenant).addPerson(person);
        else if (verb === 'leave' && side === 'pbx') pbx.removePerson(guid);
        else if (verb === 'leave') tenant.removePerson(teamsId);
        if (verb === 'leave' && side === 'pbx') this.#calls.clear();
        if (verb === 'leave' && side === 'pbx') this.#activity = '';
        if (verb === 'join' && side === 'teams') this.#isSignedIn = true;
    }

    /** Another address on both sides, and back. */
    #rename(): void {
        const { pbx, tenant } = this.#office;
        this.#mail = this.#mail === this.person.mail ? `new.${this.person.mail}` : this.person.mail;
        const change = { mail: this.#mail };
        if (this.#isIn.pbx) pbx.updatePerson(this.person.guid, change);
        if (this.#isIn.teams) tenant.updatePerson(this.person.teamsId, change);
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
        this.#office.showsBesideCalls ||= this.#calls.size > 0 && this.#activity !== '';
    }

    #inTeams(now: number, verb: string, value: string): void {
        const { tenant } = this.#office;
        const { teamsId } = this.person;
        if (verb === 'client') tenant.setClientPresence(teamsId, pairOf(value));
        else if (verb === 'out') this.#signOut(now);
        else if (verb === 'call') tenant.startCall(teamsId);
        else if (verb === 'end') tenant.endCall(teamsId);
        else if (verb === 'choose') tenant.setUserPreferred(teamsId, pairOf(value));
        else if (verb === 'reset') tenant.setUserPreferred(teamsId, undefined);
        else if (verb === 'note') tenant.setStatusMessage(teamsId, value);
        if (verb === 'client') this.#isSignedIn = true;
    }

    #signOut(now: number): void {
        const { tenant } = this.#office;
        this.oracle.act(now, 'teams end');
        tenant.endCall(this.person.teamsId);
        tenant.setClientPresence(this.person.teamsId, undefined);
        this.#isSignedIn = false;
    }
}

function shownText({ ours, calls }: Pick<Seen, 'ours' | 'calls'>): string {
    return `${ours} ${calls}`;
}

function pairOf(text: Pair): { availability: string; activity: string } {
    const [availability, activity] = text.split('/') as [string, string];
    return { availability, activity };
}
