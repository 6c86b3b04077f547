/** What a calendar writes into the note of its entry. */
export interface CalendarNote {
    /** The words of a human, as they are: a word of theirs may begin with "#". */
    text?: string;
    /** What the entry means; where it stands without `#len`, clients show it in place of the words. */
    activity?: 'free' | 'busy' | 'away';
    /** End, in ms since the Unix epoch. */
    until?: number;
    wholeDay?: boolean;
    /** What follows after the end. */
    next?: { activity: 'free' | 'busy' | 'away'; text?: string };
    /** Tell the length of the words instead of escaping those that begin with "#". Default: where there are words and an activity. */
    counted?: boolean;
    /** What clients show that know no codes, as calendars write it in their own language: it takes the place of all words. */
    rendered?: string;
}

/**
 * The coded note of a calendar entry: human words and words that begin with "#", with a blank between any two.
 * @see https://sdk.innovaphone.com/14r1/web1/presence/innovaphone.presence.js, translateNote
 * @see https://sdk.innovaphone.com/14r1/web1/com.innovaphone.client/lib1_api_client.htm, PresenceUpdated, for an example
 */
export function codedNote({ text = '', activity, until, wholeDay, next, counted, rendered }: CalendarNote): string {
    const nextText = next?.text ?? '';
    const isCounted = rendered === undefined && ((counted ?? (text && activity)) || nextText !== '');
    // Codes that give positions mean the words as they stand.
    const words = isCounted ? text : escaped(text);
    const readable = rendered ?? [words, nextText].filter(Boolean).join(' ');
    const before = readable.slice(0, readable.lastIndexOf(nextText));
    const parts = [
        readable,
        isCounted && `#len:${length(words)}`,
        activity && `#${activity}`,
        until !== undefined && `#until:${until}`,
        wholeDay && '#whole-day',
        next && `#next-activity:${next.activity}`,
        nextText && `#next:${[length, bytes].map(size => `${size(before)}:${size(nextText)}`).join(':')}`,
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

function bytes(text: string): number {
    return Buffer.byteLength(text);
}
