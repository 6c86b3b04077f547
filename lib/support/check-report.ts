import { type ErrorCode, fill, type SyncError } from '../errors/errors';

/** One thing that was looked at. A sentence in another language is made of `code` and `parameters`. */
export interface CheckLine<Code extends string = string> {
    /** What was looked at. Unique in its report. */
    id: string;
    /** `warning`: it works, but should be looked after. */
    ok: boolean | 'warning';
    code: Code | ErrorCode;
    parameters: SyncError['parameters'];
    /** In English. */
    sentence: string;
}

/** What a check found. */
export interface CheckReport<Code extends string = string> {
    /** False if a line is. Warnings do no harm. */
    ok: boolean;
    lines: CheckLine<Code>[];
}

/** Makes lines that say one of these sentences. */
export function lineMaker<Code extends string>(sentences: Record<Code, string>) {
    return (
        id: string,
        ok: CheckLine['ok'],
        code: Code,
        parameters: SyncError['parameters'] = {},
    ): CheckLine<Code> => ({ id, ok, code, parameters, sentence: fill(sentences[code], parameters) });
}

/** A line that tells an error. */
export function failedLine(id: string, { code, parameters, message }: SyncError): CheckLine<never> {
    return { id, ok: false, code, parameters, sentence: message };
}

/** The lines as a report. */
export function reportOf<Code extends string>(lines: CheckLine<Code>[]): CheckReport<Code> {
    return { ok: lines.every(({ ok }) => ok !== false), lines };
}
