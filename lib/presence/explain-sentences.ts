import { fill, type Language, type Sentence } from '../errors/sentence';
import type { Explained, ExplainedPart, ExplainedStep } from './explain';
import type { SideName } from './journal';
import type { Certainty, Source } from './record';
import { type Rule, rules } from './rules';

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

/** What was explained as plain sentences, the most important first. Times are those of this machine's time zone. */
export function sentences(explained: Explained, language: Language): string[] {
    const { side, shows, parts, stopped, setAside, heldOff, doubt, settling, next } = explained;
    const said: string[] = [];
    const time = (iso: string | undefined): string | undefined => iso && timeText(iso, explained.at, language);
    const say = (form: Sentence, values: Record<string, Sentence | string | number | undefined> = {}): void => {
        const words = Object.entries(values).map(([name, value]) => [
            name,
            typeof value === 'object' ? value[language] : value,
        ]);
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

    function sayPart({ label: part, wants, holds, would, rule, until, trouble }: ExplainedPart): void {
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

    function sayNext({ do: form, part, text, rule, at }: ExplainedStep): void {
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
