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
    if (!note.includes('#')) return { text: note };
    const words = note.split(' ');
    const codes = new Map(words.filter(isCode).map(codeOf));
    const length = numberOf(codes.get('len'));
    const until = numberOf(codes.get('until'));
    const human = words.filter(word => !isCode(word)).map(word => word.replace(/^##/, '#'));
    const text = length === undefined ? human.join(' ') : Array.from(note).slice(0, length).join('');
    return { text, ...(until !== undefined && { until }) };
}

function isCode(word: string): boolean {
    return word.startsWith('#') && !word.startsWith('##');
}

function codeOf(word: string): [name: string, value: string] {
    const [name = '', ...values] = word.slice(1).split(':');
    return [name, values.join(':')];
}

function numberOf(text: string | undefined): number | undefined {
    if (text === undefined || !/^\d+$/.test(text)) return undefined;
    const number = Number(text);
    return number <= endOfTime ? number : undefined;
}
