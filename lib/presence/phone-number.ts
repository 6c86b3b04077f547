import { parseDigits, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { invisible } from './foreign-text';

/** A number as it is dialled from outside, in digits. */
export interface PhoneNumber {
    /** Neither the zeros in front that depend on where one calls from, nor any that is not dialled. */
    digits: string;
    /** The extension, where it is told apart from the number. */
    extension?: string;
}

/** Digits from which on a number counts as one of the public network, not as an extension. */
export const shortestPublic = 7;
/** Words for an extension that the library does not know, and the pauses before one that is dialled afterwards. */
const words =
    'durchwahl|durchw|dw|nebenstelle|neb|nst|klappe|kl|apparat|app|interno?|poste|toestel|wewn|linka|linje|lokal|bel|ramal|ankn|anknytning|内線|内线|分機|分机|내선|שלוחה|[pw]';
const extension = new RegExp(String.raw`(?:[\s,;/-]*(?<!\p{L})(?:${words})[.:\s]*|\/\/)(?=\d+\W*$)`, 'iu');
/** The same for an extension that stands alone; other words before a few digits, such as "Room", make them no extension. */
const alone = new RegExp(`^(?:tel|ext|extn|extension|x|${words})?$`, 'iu');
/** Where another whole number follows. */
const another = /(?:[,;|/\n]|\s(?:oder|or|und|and)\s)\s*(?=[+0](?:\D{0,3}\d){7})|(?<!=)(?=\+)/i;

/** The numbers in a field that holds one or several. */
export function phoneNumbersIn(text: string): PhoneNumber[] {
    const parts: string[] = [];
    for (const part of text.split(another)) {
        const last = parts.at(-1);
        if (last === undefined || parseDigits(last).length >= shortestPublic) parts.push(part);
        else parts[parts.length - 1] = last + part;
    }
    return parts.map(phoneNumberOf);
}

/**
 * Reads a number as people and directories write it: with spaces and brackets, in digits of any script, as a `tel:` or `sip:`
 * address, with an extension at its end. What has fewer digits than {@link shortestPublic} is an extension by itself.
 * @see https://www.rfc-editor.org/rfc/rfc3966 (ext, isub, phone-context)
 */
export function phoneNumberOf(written: string): PhoneNumber {
    const seen = written.replace(invisible, '').normalize('NFKC');
    const text = withoutParameters(seen.replace(/\p{Nd}/gu, parseDigits)).replace(extension, ' ext. ');
    const digits = parseDigits(text);
    if (digits.length < shortestPublic) {
        const isExtension = alone.test(text.replace(/[^\p{L}+]/gu, ''));
        return { digits: isExtension ? digits : '' };
    }
    // Where no country is told any will do: it only says which zeros are not dialled.
    const number = parsePhoneNumberFromString(text, 'DE');
    if (!number) return { digits: digits.replace(/^0+/, '') };
    const isInternational = /^\D*(?:\+|00)/.test(text);
    const dialled = isInternational ? number.number : number.nationalNumber;
    if (number.ext) return { digits: dialled.replace(/^\+?0*/, ''), extension: number.ext };
    // Without a zero in front it may begin with a country or not: it is taken as it stands.
    return { digits: isInternational || digits.startsWith('0') ? dialled.replace(/^\+?0*/, '') : digits };
}

/** The number that an address means, with its extension alone of what else the address says. */
function withoutParameters(text: string): string {
    const [, ext] = /;ext=([\d-]+)/i.exec(text) ?? [];
    const [, context = ''] = /;phone-context=(\+[\d-]+)/i.exec(text) ?? [];
    const number = text.replace(/^\s*(?:tel|sips?|callto):\/*/i, '').replace(/@.*|;[\w-]+=.*/s, '');
    return context + number + (ext ? ` ext. ${ext}` : '');
}
