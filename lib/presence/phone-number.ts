import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { invisible } from './foreign-text';

/** A number as it is dialled from outside, in digits. */
interface PhoneNumber {
    /** Neither the zeros in front that depend on where one calls from, nor any that is not dialled. */
    digits: string;
    /** The extension, where it is told apart from the number. */
    extension?: string;
}

/** Digits from which on a number counts as one of the public network, not as an extension. */
export const shortestPublic = 7;
/** German and Austrian words for an extension; the library knows those of other languages. */
const germanExtension = /[\s,;/-]*\b(?:durchwahl|dw|nebenstelle|nst|klappe|kl|apparat|app)\b\.?[\s:]*(?=\d+\s*$)/i;

/**
 * Reads a number as people and directories write it: with spaces and brackets, as a `tel:` address, with an extension at its
 * end. What has fewer digits than {@link shortestPublic} is an extension by itself.
 * @see https://www.rfc-editor.org/rfc/rfc3966 (ext)
 */
export function phoneNumberOf(written: string): PhoneNumber {
    const text = written.replace(invisible, '');
    const digits = text.replace(/\D/g, '');
    if (digits.length < shortestPublic) return { digits };
    // Where no country is told any will do: it only says which zeros are not dialled.
    const number = parsePhoneNumberFromString(text.replace(germanExtension, ' ext. '), 'DE');
    if (!number) return { digits: digits.replace(/^0+/, '') };
    const isInternational = /^\s*(?:tel:\s*)?(?:\+|00)/i.test(text);
    const dialled = isInternational ? number.number : number.nationalNumber;
    if (number.ext) return { digits: dialled.replace(/^\+?0*/, ''), extension: number.ext };
    // Without a zero in front it may begin with a country or not: it is taken as it stands.
    return { digits: isInternational || digits.startsWith('0') ? dialled.replace(/^\+?0*/, '') : digits };
}
