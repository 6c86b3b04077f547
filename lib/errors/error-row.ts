/**
 * How an error is to be treated.
 * - `outage`: the other side is away or overloaded; try again for ever, with back-off.
 * - `configuration`: an administrator must change something; trying again soon is useless.
 * - `input`: this one message cannot be served; the next may.
 */
export type ErrorKind = 'outage' | 'configuration' | 'input';

/** One row of a table of errors. */
export interface ErrorRow {
    kind: ErrorKind;
    /** The sentence an administrator reads; `{name}` is replaced by the parameter of that name. */
    sentence: string;
}
