import { cutText, wellFormed } from './foreign-text';

/** The longest note that we write, in characters; what the PBX takes is not documented. */
export const longestNote = 200;

/** What a template of a note may name. */
interface NoteValues {
    activity: string;
    name: string;
    /** The note of the presence itself, such as a Teams status message. */
    note: string;
    /** When it ends: milliseconds since the Unix epoch. */
    until?: number;
    /** Milliseconds since the Unix epoch. */
    now: number;
}

/**
 * Fills a template such as `In a Teams meeting until {until}`; also `{activity}`, `{name}` and `{note}`. A placeholder
 * without a value is left out together with the word before it. Times are those of this computer.
 */
export function fillNote(template: string, { activity, name, note, until, now }: NoteValues): string {
    const values = new Map(Object.entries({ activity, name, note, until: timeOf(until, now) }));
    return template
        .replace(/([^\s{}]+\s+)?\{(\w+)\}/g, (whole, before: string | undefined, key: string) => {
            const value = values.get(key);
            if (value === undefined) return whole;
            return value && (before ?? '') + value;
        })
        .trim();
}

/**
 * A note as it is written: in one line, cut where it is too long, and with each word that begins with "#" escaped,
 * for the PBX takes those of a single "#" for codes.
 * @see https://sdk.innovaphone.com/14r1/web1/presence/innovaphone.presence.js
 */
export function plainNote(text: string): string {
    const words = wellFormed(text).replace(/\s+/g, ' ').trim().split(' ');
    const line = words.map(word => (word.startsWith('#') ? `#${word}` : word)).join(' ');
    // Of an escape the first half alone would be a code.
    return cutText(line, longestNote, characters => Array.from(characters).length).replace(/(^| )#…$/, '…');
}

/** `14:30`, or `2026-01-07 14:30` on another day; `""` for no time. */
function timeOf(until: number | undefined, now: number): string {
    if (until === undefined || Number.isNaN(until)) return '';
    const [end, today] = [new Date(until), new Date(now)];
    const time = `${two(end.getHours())}:${two(end.getMinutes())}`;
    if (end.toDateString() === today.toDateString()) return time;
    return `${end.getFullYear()}-${two(end.getMonth() + 1)}-${two(end.getDate())} ${time}`;
}

function two(number: number): string {
    return String(number).padStart(2, '0');
}
