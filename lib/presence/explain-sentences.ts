import type { Language, Sentence } from '../errors/sentence';
import type { Explained, ExplainedPart, ExplainedStep } from './explain';
import type { SideName } from './journal';
import type { Certainty, Source } from './record';
import { rules } from './rules';

const sides: Record<SideName, Sentence> = {
    teams: { en: 'Teams', de: 'Teams' },
    pbx: { en: 'The PBX', de: 'Die PBX' },
};

const sources: Record<Source, Sentence> = {
    teams: { en: 'Teams', de: 'Teams' },
    pbx: { en: 'the PBX', de: 'die PBX' },
    calendar: { en: 'the calendar', de: 'der Kalender' },
};

const certainties: Record<Exclude<Certainty, 'ended'>, Sentence> = {
    sent: { en: 'sent, not confirmed', de: 'gesendet, nicht bestätigt' },
    confirmed: { en: 'confirmed', de: 'bestätigt' },
    restored: { en: 'from before the start', de: 'von vor dem Start' },
    suspected: { en: 'perhaps ours', de: 'vielleicht von uns' },
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

/** What was explained as plain sentences, the most important first. Times are those of this machine's time zone. */
export function sentences(explained: Explained, language: Language): string[] {
    const { side, shows, parts, stopped, setAside, heldOff, doubt, settling, next } = explained;
    const time = (iso: string): string => timeText(iso, explained.at, language);
    const say = (form: keyof typeof forms, values: Record<string, string | number | undefined> = {}): string =>
        forms[form][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '?'));
    return [
        ...showsLines(),
        ...(stopped ? [rules[stopped.rule][language], ...lasts(stopped.until)] : []),
        ...(setAside ? [say('setAside', { reason: setAside.reason[language], until: time(setAside.until) })] : []),
        ...(heldOff ? [say(heldOff.reason ? 'heldOffFor' : 'heldOff', { reason: heldOff.reason?.[language] })] : []),
        ...(doubt ? [rules.doubt[language]] : []),
        ...parts.flatMap(partLines),
        ...(settling ? [say('settling', { settling: time(settling) })] : []),
        ...nextLines(next),
    ];

    function showsLines(): string[] {
        if (!shows) return [say('unseen')];
        const { text, since, part, own, hidden } = shows;
        const values = { side: sides[side][language], text, since: since && time(since) };
        const whose = part ? say('ours', { part: part[language] }) : say('theirs');
        return [
            say(since ? 'showsSince' : 'shows', values),
            whose,
            ...(hidden ? [hidden[language]] : []),
            ...(part && own !== undefined ? [say('beneath', { own })] : []),
        ];
    }

    function partLines({ label, wants, holds, would, rule, until, trouble }: ExplainedPart): string[] {
        const part = label[language];
        const { text, source, since, node } = wants ?? {};
        const who = { part, text, node, source: source && sources[source][language], since: since && time(since) };
        return [
            wants ? say(text ? 'wants' : 'wantsNothing', who) : say('unspoken', { part }),
            ...holdsLines(holds),
            ...(would === undefined ? [] : [say(would ? 'would' : 'wouldNothing', { would })]),
            // Of a pause it is said once.
            ...(stopped?.rule === rule ? [] : [rules[rule][language], ...lasts(until)]),
            ...(trouble
                ? [say('trouble', { ...trouble, reason: trouble.reason[language], again: time(trouble.again) })]
                : []),
        ];
    }

    function holdsLines(holds: ExplainedPart['holds']): string[] {
        if (!holds) return [say('holdsNothing')];
        const { text, certainty, since, until } = holds;
        const sure = certainty === 'ended' ? '' : certainties[certainty][language];
        const values = { text, certainty: sure, from: time(since), until: until && time(until) };
        return [say(until ? 'holdsUntil' : 'holds', values)];
    }

    function lasts(until: string | undefined): string[] {
        return until ? [say('lasts', { until: time(until) })] : [];
    }

    function nextLines(step: ExplainedStep | undefined): string[] {
        if (!step) return [say('rest')];
        const { do: form, part, text, rule, at } = step;
        const line = say(form, { text, part: part?.[language], at: at ? time(at) : now[language] });
        const isNews = rule !== undefined && parts.every(each => each.rule !== rule) && !(rule === 'doubt' && doubt);
        return isNews && rule !== stopped?.rule ? [line, rules[rule][language]] : [line];
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
