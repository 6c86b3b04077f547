import type { Sentence } from '../errors/sentence';
import type { SideName } from './journal';
import type { PresenceUser } from './message';
import { nextStep, type Part, rulingOf, type Side } from './next-step';
import {
    type Certainty,
    type Claim,
    type Decision,
    type Doubt,
    liveClaims,
    type PersonRecord,
    type Source,
    type Statement,
    stopOf,
    type Trouble,
} from './record';
import type { Rule } from './rules';

/** What a side shows of a person; each side says it in its own words. */
export interface Shown {
    text: string;
    /** Date since which it is known to, ms since the epoch. */
    since?: number;
    /** The part of ours that shows; absent where it is what the person's own sources say. */
    part?: string;
    /** What the person's own sources say beneath ours, where that is known. */
    own?: string;
    /** Why what we hold does not show. */
    hidden?: Sentence;
}

/** One part, as it stands. Dates are ISO texts; what is absent has no end, or is not known. */
export interface ExplainedPart {
    part: string;
    label: Sentence;
    /** What is wanted; `text` is empty for nothing. Absent: no source has spoken since the start. */
    wants?: { text: string; source: Source; node: string; since: string };
    /** What may show for us. */
    holds?: { text: string; certainty: Certainty; since: string; renewed?: string; until?: string };
    /** What a dry run would show; empty for nothing. */
    would?: string;
    /** What keeps it as it is, or makes it another. */
    rule: Rule;
    until?: string;
    trouble?: { reason: Sentence; failures: number; again: string };
}

/** What comes next. */
export interface ExplainedStep {
    do: 'write' | 'renew' | 'clear' | 'read' | 'sending';
    part?: Sentence;
    text?: string;
    rule?: Rule;
    /** Absent: now. */
    at?: string;
}

/** Everything that there is to say of a person on one side. Plain JSON. */
export interface Explained {
    side: SideName;
    person: PresenceUser;
    /** When this was said. */
    at: string;
    /** Absent as long as it is not known. */
    shows?: { text: string; since?: string; part?: Sentence; own?: string; hidden?: Sentence };
    parts: ExplainedPart[];
    /** Why nothing of ours may show. */
    stopped?: { rule: Rule; until?: string };
    /** Everything of this person is refused while others are served, so it is tried again then. */
    setAside?: { reason: Sentence; until: string };
    /** The side cannot be written to now. */
    heldOff?: { reason?: Sentence; until?: string };
    doubt?: Doubt['why'];
    /** Changes have followed one another quickly, so nothing is sent before. */
    settling?: string;
    next?: ExplainedStep;
    /** The newest first. */
    lately: Decision[];
}

/** What is explained, and when. */
export interface Question {
    side: SideName;
    parts: readonly Part[];
    /** What the people of the side share. */
    common: Side;
    /** As the side says it; absent as long as it is not known. */
    shown?: Shown | undefined;
    /** Monotonic time and date of the same moment. */
    now: number;
    date: number;
}

/** Why a person shows what they show, and what comes next. Pure: the record says it all. */
export function explain(record: PersonRecord, question: Question): Explained {
    const { side, parts, common, shown, now } = question;
    const { setAside, doubt, settle } = record;
    const when = new Dates(question);
    const stop = stopOf(record, now);
    const next = comingStep(record, question, when);
    return {
        ...{ side, person: record.person, at: when.iso(now) },
        ...(shown && { shows: showsOf(shown, parts) }),
        parts: parts.flatMap(part => partOf(record, part, question, when) ?? []),
        ...(stop && { stopped: { rule: stop.rule, ...when.known('until', stop.until) } }),
        ...(setAside && setAside.until > now
            ? { setAside: { reason: setAside.error.sentence, until: when.iso(setAside.until) } }
            : {}),
        ...(common.heldOffUntil > now ? { heldOff: heldOffOf(common, when) } : {}),
        ...(doubt && { doubt: doubt.why }),
        ...(settle && settle.until > now ? { settling: when.iso(settle.until) } : {}),
        ...(next && { next }),
        lately: [...record.lately].reverse(),
    };
}

/** Monotonic times as dates. */
class Dates {
    readonly #ahead: number;

    constructor({ now, date }: Pick<Question, 'now' | 'date'>) {
        this.#ahead = date - now;
    }

    iso(time: number): string {
        return new Date(Math.round(time + this.#ahead)).toISOString();
    }

    /** Nothing for what has no end, or is not known. */
    known<Name extends string>(name: Name, time: number | undefined): { [name in Name]?: string } {
        const isKnown = time !== undefined && Number.isFinite(time);
        return (isKnown ? { [name]: this.iso(time) } : {}) as { [name in Name]?: string };
    }
}

function showsOf({ text, since, part, own, hidden }: Shown, parts: readonly Part[]): Explained['shows'] {
    return {
        text,
        ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
        ...(part === undefined ? {} : { part: labelOf(part, parts) }),
        ...(own === undefined ? {} : { own }),
        ...(hidden && { hidden }),
    };
}

function heldOffOf({ heldOffBy, heldOffUntil }: Side, when: Dates): Explained['heldOff'] {
    return { ...(heldOffBy && { reason: heldOffBy.sentence }), ...when.known('until', heldOffUntil) };
}

/** One part; nothing where it is neither wanted nor held. */
function partOf(record: PersonRecord, part: Part, { common, now }: Question, when: Dates): ExplainedPart | undefined {
    const state = record.parts[part.name];
    const [claim] = liveClaims(state, now);
    if (!state || (!state.desired && !claim)) return undefined;
    const ruling = rulingOf(record, part, common, now);
    const { desired, trouble, would } = state;
    const text = (value: unknown): string => (value === undefined ? '' : part.text(value));
    return {
        ...{ part: part.name, label: part.label, rule: ruleOf(ruling) },
        ...when.known('until', 'until' in ruling ? ruling.until : undefined),
        ...(desired && { wants: wantsOf(desired.by, text(desired.value), when) }),
        ...(claim && { holds: holdsOf(claim, text(claim.value), when) }),
        ...(would && { would: text(would.value) }),
        ...(trouble && { trouble: troubleOf(trouble, when) }),
    };
}

function wantsOf({ source, writer: { node }, at }: Statement, text: string, when: Dates): ExplainedPart['wants'] {
    return { text, source, node, since: when.iso(at) };
}

function holdsOf({ certainty, from, renew, ends, latest = ends }: Claim<unknown>, text: string, when: Dates) {
    const times = { ...when.known('renewed', renew), ...when.known('until', Math.max(ends, latest)) };
    return { text, certainty, since: when.iso(from), ...times };
}

function troubleOf({ error, failures, until }: Trouble, when: Dates) {
    return { reason: error.sentence, failures, again: when.iso(until) };
}

/** So often it may turn out that there is nothing to be done yet. */
const mostLooks = 5;

/** What is sent next, now or once its time has come. */
function comingStep(record: PersonRecord, { common, now, parts }: Question, when: Dates): ExplainedStep | undefined {
    if (record.sending) return { do: 'sending', part: labelOf(record.sending.part, parts) };
    let time = now;
    let step = nextStep(record, common, time, parts);
    for (let looks = 0; step.do === 'wait' && looks < mostLooks; looks++) {
        time = step.until;
        step = nextStep(record, common, time, parts);
    }
    const at = time > now ? when.known('at', time) : {};
    if (step.do === 'read') return { do: 'read', rule: step.rule, ...at };
    if (step.do !== 'write' && step.do !== 'renew' && step.do !== 'clear') return undefined;
    const { part: name, rule } = step;
    const part = parts.find(each => each.name === name)!;
    const text = part.text(step.do === 'clear' ? step.claim.value : step.value);
    return { do: step.do, part: part.label, text, rule, ...at };
}

function labelOf(name: string, parts: readonly Part[]): Sentence {
    return parts.find(part => part.name === name)!.label;
}

function ruleOf(ruling: ReturnType<typeof rulingOf>): Rule {
    if ('rule' in ruling) return ruling.rule;
    if ('keep' in ruling) return ruling.keep;
    if ('waits' in ruling) return ruling.waits;
    if ('yields' in ruling) return ruling.yields;
    return 'drop' in ruling ? ruling.drop : ruling.read;
}
