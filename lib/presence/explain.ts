import { fill, type Language, type Sentence } from '../errors/sentence';
import type { SideName } from './journal';
import { nextRequest, type Part, rulingOf, type Side } from './next-step';
import { type Certainty, endOf, liveClaims, type PersonRecord, type Source, stopOf } from './record';
import { type Rule, rules } from './rules';

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

/** The same, and in words. */
export type ExplainedPerson = Explained & { sentences: string[] };

/** {@link explain} with {@link sentences}. */
export function explainPerson(record: PersonRecord, question: Question, language: Language): ExplainedPerson {
    const explained = explain(record, question);
    return { ...explained, sentences: sentences(explained, language) };
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
            ...{ renewed: iso(claim.renew), until: iso(endOf(claim)) },
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
    let step = nextRequest(record, common, time, parts);
    for (let looks = 0; step.do === 'wait' && looks < mostLooks; looks++) {
        time = step.until;
        step = nextRequest(record, common, time, parts);
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

const sides: Record<SideName, Sentence> = {
    teams: { en: 'Teams', de: 'Teams' },
    pbx: { en: 'The PBX', de: 'Die PBX' },
};

const sources: Record<Source, Sentence> = {
    teams: { en: 'Teams', de: 'Teams' },
    pbx: { en: 'the PBX', de: 'die PBX' },
    calendar: { en: 'the calendar', de: 'der Kalender' },
};

const certainties: Record<Certainty, Sentence> = {
    sent: { en: 'sent, not confirmed', de: 'gesendet, nicht bestätigt' },
    confirmed: { en: 'confirmed', de: 'bestätigt' },
    restored: { en: 'from before the start', de: 'von vor dem Start' },
    suspected: { en: 'perhaps ours', de: 'vielleicht von uns' },
    ended: { en: 'ended', de: 'beendet' },
};

const forms = {
    shows: { en: '{side} shows {text}.', de: '{side} zeigt {text}.' },
    showsSince: { en: '{side} shows {text} since {since}.', de: '{side} zeigt seit {since} {text}.' },
    unseen: { en: 'What is shown there is not known yet.', de: 'Was dort gezeigt wird, ist noch nicht bekannt.' },
    ours: { en: 'That is what we have set ({part}).', de: 'Das haben wir gesetzt ({part}).' },
    theirs: {
        en: 'That is what the person’s own sources say there.',
        de: 'Das sagen dort die eigenen Quellen der Person.',
    },
    beneath: {
        en: 'The person’s own sources there say {own}.',
        de: 'Die eigenen Quellen der Person sagen dort {own}.',
    },
    wants: {
        en: '{part}: {source} wants {text} since {since} (node {node}).',
        de: '{part}: Seit {since} verlangt {source} {text} (Node {node}).',
    },
    wantsNothing: {
        en: '{part}: {source} wants nothing since {since} (node {node}).',
        de: '{part}: Seit {since} verlangt {source} nichts (Node {node}).',
    },
    unspoken: {
        en: '{part}: no source has spoken of it since the start.',
        de: '{part}: Seit dem Start hat keine Quelle davon gesprochen.',
    },
    holds: {
        en: 'Ours there is {text} since {from}, without an end ({certainty}).',
        de: 'Von uns steht dort seit {from} {text}, ohne Ende ({certainty}).',
    },
    holdsUntil: {
        en: 'Ours there is {text} since {from}, until {until} at the latest ({certainty}).',
        de: 'Von uns steht dort seit {from} {text}, längstens bis {until} ({certainty}).',
    },
    holdsNothing: { en: 'Nothing there is ours.', de: 'Von uns steht dort nichts.' },
    would: { en: 'The dry run would show {would}.', de: 'Der Probelauf würde {would} zeigen.' },
    wouldNothing: { en: 'The dry run would show nothing of ours.', de: 'Der Probelauf würde nichts von uns zeigen.' },
    lasts: { en: 'That lasts until {until}.', de: 'Das dauert bis {until}.' },
    trouble: {
        en: 'It has failed ({failures}): {reason}. It is tried again at {again}.',
        de: 'Es ist fehlgeschlagen ({failures}): {reason}. Nächster Versuch: {again}.',
    },
    setAside: {
        en: 'Everything of this person is refused while others are served: {reason}. It is tried again at {until}.',
        de: 'Für diese Person wird alles abgelehnt, während andere bedient werden: {reason}. Nächster Versuch: {until}.',
    },
    heldOff: {
        en: 'Nothing can be written there now.',
        de: 'Zurzeit kann dort nichts geschrieben werden.',
    },
    heldOffFor: {
        en: 'Nothing can be written there now: {reason}.',
        de: 'Zurzeit kann dort nichts geschrieben werden: {reason}.',
    },
    settling: {
        en: 'The last changes came quickly after one another, so nothing is sent before {settling}.',
        de: 'Die letzten Änderungen kamen rasch hintereinander: Vor {settling} wird nichts gesendet.',
    },
    sending: { en: 'A request is on its way ({part}).', de: 'Eine Anfrage ist unterwegs ({part}).' },
    write: {
        en: 'Next, {text} is written ({part}), {at}.',
        de: 'Als Nächstes wird {text} geschrieben ({part}), {at}.',
    },
    renew: { en: 'Next, {text} is renewed ({part}), {at}.', de: 'Als Nächstes wird {text} erneuert ({part}), {at}.' },
    clear: {
        en: 'Next, {text} is taken back ({part}), {at}.',
        de: 'Als Nächstes wird {text} zurückgenommen ({part}), {at}.',
    },
    read: { en: 'Next, the person is read, {at}.', de: 'Als Nächstes wird die Person gelesen, {at}.' },
    rest: { en: 'Nothing is to be done.', de: 'Es ist nichts zu tun.' },
} as const satisfies Record<string, Sentence>;

const now: Sentence = { en: 'now', de: 'jetzt' };

/** What stands for a text of a person that is not told, by its English. */
const untold: ReadonlyMap<unknown, Sentence> = new Map(
    [
        { en: 'a note', de: 'eine Notiz' },
        { en: 'the status message', de: 'die Statusmeldung' },
    ].map(sentence => [sentence.en, sentence]),
);

/** What was explained as plain sentences, the most important first. Times are those of this machine's time zone. */
export function sentences(explained: Explained, language: Language): string[] {
    const { side, shows, parts, stopped, setAside, heldOff, doubt, settling, next } = explained;
    const said: string[] = [];
    const time = (iso: string | undefined): string | undefined => iso && timeText(iso, explained.at, language);
    const say = (form: Sentence, values: Record<string, Sentence | string | number | undefined> = {}): void => {
        const words = Object.entries(values).map(([name, value]) => {
            const known = untold.get(value) ?? value;
            // The words of another program may end as a sentence does.
            return [name, typeof known === 'object' ? known[language].replace(/\.$/, '') : known];
        });
        said.push(fill(form, Object.fromEntries(words))[language]);
    };
    const sayRule = (rule: Rule, until?: string): void => {
        say(rules[rule]);
        if (until) say(forms.lasts, { until: time(until) });
    };

    if (shows) sayShown(shows);
    else say(forms.unseen);
    if (stopped) sayRule(stopped.rule, stopped.until);
    if (setAside) say(forms.setAside, { reason: setAside.reason, until: time(setAside.until) });
    if (heldOff) say(heldOff.reason ? forms.heldOffFor : forms.heldOff, { reason: heldOff.reason });
    if (doubt) sayRule('doubt');
    for (const part of parts) sayPart(part);
    if (settling) say(forms.settling, { settling: time(settling) });
    if (next) sayNext(next);
    else say(forms.rest);
    return said;

    function sayShown({ text, since, part, own, hidden }: NonNullable<Explained['shows']>): void {
        say(since ? forms.showsSince : forms.shows, { side: sides[side], text, since: time(since) });
        say(part ? forms.ours : forms.theirs, { part });
        if (hidden) say(hidden);
        if (part && own !== undefined) say(forms.beneath, { own });
    }

    function sayPart({ label: part, wants, holds, would, rule, until, trouble }: Explained['parts'][number]): void {
        if (wants) {
            const { text, source, since, node } = wants;
            const who = { part, text, node, source: sources[source], since: time(since) };
            say(text ? forms.wants : forms.wantsNothing, who);
        } else say(forms.unspoken, { part });
        if (holds) {
            const times = { from: time(holds.since), until: time(holds.until) };
            const certainty = certainties[holds.certainty];
            say(holds.until ? forms.holdsUntil : forms.holds, { text: holds.text, certainty, ...times });
        } else say(forms.holdsNothing);
        if (would !== undefined) say(would ? forms.would : forms.wouldNothing, { would });
        // Of a pause it is said once.
        if (stopped?.rule !== rule) sayRule(rule, until);
        if (trouble) say(forms.trouble, { ...trouble, again: time(trouble.again) });
    }

    function sayNext({ do: form, part, text, rule, at }: NonNullable<Explained['next']>): void {
        say(forms[form], { text, part, at: time(at) ?? now });
        const isNews = parts.every(each => each.rule !== rule) && !(rule === 'doubt' && doubt);
        if (rule && isNews && rule !== stopped?.rule) sayRule(rule);
    }
}

const locales: Record<Language, string> = { en: 'en-GB', de: 'de-AT' };

/** The time of day, with the date where it is another one. */
function timeText(iso: string, today: string, language: Language): string {
    const [date, reference] = [new Date(iso), new Date(today)];
    const time = date.toLocaleTimeString(locales[language]);
    const isToday = date.toDateString() === reference.toDateString();
    return isToday ? time : `${date.toLocaleDateString(locales[language])} ${time}`;
}
