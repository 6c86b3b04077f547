/** What a calendar writes into the note of its entry. */
export interface CalendarNote {
    /** The words of a human, as they are: a word of theirs may begin with "#". */
    text?: string;
    /** What the entry means where there are no words. */
    activity?: 'free' | 'busy' | 'away';
    /** End, in ms since the Unix epoch. */
    until?: number;
    wholeDay?: boolean;
    /** What follows after the end. */
    next?: { activity: 'free' | 'busy' | 'away'; text?: string };
    /** Tell the length of the words instead of escaping those that begin with "#". */
    counted?: boolean;
}

/**
 * The coded note of a calendar entry: human words and words that begin with "#", with a blank between any two.
 * @see https://sdk.innovaphone.com/14r1/web1/presence/innovaphone.presence.js, translateNote
 */
export function codedNote({ text = '', activity, until, wholeDay, next, counted }: CalendarNote): string {
    const nextText = next?.text ?? '';
    const isCounted = counted || nextText !== '';
    // Codes that give positions mean the words as they stand.
    const words = isCounted ? text : escaped(text);
    const start = length(words) + (words ? 1 : 0);
    const parts = [
        words,
        nextText,
        isCounted && `#len:${length(words)}`,
        activity && `#${activity}`,
        until !== undefined && `#until:${until}`,
        wholeDay && '#whole-day',
        next && `#next-activity:${next.activity}`,
        nextText && `#next:${start}:${length(nextText)}`,
    ];
    return parts.filter(Boolean).join(' ');
}

function escaped(text: string): string {
    return text.replace(/(^| )#/g, '$1##');
}

/** In characters as people count them, as the codes do. */
function length(text: string): number {
    return [...text].length;
}
