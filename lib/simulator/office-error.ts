/** Why the office refused: nobody of that address, a value it does not take, or a port that another program uses. */
export type OfficeErrorReason = 'person-unknown' | 'value-wrong' | 'port-taken';

/** A refusal of the simulated office; the message is a sentence that names the field and what is allowed. */
export class OfficeError extends Error {
    readonly reason: OfficeErrorReason;

    constructor(reason: OfficeErrorReason, sentence: string, cause?: unknown) {
        super(sentence, { cause });
        this.name = 'OfficeError';
        this.reason = reason;
    }
}
