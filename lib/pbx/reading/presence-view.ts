import type { Language, Sentence } from '../../errors/sentence';
import { type KnownPresence, nothing, type Setting, sameSetting } from '../../presence/pbx-list';
import type { UserState } from '../../presence/pbx-record';
import type { PbxPresence } from '../../presence/vocabulary';

/** What a node wants to be told of the users' presence, and when. */
export interface FollowOptions {
    /**
     * Where it is known from that a user is in a call: from `on-the-phone` in the presence, which needs a visibility
     * right, from the calls that RCC tells, or from either, so that RCC serves those whose right is missing.
     */
    lineState: 'presence' | 'rcc' | 'automatic';
    /** Whether a calendar's entry counts where the user has set nothing. */
    calendar: boolean;
    /** What is told after a gap in the connection: what has become another one, or the state of each user. */
    snapshot: 'differences' | 'all';
    /** Of the words that stand for what a calendar tells by codes alone. */
    language: Language;
}

/** What is known as a node wants to see it; `undefined` where there is nothing to tell. */
export function viewOf(state: UserState, view: FollowOptions): PbxPresence | undefined {
    const { list, inCall, isEcho, isStale, isUnclear, isCopied } = state;
    const callsCount = view.lineState !== 'presence';
    if ((!list || isUnclear) && !(callsCount && inCall !== undefined)) return undefined;
    const told = isStale ? undefined : list;
    const seen = view.lineState !== 'rcc' && !isEcho && (told?.presence.onThePhone ?? false);
    const { activity, note } = isCopied ? nothing : settingOf(told, view);
    const { text, until } = readNote(note, view.language);
    const onThePhone = seen || (callsCount && inCall === true);
    return { activity, note: text, onThePhone, ...(until !== undefined && { until: new Date(until).toISOString() }) };
}

/** Both say the same to others. */
export function samePresence(one: PbxPresence | undefined, other: PbxPresence | undefined): boolean {
    if (!one || !other) return one === other;
    return sameSetting(one, other) && one.onThePhone === other.onThePhone && one.until === other.until;
}

/** Both look the same in every view. */
export function sameState(one: UserState, other: UserState): boolean {
    const marks = ['inCall', 'isEcho', 'isStale', 'isUnclear', 'isCopied'] as const;
    return (
        marks.every(mark => one[mark] === other[mark]) &&
        samePresence(one.list?.presence, other.list?.presence) &&
        sameSetting(one.list?.calendar ?? nothing, other.list?.calendar ?? nothing)
    );
}

/** What the user has set goes before what a calendar says. */
function settingOf(list: KnownPresence | undefined, { calendar }: FollowOptions): Setting {
    if (!list) return nothing;
    const isUnset = sameSetting(list.presence, nothing);
    return (calendar && isUnset && list.calendar) || list.presence;
}

/** A note as people read it. */
interface ReadableNote {
    text: string;
    /** When it ends: milliseconds since the Unix epoch. */
    until?: number;
}

/** The latest time that a JavaScript date can hold, in milliseconds since the Unix epoch. */
const endOfTime = 8.64e15;

/** What a calendar's code means, where the PBX may not tell the words of the appointment. */
const codeWords: Readonly<Record<string, Sentence>> = {
    free: { en: 'Free', de: 'Frei' },
    busy: { en: 'Busy', de: 'Beschäftigt' },
    away: { en: 'Away', de: 'Abwesend' },
};

/**
 * What a note says to people. Calendars code it in words that begin with "#": how many characters at its beginning are
 * the human's own (`#len:<n>`), else what the entry means (`#free`, `#busy`, `#away`), of which the rest is a rendering in
 * another language; when it ends (`#until:<ms>`); and what comes next, with the place of its title (`#next:<start>:<n>`,
 * in bytes behind that), which is nobody else's concern. A word that begins with "##" is a human's and begins with "#".
 * @see https://sdk.innovaphone.com/14r1/web1/presence/innovaphone.presence.js (translateNote)
 * @see https://sdk.innovaphone.com/14r1/web1/com.innovaphone.client/lib1_api_client.htm (PresenceUpdated)
 */
export function readNote(note: string, language: Language = 'en'): ReadableNote {
    const characters = Array.from(note);
    const isCode = (word: string) => /^#(?!#)/.test(word);
    const codes = note.split(' ').filter(isCode);
    const [until = Number.NaN] = numbersIn(codes, /^#until:(\d+)$/);
    const [length = Number.NaN] = numbersIn(codes, /^#len:(\d+)(?::\d+)*$/);
    const [start = 0, count = 0] = numbersIn(codes, /^#next:(\d+):(\d+)(?::\d+)*$/);
    const isCounted = length <= characters.length;
    const end = isCounted ? length : characters.length;
    const own = characters.filter((_, at) => at < end && (at < start || at >= start + count)).join('');
    const [meaning] = Object.keys(codeWords).filter(code => codes.includes(`#${code}`));
    const words = own.split(' ').filter(word => !isCode(word));
    const plain = words.map(word => word.replace(/^##/, '#')).join(' ');
    const text = isCounted ? own : (codeWords[meaning ?? '']?.[language] ?? plain);
    return { text, ...(until <= endOfTime && { until }) };
}

/** The numbers in the last code of a kind. */
function numbersIn(codes: readonly string[], kind: RegExp): number[] {
    const [, ...digits] = codes.map(code => kind.exec(code) ?? []).findLast(({ length }) => length > 0) ?? [];
    return digits.map(Number);
}
