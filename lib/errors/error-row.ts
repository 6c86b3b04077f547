import type { Sentence } from './sentence';

/**
 * How an error is to be treated.
 * - `outage`: the other side is away or overloaded; try again for ever, with back-off.
 * - `configuration`: an administrator must change something; trying again soon is useless.
 * - `input`: this one message cannot be served; the next may.
 */
export type ErrorKind = 'outage' | 'configuration' | 'input';

/** One row of a table of errors. */
export interface ErrorRow extends Sentence {
    kind: ErrorKind;
}

/** A row of kind `outage`. */
export function outage(en: string, de: string): ErrorRow {
    return { kind: 'outage', en, de };
}

/** A row of kind `configuration`. */
export function configuration(en: string, de: string): ErrorRow {
    return { kind: 'configuration', en, de };
}

/** A row of kind `input`. */
export function input(en: string, de: string): ErrorRow {
    return { kind: 'input', en, de };
}
