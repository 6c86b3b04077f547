import type { SyncError } from '../errors/errors';
import type { SideName } from './journal';
import type { PresenceUser } from './message';
import { nextStep, type Part, rulingOf, type Side, type Step } from './next-step';
import {
    type Certainty,
    type Claim,
    type Decision,
    type Doubt,
    liveClaims,
    type PersonRecord,
    type Source,
    stopOf,
} from './record';
import type { Rule, Sentence } from './rules';

/** What a side shows of a person; each side says it in its own words. */
export interface Shown {
    text: string;
    /** Date since which it is known to, ms since the epoch. */
    since?: number;
    /** The part of ours that shows; absent where it is what the person's own sources say. */
    part?: string;
    /** What the person's own sources say beneath ours, where that is known. */
    own?: string;
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
    shows?: { text: string; since?: string; part?: Sentence; own?: string };
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
export function explain(record: PersonRecord, { side, parts, common, shown, now, date }: Question): Explained {
    const at = (time: number): { at?: string } => dated('at', time);
    const dated = <Name extends string>(name: Name, time: number | undefined): { [name in Name]?: string } =>
        (isTime(time) ? { [name]: dateOf(time) } : {}) as { [name in Name]?: string };
    const dateOf = (time: number): string => new Date(Math.round(date + time - now)).toISOString();
    const labelOf = (name: string): Sentence => parts.find(part => part.name === name)!.label;

    const partOf = (part: Part): ExplainedPart[] => {
        const state = record.parts[part.name];
        const [claim] = liveClaims(state, now);
        if (!state || (!state.desired && !claim)) return [];
        const ruling = rulingOf(record, part, common, now);
        const { desired, trouble, would } = state;
        const text = (value: unknown): string => (value === undefined ? '' : part.text(value));
        return [
            {
                ...{ part: part.name, label: part.label, rule: ruleOf(ruling) },
                ...dated('until', 'until' in ruling ? ruling.until : undefined),
                ...(desired && {
                    wants: { ...whoOf(desired.by), text: text(desired.value), since: dateOf(desired.by.at) },
                }),
                ...(claim && { holds: holds(claim, text(claim.value)) }),
                ...(would && { would: text(would.value) }),
                ...(trouble && {
                    trouble: {
                        reason: sentenceOf(trouble.error),
                        failures: trouble.failures,
                        again: dateOf(trouble.until),
                    },
                }),
            },
        ];
    };
    const holds = ({ certainty, from, renew, ends, latest = ends }: Claim<unknown>, text: string) => ({
        ...{ text, certainty, since: dateOf(from) },
        ...dated('renewed', renew),
        ...dated('until', Math.max(ends, latest)),
    });
    const stepOf = (step: Step, time: number): ExplainedStep | undefined => {
        if (step.do === 'read') return { do: 'read', rule: step.rule, ...(time > now ? at(time) : {}) };
        if (step.do !== 'write' && step.do !== 'renew' && step.do !== 'clear') return undefined;
        const part = parts.find(({ name }) => name === step.part)!;
        const value = step.do === 'clear' ? step.claim.value : step.value;
        const what = { do: step.do, part: part.label, text: part.text(value), rule: step.rule };
        return { ...what, ...(time > now ? at(time) : {}) };
    };

    const stop = stopOf(record, now);
    const { setAside, doubt, settle, sending } = record;
    const next = sending
        ? ({ do: 'sending', part: labelOf(sending.part) } as const)
        : comingStep(record, common, now, parts, stepOf);
    return {
        ...{ side, person: record.person, at: dateOf(now) },
        ...(shown && {
            shows: {
                text: shown.text,
                ...(shown.since === undefined ? {} : { since: new Date(shown.since).toISOString() }),
                ...(shown.part === undefined ? {} : { part: labelOf(shown.part) }),
                ...(shown.own === undefined ? {} : { own: shown.own }),
            },
        }),
        parts: parts.flatMap(partOf),
        ...(stop && { stopped: { rule: stop.rule, ...dated('until', stop.until) } }),
        ...(setAside &&
            setAside.until > now && {
                setAside: { reason: sentenceOf(setAside.error), until: dateOf(setAside.until) },
            }),
        ...(common.heldOffUntil > now && {
            heldOff: {
                ...(common.heldOffBy && { reason: sentenceOf(common.heldOffBy) }),
                ...dated('until', common.heldOffUntil),
            },
        }),
        ...(doubt && { doubt: doubt.why }),
        ...(settle && settle.until > now && { settling: dateOf(settle.until) }),
        ...(next && { next }),
        lately: [...record.lately].reverse(),
    };
}

/** What is decided without a request and only told is no step that a person would see. */
function comingStep(
    record: PersonRecord,
    common: Side,
    now: number,
    parts: readonly Part[],
    stepOf: (step: Step, time: number) => ExplainedStep | undefined,
): ExplainedStep | undefined {
    let time = now;
    for (let looks = 0; looks < 5; looks++) {
        const step = nextStep(record, common, time, parts);
        if (step.do !== 'wait') return stepOf(step, time);
        time = step.until;
    }
    return undefined;
}

function ruleOf(ruling: ReturnType<typeof rulingOf>): Rule {
    if ('rule' in ruling) return ruling.rule;
    if ('keep' in ruling) return ruling.keep;
    if ('waits' in ruling) return ruling.waits;
    if ('yields' in ruling) return ruling.yields;
    return 'drop' in ruling ? ruling.drop : ruling.read;
}

function whoOf({ source, writer: { node } }: { source: Source; writer: { node: string } }) {
    return { source, node };
}

function isTime(time: number | undefined): time is number {
    return time !== undefined && Number.isFinite(time);
}

/** What an administrator reads of an error. */
function sentenceOf({ message }: SyncError): Sentence {
    return { en: message, de: message };
}
