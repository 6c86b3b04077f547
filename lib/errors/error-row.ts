import type { Sentence } from './sentence';

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
