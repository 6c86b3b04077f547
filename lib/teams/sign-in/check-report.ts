import { type ErrorCode, fill, type SyncError } from '../../support/errors';
import { type CheckCode, checkSentences } from './check-sentences';

/** One thing that was looked at. A sentence in another language is made of `code` and `parameters`. */
export interface CheckLine {
    /** What was looked at: `sign-in`, `permission:User.Read.All`, `certificate`, `licence`… Unique in its report. */
    id: string;
    /** `warning`: it works, but should be looked after. */
    ok: boolean | 'warning';
    code: CheckCode | ErrorCode;
    parameters: SyncError['parameters'];
    /** In English. */
    sentence: string;
}

/** What a check found. */
export interface CheckReport {
    /** False if a line is. Warnings do no harm. */
    ok: boolean;
    lines: CheckLine[];
}

/** A line that says one of the sentences of checks. */
export function line(
    id: string,
    ok: CheckLine['ok'],
    code: CheckCode,
    parameters: SyncError['parameters'] = {},
): CheckLine {
    return { id, ok, code, parameters, sentence: fill(checkSentences[code], parameters) };
}

/** A line that tells an error. */
export function failedLine(id: string, { code, parameters, message }: SyncError): CheckLine {
    return { id, ok: false, code, parameters, sentence: message };
}

export function reportOf(lines: CheckLine[]): CheckReport {
    return { ok: lines.every(({ ok }) => ok !== false), lines };
}
