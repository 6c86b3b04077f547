import { domainToUnicode } from 'node:url';
import { decodeHTMLStrict } from 'entities';

/** What stands behind the name of an element: a value in quotes may hold anything. */
const attributes = String.raw`(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*|\s[^<>]*)?\/?>`;
/** Elements that begin a new line where they are shown. */
const block = new RegExp(`<\\/?(?:br|div|p|li|ul|ol|tr|table|h[1-6]|blockquote|pre|hr)${attributes}`, 'gi');
/** Comments, declarations and processing instructions. */
const declaration = '<!--.*?-->|<[!?][a-z[][^<>]*>';
/** A tag of any element; of those whose content nobody sees the content, too. */
const tag = new RegExp(
    String.raw`<(script|style|title)\b.*?<\/\1\s*>|<\/?[a-z][\w:-]*${attributes}|${declaration}`,
    'gis',
);
/** Appended by Teams to a status message, whole or cut. */
const marker = /<\/?pinnednote\b[^<>]*(?:>|$)/gi;
/**
 * The same in plain text, where people write "back at <time>" too: elements of Teams and those that format a
 * text, and whatever has attributes, ends itself or is ended.
 */
const plainTag = new RegExp(
    [
        String.raw`${marker.source}|<(script|style)\b.*?<\/\1\s*>`,
        `<(?:at|emoji|attachment|a|b|i|u|s|em|strong|span|font|small|big|sub|sup|mark|img|code|td|th|tbody|thead)${attributes}`,
        String.raw`<[a-z][\w:-]*(?:\s+[\w:-]+\s*=(?:[^<>"']|"[^"]*"|'[^']*')*|\s*\/)>|<\/[a-z][\w:-]*\s*>`,
        String.raw`<([a-z][\w:-]*)>(?=.*<\/\2\s*>)|${declaration}`,
    ].join('|'),
    'gis',
);
/** An emoji is a picture in markup, which has the character beside it. */
const picture = /<(?:emoji|img)\s[^<>]*?\balt=["']?([\p{Extended_Pictographic}\p{RI}][^<>"']*?)["'\s/>][^<>]*>?/giu;
/** Characters that are looked at: no status is longer, and each tag that is left open costs time. */
const mostRead = 2_000;
/** A blank as editors of markup write it. */
const blankReference = /&(?:#xa0|#160|nbsp);/gi;
/** Tags in tags that are taken out one after the other. */
const mostNested = 4;
/**
 * A text of another system as people see it there: without markup, in one form of Unicode, and well-formed. Plain text that
 * has been read stays as it is when it is read again, so that what we write is known again.
 * @param isHtml what looks like a tag or a character reference (`&amp;`) is one
 */
export function readableText(text: string, isHtml = false): string {
    // A tag with something unseen in it would be none until that is gone.
    const raw = wellFormed(text.slice(0, mostRead));
    const plain = withoutTags(raw.replace(picture, '$1'), isHtml ? tag : plainTag);
    // What Teams has marked comes from its editor, which writes markup; nobody writes a blank like this by hand.
    const isMarkup = isHtml || raw.search(marker) >= 0;
    const read = isMarkup ? decodeHTMLStrict(plain) : plain.replace(blankReference, ' ');
    return wellFormed(read)
        .replace(marker, '')
        .normalize('NFC')
        .replace(/\p{Zs}/gu, ' ')
        .replace(ends, '');
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

/**
 * What nobody sees, but which makes two texts differ or turns what others write behind it: places for a line break, marks
 * of byte order, embeddings. What joins the parts of an emoji or of a Persian word stays, and marks of direction in between.
 */
const unseen = /[\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff]/g;

const ends = /^[\s\u061c\u200e\u200f]+|[\s\u061c\u200e\u200f]+$/g;

/** Half of a pair of surrogates is no character, and control characters are no text but where they end a line. */
export function wellFormed(text: string): string {
    const lines = text.toWellFormed().replace(/[\v\f\x85\u2028\u2029]/g, '\n');
    return lines.replace(/[^\P{Cc}\t\n\r]|\p{NChar}/gu, '').replace(unseen, '');
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

/** Characters that nobody sees and that come along when text is copied, such as marks of direction. */
export const invisible = /[\p{Cf}\p{Cc}]/gu;
/** A name with a dot, and neither an address in numbers, which would be completed, nor escapes, which would be resolved. */
const hostName = /^[^%]+\.(?!\d+$)[^.%]+$/;
/** As lists and other programs hand an address over: with a name before it, its kind, quotes, and what separates it. */
const addressAlone =
    /^.*<([^<>\s]+@[^<>\s]+)>$|^(?:mailto|smtp|sips?):|^'|["<>]|(?<=@.*)[;,'\s]+$|\s+(?=@)|(?<=@)\s+/gis;
/** In one form already, but for capitals: a name in ASCII, and an address as most are. */
const isPlain = /^[!-~]*$/;
const isUsual = /^[\w.+-]+@(?!.*xn--)[a-z\d.-]+[a-z]$/i;

/**
 * A name in the one form in which two are compared: without what nobody sees, in one form of Unicode, and with capitals and
 * small letters alike, `Groß` and `GROSS`, `İlker` and `ilker` too.
 * @see https://www.unicode.org/versions/latest/core-spec/chapter-5/#G21790 (caseless matching)
 */
export function folded(text: string): string {
    if (isPlain.test(text)) return text.toLowerCase();
    return seenOf(text).toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').normalize('NFC');
}

/** The same without accents and other marks, as people type it who look for somebody. */
export function searchable(text: string): string {
    // Most are in ASCII, and of those there may be ten thousands.
    if (/^[\n -~]*$/.test(text)) return text.toLowerCase();
    return folded(text).normalize('NFD').replace(/\p{M}/gu, '');
}

function seenOf(text: string): string {
    return text.replace(/\s+/g, ' ').replace(invisible, '').normalize('NFKC').trim();
}

/**
 * A mail address, or another name by which a person is found, in the one form in which two are compared: that of a name, and
 * the domain as people read it, so that `MÜLLER@bücher.example` is `müller@xn--bcher-kva.example`.
 */
export function comparable(text: string): string {
    const form = formOf(text);
    // Most are in that form already: the text that is there is kept once.
    return form === text ? text : form;
}

function formOf(text: string): string {
    if (isUsual.test(text)) return text.toLowerCase();
    if (!text.includes('@') && !text.includes('\uff20')) return folded(text);
    const address = seenOf(text).replace(addressAlone, '$1');
    const at = address.lastIndexOf('@') + 1;
    const domain = address.slice(at).replaceAll('。', '.').toLowerCase();
    const host = domain.replace(/\.$/, '');
    return folded(address.slice(0, at)) + (hostName.test(host) ? domainToUnicode(host) || host : domain);
}
