import type { Language } from '../errors/sentence';
import type { ExplainedPerson } from '../presence/explain';
import { searchable } from '../presence/foreign-text';
import type { Glance } from '../presence/glance';
import type { Journal, JournalEntry } from '../presence/journal';
import { topicOf } from '../presence/message';
import { rules } from '../presence/rules';
import type { Clock } from '../time/clock';
import { csvOf } from './csv';
import { PeopleIndex, type Person } from './people-index';
import type { WatchedPeople, WatchedSystems } from './watched';

/**
 * Which people are meant:
 * - `differs`: a system does not show what the other wants there;
 * - `left-out`: nobody on the other side fits, or a system does not tell or take their presence, each with the reason;
 * - `absent`: they take no part, as it was chosen;
 * - `stopped`: paused, or resting since changes have answered each other;
 * - `held`: something of ours may show;
 * - `changed`: something was decided in the last quarter of an hour.
 */
export const peopleFilters = ['differs', 'left-out', 'absent', 'stopped', 'held', 'changed'] as const;
export type PeopleFilter = (typeof peopleFilters)[number];

/** What is asked of the list. */
export interface PeopleQuery {
    /** Parts of a name, an address or a number, in any order; without accents and case. Empty: everybody. */
    text?: string | undefined;
    /** Absent: all who take part. */
    filter?: PeopleFilter | undefined;
    /** How many are left out at the beginning, and how many come at most. */
    offset?: number | undefined;
    limit?: number | undefined;
}

/** One side of a row. */
export interface RowSide extends Omit<Glance, 'refused'> {
    /** Name of the PBX or the tenant. */
    system: string;
    refused?: string;
}

/** A person as the list shows them. */
export interface PersonRow {
    /** Names the person in requests. */
    key: string;
    name: string;
    address: string;
    number: string | undefined;
    pbx: RowSide | undefined;
    teams: RowSide | undefined;
    /** Why the person cannot be in step before somebody has changed that. */
    leftOut: string | undefined;
    /** Name and address of the Teams user who may be meant, where nobody fits. */
    suggestion: string | undefined;
}

/** A part of the list. */
export interface PeoplePage {
    /** How many people take part, how many of them neither differ nor are left out, and how many each filter finds. */
    total: number;
    inStep: number;
    counts: Record<PeopleFilter, number>;
    /** How many fit the query. */
    found: number;
    /** Sorted by name. */
    rows: PersonRow[];
}

/** A person with all that there is to say. */
export interface PersonReport extends Omit<PersonRow, 'pbx' | 'teams'> {
    pbx: ExplainedPerson | undefined;
    teams: ExplainedPerson | undefined;
    /** Of both sides, the newest first. */
    decisions: ToldDecision[];
}

/** A decision of the journal in words. */
export interface ToldDecision extends Omit<JournalEntry, 'at' | 'system' | 'person' | 'name'> {
    /** ISO date. */
    at: string;
    /** Sentence of its rule. */
    reason: string;
}

/** What can be asked for one person, on both sides at once. */
export const personActions = ['pause', 'resume', 'resync'] as const;
export type PersonAction = (typeof personActions)[number];

/** A person with what there is to see of them at one moment. */
interface Seen {
    person: Person;
    pbx: Glance;
    teams: Glance;
}

/** ms within which a decision counts as new. */
const lately = 15 * 60_000;
/** Decisions of one person that are told. */
const mostDecisions = 100;
const nothing: Glance = {};

const tests: Record<PeopleFilter, (seen: Seen, now: number) => boolean> = {
    differs: ({ pbx, teams }) => Boolean(pbx.differs || teams.differs),
    'left-out': ({ person, pbx, teams }) => Boolean(person.leftOut || pbx.refused || teams.refused),
    absent: ({ person }) => person.isAbsent === true,
    stopped: ({ pbx, teams }) => Boolean(pbx.stopped || teams.stopped),
    held: ({ pbx, teams }) => Boolean(pbx.holds || teams.holds),
    changed: ({ pbx, teams }, now) => Math.max(pbx.decidedAt ?? 0, teams.decidedAt ?? 0) >= now - lately,
};

/** The people of all systems in one list, with what both sides show of them, and why. */
export class PeopleList {
    readonly #systems: WatchedSystems;
    readonly #index: PeopleIndex;
    readonly #journal: Journal;
    readonly #clock: Clock;

    constructor(options: { systems: WatchedSystems; journal: Journal; clock: Clock }) {
        this.#systems = options.systems;
        this.#index = new PeopleIndex(options.systems);
        this.#journal = options.journal;
        this.#clock = options.clock;
    }

    page({ text = '', filter, offset = 0, limit = 200 }: PeopleQuery, language: Language): PeoplePage {
        const words = searchable(text).split(' ').filter(Boolean);
        const now = this.#clock.date();
        const counts = Object.fromEntries(peopleFilters.map(name => [name, 0])) as PeoplePage['counts'];
        const look = this.#looking();
        const found: Seen[] = [];
        let [total, inStep] = [0, 0];
        for (const person of this.#index.all()) {
            const seen = look(person);
            // Who takes no part counts for nothing else.
            for (const name of person.isAbsent ? (['absent'] as const) : peopleFilters)
                if (tests[name](seen, now)) counts[name] += 1;
            if (!person.isAbsent) total += 1;
            if (!person.isAbsent && !tests.differs(seen, now) && !tests['left-out'](seen, now)) inStep += 1;
            const isMeant = person.isAbsent ? filter === 'absent' : !filter || tests[filter](seen, now);
            if (isMeant && words.every(word => person.text.includes(word))) found.push(seen);
        }
        const rows = found.slice(offset, offset + limit).map(seen => rowOf(seen, language));
        return { total, inStep, counts, found: found.length, rows };
    }

    /** All whom a query means, as a table for spreadsheets. */
    csv(query: PeopleQuery, language: Language): string {
        const { rows } = this.page({ ...query, offset: 0, limit: Number.POSITIVE_INFINITY }, language);
        const side = (seen: RowSide | undefined): (string | undefined)[] => [
            ...[seen?.system, seen?.shows, seen?.holds, seen?.stopped, seen?.refused],
            seen?.since === undefined ? undefined : new Date(seen.since).toISOString(),
        ];
        const lines = rows.map(({ name, address, number, pbx, teams, leftOut, suggestion }) => [
            ...[name, address, number, ...side(pbx), ...side(teams), leftOut, suggestion],
        ]);
        const columns = ['system', 'shows', 'ours', 'stopped', 'refused', 'since'];
        const heads = ['pbx', 'teams'].flatMap(name => columns.map(column => `${name} ${column}`));
        return csvOf([['name', 'address', 'number', ...heads, 'left out', 'suggestion'], ...lines]);
    }

    /** Undefined for a person who is not known any more. */
    report(key: string, language: Language): PersonReport | undefined {
        const person = this.#index.byKey(key);
        if (!person) return undefined;
        const { pbx, teams } = person;
        return {
            ...rowOf(this.#looking()(person), language),
            pbx: pbx?.of.system.people.explain(pbx.user, language),
            teams: teams?.of.system.people.explain(teams.user, language),
            decisions: this.#decisionsOf(person, language),
        };
    }

    /**
     * @param by name of the user of the editor, for the journal
     * @param until date at which a pause ends, ms since the epoch; absent: when it is resumed
     * @returns false for a person who is not known any more
     */
    act(key: string, action: PersonAction, by: string, until?: number): boolean {
        const found = this.#index.byKey(key);
        const at = this.#clock.date();
        for (const [side, known] of [
            ['pbx', found?.pbx],
            ['teams', found?.teams],
        ] as const) {
            if (!known) continue;
            const { of, key: person, user } = known;
            this.#journal.add({
                ...{ at, side, system: of.id, person, name: user.displayName, by },
                ...{ part: '', from: '', to: '', rule: `${action} asked for`, outcome: 'observed' },
            });
            if (action === 'pause') of.system.people.pause(user, until);
            else of.system.people[action](user);
        }
        return found !== undefined;
    }

    /** Looks at people, all at this moment. */
    #looking(): (person: Person) => Seen {
        const glances = new Map<WatchedPeople, ReturnType<WatchedPeople['glances']>>();
        for (const { system } of [...this.#systems.pbxs(), ...this.#systems.tenants()])
            glances.set(system.people, system.people.glances());
        const side = (known: Person['pbx'] | Person['teams']): Glance =>
            (known && glances.get(known.of.system.people)?.(known.key)) ?? nothing;
        return person => ({ person, pbx: side(person.pbx), teams: side(person.teams) });
    }

    #decisionsOf({ pbx, teams }: Person, language: Language): ToldDecision[] {
        const told: ToldDecision[] = [];
        for (const { system, person, name: _, at, ...entry } of this.#journal.entries()) {
            const known = entry.side === 'pbx' ? pbx : teams;
            if (person !== known?.key || system !== known.of.id) continue;
            told.push({ ...entry, at: new Date(at).toISOString(), reason: rules[entry.rule][language] });
            if (told.length === mostDecisions) break;
        }
        return told;
    }
}

function rowOf({ person, pbx, teams }: Seen, language: Language): PersonRow {
    const side = (known: Person['pbx'] | Person['teams'], { refused, ...seen }: Glance): RowSide | undefined =>
        known && { system: known.of.name, ...seen, ...(refused && { refused: refused.sentence[language] }) };
    const { user } = (person.pbx ?? person.teams)!;
    const { suggestion } = person;
    return {
        ...{ key: person.key, name: user.displayName, number: user.pbx?.number || undefined },
        address: topicOf(person.teams?.user ?? user),
        ...{ pbx: side(person.pbx, pbx), teams: side(person.teams, teams) },
        leftOut: person.leftOut?.sentence[language],
        suggestion: suggestion && `${suggestion.displayName} <${topicOf(suggestion)}>`,
    };
}
