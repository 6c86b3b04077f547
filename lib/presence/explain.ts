import type { Sentence } from '../errors/sentence';
import type { SideName } from './journal';
import { nextStep, type Part, rulingOf, type Side } from './next-step';
import { liveClaims, type PersonRecord, stopOf } from './record';
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

/**
 * Everything that there is to say of a person on one side. Plain JSON: dates are ISO texts, and what is absent has no end,
 * or is not known.
 */
export type Explained = ReturnType<typeof explain>;

/** One part, as it stands. */
export type ExplainedPart = Explained['parts'][number];

/** What comes next, at once where no time is named. */
export type ExplainedStep = NonNullable<Explained['next']>;

/** Why a person shows what they show, and what comes next. Pure: the record says it all. */
export function explain(record: PersonRecord, question: Question) {
    const { side, parts, common, shown, now, date } = question;
    const { person, setAside, doubt, settle } = record;
    const { heldOffBy, heldOffUntil } = common;
    const iso = datesOf(question);
    const stop = stopOf(record, now);
    return plain({
        ...{ side, person, at: new Date(date).toISOString() },
        shows: shown && {
            ...shown,
            since: shown.since === undefined ? undefined : new Date(shown.since).toISOString(),
            part: shown.part === undefined ? undefined : labelOf(shown.part, parts),
        },
        parts: parts.flatMap(part => partOf(record, part, question) ?? []),
        // Nothing of ours may show.
        stopped: stop && { rule: stop.rule, until: iso(stop.until) },
        // Everything of this person is refused while others are served, so it is tried again then.
        setAside:
            setAside && setAside.until > now
                ? { reason: setAside.error.sentence, until: iso(setAside.until) }
                : undefined,
        // The side cannot be written to now.
        heldOff: heldOffUntil > now ? { reason: heldOffBy?.sentence, until: iso(heldOffUntil) } : undefined,
        doubt: doubt?.why,
        // Changes have followed one another quickly, so nothing is sent before.
        settling: settle && settle.until > now ? iso(settle.until) : undefined,
        next: comingStep(record, question),
        // The newest first.
        lately: [...record.lately].reverse(),
    });
}

/** Leaves out what is undefined. */
function plain<Value>(value: Value): Value {
    return JSON.parse(JSON.stringify(value)) as Value;
}

/** Makes dates of monotonic times; nothing of what has no end, or is not known. */
function datesOf({ now, date }: Question): (time: number | undefined) => string | undefined {
    return time =>
        time !== undefined && Number.isFinite(time) ? new Date(Math.round(time + date - now)).toISOString() : undefined;
}

/** One part; nothing where it is neither wanted nor held. */
function partOf(record: PersonRecord, part: Part, question: Question) {
    const { common, now } = question;
    const state = record.parts[part.name];
    const [claim] = liveClaims(state, now);
    if (!state || (!state.desired && !claim)) return undefined;
    const iso = datesOf(question);
    const { desired, trouble, would } = state;
    const ruling = rulingOf(record, part, common, now);
    const text = (value: unknown): string => (value === undefined ? '' : part.text(value));
    return {
        ...{ part: part.name, label: part.label },
        // The text is empty for nothing. Absent: no source has spoken since the start.
        wants: desired && {
            ...{ text: text(desired.value), source: desired.by.source, node: desired.by.writer.node },
            since: iso(desired.by.at),
        },
        // What may show for us.
        holds: claim && {
            ...{ text: text(claim.value), certainty: claim.certainty, since: iso(claim.from) },
            ...{ renewed: iso(claim.renew), until: iso(Math.max(claim.ends, claim.latest ?? claim.ends)) },
        },
        // What a dry run would show; empty for nothing.
        would: would && text(would.value),
        // What keeps it as it is, or makes it another.
        rule: ruleOf(ruling),
        until: 'until' in ruling ? iso(ruling.until) : undefined,
        trouble: trouble && {
            ...{ reason: trouble.error.sentence, failures: trouble.failures },
            again: iso(trouble.until),
        },
    };
}

/** So often it may turn out that there is nothing to be done yet. */
const mostLooks = 5;

/** What is sent next, now or once its time has come. */
function comingStep(record: PersonRecord, question: Question) {
    const { common, now, parts } = question;
    if (record.sending) return { do: 'sending' as const, part: labelOf(record.sending.part, parts) };
    let time = now;
    let step = nextStep(record, common, time, parts);
    for (let looks = 0; step.do === 'wait' && looks < mostLooks; looks++) {
        time = step.until;
        step = nextStep(record, common, time, parts);
    }
    const at = time > now ? datesOf(question)(time) : undefined;
    if (step.do === 'read') return { do: step.do, rule: step.rule, at };
    if (step.do !== 'write' && step.do !== 'renew' && step.do !== 'clear') return undefined;
    const part = parts.find(each => each.name === step.part)!;
    const text = part.text(step.do === 'clear' ? step.claim.value : step.value);
    return { do: step.do, part: part.label, text, rule: step.rule, at };
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
