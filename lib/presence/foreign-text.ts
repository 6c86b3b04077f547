import { domainToUnicode } from 'node:url';

/** Elements that begin a new line where they are shown. */
const block = /<\/?(?:br|div|p|li|ul|ol|tr|table|h[1-6]|blockquote|pre|hr)(?:\s[^<>]*)?\/?>/gi;
/** A tag of any other element. */
const tag = /<\/?[a-z][\w:-]*(?:\s[^<>]*)?\/?>|<!--.*?-->/gis;
/**
 * The same in plain text, where people write "back at <time>" too: elements of Teams, such as the
 * `<pinnednote></pinnednote>` that it appends to a status message, and those that format a text.
 */
const plainTag =
    /<\/?(?:pinnednote|at|emoji|attachment|a|b|i|u|s|em|strong|span|font|small|big|sub|sup|mark|img|code|td|th|tbody|thead)(?:\s[^<>]*)?\/?>|<!--.*?-->/gis;
/** Characters that are looked at: no status is longer, and each tag that is left open costs time. */
const mostRead = 2_000;
/** Tags in tags that are taken out one after the other. */
const mostNested = 4;
const named = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }));

/**
 * A text of another system as people see it there: without markup, in one form of Unicode, and well-formed. Plain text that
 * has been read stays as it is when it is read again, so that what we write is known again.
 * @param isHtml what looks like a tag or a character reference (`&amp;`) is one
 */
export function readableText(text: string, isHtml = false): string {
    const plain = withoutTags(text.slice(0, mostRead), isHtml ? tag : plainTag);
    const read = isHtml ? plain.replace(/&(?:#(x?)([0-9a-f]+)|([a-z]+));/gi, characterOf) : plain;
    return wellFormed(read).normalize('NFC').trim();
}

/** What is left of one tag in another may be a tag; nobody writes that but to be misread. */
function withoutTags(text: string, pattern: RegExp): string {
    let rest = text;
    for (let pass = 0; pass < mostNested; pass++) {
        const less = rest.replace(block, ' ').replace(pattern, '');
        if (less === rest) return rest;
        rest = less;
    }
    return rest.replaceAll('<', '');
}

function characterOf(whole: string, hex: string | undefined, digits: string | undefined, name = ''): string {
    if (digits === undefined) return named.get(name.toLowerCase()) ?? whole;
    const code = Number.parseInt(digits, hex ? 16 : 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/**
 * Half of a pair of surrogates is no character, and control characters are no text; those that turn the direction of what
 * follows would do so with what others write behind it.
 */
function wellFormed(text: string): string {
    return text.toWellFormed().replace(/[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]/gu, '');
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The text, cut between two characters as people see them where it is too long, with "…" at the end.
 * @param length how the system that takes it counts
 */
export function cutText(text: string, most: number, length: (text: string) => number): string {
    const whole = wellFormed(text);
    if (length(whole) <= most) return whole;
    let cut = '';
    for (const { segment } of graphemes.segment(whole)) {
        if (length(cut + segment) > most - 1) break;
        cut += segment;
    }
    return `${cut}…`;
}

/** A name with a dot, and neither an address in numbers, which would be completed, nor escapes, which would be resolved. */
const hostName = /^[^%]+\.(?!\d+$)[^.%]+$/;

/** Characters that nobody sees and that come along when text is copied, such as marks of direction. */
export const invisible = /[\p{Cf}\p{Cc}]/gu;

/**
 * A mail address, or another name by which a person is found, in the one form in which two are compared: lower case, one
 * form of Unicode, and the domain as people read it, so that `MÜLLER@bücher.example` is `müller@xn--bcher-kva.example`.
 */
export function comparable(text: string): string {
    const lower = text.replace(invisible, '').normalize('NFC').trim().toLowerCase();
    const at = lower.lastIndexOf('@') + 1;
    const domain = lower.slice(at);
    const form = at > 0 && hostName.test(domain) ? lower.slice(0, at) + (domainToUnicode(domain) || domain) : lower;
    // Most are in that form already: the text that is there is kept once.
    return form === text ? text : form;
}
