import { type Field, germanOf, type Reason } from './phrases';

/** What an administrator reads, in each language; `{name}` is replaced by the parameter of that name. */
export interface Sentence {
    en: string;
    de: string;
}

/** A language that every sentence has. */
export type Language = keyof Sentence;

/** What fills the placeholders of a sentence. */
export interface Parameters {
    field?: Field;
    why?: Reason;
    [name: string]: string | number | undefined;
}

/** A sentence with its placeholders filled; a question mark for what is not known. */
export function fill({ en, de }: Sentence, parameters: Parameters): Sentence {
    const german: Record<string, string | number | undefined> = { ...parameters };
    for (const name of ['field', 'why', 'account', 'who']) {
        const words = parameters[name];
        if (typeof words === 'string') german[name] = germanOf(words);
    }
    return { en: replaced(en, parameters), de: replaced(de, german) };
}

/** Characters of a value in a sentence: a name from outside can be of any length. */
const longestValue = 2_000;

function replaced(text: string, values: Record<string, string | number | undefined>): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => oneLine(String(values[name] ?? '?').slice(0, longestValue)));
}

/** A text of others without line breaks, control characters and turns of direction, so that it looks like no line of the log of its own. */
export function oneLine(text: string): string {
    return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ');
}

/**
 * How an error is to be treated.
 * - `outage`: the other side is away or overloaded; try again for ever, with back-off.
 * - `configuration`: an administrator must change something; trying again soon is useless.
 * - `input`: this one message cannot be served; the next may.
 */
export type ErrorKind = 'outage' | 'configuration' | 'input';

/** One row of a table of errors. */
interface ErrorRow extends Sentence {
    kind: ErrorKind;
}

const rowOf =
    (kind: ErrorKind) =>
    (en: string, de: string): ErrorRow => ({ kind, en, de });

/** Makes a row of that kind. */
export const outage = rowOf('outage');
export const configuration = rowOf('configuration');
export const input = rowOf('input');
