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
}

/** What is known as a node wants to see it; `undefined` where there is nothing to tell. */
export function viewOf(state: UserState, view: FollowOptions): PbxPresence | undefined {
    const { list, inCall, isEcho, isStale, isUnclear, isCopied } = state;
    const callsCount = view.lineState !== 'presence';
    if ((!list || isUnclear) && !(callsCount && inCall !== undefined)) return undefined;
    const told = isStale ? undefined : list;
    const seen = view.lineState !== 'rcc' && !isEcho && (told?.presence.onThePhone ?? false);
    const { activity, note } = isCopied ? nothing : settingOf(told, view);
    const { text, until } = readNote(note);
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

/**
 * The human words of a note. Calendars code more into it, in words that begin with "#": what the entry means, when it
 * ends (`#until:<ms>`), what comes next, and how many characters at its beginning are the words (`#len:<n>`). A word
 * that begins with "##" is a human's and begins with "#".
 * @see https://sdk.innovaphone.com/14r1/web1/presence/innovaphone.presence.js (translateNote)
 */
export function readNote(note: string): ReadableNote {
    const length = numberOf('len', note);
    const until = numberOf('until', note);
    const human = note.split(' ').filter(word => !/^#(?!#)/.test(word));
    const words = human.map(word => word.replace(/^##/, '#'));
    const text = length === undefined ? words.join(' ') : Array.from(note).slice(0, length).join('');
    return { text, ...(until !== undefined && { until }) };
}

/** The number in a code, the last one of its kind. */
function numberOf(code: string, note: string): number | undefined {
    const [, digits] = [...note.matchAll(new RegExp(`(?:^| )#${code}:(\\d+)(?= |$)`, 'g'))].at(-1) ?? [];
    return digits !== undefined && Number(digits) <= endOfTime ? Number(digits) : undefined;
}
