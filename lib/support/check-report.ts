import type { ErrorCode, SyncError } from '../errors/errors';
import { fill, type Parameters, type Sentence } from '../errors/sentence';

/** One thing that was looked at. */
export interface CheckLine<Code extends string = string> {
    /** What was looked at. Unique in its report. */
    id: string;
    /** `warning`: it works, but should be looked after. */
    ok: boolean | 'warning';
    code: Code | ErrorCode;
    parameters: Parameters;
    sentence: Sentence;
}

/** What a check found. */
export interface CheckReport<Code extends string = string> {
    /** False if a line is. Warnings do no harm. */
    ok: boolean;
    lines: CheckLine<Code>[];
}

/** Makes lines that say one of these sentences. */
export function lineMaker<Code extends string>(sentences: Record<Code, Sentence>) {
    return (id: string, ok: CheckLine['ok'], code: Code, parameters: Parameters = {}): CheckLine<Code> => ({
        id,
        ok,
        code,
        parameters,
        sentence: fill(sentences[code], parameters),
    });
}

export function failedLine(id: string, { code, parameters, sentence }: SyncError): CheckLine<never> {
    return { id, ok: false, code, parameters, sentence };
}

export function reportOf<Code extends string>(lines: CheckLine<Code>[]): CheckReport<Code> {
    return { ok: lines.every(({ ok }) => ok !== false), lines };
}
